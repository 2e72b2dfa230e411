package dev.lastword.log;

import dev.lastword.index.KeyHasher;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// A few large groups that all appenders of a store share, so that memory does not grow with the
/// number of partitions: each has a small group of its own, and borrows a large one while much
/// waits. Who gets none commits smaller groups meanwhile. Thread-safe.
final class GroupPool {
    private static final int LARGE_GROUPS = 3;

    private final ArrayBlockingQueue<Group> free = new ArrayBlockingQueue<>(LARGE_GROUPS);

    GroupPool(KeyHasher hasher) {
        for (int i = 0; i < LARGE_GROUPS; i++) {
            free.add(new Group(hasher));
        }
    }

    /// A large group, or null while others have them all.
    @Nullable Group tryBorrow() {
        return free.poll();
    }

    void giveBack(Group group) {
        group.trim(Appender.GROUP_BYTES_MAX);
        free.add(group);
    }
}
