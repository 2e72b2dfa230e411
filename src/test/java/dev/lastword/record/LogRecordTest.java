package dev.lastword.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogRecordTest {

    @Test
    void records_are_equal_when_their_bytes_are() {
        LogRecord one = Samples.record(1, 2, "k", "v");
        assertEquals(one, Samples.record(1, 2, "k", "v"));
        assertEquals(one.hashCode(), Samples.record(1, 2, "k", "v").hashCode());
        assertNotEquals(one, Samples.record(3, 2, "k", "v"));
        assertNotEquals(one, Samples.record(1, 3, "k", "v"));
        assertNotEquals(one, Samples.record(1, 2, "l", "v"));
        assertNotEquals(one, Samples.record(1, 2, null, "v"));
        assertNotEquals(one, Samples.record(1, 2, "k", null));
        assertNotEquals(one, withHeader(new Header("h", null)));
        assertEquals(withHeader(new Header("h", new byte[1])), withHeader(header()));
        assertEquals(header().hashCode(), new Header("h", new byte[1]).hashCode());
        assertNotEquals(withHeader(new Header("h", null)), withHeader(header()));
        assertNotEquals(header(), new Header("g", new byte[1]));
    }

    private static LogRecord withHeader(Header header) {
        return new LogRecord(1, 2, new byte[] {'k'}, new byte[] {'v'}, List.of(header));
    }

    private static Header header() {
        return new Header("h", new byte[1]);
    }

    @Test
    void a_record_without_a_value_is_a_tombstone() {
        assertTrue(Samples.record(1, 2, "k", null).isTombstone());
        assertFalse(Samples.record(1, 2, "k", "").isTombstone());
    }

    @Test
    void headers_cannot_be_changed() {
        List<Header> given = new ArrayList<>(List.of(header()));
        LogRecord made = new LogRecord(1, 2, null, null, given);
        given.clear();
        assertEquals(List.of(header()), made.headers());
        assertThrows(UnsupportedOperationException.class, () -> made.headers().clear());
    }

    @Test
    void a_text_form_names_no_content() {
        assertEquals(
                "LogRecord[offset=1, timestamp=2, key=1 bytes, value=null, headers=[h=1 bytes]]",
                new LogRecord(1, 2, new byte[] {'k'}, null, List.of(header())).toString());
    }
}
