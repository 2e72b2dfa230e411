package dev.lastword.log;

import dev.lastword.io.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// A small file of `name=value` lines that is replaced as a whole, with a checksum in its last
/// line. Names and values hold no line breaks. Callers serialise writes to one file.
public final class StateFile {
    private static final String CHECKSUM = "crc32c=";

    /// The file does not hold what was written.
    public static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1L;

        DamagedException(Path file) {
            super(file + " does not match its checksum");
        }
    }

    private StateFile() {}

    static void write(Disk disk, Path file, Map<String, String> values) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, String> e : new TreeMap<>(values).entrySet()) {
            String line = e.getKey() + "=" + e.getValue();
            if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
                throw new IllegalArgumentException("a line break in " + e.getKey());
            }
            text.append(line).append('\n');
        }
        String checksum = checksum(text.toString());
        disk.writeAtomically(
                file, (text + CHECKSUM + checksum + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /// The values; none where there is no such file.
    ///
    /// @throws DamagedException if the content does not match its checksum
    public static Map<String, String> read(Disk disk, Path file) throws IOException {
        if (!disk.exists(file)) {
            return Map.of();
        }
        String content = new String(disk.readAll(file), StandardCharsets.UTF_8);
        int last = content.lastIndexOf(CHECKSUM);
        if (last < 0
                || !content.substring(last + CHECKSUM.length())
                        .strip()
                        .equals(checksum(content.substring(0, last)))) {
            throw new DamagedException(file);
        }
        Map<String, String> values = new TreeMap<>();
        content.substring(0, last)
                .lines()
                .forEach(line -> {
                    int equals = line.indexOf('=');
                    values.put(line.substring(0, equals), line.substring(equals + 1));
                });
        return values;
    }

    private static String checksum(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(crc.getValue());
    }
}
