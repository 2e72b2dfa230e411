package dev.lastword.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A topic setting: its name, its default and what values it takes.
 *
 * @param range what is allowed, in words for a person
 * @param parser turns text into a value, or throws {@link IllegalArgumentException}
 */
record Setting<T>(String name, String defaultText, String range, Function<String, T> parser) {

    /**
     * The value of a text, or {@link LogException.InvalidConfig} naming the setting and its range.
     */
    T parse(String text) {
        if (text.chars().anyMatch(Character::isISOControl)
                || !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            // It is kept in a file of lines, which could not be read again.
            throw new LogException.InvalidConfig(
                    name,
                    "The value of "
                            + name
                            + " has a control character, such as a line break, or half a surrogate"
                            + " pair in it; leave that out. It takes "
                            + range
                            + ".");
        }
        try {
            return parser.apply(text.strip());
        } catch (IllegalArgumentException e) {
            throw new LogException.InvalidConfig(
                    name,
                    "'" + text + "' is no value for " + name + ", which takes " + range + ".");
        }
    }

    static Setting<Long> ofLong(String name, long byDefault, long min, long max) {
        String range =
                max == Long.MAX_VALUE
                        ? "a whole number of at least " + min
                        : "a whole number from " + min + " to " + max;
        return new Setting<>(
                name,
                Long.toString(byDefault),
                range,
                text -> {
                    long value = Long.parseLong(text);
                    if (value < min || value > max) {
                        throw new IllegalArgumentException("out of range");
                    }
                    return value;
                });
    }

    static Setting<Integer> ofInt(String name, int byDefault, int min) {
        Setting<Long> wide = ofLong(name, byDefault, min, Integer.MAX_VALUE);
        return new Setting<>(
                name,
                wide.defaultText,
                wide.range,
                text -> Math.toIntExact(wide.parser.apply(text)));
    }

    static Setting<Double> ofRatio(String name, double byDefault) {
        return new Setting<>(
                name,
                Double.toString(byDefault),
                "a number from 0 to 1",
                text -> {
                    double value = Double.parseDouble(text);
                    if (!(value >= 0 && value <= 1)) {
                        throw new IllegalArgumentException("out of range");
                    }
                    return value;
                });
    }

    static <E extends Enum<E>> Setting<E> ofEnum(String name, E byDefault) {
        Class<E> type = byDefault.getDeclaringClass();
        return new Setting<>(
                name,
                text(byDefault),
                "one of " + names(type),
                text -> Enum.valueOf(type, exactUpper(text)));
    }

    /** One of some of an enum's values. */
    static <E extends Enum<E>> Setting<E> ofEnum(String name, E byDefault, Set<E> allowed) {
        List<String> names = allowed.stream().sorted().map(e -> text(e)).toList();
        return new Setting<>(
                name,
                text(byDefault),
                "one of " + names,
                text -> {
                    E value = Enum.valueOf(byDefault.getDeclaringClass(), exactUpper(text));
                    if (!allowed.contains(value)) {
                        throw new IllegalArgumentException("not to be chosen");
                    }
                    return value;
                });
    }

    static <E extends Enum<E>> Setting<Set<E>> ofEnumSet(String name, E byDefault) {
        Class<E> type = byDefault.getDeclaringClass();
        return new Setting<>(
                name,
                text(byDefault),
                "one or more of " + names(type) + ", separated by commas",
                text -> {
                    EnumSet<E> set = EnumSet.noneOf(type);
                    for (String part : text.split(",", -1)) {
                        set.add(Enum.valueOf(type, exactUpper(part.strip())));
                    }
                    return Set.copyOf(set);
                });
    }

    static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static String text(Set<? extends Enum<?>> values) {
        Set<String> names = new TreeSet<>();
        values.forEach(v -> names.add(text(v)));
        return String.join(",", names);
    }

    private static String exactUpper(String text) {
        if (!text.equals(text.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("names are in lower case");
        }
        return text.toUpperCase(Locale.ROOT);
    }

    private static <E extends Enum<E>> List<String> names(Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(e -> text(e))
                .collect(Collectors.toList());
    }
}
