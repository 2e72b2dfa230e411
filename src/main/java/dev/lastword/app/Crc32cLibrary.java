package dev.lastword.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.graalvm.nativeimage.Platform;
import org.graalvm.nativeimage.c.CContext;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.function.CLibrary;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;

/// CRC-32C with the processor's own instruction, in a native image only: `crc32c.c`, compiled by
/// `gcc`, which `native-image` needs, too.
///
/// On the JVM `java.util.zip.CRC32C` is an intrinsic. The compiler of native images has none and
/// takes that class's code, which looks up eight tables for eight bytes: a sixth of the speed.
@CContext(Crc32cLibrary.Compiled.class)
@CLibrary(value = Crc32cLibrary.NAME, requireStatic = true)
final class Crc32cLibrary {
    static final String NAME = "lastword_crc32c";

    private Crc32cLibrary() {}

    /// The state behind `count` more bytes. The thread does not leave Java's state meanwhile: a
    /// collection waits for it, half a millisecond for each 4 MiB where the processor has the
    /// instruction.
    @CFunction(value = "lastword_crc32c", transition = CFunction.Transition.NO_TRANSITION)
    static native int update(int crc, PointerBase bytes, UnsignedWord count);

    /// Asked while the image is built.
    static final class Compiled implements CContext.Directives {
        private static final String SOURCE = "crc32c.c";
        private static final String OBJECT = "crc32c.o";
        private static final String LIBRARY = "lib" + NAME + ".a";

        @Override
        public boolean isInConfiguration() {
            return isSupported();
        }

        /// Where the library is, made at this moment.
        @Override
        public List<String> getLibraryPaths() {
            try {
                Path directory = Files.createTempDirectory(NAME);
                for (String name : List.of("", SOURCE, OBJECT, LIBRARY)) {
                    directory.resolve(name).toFile().deleteOnExit(); // the last one first
                }
                try (InputStream source =
                        Objects.requireNonNull(
                                Compiled.class.getResourceAsStream(SOURCE), SOURCE)) {
                    Files.copy(source, directory.resolve(SOURCE));
                }
                run(directory, "gcc", "-O2", "-fPIC", "-c", SOURCE, "-o", OBJECT);
                run(directory, "ar", "rcsD", LIBRARY, OBJECT);
                return List.of(directory.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        private static void run(Path directory, String... command)
                throws IOException, InterruptedException {
            int exit =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .inheritIO()
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new IOException(String.join(" ", command) + " ends with " + exit);
            }
        }
    }

    /// Whether there is such an instruction on the platform the image is for.
    static boolean isSupported() {
        return Platform.includedIn(Platform.LINUX.class)
                && (Platform.includedIn(Platform.AMD64.class)
                        || Platform.includedIn(Platform.AARCH64.class));
    }
}
