package dev.lastword.system;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A request before it is framed, and what must become of it.
///
/// @param headers whole lines, without those that frame the body
/// @param isOdd whether it may be no HTTP at all
record FuzzDraft(
        String method,
        String target,
        List<String> headers,
        byte[] body,
        Outcome outcome,
        boolean isOdd) {

    /// What must become of a request.
    sealed interface Outcome {}

    /// It is taken, and these records are stored, those of one key in this order.
    record Stores(List<StoredRecord> records) implements Outcome {}

    /// It is taken and stores no record.
    record Succeeds() implements Outcome {}

    /// It is taken, stores nothing, and this is the answer.
    record Answers(String body) implements Outcome {}

    /// It finds these records, in this order.
    record Finds(List<StoredRecord> records) implements Outcome {}

    /// It is refused and changes nothing.
    record Refused() implements Outcome {}

    /// Either, but nothing in between.
    record Unknown() implements Outcome {}

    static FuzzDraft of(String method, String target, Outcome outcome, String... headers) {
        return new FuzzDraft(method, target, List.of(headers), new byte[0], outcome, false);
    }

    FuzzDraft withBody(String text) {
        return withBody(text.getBytes(StandardCharsets.UTF_8));
    }

    FuzzDraft withBody(byte[] bytes) {
        return new FuzzDraft(method, target, headers, bytes, outcome, isOdd);
    }

    FuzzDraft withHeader(String line) {
        List<String> more = new ArrayList<>(headers);
        more.add(line);
        return new FuzzDraft(method, target, more, body, outcome, isOdd);
    }

    FuzzDraft withOutcome(Outcome other) {
        return new FuzzDraft(method, target, headers, body, other, isOdd);
    }

    /// With another head, of which nobody knows what it means.
    FuzzDraft withOddHead(String otherMethod, String otherTarget, List<String> otherHeaders) {
        return new FuzzDraft(otherMethod, otherTarget, otherHeaders, body, new Unknown(), true);
    }

    /// Whether the service may have seen the same before, and store nothing the second time.
    boolean mayRepeat() {
        String all = head();
        return !(outcome instanceof Stores)
                && (all.contains("Idempotency-Key")
                        || all.contains("cloudevents")
                        || all.contains("ce-specversion"));
    }

    /// The head without the lines that frame the body, and without the empty line.
    String head() {
        StringBuilder text = new StringBuilder(method).append(' ').append(target);
        text.append(" HTTP/1.1\r\nHost: localhost\r\n");
        headers.forEach(h -> text.append(h).append("\r\n"));
        return text.toString();
    }

    @Override
    public String toString() {
        return head() + "\r\n" + StoredRecord.bytes(body);
    }
}
