package dev.lastword.cli.offline;

import dev.lastword.cli.Progress;
import dev.lastword.json.NdjsonCompaction;
import dev.lastword.json.TwoPassInput;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Keeps the last record of each key, from standard input to standard output.
@Command(
        name = "compact",
        description = {
            "Keep only the last record of each key: lastword compact < in.ndjson > out.ndjson",
            "",
            "Reads records as lines of JSON, in the form that the service takes"
                    + " ({\"key\": …, \"value\": …}), and writes the last line of each key as it"
                    + " is, in the order of the input. A deletion (\"value\": null) is the last"
                    + " word on its key too and stays, so that what was compacted in parts can be"
                    + " compacted again; with --drop-tombstones it goes with what it deletes.",
            "",
            "The whole input is read before anything is written: where a line is no record, its"
                    + " number is told and nothing is written. Memory grows with the keys alone,"
                    + " about 30 bytes each (-XX:MaxDirectMemorySize bounds it). A file is read"
                    + " twice; of a pipe a copy is kept in a temporary file meanwhile.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all was written",
            "1:a line is no record, or reading or writing failed",
            "2:wrong arguments"
        })
public final class CompactCommand extends OfflineCommand {
    private static final byte[] NEWLINE = {'\n'};

    /// A line may be as long.
    private static final int LINE_BYTES_MAX = 64 << 20;

    @Option(
            names = "--drop-tombstones",
            description = "Leave out keys whose last record deletes them.")
    private boolean dropTombstones;

    @Option(
            names = "--temp-dir",
            paramLabel = "DIR",
            description = "Where a pipe is copied to (default: the system's temporary folder).")
    private @Nullable Path tempDir;

    private final InputStream in;
    private final @Nullable FileChannel file;

    public CompactCommand() {
        this(Streams.standard(), new FileInputStream(FileDescriptor.in));
    }

    private CompactCommand(Streams streams, FileInputStream in) {
        this(streams, in, fileOf(in));
    }

    /// @param file the same as `in` where that is a file, else null
    CompactCommand(Streams streams, InputStream in, @Nullable FileChannel file) {
        super(streams);
        this.in = in;
        this.file = file;
    }

    /// A pipe or a terminal has no position; what claims to be empty may be a device.
    private static @Nullable FileChannel fileOf(FileInputStream in) {
        FileChannel channel = in.getChannel();
        try {
            return channel.position() < channel.size() ? channel : null;
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    String name() {
        return "compact";
    }

    @Override
    int run() throws IOException {
        Path temp = tempDir == null ? Path.of(System.getProperty("java.io.tmpdir")) : tempDir;
        if (!Files.isDirectory(temp)) {
            throw new UsageException(temp + " is not a directory.");
        }
        try (TwoPassInput input =
                file == null ? TwoPassInput.pipe(in, temp, bytes -> {}) : TwoPassInput.file(file)) {
            compact(input);
        } catch (TwoPassInput.CopyFailedException e) {
            throw new IOException(e.getMessage() + " Choose another folder with --temp-dir.", e);
        }
        return OK;
    }

    private void compact(TwoPassInput input) throws IOException {
        long start = System.nanoTime();
        Progress progress = new Progress(streams.err(), streams.terminal());
        long bytes = input.bytes();
        NdjsonCompaction compaction =
                new NdjsonCompaction(
                        LINE_BYTES_MAX,
                        Long.MAX_VALUE,
                        dropTombstones,
                        records -> {
                            if (bytes < 0) {
                                progress.tell(records, input.bytesRead());
                            } else {
                                progress.tell(input.step(), input.bytesRead(), bytes);
                            }
                        });
        NdjsonCompaction.Result result;
        try {
            compaction.decide(input.first());
            result = compaction.copy(input.second(), this::write);
            streams.flush();
        } finally {
            progress.clear();
        }
        streams.err()
                .printf(
                        Locale.ROOT,
                        "%s in, %,d out, %,d superseded, %,d deletions dropped, %.1f s%n",
                        Texts.count(result.records(), "record"),
                        result.kept(),
                        result.superseded(),
                        result.deleted(),
                        (System.nanoTime() - start) / 1e9);
    }

    private void write(byte[] bytes, int from, int length) throws IOException {
        streams.write(bytes, from, length);
        streams.write(NEWLINE);
    }
}
