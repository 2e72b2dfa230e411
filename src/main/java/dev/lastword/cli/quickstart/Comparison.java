package dev.lastword.cli.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Holds a snapshot to git's tree. Memory grows with the files of that one tree, not with the
/// history.
///
/// @param files how many the tree has
/// @param differences in how many paths the snapshot differs
/// @param told the first of them, each a line
/// @param example a path that is text and equal in both, if there is one
record Comparison(int files, long differences, List<String> told, @Nullable String example) {
    private static final int TOLD_MAX = 20;

    boolean holds() {
        return differences == 0;
    }

    static Comparison of(Map<FilePath, GitTree.Entry> tree, InputStream snapshot)
            throws IOException {
        return new Builder(tree).read(snapshot).end();
    }

    private static final class Builder {
        private final Map<FilePath, GitTree.Entry> missing;
        private final Map<FilePath, GitTree.Entry> tree;
        private final List<String> told = new ArrayList<>();
        private long differences;
        private @Nullable String example;

        Builder(Map<FilePath, GitTree.Entry> tree) {
            this.tree = tree;
            this.missing = new HashMap<>(tree);
        }

        Builder read(InputStream snapshot) throws IOException {
            try (MappingIterator<JsonNode> records =
                    ServiceClient.JSON.readerFor(JsonNode.class).readValues(snapshot)) {
                while (records.hasNextValue()) {
                    compare(records.nextValue());
                }
            }
            return this;
        }

        private void compare(JsonNode record) {
            FilePath path = path(record);
            GitTree.Entry is = entry(record.path("value"));
            GitTree.Entry wanted = tree.get(path);
            if (wanted == null) {
                differ(path, "is in the snapshot, but not in git's tree");
            } else if (missing.remove(path) == null) {
                differ(path, "is in the snapshot twice");
            } else if (!wanted.equals(is)) {
                differ(path, "is " + is + ", git has " + wanted);
            } else if (example == null) {
                example = path.utf8();
            }
        }

        Comparison end() {
            for (FilePath path : missing.keySet()) {
                differ(path, "is in git's tree, but not in the snapshot");
            }
            return new Comparison(tree.size(), differences, List.copyOf(told), example);
        }

        private void differ(FilePath path, String how) {
            differences++;
            if (told.size() < TOLD_MAX) {
                told.add(path + " " + how);
            }
        }

        private static FilePath path(JsonNode record) {
            return record.has("keyBase64")
                    ? FilePath.of(Base64.getDecoder().decode(record.get("keyBase64").asText()))
                    : FilePath.of(record.path("key").asText().getBytes(StandardCharsets.UTF_8));
        }

        private static GitTree.Entry entry(JsonNode value) {
            return new GitTree.Entry(value.path("mode").asText(), value.path("blob").asText());
        }
    }
}
