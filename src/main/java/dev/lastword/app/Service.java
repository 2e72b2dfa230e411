package dev.lastword.app;

import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.Quarkus;
import org.jspecify.annotations.Nullable;

/// Runs the service in this process until it is told to stop.
final class Service {
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    private Service() {}

    static void run() {
        setBeforeFirstUse(CARRIERS, Integer.toString(carriers()));
        // The target of a request is the business of RawTarget, which has a better answer to a bad
        // one.
        setBeforeFirstUse("vertx.disableURIValidation", "true");
        Quarkus.run(null, Service::exit);
    }

    /// File I/O holds on to its carrier thread, so there are always more carriers than threads that
    /// clean: appenders must not wait for one.
    private static int carriers() {
        return Math.max(Runtime.getRuntime().availableProcessors(), 2) + cleanerThreads();
    }

    /// A first glance, before there is a configuration; nonsense is refused later.
    private static int cleanerThreads() {
        String fromEnvironment = System.getenv("LASTWORD_CLEANER_THREADS");
        String text = fromEnvironment == null ? "1" : fromEnvironment;
        try {
            int threads =
                    Integer.parseInt(System.getProperty("lastword.cleaner.threads", text).strip());
            return Math.clamp(threads, 1, 64);
        } catch (NumberFormatException e) {
            return 1;
        }
    }

    private static void setBeforeFirstUse(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static void exit(Integer code, @Nullable Throwable failure) {
        if (failure != null) {
            StartupFailure.report(failure);
        }
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(code, failure);
    }
}
