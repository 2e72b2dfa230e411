package dev.lastword.cli.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The files of a commit, from `git ls-tree -r -z`: `<mode> <type> <id> TAB <path> NUL` for each.
final class GitTree {

    private GitTree() {}

    /// What a path holds.
    record Entry(String mode, String blob) {}

    static Map<FilePath, Entry> read(InputStream in) throws IOException {
        Map<FilePath, Entry> tree = new HashMap<>();
        for (int b = in.read(); b >= 0; b = in.read()) {
            String[] facts = until('\t', b, in).split(" ", -1);
            if (facts.length != 3) {
                throw new IOException("git wrote a tree that was not expected");
            }
            String path = until(0, in.read(), in);
            tree.put(new FilePath(path), new Entry(facts[0], facts[2]));
        }
        return tree;
    }

    private static String until(int end, int first, InputStream in) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int b = first; b != end; b = in.read()) {
            if (b < 0) {
                throw new EOFException("git ended in the middle of a tree");
            }
            text.write(b);
        }
        return text.toString(StandardCharsets.ISO_8859_1);
    }
}
