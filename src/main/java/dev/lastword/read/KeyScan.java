package dev.lastword.read;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import dev.lastword.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds the next live keys in the order of their bytes.
///
/// The key index is a hash table and knows no order, so the keys are looked for in the log: all of
/// it is read once, forward, and the smallest keys so far are kept, at most `limit` of them and
/// [#KEY_BYTES_MAX] bytes. So a page costs one reading of the topic's log, whatever its size, and
/// memory for the page's keys alone; values are read only of the keys that are found.
///
/// A key that is live all the while is found: a record is taken for live where the index names it
/// as the latest, or names one behind the end at which the scan began.
///
/// For one thread.
final class KeyScan implements ForwardRead.Visitor {
    /// What the keys of one page may take.
    static final int KEY_BYTES_MAX = 4 << 20;

    private static final int BUFFER_BYTES = 256 << 10;
    private static final int REST_BYTES = 1 << 20;

    private final KeyFilter filter;
    private final byte @Nullable [] after;
    private final int limit;
    private final TreeSet<byte[]> smallest = new TreeSet<>(Arrays::compareUnsigned);
    private final KeyHash hash = new KeyHash();
    private long keyBytes;
    private boolean dropped;
    private long unrestedBytes;

    // of the partition that is read
    private @Nullable PartitionLog log;
    private long end;

    /// @param after only keys behind this one; null: all
    KeyScan(KeyFilter filter, byte @Nullable [] after, int limit) {
        this.filter = filter;
        this.after = after;
        this.limit = limit;
    }

    /// Reads all partitions.
    void run(Topic topic) {
        for (PartitionLog p : topic.partitions()) {
            log = p;
            end = p.endOffset();
            long reached = ForwardRead.read(p, p.startOffset(), end, BUFFER_BYTES, this);
            if (reached != end) {
                throw new IllegalStateException("stopped at " + reached + " before " + end);
            }
        }
    }

    /// What was found, ascending.
    List<byte[]> keys() {
        return List.copyOf(smallest);
    }

    /// Whether there are more behind the last one.
    boolean hasMore() {
        return dropped;
    }

    @Override
    public boolean take(RecordCursor record) {
        if (filter.takes(record)
                && (after == null || compare(record, after) > 0)
                && !(isFull() && compare(record, smallest.last()) >= 0)
                && isLive(record)) {
            add(record.key());
        }
        return true;
    }

    /// A virtual thread keeps its carrier until it waits; others want it too.
    @Override
    @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
    public boolean goOn(int batchBytes) {
        unrestedBytes += batchBytes;
        if (unrestedBytes > REST_BYTES) {
            unrestedBytes = 0;
            Thread.yield();
        }
        return true;
    }

    private boolean isFull() {
        return dropped && !smallest.isEmpty();
    }

    private void add(byte @Nullable [] key) {
        if (key == null || !smallest.add(key)) {
            return;
        }
        keyBytes += key.length;
        while (smallest.size() > limit || (keyBytes > KEY_BYTES_MAX && smallest.size() > 1)) {
            keyBytes -= smallest.removeLast().length;
            dropped = true;
        }
    }

    private boolean isLive(RecordCursor record) {
        PartitionLog p = log;
        if (p == null) {
            throw new IllegalStateException("not reading");
        }
        p.hasher().hash(record.buffer(), record.keyPosition(), record.keyLength(), hash);
        long entry = p.index().get(hash);
        if (entry == KeyIndex.ABSENT) {
            return false;
        }
        long latest = KeyIndex.offset(entry);
        return latest >= end || (latest == record.offset() && !KeyIndex.isTombstone(entry));
    }

    private static int compare(RecordCursor record, byte[] key) {
        ByteBuffer buffer = record.buffer();
        int position = record.keyPosition();
        int common = Math.min(record.keyLength(), key.length);
        for (int i = 0; i < common; i++) {
            int difference = (buffer.get(position + i) & 0xff) - (key[i] & 0xff);
            if (difference != 0) {
                return difference;
            }
        }
        return record.keyLength() - key.length;
    }
}
