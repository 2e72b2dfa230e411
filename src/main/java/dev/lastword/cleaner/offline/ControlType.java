package dev.lastword.cleaner.offline;

import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;

/// What a control batch says.
enum ControlType {
    /// A transaction of its producer ends, and its records count for nothing.
    ABORT,
    /// A transaction of its producer ends, and its records count.
    COMMIT,
    /// Something that has to do with neither.
    OTHER,
    /// Nothing any more: a cleaning has emptied it.
    NONE;

    private static final int KEY_BYTES = 4;

    /// Kafka's key of a control record: version int16, type int16 (0 abort, 1 commit).
    static ControlType of(RecordBatch batch) throws IOException {
        if (batch.count() == 0) {
            return NONE;
        }
        RecordCursor cursor = batch.cursor();
        if (!cursor.next() || cursor.keyLength() < KEY_BYTES) {
            return OTHER;
        }
        return switch (cursor.buffer().getShort(cursor.keyPosition() + 2)) {
            case 0 -> ABORT;
            case 1 -> COMMIT;
            default -> OTHER;
        };
    }
}
