package dev.lastword.cli;

import dev.lastword.cli.offline.CleanCommand;
import dev.lastword.cli.offline.CompactCommand;
import dev.lastword.cli.offline.DumpCommand;
import dev.lastword.cli.offline.VerifyCommand;
import dev.lastword.cli.quickstart.QuickstartCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The root of the command line. It starts nothing itself: `app` adds the sub-commands that need a
/// running service and gives the action for a call without one.
@Command(
        name = "lastword",
        description = "A log that keeps the last word on every key.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            CleanCommand.class,
            VerifyCommand.class,
            DumpCommand.class,
            CompactCommand.class,
            QuickstartCommand.class,
            HealthCommand.class,
            CommandLine.HelpCommand.class
        })
public final class LastwordCommand {}
