package dev.lastword.laws;

import dev.lastword.log.Condition;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a partition must hold: every acknowledged record by its offset, and each key's latest.
final class Model {
    /// A record as it was acknowledged; `value` null for a tombstone.
    record Rec(long offset, String key, @Nullable String value, long timestamp) {
        boolean isTombstone() {
            return value == null;
        }
    }

    final TreeMap<Long, Rec> acknowledged = new TreeMap<>();
    final Map<String, Rec> latest = new HashMap<>();
    final Map<Long, Long> versions = new HashMap<>();
    long end;
    long start;

    /// The delete horizon of each tombstone that was seen with one.
    final Map<Long, Long> horizons = new HashMap<>();

    /// Whether a record of this version does not count.
    boolean isLate(String key, long version) {
        Rec counting = latest.get(key);
        return counting != null && version < versions.get(counting.offset);
    }

    /// @param repeatedAt timestamp that a tombstone gets which is repeated behind this record;
    ///   null: its version
    void add(Rec r, long version, @Nullable Long repeatedAt) {
        acknowledged.put(r.offset, r);
        versions.put(r.offset, version);
        end = r.offset + 1;
        if (!isLate(r.key, version)) {
            latest.put(r.key, r);
            return;
        }
        Rec counting = latest.get(r.key);
        if (counting != null && counting.isTombstone()) {
            long higher = versions.get(counting.offset);
            long timestamp = repeatedAt == null ? higher : repeatedAt;
            add(new Rec(end, r.key, null, timestamp), higher, repeatedAt);
        }
    }

    /// A tombstone was dropped.
    void forget(Rec tombstone) {
        latest.remove(tombstone.key, tombstone);
    }

    /// The live record of a key, or null.
    @Nullable Rec live(String key) {
        Rec r = latest.get(key);
        return r == null || r.isTombstone() || r.offset < start ? null : r;
    }

    Map<String, Rec> live() {
        Map<String, Rec> live = new HashMap<>();
        for (String key : latest.keySet()) {
            Rec r = live(key);
            if (r != null) {
                live.put(key, r);
            }
        }
        return live;
    }

    long liveOffset(String key) {
        Rec r = live(key);
        return r == null ? -1 : r.offset;
    }

    boolean holds(Condition condition, String key) {
        long at = liveOffset(key);
        return switch (condition) {
            case Condition.None _ -> true;
            case Condition.IfAbsent _ -> at < 0;
            case Condition.IfPresent _ -> at >= 0;
            case Condition.IfOffset o -> o.offsets().contains(at);
        };
    }
}
