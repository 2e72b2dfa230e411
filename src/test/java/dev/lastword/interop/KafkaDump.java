package dev.lastword.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What Kafka finds in a log.
///
/// @param records a line each, `offset timestamp key value header=value…`
/// @param lastOffsets the last offset of each batch
/// @param horizons the delete horizon of each record's batch, or -1
/// @param end the log end offset
record KafkaDump(List<String> records, List<Long> lastOffsets, List<Long> horizons, long end) {

    /// Lets Kafka read a copy of a partition's folder, for it writes files of its own beside the
    /// segments.
    ///
    /// @param scratch where the copy is made
    static KafkaDump of(KafkaOracle kafka, Path log, int segmentBytes, Path scratch)
            throws IOException {
        Path copy = Files.createTempDirectory(scratch, "dump").resolve("t-0");
        copy(log, copy);
        List<String> records = new ArrayList<>();
        List<Long> lastOffsets = new ArrayList<>();
        List<Long> horizons = new ArrayList<>();
        long horizon = -1;
        long end = -1;
        for (String line : kafka.run("dump", copy, segmentBytes)) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "b" -> {
                    lastOffsets.add(Long.parseLong(words[2]));
                    horizon = Long.parseLong(words[words.length - 2]);
                }
                case "r" -> {
                    records.add(line.substring(2));
                    horizons.add(horizon);
                }
                case "end" -> end = Long.parseLong(words[1]);
                default -> {}
            }
        }
        if (end < 0) {
            throw new IOException("Kafka told no end of " + log);
        }
        return new KafkaDump(records, lastOffsets, horizons, end);
    }

    static long offset(String record) {
        return Long.parseLong(record.substring(0, record.indexOf(' ')));
    }

    static long timestamp(String record) {
        return Long.parseLong(record.split(" ")[1]);
    }

    static String key(String record) {
        return record.split(" ")[2];
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path f : files.toList()) {
                Files.copy(f, to.resolve(f.getFileName()));
            }
        }
    }
}
