package dev.lastword.cli.quickstart;

/// Why the quickstart cannot go on. The message is for the person who started it and says what to
/// do.
final class QuickstartException extends Exception {
    private static final long serialVersionUID = 1L;

    QuickstartException(String message) {
        super(message);
    }

    QuickstartException(String message, Throwable cause) {
        super(message, cause);
    }
}
