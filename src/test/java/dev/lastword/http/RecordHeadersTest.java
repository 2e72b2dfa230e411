package dev.lastword.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.lastword.record.Header;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordHeadersTest {

    private static Header header(String name, @Nullable String value) {
        return new Header(name, value == null ? null : value.getBytes(ISO_8859_1));
    }

    @Test
    void names_arrive_in_lower_case_and_values_as_sent() {
        MultiMap request =
                MultiMap.caseInsensitiveMultiMap()
                        .add("Content-Type", "text/Plain")
                        .add("Lastword-Header-Trace-ID", "\u00c3\u00a9")
                        .add("Lastword-Timestamp", "5");
        List<Header> headers = RecordHeaders.ofRequest(request);
        assertEquals(
                List.of("content-type", "trace-id"), headers.stream().map(Header::name).toList());
        assertArrayEquals("text/Plain".getBytes(US_ASCII), headers.get(0).value());
        assertArrayEquals(new byte[] {(byte) 0xc3, (byte) 0xa9}, headers.get(1).value());
    }

    @ParameterizedTest
    @CsvSource({"Lastword-Header-", "lastword-header-Content-Type"})
    void a_header_without_a_name_of_its_own_is_refused(String name) {
        MultiMap request = MultiMap.caseInsensitiveMultiMap().add(name, "x");
        assertEquals(
                400,
                assertThrows(ProblemException.class, () -> RecordHeaders.ofRequest(request))
                        .status());
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain, text/plain",
        "text/plain; charset=utf-8, text/plain; charset=utf-8",
        "application/ld+json, application/ld+json",
        "text, application/octet-stream",
        "text/, application/octet-stream",
        "/plain, application/octet-stream",
        "te xt/plain, application/octet-stream",
        "'text/plain\r\nX: y', application/octet-stream",
        "'text/\u00e9', application/octet-stream",
    })
    void a_type_that_cannot_be_sent_is_no_type(String stored, String sent) {
        assertEquals(sent, RecordHeaders.contentType(List.of(header("content-type", stored))));
    }

    @Test
    void a_value_without_a_type_is_bytes() {
        assertEquals("application/octet-stream", RecordHeaders.contentType(List.of()));
        assertEquals(
                "application/octet-stream",
                RecordHeaders.contentType(List.of(header("content-type", null))));
    }

    @Test
    void what_http_cannot_carry_is_left_out_and_counted() {
        List<String> sent = new ArrayList<>();
        int omitted =
                RecordHeaders.toResponse(
                        List.of(
                                header("content-type", "text/plain"),
                                header("good", "1"),
                                header("good", "2"),
                                header("empty", ""),
                                header("bad name", "x"),
                                header("", "x"),
                                header("null", null),
                                header("line", "a\r\nb"),
                                header("accent", "\u00e9"),
                                header("blank", " x")),
                        (name, value) -> sent.add(name + "=" + value));
        assertEquals(
                List.of(
                        "Lastword-Header-good=1",
                        "Lastword-Header-good=2",
                        "Lastword-Header-empty="),
                sent);
        assertEquals(6, omitted);
    }

    @Test
    void a_response_carries_8_KiB_of_them() {
        List<String> sent = new ArrayList<>();
        String half = "x".repeat(RecordHeaders.RESPONSE_BYTES_MAX / 2 - 50);
        int omitted =
                RecordHeaders.toResponse(
                        List.of(
                                header("a", half),
                                header("b", half),
                                header("c", half),
                                header("d", "small")),
                        (name, value) -> sent.add(name));
        assertEquals(List.of("Lastword-Header-a", "Lastword-Header-b", "Lastword-Header-d"), sent);
        assertEquals(1, omitted);
    }
}
