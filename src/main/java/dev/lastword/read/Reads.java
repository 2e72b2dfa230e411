package dev.lastword.read;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyIndex;
import dev.lastword.log.LogException;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.Topic;
import dev.lastword.record.LogRecord;
import dev.lastword.record.RecordCursor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The ways out for records: by key, by offset, as a snapshot. All of them but [#cached] read files
/// (mostly out of the system's cache) and are for virtual threads. Thread-safe.
public final class Reads {
    private static final int PAGE_BUFFER_BYTES = 64 * 1024;

    /// A key's latest value and where it lies.
    public record Found(int partition, LogRecord record) {}

    /// Some records in order.
    ///
    /// @param nextOffset where to read on: behind the last one, or the end of the partition
    public record RecordPage(List<LogRecord> records, long nextOffset) {
        public RecordPage {
            records = List.copyOf(records);
        }
    }

    private final RecordCache cache;

    /// @param cacheBytesMax how much of what was read by key is kept in memory
    public Reads(long cacheBytesMax) {
        this.cache = new RecordCache(cacheBytesMax);
    }

    /// The latest value of a key, or null where there is none or it was deleted.
    ///
    /// @throws LogException.Corrupt if its batch is damaged
    public @Nullable Found get(Topic topic, byte[] key) {
        Found newest = null;
        for (PartitionLog log : logsOf(topic, key)) {
            LogRecord record = latest(log, key, offset -> recordAt(log, offset));
            if (record != null) {
                newest = newer(newest, log, record);
            }
        }
        return newest;
    }

    /// What [#get] would return where memory alone tells, without waiting for anything: the value
    /// of a key that was read of late.
    ///
    /// @return null where it takes a file to tell, and where the key has no value
    public @Nullable Found cached(Topic topic, byte[] key) {
        List<PartitionLog> logs = logsOf(topic, key);
        if (logs.isEmpty()) {
            return null; // mirrored, and nothing came yet
        }
        KeyHash hash = new KeyHash();
        logs.getFirst().hasher().hash(key, hash); // all have the same
        Found newest = null;
        for (PartitionLog log : logs) {
            if (!log.index().isLoaded()) {
                return null;
            }
            long entry = log.index().get(hash);
            if (isLive(log, entry)) {
                LogRecord record = cache.get(log.id(), KeyIndex.offset(entry));
                if (record == null) {
                    return null;
                }
                if (Arrays.equals(record.key(), key)) {
                    newest = newer(newest, log, record);
                }
            }
        }
        return newest;
    }

    /// Where a key may lie. That of a mirrored one its writer decided, and other clients hash
    /// otherwise.
    private static List<PartitionLog> logsOf(Topic topic, byte[] key) {
        return topic.isMirrored() ? topic.partitions() : List.of(topic.partitionFor(key));
    }

    /// Of the partitions that have a key the newest timestamp wins, then the highest partition;
    /// they are looked at in their order.
    private static Found newer(@Nullable Found newest, PartitionLog log, LogRecord record) {
        return newest == null || record.timestamp() >= newest.record.timestamp()
                ? new Found(log.partition(), record)
                : newest;
    }

    private @Nullable LogRecord recordAt(PartitionLog log, long offset) {
        LogRecord record = cache.get(log.id(), offset);
        if (record == null) {
            record = log.recordAt(offset);
            if (record != null) {
                cache.put(log.id(), record);
            }
        }
        return record;
    }

    static boolean isNewer(LogRecord a, PartitionLog inA, LogRecord b, PartitionLog inB) {
        return a.timestamp() > b.timestamp()
                || (a.timestamp() == b.timestamp() && inA.partition() > inB.partition());
    }

    /// The latest record of a key in one partition, from its file; null as [#get].
    static @Nullable LogRecord latest(PartitionLog log, byte[] key) {
        return latest(log, key, log::recordAt);
    }

    /// Looks the key up until index and file agree. The index names an offset before the cleaner
    /// may remove what lies at an older one, so a record that is gone means that a newer one is
    /// named by now; only another key at the very offset named is a collision of hashes, and then
    /// the key asked for is not there.
    private static @Nullable LogRecord latest(
            PartitionLog log, byte[] key, LongFunction<@Nullable LogRecord> recordAt) {
        KeyHash hash = new KeyHash();
        log.hasher().hash(key, hash);
        long missed = KeyIndex.ABSENT;
        while (true) {
            long entry = log.index().get(hash);
            if (!isLive(log, entry)) {
                return null;
            }
            long offset = KeyIndex.offset(entry);
            LogRecord record = recordAt.apply(offset);
            if (record != null) {
                return Arrays.equals(record.key(), key) ? record : null;
            }
            if (missed == entry && log.index().get(hash) == entry && offset >= log.startOffset()) {
                throw new LogException.Corrupt(
                        log.name(),
                        offset,
                        "the index names a record that the log does not have",
                        new IllegalStateException());
            }
            missed = entry;
        }
    }

    private static boolean isLive(PartitionLog log, long entry) {
        return entry != KeyIndex.ABSENT
                && !KeyIndex.isTombstone(entry)
                && KeyIndex.offset(entry) >= log.startOffset();
    }

    /// Records of a partition from an offset on: as many as the bounds allow, at least one if there
    /// is one.
    ///
    /// @param limit most records
    /// @param maxBytes most bytes, by their size on disk
    /// @throws LogException.OffsetOutOfRange below the start or beyond the end
    public RecordPage page(Topic topic, int partition, long offset, int limit, int maxBytes) {
        PartitionLog log = topic.partition(partition);
        long end = log.endOffset();
        if (offset < log.startOffset() || offset > end) {
            throw new LogException.OffsetOutOfRange(offset, log.startOffset(), end);
        }
        PageBounds page = new PageBounds(limit, maxBytes);
        long next = ForwardRead.read(log, offset, end, PAGE_BUFFER_BYTES, page);
        return new RecordPage(page.records, next);
    }

    /// Takes records as long as there is room, but at least one.
    private static final class PageBounds implements ForwardRead.Visitor {
        final List<LogRecord> records = new ArrayList<>();
        private final int limit;
        private long bytesLeft;

        PageBounds(int limit, int maxBytes) {
            this.limit = limit;
            this.bytesLeft = maxBytes;
        }

        @Override
        public boolean take(RecordCursor record) {
            boolean room = records.size() < limit && record.recordSize() <= bytesLeft;
            if (!records.isEmpty() && !room) {
                return false;
            }
            records.add(record.toRecord());
            bytesLeft -= record.recordSize();
            return true;
        }
    }

    /// Some live keys in the order of their bytes.
    ///
    /// @param more whether there are others behind the last one
    public record KeyPage(List<byte[]> keys, boolean more) {
        public KeyPage {
            keys = List.copyOf(keys);
        }
    }

    /// The next live keys that begin with some bytes, in the order of their bytes. There may be
    /// fewer than the limit although others follow, where keys are very long. Reads all of the
    /// topic's log ([KeyScan]).
    ///
    /// @param prefix null or empty: all
    /// @param after only keys behind this one; null: from the first on
    public KeyPage keys(Topic topic, byte @Nullable [] prefix, byte @Nullable [] after, int limit) {
        KeyScan scan =
                new KeyScan(
                        prefix == null ? KeyFilter.all() : KeyFilter.prefix(prefix), after, limit);
        scan.run(topic);
        return new KeyPage(scan.keys(), scan.hasMore());
    }

    /// Begins a snapshot of all live keys.
    ///
    /// @param prefix only keys that begin with these bytes; null or empty: all
    public Snapshot snapshot(Topic topic, byte @Nullable [] prefix) {
        return Snapshot.open(topic, prefix == null ? KeyFilter.all() : KeyFilter.prefix(prefix));
    }
}
