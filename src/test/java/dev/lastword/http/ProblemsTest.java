package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lastword.log.LogException;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemsTest {
    private static final IOException CAUSE = new IOException("disk says no");

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(
                        new LogException.Corrupt("t-0", 7, "bad CRC", CAUSE),
                        500,
                        "corrupt-log",
                        Map.of("partition", "t-0", "offset", 7L)),
                Arguments.of(new LogException.DiskFull("t-0", CAUSE), 507, "disk-full", Map.of()),
                Arguments.of(
                        new LogException.WriteFailed("t-0", CAUSE), 507, "write-failed", Map.of()),
                Arguments.of(
                        new LogException.OutcomeUnknown("t-0", CAUSE),
                        503,
                        "outcome-unknown",
                        Map.of()),
                Arguments.of(
                        new LogException.ReadOnly("t-0", "a flush failed"),
                        503,
                        "partition-read-only",
                        Map.of()),
                Arguments.of(new LogException.Closed("The log"), 503, "closed", Map.of()),
                Arguments.of(
                        new LogException.OffsetOutOfRange(3, 5, 9),
                        410,
                        "offset-out-of-range",
                        Map.of("startOffset", 5L, "endOffset", 9L)),
                Arguments.of(
                        new LogException.OffsetOutOfRange(10, 5, 9),
                        400,
                        "offset-out-of-range",
                        Map.of("startOffset", 5L, "endOffset", 9L)),
                Arguments.of(
                        new LogException.RecordTooLarge(11, 10),
                        413,
                        "record-too-large",
                        Map.of("max", 10)),
                Arguments.of(new LogException.QueueFull("t-0", 1500), 503, "queue-full", Map.of()),
                Arguments.of(new LogException.UnknownTopic("t"), 404, "unknown-topic", Map.of()),
                Arguments.of(new LogException.TopicExists("t"), 409, "topic-exists", Map.of()),
                Arguments.of(
                        new LogException.InvalidTopicName("no"),
                        400,
                        "invalid-topic-name",
                        Map.of()),
                Arguments.of(
                        new LogException.InvalidConfig("acks", "one of a, b"),
                        400,
                        "invalid-config",
                        Map.of("field", "acks")));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void every_failure_of_the_log_has_its_status_and_members(
            LogException failure, int status, String slug, Map<String, Object> members) {
        ProblemException problem = Problems.of(failure);
        assertEquals(status, problem.status());
        assertEquals(slug, problem.slug());
        assertEquals(members, problem.members());
        assertTrue(problem.detail().startsWith(String.valueOf(failure.getMessage())));
    }

    @Test
    void what_passes_says_when_to_try_again() {
        assertEquals(
                Map.of("Retry-After", "2"),
                Problems.of(new LogException.QueueFull("t-0", 1500)).headers());
        assertFalse(Problems.of(new LogException.Closed("The log")).headers().isEmpty());
    }

    @Test
    void a_document_has_the_members_of_RFC_9457_and_its_own() throws IOException {
        ProblemException problem =
                new ProblemException(400, "some-slug", "Do \"this\".")
                        .with("line", 3L)
                        .with("field", "x")
                        .with("flag", true);
        JsonNode json = new ObjectMapper().readTree(Problems.json(problem));
        assertEquals(
                new ObjectMapper()
                        .readTree(
                                """
                                {"type": "/problems/some-slug", "title": "Some slug", "status": 400,
                                 "detail": "Do \\"this\\".", "line": 3, "field": "x", "flag": true}
                                """),
                json);
    }
}
