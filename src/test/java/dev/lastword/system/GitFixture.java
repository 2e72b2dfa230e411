package dev.lastword.system;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A small repository with everything that makes a history hard to follow: odd file names, files
/// that go and come back, a mode change, a symbolic link, a submodule, a rename, a merge, an empty
/// commit. Made from a stream of git's own, so that no file system has to take the names.
final class GitFixture {
    /// Paths are quoted as in C.
    private static final String HISTORY =
            """
            commit refs/heads/main
            mark :1
            committer T <t@example.org> 1000000000 +0000
            data 5
            first
            M 100644 inline README.md
            data 2
            1
            M 100644 inline "line\\nfeed"
            data 2
            2
            M 100644 inline "tab\\tand \\"quotes\\" and \\\\backslash"
            data 2
            3
            M 100644 inline "latin1-\\344\\377"
            data 2
            4
            M 100644 inline "-leading/dash"
            data 2
            5
            M 100644 inline " spaces around "
            data 2
            6
            M 100644 inline "\\303\\274n\\303\\257c\\303\\266de/\\342\\202\\254"
            data 2
            7
            M 100644 inline gone.txt
            data 2
            8
            M 100644 inline old name.txt
            data 2
            9
            M 100644 inline script.sh
            data 2
            A
            M 120000 inline link
            data 9
            README.md

            commit refs/heads/main
            mark :2
            committer T <t@example.org> 1000000100 +0000
            data 6
            second
            from :1
            D gone.txt
            R "old name.txt" "new/name.txt"
            M 160000 0123456789abcdef0123456789abcdef01234567 "sub module"
            M 100755 inline script.sh
            data 2
            A

            commit refs/heads/side
            mark :3
            committer T <t@example.org> 1000000050 +0000
            data 4
            side
            from :1
            M 100644 inline side.txt
            data 2
            B
            M 100644 inline README.md
            data 2
            C

            commit refs/heads/main
            mark :4
            committer T <t@example.org> 1000000200 +0000
            data 5
            empty
            from :2

            commit refs/heads/main
            mark :5
            committer T <t@example.org> 1000000300 +0000
            data 5
            merge
            from :4
            merge :3
            M 100644 inline side.txt
            data 2
            B
            M 100644 inline README.md
            data 2
            C

            commit refs/heads/main
            mark :6
            committer T <t@example.org> 1000000400 +0000
            data 4
            last
            from :5
            M 100644 inline gone.txt
            data 2
            D
            D "latin1-\\344\\377"
            M 100644 inline link
            data 2
            E
            M 100644 inline "latin1-\\345"
            data 2
            F

            """;

    private GitFixture() {}

    static void create(Path path) throws Exception {
        createEmpty(path);
        Process git =
                command("git", "-C", path.toString(), "fast-import", "--quiet")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (OutputStream in = git.getOutputStream()) {
            in.write(HISTORY.getBytes(StandardCharsets.UTF_8));
        }
        require(git.waitFor() == 0, "git fast-import failed");
    }

    static void createEmpty(Path path) throws Exception {
        Files.createDirectories(path);
        run("git", "init", "--quiet", path.toString());
        run("git", "-C", path.toString(), "symbolic-ref", "HEAD", "refs/heads/main");
    }

    static void run(String... command) throws IOException, InterruptedException {
        Process process = command(command).inheritIO().start();
        require(process.waitFor() == 0, String.join(" ", command) + " failed");
    }

    private static ProcessBuilder command(String... command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        return builder;
    }

    private static void require(boolean well, String otherwise) {
        if (!well) {
            throw new IllegalStateException(otherwise);
        }
    }
}
