package dev.lastword.ingest;

import java.util.List;

/// What a stream stored.
///
/// @param count records in all
/// @param partitions those that got any, ascending
public record StreamResult(long count, List<PartitionRange> partitions) {
    public StreamResult {
        partitions = List.copyOf(partitions);
    }

    /// The stream's part in one partition; others' records may lie between its own.
    public record PartitionRange(int partition, long firstOffset, long lastOffset, long count) {}
}
