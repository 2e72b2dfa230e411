package dev.lastword.read;

import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/// A position in a topic: for each partition, or some, the next offset to read. Written
/// `e1a2;0:123,1:456`. Immutable.
///
/// @param epoch the topic's, for offsets of another epoch mean nothing
/// @param next by partition
public record OffsetsVector(String epoch, SortedMap<Integer, Long> next) {
    private static final int EPOCH_DIGITS_MAX = 16;
    private static final int PARTITION_DIGITS_MAX = 4;
    private static final int OFFSET_DIGITS_MAX = 19;

    public OffsetsVector {
        next = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(next));
    }

    /// @param next of the partitions 0, 1, …
    static OffsetsVector ofAll(String epoch, long[] next) {
        SortedMap<Integer, Long> byPartition = new TreeMap<>();
        for (int p = 0; p < next.length; p++) {
            byPartition.put(p, next[p]);
        }
        return new OffsetsVector(epoch, byPartition);
    }

    /// Reads the written form.
    ///
    /// @throws IllegalArgumentException that says what is wrong
    public static OffsetsVector parse(String text) {
        int semicolon = text.indexOf(';');
        if (semicolon < 1 || semicolon > EPOCH_DIGITS_MAX || !isHex(text.substring(0, semicolon))) {
            throw malformed(text);
        }
        SortedMap<Integer, Long> next = new TreeMap<>();
        int at = semicolon + 1;
        while (true) {
            int colon = digits(text, at, PARTITION_DIGITS_MAX);
            if (colon == at || colon == text.length() || text.charAt(colon) != ':') {
                throw malformed(text);
            }
            int end = digits(text, colon + 1, OFFSET_DIGITS_MAX);
            if (end == colon + 1) {
                throw malformed(text);
            }
            int partition = Integer.parseInt(text, at, colon, 10);
            if (next.put(partition, offset(text, colon + 1, end)) != null) {
                throw new IllegalArgumentException(
                        "the offsets vector names partition " + partition + " twice");
            }
            if (end == text.length()) {
                return new OffsetsVector(text.substring(0, semicolon), next);
            }
            if (text.charAt(end) != ',') {
                throw malformed(text);
            }
            at = end + 1;
        }
    }

    private static boolean isHex(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    private static int digits(String text, int from, int max) {
        int i = from;
        while (i < text.length()
                && i - from < max
                && text.charAt(i) >= '0'
                && text.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private static long offset(String text, int from, int to) {
        try {
            return Long.parseLong(text, from, to, 10);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    text.substring(from, to) + " is larger than any offset", e);
        }
    }

    private static IllegalArgumentException malformed(String text) {
        String shown = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return new IllegalArgumentException(
                "'" + shown + "' is no offsets vector, such as e1a2;0:123,1:456");
    }

    @Override
    public String toString() {
        StringJoiner joiner = new StringJoiner(",", epoch + ";", "");
        for (Map.Entry<Integer, Long> e : next.entrySet()) {
            joiner.add(e.getKey() + ":" + e.getValue());
        }
        return joiner.toString();
    }
}
