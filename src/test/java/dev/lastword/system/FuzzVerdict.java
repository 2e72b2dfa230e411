package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lastword.http.RawHttp.Answer;
import dev.lastword.system.FuzzDraft.Answers;
import dev.lastword.system.FuzzDraft.Finds;
import dev.lastword.system.FuzzDraft.Refused;
import dev.lastword.system.FuzzDraft.Stores;
import dev.lastword.system.FuzzDraft.Succeeds;
import dev.lastword.system.FuzzDraft.Unknown;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Judges an answer, first by itself, then by what has changed.
final class FuzzVerdict {
    private static final String PROBLEM = "application/problem+json";
    private static final String PROXY = "application/vnd.kafka.v2+json";

    private FuzzVerdict() {}

    /// The service is never at fault, and each refusal says what to do.
    ///
    /// @param isHttp whether the request is surely one; others may be refused without a word
    static void check(FuzzDraft draft, Answer answer, boolean isHttp) throws IOException {
        int status = answer.status();
        assertTrue(status < 500 || status == 503, () -> "is at fault: " + answer);
        if (status >= 400 && !draft.method().equals("HEAD")) {
            if (isHttp || !answer.body().isEmpty()) {
                checkRefusal(answer);
            }
            assertTrue(
                    status != 503 || answer.headers().containsKey("retry-after"),
                    () -> "does not say when to come again: " + answer);
        }
        switch (draft.outcome()) {
            case Stores _, Succeeds _ ->
                    assertTrue(status < 300, () -> "should be taken: " + answer);
            case Refused _ -> assertTrue(status >= 400, () -> "should be refused: " + answer);
            case Answers a -> assertEquals(a.body(), answer.body());
            case Finds f -> assertEquals(f.records(), records(answer));
            case Unknown _ -> {}
        }
    }

    private static void checkRefusal(Answer answer) throws IOException {
        JsonNode json = json(answer);
        String type = answer.headers().get("content-type");
        if (PROXY.equals(type)) {
            assertTrue(json.path("error_code").isInt(), answer::toString);
            assertFalse(json.path("message").asText().isBlank(), answer::toString);
            return;
        }
        assertEquals(PROBLEM, type, answer::toString);
        assertTrue(json.path("type").asText().startsWith("/problems/"), answer::toString);
        assertFalse(json.path("title").asText().isBlank(), answer::toString);
        assertEquals(answer.status(), json.path("status").asInt(), answer::toString);
        assertTrue(json.path("detail").asText().length() > 15, answer::toString);
        assertFalse(answer.body().contains("Exception"), answer::toString);
    }

    /// What changed is what the answer tells.
    static void check(FuzzDraft draft, Answer answer, FuzzState.Change change) throws IOException {
        boolean taken = answer.status() < 300;
        boolean reads = List.of("GET", "HEAD", "OPTIONS").contains(draft.method());
        long told = reads ? 0 : told(answer);
        assertTrue(
                change.appended() == told || (draft.mayRepeat() && change.appended() < told),
                () -> "tells of " + told + " records, but " + change + " after " + answer);
        boolean makes = draft.method().equals("POST") && answer.status() == 201;
        assertTrue(
                change.made() == (makes ? 1 : 0) || (told > 0 && change.made() == 1),
                () -> "topics appear: " + change + " after " + answer);
        assertEquals(
                draft.method().equals("DELETE") && answer.status() == 204 ? 1 : 0,
                change.gone(),
                () -> "topics vanish: " + answer);
        assertTrue(
                change.configured() == 0 || (draft.method().equals("PATCH") && taken),
                () -> "settings change: " + answer);
        checkRefused(draft, change);
        if (draft.outcome() instanceof Stores s) {
            assertEquals(byKey(s.records()), byKey(change.records()));
        }
    }

    private static void checkRefused(FuzzDraft draft, FuzzState.Change change) {
        if (draft.outcome() instanceof Refused) {
            assertTrue(change.isNone(), change::toString);
        }
    }

    /// Where there is no answer, some of the first records may be there, whole.
    static void checkBrokenOff(FuzzDraft draft, FuzzState.Change change) {
        checkRefused(draft, change);
        boolean mayStore = draft.outcome() instanceof Stores || draft.outcome() instanceof Unknown;
        assertTrue(mayStore || change.isNone(), change::toString);
        if (!draft.isOdd()) {
            assertEquals(0, change.gone() + change.configured(), change::toString);
        }
        if (draft.outcome() instanceof Stores s) {
            boolean isStream = draft.target().endsWith("/records") && !draft.isOdd();
            int stored = change.records().size();
            assertTrue(stored <= (isStream ? s.records().size() : 0), change::toString);
            assertEquals(byKey(s.records().subList(0, stored)), byKey(change.records()));
        }
    }

    private static List<StoredRecord> byKey(List<StoredRecord> records) {
        return records.stream().sorted(Comparator.comparing(StoredRecord::key)).toList();
    }

    /// How many records an answer says are stored.
    private static long told(Answer answer) throws IOException {
        if (answer.status() == 202) {
            String count = answer.headers().get("lastword-count");
            boolean isEvent = answer.headers().containsKey("lastword-offset");
            return count != null ? Long.parseLong(count) : isEvent ? 1 : 0;
        }
        String type = answer.headers().getOrDefault("content-type", "");
        if (answer.body().isEmpty() || !type.contains("json") || type.contains("ndjson")) {
            return 0;
        }
        JsonNode json = json(answer);
        if (answer.status() >= 400) {
            return json.path("accepted").isNumber() ? json.get("accepted").asLong() : 0;
        }
        if (json.path("offsets").isArray()) {
            long stored = 0;
            for (JsonNode offset : json.get("offsets")) {
                stored += offset.path("offset").isNumber() ? 1 : 0;
            }
            return stored;
        }
        boolean isWrite = json.has("offset") && json.has("superseded");
        return json.path("count").isNumber() ? json.get("count").asLong() : isWrite ? 1 : 0;
    }

    private static List<StoredRecord> records(Answer answer) throws IOException {
        List<StoredRecord> records = new ArrayList<>();
        for (String line : answer.body().lines().toList()) {
            records.add(StoredRecord.parse(line));
        }
        return records;
    }

    private static JsonNode json(Answer answer) throws IOException {
        try {
            return Api.JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IOException("no JSON: " + answer, e);
        }
    }
}
