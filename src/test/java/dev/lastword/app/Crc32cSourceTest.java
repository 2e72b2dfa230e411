package dev.lastword.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The C code of the native image, with the processor's instruction and without; where an image has
/// it, and where there is a C compiler.
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
class Crc32cSourceTest {
    private static final String CALLS =
            """
            #include "crc32c.c"
            uint32_t without_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
                return by_table(crc, bytes, count);
            }
            """;

    @TempDir private Path folder;

    private Path compiled() throws IOException, InterruptedException {
        try (InputStream source = Crc32cSourceTest.class.getResourceAsStream("crc32c.c")) {
            Files.copy(Objects.requireNonNull(source), folder.resolve("crc32c.c"));
        }
        Files.writeString(folder.resolve("calls.c"), CALLS);
        Path library = folder.resolve("calls.so");
        Process gcc;
        try {
            gcc =
                    new ProcessBuilder(
                                    "gcc",
                                    "-O2",
                                    "-Wall",
                                    "-Wextra",
                                    "-Werror",
                                    "-shared",
                                    "-fPIC",
                                    "calls.c",
                                    "-o",
                                    library.toString())
                            .directory(folder.toFile())
                            .inheritIO()
                            .start();
        } catch (IOException e) {
            assumeTrue(false, "there is no gcc");
            throw e;
        }
        assertEquals(0, gcc.waitFor());
        return library;
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastword_crc32c", "without_instruction"})
    @SuppressWarnings("restricted") // it is our own library
    void it_computes_what_the_JVM_computes(String function) throws Throwable {
        byte[] bytes = new byte[400];
        new Random(1).nextBytes(bytes);
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup library = SymbolLookup.libraryLookup(compiled(), arena);
            MethodHandle update =
                    Linker.nativeLinker()
                            .downcallHandle(
                                    library.find(function).orElseThrow(),
                                    FunctionDescriptor.of(
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.JAVA_INT,
                                            ValueLayout.ADDRESS,
                                            ValueLayout.JAVA_LONG));
            MemorySegment memory = arena.allocate(bytes.length, 8);
            memory.copyFrom(MemorySegment.ofArray(bytes));
            for (int start = 0; start < 9; start++) {
                for (int length = 0; start + length <= bytes.length; length++) {
                    CRC32C expected = new CRC32C();
                    expected.update(bytes, start, length);
                    int crc = ~(int) update.invokeExact(-1, memory.asSlice(start), (long) length);
                    assertEquals(
                            expected.getValue(), Integer.toUnsignedLong(crc), start + " " + length);
                }
            }
        }
    }
}
