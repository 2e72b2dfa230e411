package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lastword quickstart` on repositories of all kinds.
class QuickstartIT {
    @TempDir private Path folder;

    /// @param output stdout and stderr
    private record Outcome(int exitCode, String output) {}

    private static Outcome quickstart(String... arguments) throws Exception {
        return outcome(command(arguments));
    }

    private static ProcessBuilder command(String... arguments) {
        List<String> all = new ArrayList<>(List.of("quickstart"));
        all.addAll(List.of(arguments));
        return Packaged.command(List.of(), all);
    }

    private static Outcome outcome(ProcessBuilder command) throws Exception {
        Process process = command.start();
        String output =
                new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        return new Outcome(process.waitFor(), output);
    }

    private static void assertRefused(Outcome outcome, String saying) {
        assertEquals(1, outcome.exitCode(), outcome.output());
        assertTrue(outcome.output().contains(saying), outcome.output());
    }

    @Test
    void an_odd_history_ends_in_the_tree_git_has() throws Exception {
        Path repository = folder.resolve("odd repository");
        GitFixture.create(repository);
        String data = folder.resolve("data").toString();

        Outcome outcome = quickstart("--data-dir", data, repository.toString());
        assertEquals(0, outcome.exitCode(), outcome.output());
        assertTrue(outcome.output().contains("\nOK\n"), outcome.output());
        assertTrue(outcome.output().contains("records in   22 from 5 commits"), outcome.output());
        assertTrue(outcome.output().contains(": 13 files"), outcome.output());

        assertRefused(quickstart("--data-dir", data, repository.toString()), "--replace");
        Outcome again = quickstart("--replace", "--data-dir", data, repository.toString());
        assertEquals(0, again.exitCode(), again.output());
    }

    @Test
    void a_shallow_clone_is_refused() throws Exception {
        Path repository = folder.resolve("whole");
        Path shallow = folder.resolve("shallow");
        GitFixture.create(repository);
        GitFixture.run(
                "git",
                "clone",
                "--quiet",
                "--no-checkout",
                "--depth=1",
                "--branch=main",
                repository.toUri().toString(),
                shallow.toString());
        assertRefused(quickstart(shallow.toString()), "shallow");
    }

    @Test
    void what_has_no_history_is_refused() throws Exception {
        Path empty = folder.resolve("empty");
        GitFixture.createEmpty(empty);
        assertRefused(quickstart(empty.toString()), "no commit");

        Path plain = Files.createDirectory(folder.resolve("plain"));
        ProcessBuilder outside = command(plain.toString());
        outside.environment().put("GIT_CEILING_DIRECTORIES", folder.toString());
        assertRefused(outcome(outside), "no git repository");
    }

    @Test
    void without_git_it_says_so() throws Exception {
        ProcessBuilder withoutGit = command(folder.toString());
        withoutGit.environment().put("PATH", folder.toString());
        assertRefused(outcome(withoutGit), "git cannot be run");
    }
}
