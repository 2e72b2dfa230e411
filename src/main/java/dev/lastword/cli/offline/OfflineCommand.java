package dev.lastword.cli.offline;

import dev.lastword.cli.offline.Streams.ClosedOutputException;
import dev.lastword.log.LogException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

/// What the offline commands have in common: one line for whatever keeps them from their work, and
/// the exit code.
abstract class OfflineCommand implements Callable<Integer> {
    /// All went well.
    static final int OK = ExitCode.OK;

    /// The work was refused, failed, or found something.
    static final int FAILED = ExitCode.SOFTWARE;

    /// The command was called wrongly.
    static final int USAGE = ExitCode.USAGE;

    final Streams streams;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    OfflineCommand(Streams streams) {
        this.streams = streams;
    }

    /// Does the work; the exit code.
    abstract int run() throws IOException;

    /// The command's name, for messages.
    abstract String name();

    /// What is returned where nothing could be looked at.
    int codeOfFailure() {
        return FAILED;
    }

    @Override
    public final Integer call() {
        try {
            int code = run();
            streams.flush();
            return code;
        } catch (ClosedOutputException e) {
            return e.isClosedPipe() ? OK : fail("The output cannot be written: " + e.getMessage());
        } catch (UsageException e) {
            error(e.getMessage());
            return USAGE;
        } catch (NoSuchFileException e) {
            return fail(e.getMessage() + " is missing.");
        } catch (IOException | LogException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (OutOfMemoryError e) { // what it held is let go by now
            return fail(
                    "There is not enough memory: "
                            + e.getMessage()
                            + ". -Xmx allows more of it for the heap, -XX:MaxDirectMemorySize for"
                            + " the keys.");
        }
    }

    private int fail(String message) {
        error(message);
        return codeOfFailure();
    }

    final void error(String message) {
        streams.err().println("lastword " + name() + ": " + message);
    }

    /// The arguments are wrong.
    static final class UsageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
