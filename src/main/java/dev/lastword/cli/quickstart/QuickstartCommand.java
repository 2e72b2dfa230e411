package dev.lastword.cli.quickstart;

import java.io.Console;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Reads the arguments, starts and stops the service around a [Quickstart], and tells the outcome.
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = {
            "Send the git history of a repository through the service and check what is left.",
            "",
            "Starts the service on a free port, sends every change of every file as a record"
                    + " (key: the path, value: mode, blob and commit, a deletion as a tombstone;"
                    + " along the first parents), compacts the topic, and compares its snapshot"
                    + " with git ls-tree -r HEAD. Needs git. Exits with 0 only if both are equal.",
            ""
        })
public final class QuickstartCommand implements Callable<Integer> {

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Keep the data here. Without it, in a temporary folder, which stays (its path"
                            + " is printed) once the history is stored, and is deleted where the"
                            + " run fails before.")
    private @Nullable Path dataDir;

    @Option(
            names = "--replace",
            description = "Delete the topic " + Quickstart.TOPIC + " where the data has one.")
    private boolean replace;

    @Option(
            names = "--keep-running",
            description = "Leave the service running until Ctrl-C, and show its log.")
    private boolean keepRunning;

    @Parameters(
            arity = "0..1",
            paramLabel = "REPOSITORY",
            defaultValue = "${sys:lastword.quickstart.repository:-.}",
            description =
                    "A git repository with its whole history; by default the one that"
                            + " deploy/quickstart belongs to, else the current folder.")
    private Path repository = Path.of(".");

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run() ? ExitCode.OK : ExitCode.SOFTWARE;
        } catch (QuickstartException e) {
            System.err.println(e.getMessage());
            return ExitCode.SOFTWARE;
        }
    }

    private boolean run() throws QuickstartException, InterruptedException {
        Launcher launcher = Launcher.ofThis();
        GitRepository git = GitRepository.open(repository.toAbsolutePath().normalize());
        try (DataFolder data = DataFolder.of(dataDir);
                ChildService child = ChildService.start(launcher, data, out);
                ServiceClient client = new ServiceClient(child.awaitListening())) {
            client.awaitReady(child);
            out.println("service      " + client.service() + ", data in " + data.path());
            Comparison comparison = new Quickstart(git, client, out, isTerminal()).run(replace);
            data.keep();
            tell(comparison);
            if (!keepRunning) {
                hint(Hint.stopped(launcher, data.path(), comparison.example()));
                return comparison.holds();
            }
            hint(Hint.running(client.service(), data.path(), comparison.example()));
            child.awaitEnd();
            return comparison.holds();
        }
    }

    private void tell(Comparison comparison) {
        comparison.told().forEach(out::println);
        long more = comparison.differences() - comparison.told().size();
        if (more > 0) {
            out.println("and " + more + " more");
        }
        out.println(
                comparison.holds()
                        ? "OK"
                        : "DIFFERENT: " + comparison.differences() + " paths differ");
    }

    private void hint(List<String> lines) {
        out.println();
        lines.forEach(out::println);
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where there is no terminal
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
