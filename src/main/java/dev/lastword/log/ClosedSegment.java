package dev.lastword.log;

import java.nio.file.Path;

/// A segment's files in a directory that nothing runs on.
///
/// @param baseOffset the offset in its name
/// @param directory where it lies
/// @param sizeBytes size of the `.log` file
/// @param indexBytes size of the `.index` file, 0 if there is none
/// @param timeIndexBytes size of the `.timeindex` file, 0 if there is none
public record ClosedSegment(
        long baseOffset, Path directory, long sizeBytes, long indexBytes, long timeIndexBytes) {

    /// The `.log` file.
    public Path log() {
        return SegmentFiles.file(directory, baseOffset, SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
    }

    /// The `.txnindex` file, which may not be there.
    public Path transactionIndex() {
        return SegmentFiles.file(
                directory, baseOffset, SegmentFiles.TXN_INDEX, SegmentFiles.Suffix.LIVE);
    }
}
