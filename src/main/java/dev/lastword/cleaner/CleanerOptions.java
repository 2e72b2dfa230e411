package dev.lastword.cleaner;

/// How the cleaner works.
///
/// @param threads how many logs are cleaned at once, at least 1
/// @param backoffMs how long a thread waits before it looks for work again, and the first wait
///   after a failure
/// @param ioMaxBytesPerSecond bytes read and written by all threads together; 0: no limit; [#AUTO]:
///   as much as the writers do not notice
public record CleanerOptions(int threads, long backoffMs, long ioMaxBytesPerSecond) {
    /// For the limit: watches how long flushes take, and gives way to the writers.
    public static final long AUTO = -1;

    public CleanerOptions {
        if (threads < 1 || backoffMs < 1 || ioMaxBytesPerSecond < AUTO) {
            throw new IllegalArgumentException(
                    "threads " + threads + ", backoff " + backoffMs + ", " + ioMaxBytesPerSecond);
        }
    }
}
