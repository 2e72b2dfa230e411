package dev.lastword.system;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/// Random keys, JSON and junk.
final class FuzzText {
    private static final String LETTERS = "abcxyz0129 _-é€😀";
    private static final String UNRESERVED = "abcxyzABC0129-._~";
    private static final List<String> NUMBERS =
            List.of("0", "-1", "1.50", "1e3", "-0.0", "123456789012345678901234567890", "7");

    private final Random random;

    FuzzText(Random random) {
        this.random = random;
    }

    <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    int upTo(int n) {
        return random.nextInt(n);
    }

    /// Of an event or a request; so long that no damage makes one of it that was used before.
    String id() {
        return Long.toHexString(random.nextLong());
    }

    byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /// A key that is text; often one that was there before.
    String key() {
        return oneIn(6) ? "k/" + letters(8) : "k" + random.nextInt(40);
    }

    String letters(int max) {
        int[] all = LETTERS.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(max + 1); i > 0; i--) {
            text.appendCodePoint(all[random.nextInt(all.length)]);
        }
        return text.toString();
    }

    /// JSON as the shortest text that says it, which programs that parse and write it keep.
    String json() {
        return json(3);
    }

    private String json(int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> any(List.of("true", "false"));
            case 1, 2 -> Integer.toString(random.nextInt());
            case 3, 4 -> quoted(letters(12));
            case 5 -> "[" + json(depth - 1) + "," + json(depth - 1) + "]";
            default -> "{\"a\":" + json(depth - 1) + ",\"b\":null}";
        };
    }

    /// The same with the liberties that JSON has.
    String looseJson() {
        return switch (random.nextInt(6)) {
            case 0 -> any(NUMBERS);
            case 1 -> "\"\\u00e9\\ud83d\\ude00\\n\\/" + letters(3) + "\"";
            case 2 -> "[ " + json() + "\t, " + any(NUMBERS) + " ]";
            default -> json();
        };
    }

    static String quoted(String text) {
        return '"' + text + '"';
    }

    /// The bytes as they stand in a target; more is escaped than needs to be.
    String percent(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            text.append(
                    UNRESERVED.indexOf(c) >= 0 && !oneIn(10)
                            ? Character.toString(c)
                            : String.format("%%%02x", (int) c));
        }
        return text.toString();
    }

    String percent(String text) {
        return percent(text.getBytes(StandardCharsets.UTF_8));
    }
}
