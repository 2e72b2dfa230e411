package dev.lastword.json;

import dev.lastword.record.Header;
import dev.lastword.record.LogRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Seeded records that lie close to where the JSON form has its corners.
public final class RandomRecords {
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "1",
        "-",
        "0",
        ".",
        "e5",
        "null",
        "true",
        "false",
        " ",
        "\n",
        "\r",
        "\t",
        "\\",
        "\\n",
        "\\u0041",
        "\\ud800",
        "\u0000",
        "\u0001",
        "\u007f",
        "a",
        "ü",
        "漢",
        "😀",
        "\ufeff",
        "\u2028",
        "\"a\"",
        "{\"a\":1}",
        "[1,2]"
    };
    private static final String[] TYPES = {
        "application/json",
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/cloudevents+json",
        "text/plain",
        "",
        "json"
    };

    private RandomRecords() {}

    public static LogRecord next(Random random) {
        byte[] key = bytes(random);
        while (key.length == 0) {
            key = bytes(random);
        }
        byte @Nullable [] value = random.nextInt(10) == 0 ? null : bytes(random);
        List<Header> headers = new ArrayList<>();
        for (int n = random.nextInt(4) - 1; n > 0; n--) {
            headers.add(header(random));
        }
        return new LogRecord(random.nextInt(1000), random.nextLong() >>> 1, key, value, headers);
    }

    private static Header header(Random random) {
        if (random.nextBoolean()) {
            String name = random.nextInt(4) == 0 ? "Content-Type" : "content-type";
            String type = TYPES[random.nextInt(TYPES.length)];
            return new Header(name, type.getBytes(StandardCharsets.UTF_8));
        }
        return new Header(text(random), random.nextInt(4) == 0 ? null : bytes(random));
    }

    private static byte[] bytes(Random random) {
        if (random.nextInt(6) == 0) {
            byte[] bytes = new byte[random.nextInt(6)];
            random.nextBytes(bytes);
            return bytes;
        }
        return text(random).getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(5); n >= 0; n--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }
}
