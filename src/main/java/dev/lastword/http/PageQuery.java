package dev.lastword.http;

import org.jspecify.annotations.Nullable;

/// What a request for a page of records asks for, checked.
///
/// @param offset where to begin, or -1 for the start of the log
/// @param limit most records
/// @param maxBytes most bytes by their size in the log
record PageQuery(int partition, long offset, int limit, int maxBytes) {
    static final int LIMIT = 500;
    static final int LIMIT_MAX = 10_000;
    static final int BYTES = 1 << 20;
    static final int BYTES_MAX = 16 << 20;

    /// @throws ProblemException 400 that names the parameter and its range; 404 for a partition
    ///   that is no number
    static PageQuery parse(
            String partition,
            @Nullable String offset,
            @Nullable String limit,
            @Nullable String maxBytes) {
        return new PageQuery(
                Params.partition(partition),
                number("offset", offset, -1, 0, Long.MAX_VALUE),
                (int) number("limit", limit, LIMIT, 1, LIMIT_MAX),
                (int) number("maxBytes", maxBytes, BYTES, 1, BYTES_MAX));
    }

    /// @throws ProblemException 400 that names the parameter and its range
    static long number(String name, @Nullable String text, long absent, long min, long max) {
        if (text == null) {
            return absent;
        }
        try {
            long n = Params.isDigits(text) ? Long.parseLong(text) : -1;
            if (n >= min && n <= max) {
                return n;
            }
        } catch (NumberFormatException e) {
            // beyond a long: refused below
        }
        throw new ProblemException(
                        400,
                        "invalid-parameter",
                        "'" + name + "' must be a whole number from " + min + " to " + max + ".")
                .with("field", name);
    }
}
