package dev.lastword.app;

import dev.lastword.cli.LastwordCommand;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;

/// The one entry point. `serve`, or no argument at all, starts the service; every other sub-command
/// runs without Quarkus, so that it answers at once.
@QuarkusMain
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        if (args.length == 0) {
            Service.run();
            return;
        }
        CommandLine commandLine =
                new CommandLine(new LastwordCommand())
                        .addSubcommand(new ServeCommand())
                        .setCaseInsensitiveEnumValuesAllowed(true);
        int exitCode = commandLine.execute(args);
        if (exitCode != CommandLine.ExitCode.OK) {
            System.exit(exitCode);
        }
    }
}
