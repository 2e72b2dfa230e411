package dev.lastword.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.word.PointerBase;
import org.graalvm.word.UnsignedWord;
import org.graalvm.word.WordFactory;

/// The pages of the native binary that this process has mapped. Only for a native image on Linux:
/// elsewhere nothing links the C library's function.
final class ImagePages {
    private static final Path SMAPS = Path.of("/proc/self/smaps");
    private static final Path BINARY = Path.of("/proc/self/exe");

    /// See `madvise(2)`.
    private static final int MADV_DONTNEED = 4;

    /// A mapping of a file that nobody writes, as `proc_pid_smaps(5)` shows it.
    private static final Pattern UNWRITTEN =
            Pattern.compile("([0-9a-f]+)-([0-9a-f]+) r-[x-]p \\S+ \\S+ \\S+ +(/.*)");

    private static final Pattern HEAD = Pattern.compile("[0-9a-f]+-[0-9a-f]+ .*");

    private ImagePages() {}

    /// Unmaps the pages of code and constants, which are what is in the file: where one is touched
    /// again, the system maps it from its page cache or reads it. A mapping with a page that is not
    /// the file's any more is left alone.
    ///
    /// @throws IOException if the system does not tell what is mapped
    static void letGo() throws IOException {
        String binary = BINARY.toRealPath().toString();
        Matcher mapping = UNWRITTEN.matcher("");
        boolean unchanged = false;
        for (String line : Files.readAllLines(SMAPS)) {
            if (HEAD.matcher(line).matches()) {
                unchanged = mapping.reset(line).matches() && mapping.group(3).equals(binary);
            } else if (line.startsWith("Anonymous:")) {
                unchanged &= line.endsWith(" 0 kB");
            } else if (unchanged && line.matches("Swap: +0 kB")) { // follows the other
                letGo(
                        Long.parseUnsignedLong(mapping.group(1), 16),
                        Long.parseUnsignedLong(mapping.group(2), 16));
            }
        }
    }

    private static void letGo(long start, long end) throws IOException {
        if (madvise(WordFactory.pointer(start), WordFactory.unsigned(end - start), MADV_DONTNEED)
                != 0) {
            throw new IOException("madvise failed for a mapping of " + (end - start) + " bytes");
        }
    }

    @CFunction("madvise")
    private static native int madvise(PointerBase start, UnsignedWord length, int advice);
}
