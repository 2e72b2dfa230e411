package dev.lastword.cli.offline;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;

/// One call of a command in this process.
record Call(int exitCode, String out, String err) {
    static Call of(Function<Streams, Object> command, Object... arguments) {
        return into(new ByteArrayOutputStream(), command, arguments);
    }

    static Call into(OutputStream out, Function<Streams, Object> command, Object... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
        CommandLine line = new CommandLine(command.apply(new Streams(out, errors, false)));
        line.setErr(new PrintWriter(errors, true, StandardCharsets.UTF_8));
        String[] texts = List.of(arguments).stream().map(String::valueOf).toArray(String[]::new);
        int exitCode = line.execute(texts);
        String shown =
                out instanceof ByteArrayOutputStream bytes
                        ? bytes.toString(StandardCharsets.UTF_8)
                        : "";
        return new Call(exitCode, shown, err.toString(StandardCharsets.UTF_8));
    }

    List<String> lines() {
        return out.lines().toList();
    }
}
