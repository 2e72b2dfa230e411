package dev.lastword.oracle;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.tools.DumpLogSegments;

/// Kafka's log code as a command: `Oracle COMMAND ARGS…` runs one; `Oracle` reads one a line from
/// standard input and answers each with its output and a line `ok`, and ends with its input. The
/// command `tool` is Kafka's own DumpLogSegments.
public final class Oracle {
    private Oracle() {}

    public static void main(String[] args) throws Exception {
        System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "off");
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        System.setOut(out); // tools print there
        if (args.length > 0) {
            run(args, out);
        } else {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line;
            while ((line = in.readLine()) != null) {
                run(line.split(" "), out);
                out.println("ok");
                out.flush();
            }
        }
        out.flush();
        System.exit(0); // Kafka leaves threads behind
    }

    private static void run(String[] command, PrintStream out) throws Exception {
        String[] args = Arrays.copyOfRange(command, 1, command.length);
        switch (command[0]) {
            case "generate" -> Generate.run(args, out);
            case "random" -> RandomLog.run(args, out);
            case "clean" -> Clean.run(args, out);
            case "churn" -> Churn.run(args, out);
            case "dump" -> Dump.run(args, out);
            case "duplicate" -> Duplicate.run(args, out);
            case "find" -> Find.run(args, out);
            case "tool" -> {
                PrintStream errors = System.err;
                System.setErr(out); // where the tool tells what is wrong
                DumpLogSegments.main(args);
                System.setErr(errors);
            }
            default -> throw new IllegalArgumentException("unknown command " + command[0]);
        }
    }
}
