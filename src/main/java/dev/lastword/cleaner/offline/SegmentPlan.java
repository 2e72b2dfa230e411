package dev.lastword.cleaner.offline;

import dev.lastword.log.ClosedSegment;

/// What reading a segment found out about it. The records of its data batches have consecutive
/// ordinals, counted over all segments that are cleaned, in the order of the log.
///
/// @param segment its files
/// @param firstOrdinal that of its first record
/// @param records how many there are in data batches
/// @param hasWork whether it has something to be stamped or removed besides superseded records
record SegmentPlan(ClosedSegment segment, long firstOrdinal, long records, boolean hasWork) {}
