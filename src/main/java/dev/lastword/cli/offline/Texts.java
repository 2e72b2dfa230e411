package dev.lastword.cli.offline;

import dev.lastword.json.Utf8;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Numbers, times and bytes as a person reads them.
final class Texts {
    private Texts() {}

    /// `1 segment`, `2 segments`, `3 batches`.
    static String count(long n, String noun) {
        String plural = noun.endsWith("ch") ? noun + "es" : noun + "s";
        return String.format(Locale.ROOT, "%,d %s", n, n == 1 ? noun : plural);
    }

    /// ISO 8601 in UTC; the number where no calendar has it.
    static String time(long epochMs) {
        if (epochMs < 0 || epochMs > 253_402_300_799_999L) {
            return Long.toString(epochMs);
        }
        return Instant.ofEpochMilli(epochMs).toString();
    }

    /// Text on one line where the bytes are text, else base64.
    static String bytes(byte @Nullable [] bytes) {
        if (bytes == null) {
            return "null";
        }
        if (!Utf8.isValid(bytes)) {
            return "base64:" + Base64.getEncoder().encodeToString(bytes);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                line.append("\\n");
            } else if (Character.isISOControl(c)) {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }
}
