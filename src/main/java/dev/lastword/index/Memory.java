package dev.lastword.index;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/// Words of off-heap memory by their addresses: half the instructions of access through a buffer,
/// and what the index needs to load many places at once.
///
/// Nothing is checked but the alignment. Whoever uses an address keeps the buffer that it came from
/// reachable meanwhile.
final class Memory {
    @SuppressWarnings("restricted") // the reason for this class
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final VarHandle LONGS =
            ValueLayout.JAVA_LONG.varHandle().withInvokeExactBehavior();
    private static final VarHandle INTS =
            ValueLayout.JAVA_INT.varHandle().withInvokeExactBehavior();

    private Memory() {}

    /// Where the first byte of a direct buffer lies.
    static long address(ByteBuffer direct) {
        return MemorySegment.ofBuffer(direct).address();
    }

    static long getLong(long address) {
        return (long) LONGS.get(ALL, address);
    }

    static long getLongAcquire(long address) {
        return (long) LONGS.getAcquire(ALL, address);
    }

    static void setLong(long address, long value) {
        LONGS.set(ALL, address, value);
    }

    static void setLongRelease(long address, long value) {
        LONGS.setRelease(ALL, address, value);
    }

    static int getInt(long address) {
        return (int) INTS.get(ALL, address);
    }

    static void setInt(long address, int value) {
        INTS.set(ALL, address, value);
    }
}
