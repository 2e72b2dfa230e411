package dev.lastword.log;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.index.KeyIndex;
import dev.lastword.record.RecordCursor;

/// The keys of one partition as a scan finds them, in the order of the log. Not thread-safe.
final class KeyHistory {
    private final KeyHasher hasher;
    private final KeyHash hash = new KeyHash();
    private final CompactionStrategy strategy;
    private final KeyIndex index;

    KeyHistory(KeyHasher hasher, CompactionStrategy strategy) {
        this.hasher = hasher;
        this.strategy = strategy;
        this.index = new KeyIndex(0, strategy.isVersioned());
    }

    /// Notes a keyed record; the offset of the one that counted before with the same key, or -1 if
    /// there was none or it still counts.
    long add(RecordCursor record) {
        if (record.offset() >= KeyIndex.OFFSET_LIMIT) {
            return -1; // its batch is out of its segment, and told
        }
        hasher.hash(record.buffer(), record.keyPosition(), record.keyLength(), hash);
        long version = strategy.version(record);
        if (strategy.isVersioned()
                && index.get(hash) != KeyIndex.ABSENT
                && version < index.version(hash)) {
            return -1;
        }
        long before =
                index.put(
                        hash, record.offset(), record.isTombstone(), record.recordSize(), version);
        return before == KeyIndex.ABSENT ? -1 : KeyIndex.offset(before);
    }

    /// The latest record of every key.
    KeyIndex index() {
        return index;
    }
}
