package dev.lastword.log;

/// Kafka's rule for topic names, which also makes them safe as names of files.
public final class TopicNames {
    private static final int LENGTH_MAX = 249;

    private TopicNames() {}

    /// @throws LogException.InvalidTopicName if it breaks the rule
    public static void check(String name) {
        if (name.isEmpty() || name.length() > LENGTH_MAX) {
            throw new LogException.InvalidTopicName(
                    "A topic name has 1 to "
                            + LENGTH_MAX
                            + " characters, not "
                            + name.length()
                            + ".");
        }
        if (name.equals(".") || name.equals("..")) {
            throw new LogException.InvalidTopicName("A topic name must not be '.' or '..'.");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean ok =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || c == '.'
                            || c == '_'
                            || c == '-';
            if (!ok) {
                throw new LogException.InvalidTopicName(
                        "A topic name consists of letters, digits, '.', '_' and '-'; character "
                                + (i + 1)
                                + " is something else.");
            }
        }
    }
}
