package dev.lastword.read;

import java.util.StringJoiner;
import java.util.regex.Pattern;

/// A position in a topic: for each partition the next offset to read. Written `e1a2;0:123,1:456`.
///
/// @param epoch the topic's, for offsets of another epoch mean nothing
/// @param next by partition
public record OffsetsVector(String epoch, long[] next) {
    private static final Pattern FORM =
            Pattern.compile("[0-9a-f]{1,16};\\d{1,4}:\\d{1,19}(,\\d{1,4}:\\d{1,19})*");

    /// Reads the written form, which must name every partition once, ascending.
    ///
    /// @throws IllegalArgumentException that says what is wrong
    public static OffsetsVector parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no offsets vector, such as e1a2;0:123,1:456");
        }
        int semicolon = text.indexOf(';');
        String[] parts = text.substring(semicolon + 1).split(",", -1);
        long[] next = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            int colon = parts[i].indexOf(':');
            if (Integer.parseInt(parts[i].substring(0, colon)) != i) {
                throw new IllegalArgumentException(
                        "'" + text + "' does not name the partitions 0, 1, … in order");
            }
            next[i] = Long.parseLong(parts[i].substring(colon + 1));
        }
        return new OffsetsVector(text.substring(0, semicolon), next);
    }

    @Override
    public String toString() {
        StringJoiner joiner = new StringJoiner(",", epoch + ";", "");
        for (int p = 0; p < next.length; p++) {
            joiner.add(p + ":" + next[p]);
        }
        return joiner.toString();
    }
}
