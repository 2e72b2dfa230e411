package dev.lastword.app;

import picocli.CommandLine.Command;

/// Runs the service until it is told to stop.
@Command(name = "serve", description = "Run the service (the default).")
final class ServeCommand implements Runnable {

    @Override
    public void run() {
        Service.run();
    }
}
