package dev.lastword.cleaner;

import dev.lastword.index.KeyHash;
import dev.lastword.log.BatchScanner;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.Segment;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `cleanup.policy` `delete`: whole segments go, oldest first, once their latest record is older
/// than `retention.ms` or the log is larger than `retention.bytes`. With `compact,delete` this
/// takes live values too: a key not written for that long is gone.
///
/// Stateless; the caller holds the partition's maintenance lock.
final class Retention {
    private static final int FORGET_AT_ONCE = 4096;

    /// What went.
    record Retired(int segments, long bytes, String reason) {}

    private record Due(List<Segment> segments, String reason) {}

    private Retention() {}

    /// Applies the policy once; null where nothing was due.
    static @Nullable Retired apply(PartitionLog log, long nowMs) throws IOException {
        if (!log.config().deletes() || log.state() != PartitionState.ONLINE) {
            return null;
        }
        if (isExpired(log.segments().active(), log, nowMs)) {
            log.rollActive().join();
        }
        Due due = due(log, nowMs);
        if (due.segments.isEmpty()) {
            return null;
        }
        long bytes = 0;
        for (Segment s : due.segments) {
            log.dropOldest(s);
            try {
                forgetKeys(log, s);
            } finally {
                log.discard(s);
            }
            bytes += s.sizeBytes();
        }
        return new Retired(due.segments.size(), bytes, due.reason);
    }

    private static boolean isExpired(Segment s, PartitionLog log, long nowMs) {
        long retentionMs = log.config().retentionMs();
        return retentionMs >= 0
                && !s.isEmpty()
                && s.largestTimestamp() < nowMs - Math.min(nowMs, retentionMs);
    }

    private static Due due(PartitionLog log, long nowMs) {
        List<Segment> closed = log.segments().closed();
        List<Segment> expired = new ArrayList<>();
        for (Segment s : closed) {
            if (!isExpired(s, log, nowMs)) {
                break;
            }
            expired.add(s);
        }
        if (!expired.isEmpty()) {
            return new Due(expired, "retention.ms");
        }
        List<Segment> surplus = new ArrayList<>();
        long bytesMax = log.config().retentionBytes();
        if (bytesMax >= 0) {
            long excess = log.segments().active().sizeBytes() - bytesMax;
            for (Segment s : closed) {
                excess += s.sizeBytes();
            }
            for (Segment s : closed) {
                if (excess < s.sizeBytes()) {
                    break;
                }
                excess -= s.sizeBytes();
                surplus.add(s);
            }
        }
        return new Due(surplus, "retention.bytes");
    }

    /// Takes the keys whose latest record was in the segment out of the index. The segment left the
    /// log already, so a reader finds these keys absent before and after.
    private static void forgetKeys(PartitionLog log, Segment segment) throws IOException {
        long[] hi = new long[FORGET_AT_ONCE];
        long[] lo = new long[FORGET_AT_ONCE];
        long[] offsets = new long[FORGET_AT_ONCE];
        KeyHash hash = new KeyHash();
        int n = 0;
        BatchScanner scanner =
                segment.scanFrom(segment.baseOffset(), ByteBuffer.allocateDirect(1 << 20));
        while (scanner.next()) {
            RecordBatch batch = scanner.batch();
            batch.ensureValid();
            if (batch.isControl()) {
                continue;
            }
            RecordCursor cursor = batch.cursor();
            while (cursor.next()) {
                if (cursor.keyLength() < 0) {
                    continue;
                }
                log.hasher().hash(cursor.buffer(), cursor.keyPosition(), cursor.keyLength(), hash);
                hi[n] = hash.hi;
                lo[n] = hash.lo;
                offsets[n] = cursor.offset();
                if (++n == FORGET_AT_ONCE) {
                    log.forget(hi, lo, offsets, n).join();
                    n = 0;
                }
            }
        }
        log.forget(hi, lo, offsets, n).join();
    }
}
