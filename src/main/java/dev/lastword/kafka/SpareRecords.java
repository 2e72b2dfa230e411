package dev.lastword.kafka;

import dev.lastword.log.MirroredRecords;
import dev.lastword.log.PartitionLog;
import java.util.ArrayDeque;

/// What was stored, to be filled again: its buffers are large. The consumer's thread's.
final class SpareRecords {
    private static final int KEPT = 8;

    private final ArrayDeque<MirroredRecords> spare = new ArrayDeque<>();

    /// None yet, for a log.
    MirroredRecords take(PartitionLog log) {
        MirroredRecords records = spare.pollLast();
        if (records == null) {
            return MirroredRecords.into(log);
        }
        records.restart(log);
        return records;
    }

    /// @param records that nobody else has
    void giveBack(MirroredRecords records) {
        if (spare.size() < KEPT) {
            spare.add(records);
        }
    }

    /// Lets the memory go.
    void clear() {
        spare.clear();
    }
}
