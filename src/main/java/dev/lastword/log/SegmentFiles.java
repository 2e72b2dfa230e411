package dev.lastword.log;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/// The names of a segment's files: `<base offset, 20 digits>.log`, `.index`, `.timeindex`, and
/// behind them a suffix that says in which state of its life the segment is (Kafka's).
public final class SegmentFiles {
    /// The state of a segment's file.
    enum Suffix {
        /// Part of the log.
        LIVE(""),
        /// Being written by a cleaning; waste after a crash.
        CLEANED(".cleaned"),
        /// Complete and durable, about to replace others.
        SWAP(".swap"),
        /// No part of the log any more.
        DELETED(".deleted");

        private final String text;

        Suffix(String text) {
            this.text = text;
        }
    }

    static final String LOG = ".log";
    static final String INDEX = ".index";
    static final String TIME_INDEX = ".timeindex";

    /// A broker's list of aborted transactions; our own logs have none.
    static final String TXN_INDEX = ".txnindex";

    static final String[] KINDS = {LOG, INDEX, TIME_INDEX, TXN_INDEX};

    private SegmentFiles() {}

    static Path file(Path directory, long baseOffset, String kind, Suffix suffix) {
        return directory.resolve(
                String.format(Locale.ROOT, "%020d", baseOffset) + kind + suffix.text);
    }

    /// The base offset that a file's name gives, where it is a segment file of that kind and state.
    static OptionalLong baseOffset(Path file, String kind, Suffix suffix) {
        Path fileName = file.getFileName();
        String name = fileName == null ? "" : fileName.toString();
        String end = kind + suffix.text;
        if (name.length() != 20 + end.length() || !name.endsWith(end)) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < 20; i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return OptionalLong.empty();
            }
        }
        try {
            return OptionalLong.of(Long.parseLong(name.substring(0, 20)));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /// The base offset that a file's name gives, whatever its kind and state.
    public static OptionalLong baseOffset(Path file) {
        for (Suffix suffix : Suffix.values()) {
            for (String kind : KINDS) {
                OptionalLong base = baseOffset(file, kind, suffix);
                if (base.isPresent()) {
                    return base;
                }
            }
        }
        return OptionalLong.empty();
    }

    /// Whether a file is a live segment's log.
    public static boolean isLog(Path file) {
        return baseOffset(file, LOG, Suffix.LIVE).isPresent();
    }

    /// Whether a name ends in the suffix, whatever the kind.
    static boolean has(Path file, Suffix suffix) {
        return file.toString().endsWith(suffix.text);
    }
}
