package dev.lastword.cli.offline;

import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.RealDisk;
import dev.lastword.json.Utf8;
import dev.lastword.log.IndexEntries;
import dev.lastword.log.LogFolders;
import dev.lastword.log.SegmentFiles;
import dev.lastword.log.StateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Shows what files of a log hold.
@Command(
        name = "dump",
        description = {
            "Show what is in a log: batches, records, index entries, state files.",
            "",
            "PATH is a file (.log, .index, .timeindex, a state file), or a folder of segments, or"
                    + " a data or log directory, of which all segments are shown in order. A"
                    + " service or a broker may be running on it.",
            "",
            "With --json each record is a line as the service takes and gives it, so that it can be"
                    + " posted to /records or piped into 'lastword compact'. Transaction markers"
                    + " are left out then; records of aborted transactions are not, for only their"
                    + " markers tell them apart. What is damaged is shown as such, and what"
                    + " follows it.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:all was shown", "1:something is damaged", "2:wrong arguments"})
public final class DumpCommand extends OfflineCommand {
    /// A state file is not larger.
    private static final long TEXT_BYTES_MAX = 16 << 20;

    @Parameters(paramLabel = "PATH", description = "The file or folder to show.")
    private Path path = Path.of(".");

    @Option(
            names = "--json",
            description = "A JSON object a line: records; with --batches their headers.")
    private boolean json;

    @Option(names = "--batches", description = "Only the headers of batches, no records.")
    private boolean batches;

    private final Disk disk = new RealDisk();

    public DumpCommand() {
        this(Streams.standard());
    }

    DumpCommand(Streams streams) {
        super(streams);
    }

    @Override
    String name() {
        return "dump";
    }

    @Override
    int run() throws IOException {
        LogDump dump = new LogDump(streams, json, batches);
        if (Files.isDirectory(path)) {
            folder(dump);
        } else if (Files.exists(path)) {
            file(dump);
        } else {
            throw new UsageException(path + " does not exist.");
        }
        return dump.damaged() ? FAILED : OK;
    }

    private void folder(LogDump dump) throws IOException {
        LogFolders folders = LogFolders.of(disk, path);
        if (folders.kind() == LogFolders.Kind.NOTHING) {
            throw new UsageException(path + " has no segments, nor folders of partitions.");
        }
        for (Path partition : folders.partitions()) {
            for (Path file : disk.list(partition)) {
                if (SegmentFiles.isLog(file)) {
                    log(dump, file);
                }
            }
        }
    }

    private void file(LogDump dump) throws IOException {
        String name = String.valueOf(path.getFileName());
        if (name.contains(".log")) {
            log(dump, path);
        } else if (name.contains(".timeindex")) {
            rest(IndexEntries.times(disk, path, base(path), this::time));
        } else if (name.contains(".index")) {
            rest(IndexEntries.offsets(disk, path, base(path), this::offset));
        } else {
            state();
        }
    }

    private static long base(Path file) {
        return SegmentFiles.baseOffset(file).orElse(0);
    }

    private void log(LogDump dump, Path file) throws IOException {
        Path folder = file.toAbsolutePath().normalize().getParent();
        LogFolders.Name name = folder == null ? null : LogFolders.Name.of(folder);
        try (DiskFile in = disk.open(file, OpenMode.READ)) {
            dump.show(in, file.toString(), name == null ? -1 : name.partition(), base(file));
        }
    }

    private void time(long timestamp, long offset) throws IOException {
        streams.line(
                json
                        ? new JsonLine("time")
                                .put("timestamp", timestamp)
                                .put("offset", offset)
                                .toString()
                        : "nothing up to offset "
                                + offset
                                + " is later than "
                                + Texts.time(timestamp));
    }

    private void offset(long position, long offset) throws IOException {
        streams.line(
                json
                        ? new JsonLine("offset")
                                .put("offset", offset)
                                .put("position", position)
                                .toString()
                        : "offset " + offset + " at byte " + position);
    }

    private void rest(int bytes) throws IOException {
        if (bytes > 0) {
            throw new IOException(path + " ends with " + bytes + " bytes that are no entry.");
        }
    }

    /// A state file of ours, or a text file of a broker's.
    private void state() throws IOException {
        if (Files.size(path) > TEXT_BYTES_MAX) {
            throw notKnown();
        }
        byte[] content = disk.readAll(path);
        if (!Utf8.isValid(content) || hasNul(content)) {
            throw notKnown();
        }
        String text = new String(content, StandardCharsets.UTF_8);
        if (!text.contains("crc32c=")) {
            streams.write(content);
            return;
        }
        for (Map.Entry<String, String> e : StateFile.read(disk, path).entrySet()) {
            // whoever knows the secret of the key index can make keys that collide in it
            String value = e.getKey().startsWith("secret.") ? "(not shown)" : e.getValue();
            streams.line(
                    json
                            ? new JsonLine("state")
                                    .put("name", e.getKey())
                                    .put("value", value)
                                    .toString()
                            : e.getKey() + "=" + value);
        }
    }

    private static boolean hasNul(byte[] content) {
        for (byte b : content) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    private IOException notKnown() {
        return new IOException(
                path
                        + " is none of the files that can be shown: .log, .index, .timeindex, and"
                        + " state files of text.");
    }
}
