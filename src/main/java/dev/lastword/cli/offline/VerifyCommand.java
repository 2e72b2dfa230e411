package dev.lastword.cli.offline;

import dev.lastword.cli.Progress;
import dev.lastword.io.Disk;
import dev.lastword.io.DiskFile;
import dev.lastword.io.OpenMode;
import dev.lastword.io.RealDisk;
import dev.lastword.log.DirectoryVerifier;
import dev.lastword.log.Finding;
import dev.lastword.log.LogFolders;
import dev.lastword.log.VerifyResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Checks a directory and tells what does not hold.
@Command(
        name = "verify",
        description = {
            "Check every invariant of a closed directory that can be seen on disk.",
            "",
            "DIR is a data directory of Lastword, a log directory of a Kafka broker, or the folder"
                    + " of one partition in or outside of them. Nothing is changed. The CRC of"
                    + " every batch is checked, every record parsed, offsets must ascend within"
                    + " their segments, and the indexes agree with the log; of a data directory"
                    + " also the recovery point, the cleaned offset, the topics and the checkpoint"
                    + " of the key index, which must name the latest record of every key.",
            "",
            "Each finding is a line, FILE:POSITION:OFFSET: what is wrong. Lines that say 'note:'"
                    + " are no problems: what the next start puts right by itself.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything that was checked holds",
            "1:there are problems",
            "2:wrong arguments, or the directory cannot be read or is in use"
        })
public final class VerifyCommand extends OfflineCommand {
    @Parameters(paramLabel = "DIR", description = "The directory to check.")
    private Path directory = Path.of(".");

    @Option(names = "--json", description = "A JSON object a line, the last one the summary.")
    private boolean json;

    private final Disk disk = new RealDisk();

    public VerifyCommand() {
        this(Streams.standard());
    }

    VerifyCommand(Streams streams) {
        super(streams);
    }

    @Override
    String name() {
        return "verify";
    }

    @Override
    int codeOfFailure() {
        return USAGE;
    }

    @Override
    int run() throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new UsageException(directory + " is not a directory.");
        }
        LogFolders folders = LogFolders.of(disk, directory);
        if (folders.kind() == LogFolders.Kind.NOTHING) {
            throw new UsageException(directory + " has no segments, nor folders of partitions.");
        }
        long total = bytes(folders);
        Progress progress = new Progress(streams.err(), streams.terminal());
        long start = System.nanoTime();
        VerifyResult result;
        try {
            result =
                    DirectoryVerifier.verify(
                            disk,
                            folders,
                            finding -> tell(finding, progress),
                            (records, bytes) -> progress.tell("verifying", bytes, total));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        progress.clear();
        summary(result, (System.nanoTime() - start) / 1e9);
        return result.isSound() ? OK : FAILED;
    }

    private long bytes(LogFolders folders) throws IOException {
        long total = 0;
        for (Path partition : folders.partitions()) {
            for (Path file : disk.list(partition)) {
                if (file.toString().endsWith(".log")) {
                    try (DiskFile f = disk.open(file, OpenMode.READ)) {
                        total += f.size();
                    }
                }
            }
        }
        return total;
    }

    private void tell(Finding finding, Progress progress) {
        progress.clear();
        try {
            streams.line(json ? json(finding) : text(finding));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String text(Finding f) {
        StringBuilder line = new StringBuilder(name(f.file()));
        if (f.position() >= 0) {
            line.append(':').append(f.position());
        }
        if (f.offset() >= 0) {
            line.append(f.position() >= 0 ? ":" : "::").append(f.offset());
        }
        line.append(": ").append(f.severity() == Finding.Severity.NOTE ? "note: " : "");
        return line.append(f.what()).toString();
    }

    /// As a person who gave that directory would write it.
    private String name(Path file) {
        Path from = directory.toAbsolutePath().normalize();
        return file.startsWith(from)
                ? directory.resolve(from.relativize(file)).normalize().toString()
                : file.toString();
    }

    private String json(Finding f) {
        return new JsonLine(f.severity().name().toLowerCase(Locale.ROOT))
                .put("file", name(f.file()))
                .putKnown("position", f.position())
                .putKnown("offset", f.offset())
                .put("what", f.what())
                .toString();
    }

    private void summary(VerifyResult r, double seconds) throws IOException {
        if (json) {
            streams.line(
                    new JsonLine("summary")
                            .put("sound", r.isSound())
                            .put("problems", r.problems())
                            .put("notes", r.notes())
                            .put("partitions", r.partitions())
                            .put("segments", r.segments())
                            .put("batches", r.batches())
                            .put("records", r.records())
                            .put("bytes", r.bytes())
                            .toString());
            return;
        }
        streams.line(
                String.format(
                        Locale.ROOT,
                        "%s, %s, %s, %s, %,d bytes in %.2f s",
                        Texts.count(r.partitions(), "partition"),
                        Texts.count(r.segments(), "segment"),
                        Texts.count(r.batches(), "batch"),
                        Texts.count(r.records(), "record"),
                        r.bytes(),
                        seconds));
        streams.line(r.isSound() ? "OK" : Texts.count(r.problems(), "problem") + " found");
    }
}
