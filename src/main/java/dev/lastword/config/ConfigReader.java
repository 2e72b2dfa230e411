package dev.lastword.config;

import dev.lastword.cleaner.CleanerOptions;
import dev.lastword.log.LogException;
import dev.lastword.log.TopicConfig;
import dev.lastword.log.TopicNames;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;

/// Turns the text of the configuration into a checked [LastwordConfig].
public final class ConfigReader {
    private static final String TOPIC_DEFAULTS = "lastword.topic-defaults.";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,15})\\s*(ms|s|m|h|d)");
    private static final Duration DURATION_MAX = Duration.ofDays(365);
    private static final int QUEUE_BYTES_MIN = 1 << 20;
    private static final int QUEUE_BYTES_MAX = 1 << 30;

    /// So that the largest one fits.
    private static final long BODY_MEMORY_BYTES_MIN = 16 << 20;

    private static final long CACHE_BYTES_MAX = 1 << 30;

    private static final Pattern BYTES = Pattern.compile("(\\d{1,18})\\s*([kKmMgG]?)");

    private ConfigReader() {}

    /// @throws InvalidSettingException for the first setting that is wrong
    @Produces
    @Singleton
    static LastwordConfig read(LastwordProperties text, Config config) {
        return read(text, dotted(config));
    }

    /// @param topicDefaults with whole names, which a mapping cannot read: they have dots in them
    static LastwordConfig read(LastwordProperties text, Map<String, String> topicDefaults) {
        int partitionQueue =
                queue(
                        "lastword.queue.max-partition-bytes",
                        text.queue().maxPartitionBytes(),
                        QUEUE_BYTES_MIN);
        return new LastwordConfig(
                value("lastword.data-dir", text.dataDir(), "a path", Path::of),
                duration("lastword.data-dir.lock-wait", text.dataDirLockWait(), "0s", 0),
                bool("lastword.auto-create-topics", text.autoCreateTopics()),
                number("lastword.cleaner.threads", text.cleaner().threads(), 1, 64),
                duration("lastword.cleaner.backoff", text.cleaner().backoff(), "1ms", 1),
                bytes("lastword.cleaner.io-max-bytes-per-second", text.cleaner()),
                number("lastword.http.max-streams", text.http().maxStreams(), 1, 100_000),
                number("lastword.http.max-subscribers", text.http().maxSubscribers(), 1, 1_000_000),
                duration("lastword.http.heartbeat", text.http().heartbeat(), "100ms", 100),
                number("lastword.http.max-expansion", text.http().maxExpansion(), 1, 1_100),
                duration("lastword.http.idle-timeout", text.http().idleTimeout(), "1ms", 1),
                value(
                        "lastword.http.min-bytes-per-second",
                        text.http().minBytesPerSecond(),
                        "a number of bytes like 8000 or 8K, or 0 for any pace",
                        ConfigReader::bytes),
                duration("lastword.http.head-timeout", text.http().headTimeout(), "1ms", 1),
                bodyMemory(text.http().maxBodyMemory()),
                duration("lastword.http.body-timeout", text.http().bodyTimeout(), "1ms", 1),
                value(
                        "lastword.read.cache-bytes",
                        text.read().cacheBytes(),
                        "a number of bytes like 16M, of at most 1G; 0: none",
                        t -> atMost(CACHE_BYTES_MAX, t)),
                queue("lastword.queue.max-bytes", text.queue().maxBytes(), partitionQueue),
                partitionQueue,
                words(text.cloudEvents().tombstoneTypes().orElse("")),
                bool("lastword.security.allow-anonymous", text.security().allowAnonymous()),
                text.security()
                        .usersFile()
                        .map(t -> value("lastword.security.users-file", t, "a path", Path::of)),
                clientCertificates(text.security().clientCertificates()),
                kafka(text.kafka()),
                compact(text.compact()),
                topicDefaults(topicDefaults));
    }

    private static long bodyMemory(String text) {
        return value(
                "lastword.http.max-body-memory",
                text,
                "a number of bytes like 256M, of at least 16M",
                t -> {
                    long n = bytes(t);
                    if (n < BODY_MEMORY_BYTES_MIN) {
                        throw new IllegalArgumentException(t);
                    }
                    return n;
                });
    }

    private static int queue(String name, String text, int min) {
        return value(
                name,
                text,
                "a number of bytes from " + min + " to " + QUEUE_BYTES_MAX,
                t -> {
                    long n = bytes(t);
                    if (n < min || n > QUEUE_BYTES_MAX) {
                        throw new IllegalArgumentException(t);
                    }
                    return (int) n;
                });
    }

    private static long atMost(long max, String text) {
        long n = bytes(text);
        if (n > max) {
            throw new IllegalArgumentException(text);
        }
        return n;
    }

    private static ClientCertificates clientCertificates(String text) {
        return value(
                "lastword.security.client-certificates",
                text,
                "none, request or required",
                t ->
                        switch (t) {
                            case "none" -> ClientCertificates.NONE;
                            case "request" -> ClientCertificates.REQUEST;
                            case "required" -> ClientCertificates.REQUIRED;
                            default -> throw new IllegalArgumentException(t);
                        });
    }

    private static CompactSettings compact(LastwordProperties.Compact text) {
        return new CompactSettings(
                number("lastword.compact.max-concurrent", text.maxConcurrent(), 1, 1_000),
                value(
                        "lastword.compact.max-bytes",
                        text.maxBytes(),
                        "a number of bytes like 50000000 or 50M",
                        ConfigReader::bytes),
                number("lastword.compact.max-keys", text.maxKeys(), 1, 1_000_000_000));
    }

    private static KafkaSettings kafka(LastwordProperties.Kafka text) {
        return new KafkaSettings(
                value(
                        "lastword.kafka.topics",
                        text.topics().orElse(""),
                        "names of topics with commas between them",
                        ConfigReader::topicNames),
                text.topicsPattern()
                        .map(p ->
                                value(
                                        "lastword.kafka.topics-pattern",
                                        p,
                                        "a regular expression",
                                        Pattern::compile))
                        .orElse(null),
                value(
                        "lastword.kafka.group-id",
                        text.groupId(),
                        "the name of a consumer group",
                        ConfigReader::notBlank),
                value(
                        "lastword.kafka.on-unusable",
                        text.onUnusable(),
                        "skip, fail or dead-letter",
                        t ->
                                switch (t) {
                                    case "skip" -> KafkaSettings.OnUnusable.SKIP;
                                    case "fail" -> KafkaSettings.OnUnusable.FAIL;
                                    case "dead-letter" -> KafkaSettings.OnUnusable.DEAD_LETTER;
                                    default -> throw new IllegalArgumentException(t);
                                }),
                value(
                        "lastword.kafka.dead-letter-topic",
                        text.deadLetterTopic(),
                        "the name of a topic",
                        ConfigReader::topicName),
                value(
                        "lastword.kafka.on-gap",
                        text.onGap(),
                        "rebuild or continue",
                        t ->
                                switch (t) {
                                    case "rebuild" -> KafkaSettings.OnGap.REBUILD;
                                    case "continue" -> KafkaSettings.OnGap.CONTINUE;
                                    default -> throw new IllegalArgumentException(t);
                                }));
    }

    private static List<String> topicNames(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .map(ConfigReader::topicName)
                .distinct()
                .toList();
    }

    private static String topicName(String text) {
        try {
            TopicNames.check(text);
            return text;
        } catch (LogException.InvalidTopicName e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String notBlank(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    /// The topic defaults by whole names. Known names are asked for one by one, for an environment
    /// variable is found by the name it stands for, not the other way round; what else is there is
    /// taken along, to be refused.
    private static Map<String, String> dotted(Config config) {
        Map<String, String> found = new TreeMap<>();
        for (String setting : TopicConfig.parse(Map.of()).asMap().keySet()) {
            config.getOptionalValue(TOPIC_DEFAULTS + setting, String.class)
                    .ifPresent(value -> found.put(setting, value));
        }
        for (String name : config.getPropertyNames()) {
            if (name.startsWith(TOPIC_DEFAULTS)) {
                String setting = name.substring(TOPIC_DEFAULTS.length()).replace("\"", "");
                config.getOptionalValue(name, String.class)
                        .ifPresent(value -> found.put(setting, value));
            }
        }
        return found;
    }

    private static TopicConfig topicDefaults(Map<String, String> settings) {
        try {
            return TopicConfig.parse(settings);
        } catch (LogException.InvalidConfig e) {
            throw new InvalidSettingException(TOPIC_DEFAULTS + e.name() + ": " + e.getMessage());
        }
    }

    private static Set<String> words(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean bool(String name, String text) {
        return value(
                name,
                text,
                "true or false",
                t ->
                        switch (t) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException(t);
                        });
    }

    private static int number(String name, String text, int min, int max) {
        return value(
                name,
                text,
                "a whole number from " + min + " to " + max,
                t -> {
                    int n = Integer.parseInt(t);
                    if (n < min || n > max) {
                        throw new IllegalArgumentException(t);
                    }
                    return n;
                });
    }

    private static long bytes(String name, LastwordProperties.Cleaner text) {
        return value(
                name,
                text.ioMaxBytesPerSecond(),
                "auto, a number of bytes like 50000000 or 50M, or 0 for no limit",
                t -> {
                    if (t.equals("auto")) {
                        return CleanerOptions.AUTO;
                    }
                    return bytes(t);
                });
    }

    private static long bytes(String text) {
        Matcher m = matched(BYTES, text);
        int shift =
                switch (m.group(2)) {
                    case "k", "K" -> 10;
                    case "m", "M" -> 20;
                    case "g", "G" -> 30;
                    default -> 0;
                };
        return Math.multiplyExact(Long.parseLong(m.group(1)), 1L << shift);
    }

    private static Duration duration(String name, String text, String least, long minMs) {
        return value(
                name,
                text,
                "a duration like 500ms, 15s, 5m or 1h, of at least " + least + " and at most 365d",
                t -> {
                    Matcher m = matched(DURATION, t);
                    long n = Long.parseLong(m.group(1));
                    Duration d =
                            switch (m.group(2)) {
                                case "ms" -> Duration.ofMillis(n);
                                case "s" -> Duration.ofSeconds(n);
                                case "m" -> Duration.ofMinutes(n);
                                case "h" -> Duration.ofHours(n);
                                default -> Duration.ofDays(n);
                            };
                    if (d.toMillis() < minMs || d.compareTo(DURATION_MAX) > 0) {
                        throw new IllegalArgumentException(t);
                    }
                    return d;
                });
    }

    private static Matcher matched(Pattern pattern, String text) {
        Matcher m = pattern.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException(text);
        }
        return m;
    }

    private static <T> T value(String name, String text, String range, Function<String, T> parse) {
        try {
            return parse.apply(text.strip());
        } catch (IllegalArgumentException | ArithmeticException e) {
            String reason = e instanceof InvalidPathException ? " (" + e.getMessage() + ")" : "";
            throw new InvalidSettingException(
                    name + " is '" + text + "'" + reason + "; it takes " + range + ".");
        }
    }
}
