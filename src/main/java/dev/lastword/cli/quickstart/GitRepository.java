package dev.lastword.cli.quickstart;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A git repository at the commit that was its HEAD when we looked. Asks the `git` on the path, and
/// takes nothing from the user's git configuration that changes what it says.
final class GitRepository {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final String[] TREE = {"ls-tree", "-r", "-z", "--full-tree"};
    private static final String[] HISTORY = {
        "-c",
        "log.showRoot=true",
        "log",
        "--first-parent",
        "-m",
        "--reverse",
        "--raw",
        "-z",
        "--no-abbrev",
        "--no-renames",
        "--no-relative",
        "--no-show-signature",
        "--no-notes",
        "--no-color",
        "--ignore-submodules=none",
        "--format=" + RawLogParser.FORMAT
    };

    private final Path path;
    private final String head;

    private GitRepository(Path path, String head) {
        this.path = path;
        this.head = head;
    }

    /// @throws QuickstartException where there is no whole history to tell
    static GitRepository open(Path path) throws QuickstartException {
        Answer shallow = ask(path, "rev-parse", "--is-shallow-repository");
        if (!shallow.well()) {
            throw new QuickstartException(
                    path + " is no git repository that can be read (" + shallow.text() + ").");
        }
        if (shallow.text().equals("true")) {
            throw new QuickstartException(
                    path
                            + " is a shallow clone: its first commits are missing. Run git fetch"
                            + " --unshallow there, or give a whole clone.");
        }
        Answer head = ask(path, "rev-parse", "--verify", "--quiet", "HEAD^{commit}");
        if (!head.well()) {
            throw new QuickstartException(path + " has no commit yet.");
        }
        return new GitRepository(path, head.text());
    }

    Path path() {
        return path;
    }

    /// Full id of the commit.
    String head() {
        return head;
    }

    /// For [RawLogParser]: each commit against its first parent, oldest first.
    InputStream history() throws IOException {
        return output(HISTORY);
    }

    /// For [GitTree].
    InputStream tree() throws IOException {
        return output(TREE);
    }

    private InputStream output(String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add(head);
        ProcessBuilder builder = git(path, all);
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        return new BufferedInputStream(new GitOutput(builder.start()), BUFFER_BYTES);
    }

    /// A short answer, or why there is none.
    private record Answer(boolean well, String text) {}

    private static Answer ask(Path path, String... arguments) throws QuickstartException {
        Process git;
        try {
            git = git(path, List.of(arguments)).start();
        } catch (IOException e) {
            throw new QuickstartException(
                    "git cannot be run; install it, or put it on the PATH (" + e.getMessage() + ")",
                    e);
        }
        try {
            String out = read(git.getInputStream(), StandardCharsets.US_ASCII);
            String error = read(git.getErrorStream(), Charset.defaultCharset());
            boolean well = git.waitFor() == 0;
            return new Answer(well, well ? out : error);
        } catch (IOException e) {
            throw new QuickstartException("git cannot be asked: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuickstartException("stopped while asking git", e);
        }
    }

    private static String read(InputStream in, Charset charset) throws IOException {
        return new String(in.readAllBytes(), charset).strip();
    }

    private static ProcessBuilder git(Path path, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add("git");
        command.add("--no-pager");
        command.add("--no-replace-objects");
        command.add("-C");
        command.add(path.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        // as a git hook sets them: they would beat the path
        builder.environment().remove("GIT_DIR");
        builder.environment().remove("GIT_WORK_TREE");
        return builder;
    }
}
