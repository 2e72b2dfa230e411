package dev.lastword.index;

/// Squeezes the size of a record into seven bits: 128 classes, each 2^(28/128) = 1.164 times as
/// wide as the one before, from 8 bytes to 2^31. The size that stands for a class is the middle of
/// it, so it is off by at most 9 %, or by one byte. No record is smaller than 7 bytes, which are
/// taken for 8. Stateless and thread-safe.
final class SizeClass {
    static final int COUNT = 128;

    private static final int SMALLEST_LOG = 3;
    private static final int OCTAVES = 31 - SMALLEST_LOG;

    /// Each octave is cut into 16 equal steps, each narrower than a class, so that a step knows its
    /// class but for one comparison.
    private static final int STEPS_LOG = 4;

    /// The least size of each class.
    private static final int[] LEAST = new int[COUNT + 1];

    private static final int[] MIDDLE = new int[COUNT];
    private static final byte[] CLASS_OF_STEP = new byte[OCTAVES << STEPS_LOG];

    static {
        for (int i = 0; i < COUNT; i++) {
            LEAST[i] = (int) Math.ceil(edge(i));
            MIDDLE[i] = (int) Math.round(edge(i + 0.5));
        }
        MIDDLE[0] = 8; // 7, the size of the smallest record, 8 and 9
        LEAST[COUNT] = Integer.MAX_VALUE;
        int sizeClass = 0;
        for (int step = 0; step < CLASS_OF_STEP.length; step++) {
            long octave = 1L << (SMALLEST_LOG + (step >> STEPS_LOG));
            long start = octave + (((step & 15) * octave) >> STEPS_LOG);
            while (start >= LEAST[sizeClass + 1]) {
                sizeClass++;
            }
            CLASS_OF_STEP[step] = (byte) sizeClass;
        }
    }

    private SizeClass() {}

    private static double edge(double sizeClass) {
        return Math.pow(2, SMALLEST_LOG + sizeClass * OCTAVES / COUNT);
    }

    /// The class of a size in bytes, in `[0, COUNT)`.
    static int of(int bytes) {
        if (bytes < 1 << SMALLEST_LOG) {
            return 0;
        }
        int log = 31 - Integer.numberOfLeadingZeros(bytes);
        int mantissa = (int) (((long) bytes << STEPS_LOG) >>> log) & ((1 << STEPS_LOG) - 1);
        int sizeClass = CLASS_OF_STEP[((log - SMALLEST_LOG) << STEPS_LOG) | mantissa];
        return bytes >= LEAST[sizeClass + 1] && sizeClass < COUNT - 1 ? sizeClass + 1 : sizeClass;
    }

    /// The size in bytes that stands for a class.
    static int bytes(int sizeClass) {
        return MIDDLE[sizeClass];
    }
}
