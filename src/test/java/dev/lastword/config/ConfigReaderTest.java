package dev.lastword.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.cleaner.CleanerOptions;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigReaderTest {

    private static LastwordConfig read(Map<String, String> settings) {
        return read(new PropertiesConfigSource(settings, "test", 1000));
    }

    private static LastwordConfig read(ConfigSource settings) {
        SmallRyeConfig config =
                new SmallRyeConfigBuilder()
                        .withMapping(LastwordProperties.class)
                        .withSources(settings)
                        .build();
        return ConfigReader.read(config.getConfigMapping(LastwordProperties.class), config);
    }

    @Test
    void what_is_not_set_has_a_default() {
        LastwordConfig config = read(Map.of());
        assertEquals(Path.of("data"), config.dataDir());
        assertEquals(Duration.ZERO, config.lockWait());
        assertTrue(config.autoCreateTopics());
        assertEquals(1, config.cleanerThreads());
        assertEquals(Duration.ofSeconds(15), config.cleanerBackoff());
        assertEquals(CleanerOptions.AUTO, config.cleanerIoBytesPerSecondMax());
        assertEquals(64, config.streamsMax());
        assertEquals(false, config.allowAnonymous());
        assertEquals("compact", config.topicDefaults().asMap().get("cleanup.policy"));
    }

    @Test
    void the_data_directory_and_its_lock_wait_stand_side_by_side() {
        LastwordConfig config =
                read(Map.of("lastword.data-dir", "/d", "lastword.data-dir.lock-wait", "2m"));
        assertEquals(Path.of("/d"), config.dataDir());
        assertEquals(Duration.ofMinutes(2), config.lockWait());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1000, 1000", "50M, 52428800", "2g, 2147483648", "1 K, 1024"})
    void bytes_may_have_a_unit(String text, long bytes) {
        assertEquals(
                bytes,
                read(Map.of("lastword.cleaner.io-max-bytes-per-second", text))
                        .cleanerIoBytesPerSecondMax());
    }

    @Test
    void topic_defaults_go_by_whole_names_quoted_or_not() {
        LastwordConfig config =
                read(
                        Map.of(
                                "lastword.topic-defaults.segment.bytes",
                                "4096",
                                "lastword.topic-defaults.\"segment.ms\"",
                                "1000"));
        assertEquals(4096, config.topicDefaults().segmentBytes());
        assertEquals(1000, config.topicDefaults().segmentMs());
    }

    @Test
    void topic_defaults_may_come_from_the_environment() {
        LastwordConfig config =
                read(
                        new EnvConfigSource(
                                Map.of("LASTWORD_TOPIC_DEFAULTS_SEGMENT_BYTES", "4096"), 300));
        assertEquals(4096, config.topicDefaults().segmentBytes());
    }

    @Test
    void what_is_mirrored_is_named_or_matched() {
        assertEquals(false, read(Map.of()).kafka().isOn());
        KafkaSettings named = read(Map.of("lastword.kafka.topics", "a, b.c,a")).kafka();
        assertEquals(List.of("a", "b.c"), named.topics());
        assertTrue(named.mirrors("b.c"));
        assertEquals(false, named.mirrors("bxc"));
        KafkaSettings both =
                read(Map.of(
                                "lastword.kafka.topics",
                                "b.c",
                                "lastword.kafka.topics-pattern",
                                "x|y.*"))
                        .kafka();
        for (String name : List.of("b.c", "x", "y1")) {
            assertTrue(both.mirrors(name));
            assertTrue(both.union().matcher(name).matches());
        }
        for (String name : List.of("bxc", "xx", "")) {
            assertEquals(false, both.mirrors(name));
            assertEquals(false, both.union().matcher(name).matches());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lastword.kafka.topics, 'a,b c'",
        "lastword.kafka.topics-pattern, '('",
        "lastword.kafka.on-unusable, ignore",
        "lastword.kafka.on-gap, stop",
        "lastword.cleaner.threads, 0",
        "lastword.cleaner.threads, two",
        "lastword.cleaner.threads, 65",
        "lastword.cleaner.backoff, 0s",
        "lastword.cleaner.backoff, 5 parsecs",
        "lastword.cleaner.io-max-bytes-per-second, -1",
        "lastword.cleaner.io-max-bytes-per-second, 999999999999999999g",
        "lastword.data-dir.lock-wait, soon",
        "lastword.auto-create-topics, yes",
        "lastword.security.allow-anonymous, 1",
        "lastword.security.client-certificates, some",
        "lastword.http.max-streams, 0",
        "lastword.http.max-body-memory, 1M",
        "lastword.http.body-timeout, 0s",
        "lastword.http.head-timeout, 0s",
        "lastword.http.min-bytes-per-second, slow",
        "lastword.queue.max-bytes, 8M",
        "lastword.queue.max-bytes, 2G",
        "lastword.queue.max-partition-bytes, 1k",
        "lastword.compact.max-concurrent, 0",
        "lastword.compact.max-bytes, much",
        "lastword.compact.max-keys, 0",
        "lastword.topic-defaults.segment.bytes, 5",
        "lastword.topic-defaults.nonsense, 5",
    })
    void a_wrong_value_is_told_in_one_line_with_its_name(String name, String value) {
        InvalidSettingException e =
                assertThrows(InvalidSettingException.class, () -> read(Map.of(name, value)));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(name), message);
        assertEquals(1, message.lines().count());
    }
}
