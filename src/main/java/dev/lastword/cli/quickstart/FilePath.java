package dev.lastword.cli.quickstart;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The path of a file in a repository: bytes, in whatever encoding its author used.
///
/// @param latin1 a character for each byte; a string is the smallest value Java has for bytes
record FilePath(String latin1) {

    static FilePath of(byte[] bytes) {
        return new FilePath(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    byte[] bytes() {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// The path as text, or null where it is not UTF-8.
    @Nullable String utf8() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes())).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /// For a person: on one line, whatever is in it.
    @Override
    public String toString() {
        String text = utf8();
        return show(text == null ? latin1 : text);
    }

    /// A text with its control characters made visible.
    static String show(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                shown.append(String.format("\\x%02x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }
}
