package dev.lastword.app;

import dev.lastword.config.InvalidSettingException;
import dev.lastword.log.LogException;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.net.BindException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Why the service does not start, told in one line on stderr where the operator can mend it; a
/// defect is logged with its stack trace.
final class StartupFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private StartupFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /// For what stops the start from within.
    static RuntimeException of(Throwable cause) {
        return new StartupFailure("the logs cannot be opened", cause);
    }

    /// Tells why the start failed.
    static void report(Throwable failure) {
        String line = explain(failure);
        if (line == null) {
            Logger.getLogger(StartupFailure.class).error("Lastword cannot start", failure);
        } else {
            System.err.println(
                    "Lastword cannot start: " + line.strip().replaceAll("\\s*\\R\\s*", " "));
        }
    }

    /// The line for an operator, or null where the failure is a defect.
    static @Nullable String explain(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            String message = t.getMessage();
            switch (t) {
                case InvalidSettingException e -> {
                    return message;
                }
                case LogException.DataDirectoryLocked e -> {
                    return message
                            + " To wait for it to let go, set lastword.data-dir.lock-wait, such as"
                            + " to 60s.";
                }
                case LogException e -> {
                    return message;
                }
                case QuarkusBindException e -> {
                    return portTaken(e);
                }
                case BindException e -> {
                    return "The address cannot be listened on: " + message + ".";
                }
                case ConfigValidationException e -> {
                    return plain(message);
                }
                case ConfigurationException e -> {
                    return plain(message);
                }
                default -> {}
            }
        }
        String message = failure.getMessage();
        return message != null && message.startsWith("SRCFG") ? plain(message) : null;
    }

    /// What Quarkus says about a setting, without its codes and class names.
    private static @Nullable String plain(@Nullable String message) {
        return message == null
                ? null
                : message.replaceFirst("^Configuration validation failed:\\s*", "")
                        .replaceAll("(java\\.[\\w.]+Exception: )?SRCFG\\d+: ", "")
                        .replace("does not map to any root", "is no setting there is")
                        .replace("threw an Exception whilst being converted", "cannot be used:");
    }

    private static String portTaken(QuarkusBindException e) {
        return "Port "
                + e.getPort()
                + " on "
                + e.getHost()
                + " is taken by another process; stop it, or set quarkus.http.port to a free port"
                + " (0 lets the system choose one).";
    }
}
