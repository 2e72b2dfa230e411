package dev.lastword.app;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.graalvm.nativeimage.PinnedObject;
import org.graalvm.word.WordFactory;

/// What [CRC32C] does in a native image: the two methods that are intrinsics on the JVM, for all
/// who use the class, Kafka's client among them.
@TargetClass(value = CRC32C.class, onlyWith = Crc32cSubstitution.IsSupported.class)
final class Crc32cSubstitution {
    private Crc32cSubstitution() {}

    @Substitute
    static int updateBytes(int crc, byte[] bytes, int start, int end) {
        if (start >= end) {
            return crc;
        }
        try (PinnedObject pinned = PinnedObject.create(bytes)) {
            return Crc32cLibrary.update(
                    crc, pinned.addressOfArrayElement(start), WordFactory.unsigned(end - start));
        }
    }

    @Substitute
    static int updateDirectByteBuffer(int crc, long address, int start, int end) {
        return start >= end
                ? crc
                : Crc32cLibrary.update(
                        crc,
                        WordFactory.pointer(address + start),
                        WordFactory.unsigned(end - start));
    }

    static final class IsSupported implements BooleanSupplier {
        @Override
        public boolean getAsBoolean() {
            return Crc32cLibrary.isSupported();
        }
    }
}
