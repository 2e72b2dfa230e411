package dev.lastword.http;

/// Parameters of a request that more than one resource takes.
final class Params {
    private Params() {}

    /// A switch that is off where it is not given.
    ///
    /// @throws ProblemException 400 that names it
    static boolean flag(String name, String text) {
        return switch (text) {
            case "true", "" -> true;
            case "false" -> false;
            default ->
                    throw new ProblemException(400, "invalid-request", name + " is true or false.")
                            .with("field", name);
        };
    }

    /// The number of a partition; -1 for what cannot be one.
    static int partition(String text) {
        try {
            return isDigits(text) ? Integer.parseInt(text) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    static boolean isDigits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
