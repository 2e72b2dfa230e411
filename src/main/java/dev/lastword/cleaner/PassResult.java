package dev.lastword.cleaner;

/// What one pass over a partition did.
///
/// @param upTo everything below this offset was considered
/// @param bytesBefore size of the segments considered
/// @param bytesAfter what is left of them
/// @param bytesRead of rewritten segments; others were left as they are
/// @param recordsRead in those
/// @param recordsKept of those
/// @param tombstonesDropped past their delete horizon
public record PassResult(
        long upTo,
        long bytesBefore,
        long bytesAfter,
        long bytesRead,
        long bytesWritten,
        long recordsRead,
        long recordsKept,
        long tombstonesDropped) {}
