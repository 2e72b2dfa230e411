package dev.lastword.system;

import dev.lastword.system.FuzzDraft.Outcome;
import dev.lastword.system.FuzzDraft.Refused;
import dev.lastword.system.FuzzDraft.Stores;
import dev.lastword.system.FuzzDraft.Unknown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Damages requests: bytes of the body, headers, the target, the method.
final class FuzzMutations {
    private static final List<String> JUNK =
            List.of(
                    "{",
                    "}",
                    "[",
                    "]",
                    "\"",
                    "\\",
                    ",",
                    ":",
                    "\n",
                    "\r",
                    "\u0000",
                    "\ufeff",
                    "null",
                    "-",
                    "1e999999999",
                    "0x1",
                    "\\ud800",
                    "\\u0000",
                    "\"\":",
                    "//",
                    "''",
                    "[[[[[[[[",
                    "{\"a\":{\"a\":",
                    "\"partition\":1e99999999,",
                    "\"partition\":-1,",
                    "\"offset\":1,",
                    "\"timestamp\":9223372036854775807,",
                    "\"time\":\"+999999999-12-31T23:59:59Z\",",
                    "\"subject\":\"\",",
                    "\"specversion\":\"0.3\",",
                    "\"data\":{\"x\":1e400},",
                    "\"key\":\"\\udc00\",",
                    "\"headers\":[{\"name\":\"\"}],",
                    "\"config\":{\"acks\":null},");

    private static final List<String> HEADERS =
            List.of(
                    "Content-Type:",
                    "Content-Type: a/b/c",
                    "Content-Type: application/x-ndjson",
                    "Content-Type: application/json",
                    "Content-Type: application/cloudevents+xml",
                    "Content-Type: application/cloudevents-batch+json",
                    "Content-Type: application/vnd.kafka.binary.v2+json",
                    "Content-Type: application/json; charset=utf-16",
                    "Accept: x",
                    "Accept: ;;/",
                    "Accept: application/json",
                    "Accept: */*;q=x",
                    "If-Match: \"x\"",
                    "If-Match: *",
                    "If-Match: W/\"0-0-0\", \"",
                    "If-None-Match: *",
                    "If-None-Match: \"x\"",
                    "Content-Encoding: gzip",
                    "Content-Encoding: identity",
                    "Content-Encoding: zstd",
                    "ce-specversion: 1.0",
                    "ce-specversion: 0.3",
                    "ce-time: +999999999-12-31T23:59:59Z",
                    "ce-time: -999999999-01-01T00:00:00Z",
                    "ce-time: x",
                    "ce-source: ::",
                    "ce-source:",
                    "ce-id:",
                    "ce-subject: %ff",
                    "ce-subject: \"\\\"",
                    "ce-dataschema: a b",
                    "ce-dataschema:",
                    "ce-odd_name: x",
                    "ce-data: x",
                    "ce-: x",
                    "ce-type:",
                    "ce-datacontenttype: x",
                    "ce-id: twice",
                    "Idempotency-Key:",
                    "Idempotency-Key: again",
                    "Lastword-TTL: -1",
                    "Lastword-TTL: 86400",
                    "Lastword-TTL: 99999999999999999999",
                    "Lastword-Timestamp: 9223372036854775807",
                    "Lastword-Timestamp: -1",
                    "Lastword-Timestamp: 1e3",
                    "Lastword-Acks:",
                    "Lastword-Header-a*b: x",
                    "Lastword-Header-content-type: x",
                    "Lastword-Header-x: é€",
                    "Expect: x",
                    "Range: bytes=0-",
                    "Content-Range: bytes 0-1/2",
                    "If-Unmodified-Since: x",
                    "Authorization: Basic %%%",
                    "Authorization: Bearer x",
                    "Origin: null",
                    "X-HTTP-Method-Override: DELETE",
                    "Upgrade: websocket",
                    "Trailer: x",
                    "Cookie: ;;=",
                    "Last-Event-ID: x",
                    "Accept-Encoding: gzip;q=x");

    private static final List<String> TARGETS =
            List.of(
                    "%",
                    "%zz",
                    "%00",
                    "%ff",
                    "%2f",
                    "%2e%2e",
                    "/../",
                    "//",
                    "/./",
                    "?",
                    "??",
                    "&",
                    "#",
                    ";x=y",
                    "?key=",
                    "?keyBase64=!",
                    "?wait=x",
                    "?force=true",
                    "?dryRun=x",
                    "?dropTombstones=1",
                    "é",
                    "\"",
                    "<",
                    "\\",
                    "{",
                    "|",
                    "^",
                    "`",
                    "+",
                    "*",
                    "%c3%28",
                    "http://x/",
                    "@",
                    "/keys/",
                    "/records",
                    "/partitions/1",
                    "/config",
                    "/partitions/99999999999",
                    "keys:get",
                    "topics",
                    "one",
                    "three");

    private static final List<String> METHODS =
            List.of(
                    "GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW",
                    "put");

    private final FuzzText text;

    FuzzMutations(FuzzText text) {
        this.text = text;
    }

    FuzzDraft damage(FuzzDraft draft) {
        FuzzDraft damaged = draft;
        for (int i = text.upTo(3); i >= 0; i--) {
            damaged = damageOnce(damaged);
        }
        return damaged;
    }

    private FuzzDraft damageOnce(FuzzDraft draft) {
        return switch (text.upTo(8)) {
            case 0 -> draft.withOddHead(text.any(METHODS), draft.target(), draft.headers());
            case 1 -> draft.withOddHead(draft.method(), target(draft.target()), draft.headers());
            case 2, 3 -> draft.withOddHead(draft.method(), draft.target(), headers(draft));
            default -> {
                byte[] body = body(draft.body());
                yield draft.withBody(body).withOutcome(outcome(draft, body));
            }
        };
    }

    /// Where the body is the value it may be anything.
    private static Outcome outcome(FuzzDraft draft, byte[] body) {
        boolean isValue =
                draft.method().equals("PUT") || draft.headers().contains("ce-specversion: 1.0");
        return switch (draft.outcome()) {
            case Stores s when isValue && s.records().size() == 1 ->
                    new Stores(
                            List.of(
                                    new StoredRecord(
                                            s.records().getFirst().key(),
                                            StoredRecord.bytes(body))));
            case Refused r when isValue -> r;
            default -> new Unknown();
        };
    }

    private byte[] body(byte[] body) {
        int at = text.upTo(body.length + 1);
        int to = Math.min(body.length, at + text.upTo(9));
        return switch (text.upTo(7)) {
            case 0 -> splice(body, at, to, new byte[0]);
            case 1 -> splice(body, at, to, text.bytes(to - at + text.upTo(3)));
            case 2 -> splice(body, at, at, Arrays.copyOfRange(body, at, to));
            case 3 -> Arrays.copyOf(body, at);
            case 4 -> {
                byte[] flipped = body.clone();
                if (at < flipped.length) {
                    flipped[at] ^= (byte) (1 << text.upTo(8));
                }
                yield flipped;
            }
            case 5 -> {
                // where a member may stand
                int brace = StoredRecord.bytes(body).indexOf('{', at);
                yield splice(body, brace + 1, brace + 1, junk());
            }
            default -> splice(body, at, at, junk());
        };
    }

    private byte[] junk() {
        return text.any(JUNK).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] splice(byte[] body, int from, int to, byte[] middle) {
        byte[] spliced = Arrays.copyOf(body, from + middle.length + body.length - to);
        System.arraycopy(middle, 0, spliced, from, middle.length);
        System.arraycopy(body, to, spliced, from + middle.length, body.length - to);
        return spliced;
    }

    private List<String> headers(FuzzDraft draft) {
        List<String> headers = new ArrayList<>(draft.headers());
        int at = text.upTo(headers.size() + 1);
        if (at == headers.size() || text.oneIn(2)) {
            headers.add(at, text.any(HEADERS));
        } else if (text.oneIn(2)) {
            headers.remove(at);
        } else {
            String line = headers.get(at);
            headers.set(at, line.substring(0, line.indexOf(':') + 1) + " " + value(line));
        }
        return headers;
    }

    /// Not for a time to live: a key that expires would change what is there later.
    private String value(String line) {
        return line.startsWith("Lastword-TTL") ? "-" : text.letters(20) + text.any(TARGETS);
    }

    private String target(String target) {
        int at = text.upTo(target.length()) + 1;
        int to = Math.min(target.length(), at + text.upTo(5));
        return switch (text.upTo(3)) {
            case 0 -> target.substring(0, at) + target.substring(to);
            case 1 -> target + text.any(TARGETS);
            default -> target.substring(0, at) + text.any(TARGETS) + target.substring(to);
        };
    }
}
