package dev.lastword.kafka;

import dev.lastword.log.MirroredRecords;
import dev.lastword.log.PartitionLog;
import java.util.ArrayDeque;

/// What was stored, to be filled again: its buffers lie outside of the heap, where what is dropped
/// is in the way until there is garbage enough in the heap. The consumer's thread's.
final class SpareRecords {
    private static final int BYTES_MAX = 16 << 20;

    private final ArrayDeque<MirroredRecords> spare = new ArrayDeque<>();
    private int bytes;

    /// None yet, for a log.
    MirroredRecords take(PartitionLog log) {
        MirroredRecords records = spare.pollLast();
        if (records == null) {
            return MirroredRecords.into(log);
        }
        bytes -= records.capacity();
        records.restart(log);
        return records;
    }

    /// @param records that nobody else has
    void giveBack(MirroredRecords records) {
        if (records.capacity() <= BYTES_MAX - bytes) {
            spare.add(records);
            bytes += records.capacity();
        }
    }

    /// Lets the memory go.
    void clear() {
        spare.clear();
        bytes = 0;
    }
}
