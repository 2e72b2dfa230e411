package dev.lastword.log;

import dev.lastword.record.Header;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.util.List;

/// Fills the [IdempotencyWindow] of a partition that is being opened: from its file, and from the
/// log behind the offset up to which that speaks.
final class IdempotencyReplay {
    private static final int BUFFER_BYTES = 1 << 20;

    private IdempotencyReplay() {}

    /// @param segments those that recovery accepted
    static void run(PartitionLog log, SegmentList segments) {
        try {
            long from = log.requests().load(log.disk(), log.requestsFile());
            replay(log, segments, from < 0 ? segments.active().baseOffset() : from);
        } catch (IOException e) {
            // what is not known is stored once more: no write is lost
            log.emit(
                    new LogEvent.UpkeepFailed(
                            log.topic(),
                            log.partition(),
                            "reading which requests it has stored: " + e));
        }
    }

    private static void replay(PartitionLog log, SegmentList segments, long from)
            throws IOException {
        for (Segment s : segments.asList()) {
            if (s.nextOffset() > from) {
                replay(log, s, from);
            }
        }
    }

    private static void replay(PartitionLog log, Segment segment, long from) throws IOException {
        long relative = Math.clamp(from - segment.baseOffset(), 0, Integer.MAX_VALUE);
        long at = segment.offsetIndex().floorPosition((int) relative);
        long end = segment.sizeBytes();
        BatchScanner scanner =
                new BatchScanner(segment.file(), at, end, Buffers.direct(end - at, BUFFER_BYTES));
        while (scanner.next()) {
            if (scanner.batch().lastOffset() < from || scanner.batch().isControl()) {
                continue;
            }
            scanner.batch().ensureValid();
            RecordCursor cursor = scanner.batch().cursor();
            while (cursor.next()) {
                if (cursor.offset() >= from) {
                    learn(log.requests(), cursor);
                }
            }
        }
    }

    private static void learn(IdempotencyWindow requests, RecordCursor record) {
        List<Header> headers = record.headers();
        Once.Mark mark = Once.markOf(headers);
        if (mark != null) {
            boolean late =
                    headers.stream().anyMatch(h -> h.name().equals(CompactionStrategy.SUPERSEDED));
            requests.learn(mark, record.offset(), record.timestamp(), late);
        }
    }
}
