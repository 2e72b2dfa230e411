package dev.lastword.system;

import dev.lastword.system.FuzzDraft.Outcome;
import dev.lastword.system.FuzzDraft.Refused;
import dev.lastword.system.FuzzDraft.Stores;
import dev.lastword.system.FuzzDraft.Succeeds;
import dev.lastword.system.FuzzDraft.Unknown;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.zip.GZIPOutputStream;

/// Proper requests at every call that writes, and some that are wrong in a known way.
final class FuzzDrafts {
    private static final String SETTINGS = "settings";

    /// Topics that must be there.
    static final List<String> TOPICS = List.of("one", "three", SETTINGS);

    private static final List<String> DATA = List.of("one", "three");

    /// No topic, as far as the wrong requests are concerned.
    private static final String NONE = "new";

    private static final int TOPICS_MAX = 12;

    private static final List<String> TYPES =
            List.of("application/json", "text/plain", "application/octet-stream", "x/y; z=\"q\"");

    private static final List<FuzzDraft> WRONG =
            List.of(
                    lines("{\"key\":\"k1\",\"value\":1"),
                    lines("{\"key\":\"k1\",\"value\":1}}"),
                    lines("{\"key\":\"k1\",\"key\":\"k2\",\"value\":1}"),
                    lines("{\"key\":\"\",\"value\":1}"),
                    lines("{\"key\":\"k1\"}"),
                    lines("{\"key\":\"\\ud800\",\"value\":1}"),
                    lines("{\"key\":\"k1\",\"value\":1,\"ttl\":0}"),
                    lines("{\"key\":\"k1\",\"value\":null,\"ttl\":86400}"),
                    lines("{\"key\":\"k1\",\"value\":01}"),
                    lines("{\"key\":\"k1\",\"value\":NaN}"),
                    lines("{'key':'k1','value':1}"),
                    lines("[".repeat(2000)),
                    lines("{\"key\":\"k1\",\"value\":" + "[".repeat(600) + "]".repeat(600) + "}"),
                    lines("").withBody(new byte[] {'{', '"', 'k', (byte) 0xc3, '"', '}'}),
                    records("text/plain", "{\"key\":\"k1\",\"value\":1}"),
                    records("application/json", "[{\"key\":\"k1\""),
                    records("application/json", "\"text\""),
                    lines("{\"key\":\"k1\",\"value\":1}").withHeader("Content-Encoding: br"),
                    lines("{\"key\":\"k1\",\"value\":1}").withHeader("Content-Encoding: gzip"),
                    lines("{\"key\":\"k1\",\"value\":1}").withHeader("Lastword-Acks: all"),
                    event("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\"}"),
                    event("{\"specversion\":\"1.0\"}"),
                    event(
                            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\","
                                    + "\"subject\":\"k1\",\"time\":\"yesterday\"}"),
                    produce("{\"records\":[]}"),
                    produce("{\"records\":{}}"),
                    produce("[1]"),
                    produce(""),
                    FuzzDraft.of("PUT", "/topics/one/keys/", new Refused()),
                    FuzzDraft.of("PUT", "/topics/one/keys/%zz", new Refused()),
                    FuzzDraft.of("PUT", "/topics/one/keys?key=a&key=b", new Refused()),
                    FuzzDraft.of("PUT", "/topics/one/keys?keyBase64=***", new Refused()),
                    FuzzDraft.of("PUT", "/topics/a%2fb/keys/k1", new Refused()),
                    FuzzDraft.of("PUT", "/topics/new/keys/k1", new Refused(), "If-Match: *"),
                    FuzzDraft.of("PUT", "/topics/one/keys/k1", new Refused(), "If-Match: x"),
                    FuzzDraft.of("PUT", "/topics/one/keys/k1", new Refused(), "Lastword-TTL: 0"),
                    FuzzDraft.of(
                            "PUT",
                            "/topics/one/keys/k1",
                            new Refused(),
                            "Lastword-Timestamp: 99999999999999999999"),
                    FuzzDraft.of(
                            "PUT", "/topics/one/keys/k1", new Refused(), "Lastword-Header-: x"),
                    FuzzDraft.of(
                            "PUT", "/topics/one/keys/k1", new Refused(), "Content-Encoding: gzip"),
                    FuzzDraft.of("DELETE", "/topics/new/keys/k1", new Refused()),
                    json("POST", "/topics", "{\"name\":\"one\"}"),
                    json("POST", "/topics", "{\"name\":\"../x\"}"),
                    json("POST", "/topics", "{\"name\":\"new\",\"partitions\":0}"),
                    json("POST", "/topics", "{\"name\":\"new\",\"partitions\":1e99999999}"),
                    json("POST", "/topics", "{\"name\":\"new\",\"config\":{\"acks\":[]}}"),
                    json("POST", "/topics", "{\"name\":\"new\",\"config\":{\"no\":\"such\"}}"),
                    json("PATCH", "/topics/settings/config", "{\"segment.bytes\":\"-1\"}"),
                    json("PATCH", "/topics/settings/config", "{\"segment.bytes\":null}"),
                    json("PATCH", "/topics/settings/config", "[]"),
                    json("PATCH", "/topics/new/config", "{}"),
                    json("POST", "/topics/one/keys:get", "{\"keys\":[1]}"),
                    json("POST", "/topics/one/keys:get", "{\"keys\":[\"\\ud800\"]}"),
                    json("POST", "/topics/new/keys:get", "{\"keys\":[\"k1\"]}"),
                    FuzzDraft.of(
                                    "POST",
                                    "/compact",
                                    new Refused(),
                                    "Content-Type: application/x-ndjson")
                            .withBody("{\"key\":1,\"value\":1}"),
                    FuzzDraft.of("POST", "/topics/new/compactions", new Refused()),
                    FuzzDraft.of("POST", "/topics/one/compactions?wait=perhaps", new Refused()),
                    FuzzDraft.of("DELETE", "/topics/one/compactions/none", new Refused()),
                    FuzzDraft.of("POST", "/topics/one/partitions/0/reopen", new Refused()),
                    FuzzDraft.of("POST", "/topics/one/partitions/0/release", new Refused()),
                    FuzzDraft.of("POST", "/topics/one/partitions/9/release", new Refused()),
                    FuzzDraft.of("POST", "/topics/one/partitions/-1/reset", new Refused()),
                    FuzzDraft.of("POST", "/topics/one/partitions/0/reset", new Refused()),
                    FuzzDraft.of("DELETE", "/topics/new", new Refused()));

    private final FuzzText text;
    private final FuzzState state;

    FuzzDrafts(FuzzText text, FuzzState state) {
        this.text = text;
        this.state = state;
    }

    private static FuzzDraft lines(String body) {
        return records("application/x-ndjson", body);
    }

    private static FuzzDraft records(String type, String body) {
        return FuzzDraft.of("POST", "/topics/one/records", new Refused(), "Content-Type: " + type)
                .withBody(body);
    }

    private static FuzzDraft event(String body) {
        return records("application/cloudevents+json", body);
    }

    private static FuzzDraft produce(String body) {
        return FuzzDraft.of(
                        "POST",
                        "/topics/new",
                        new Refused(),
                        "Content-Type: application/vnd.kafka.json.v2+json")
                .withBody(body);
    }

    private static FuzzDraft json(String method, String target, String body) {
        return FuzzDraft.of(method, target, new Refused(), "Content-Type: application/json")
                .withBody(body);
    }

    FuzzDraft any() {
        if (state.topics().contains(NONE)) {
            return FuzzDraft.of("DELETE", "/topics/" + NONE, new Succeeds());
        }
        return switch (text.upTo(32)) {
            case 0, 1, 2, 3, 4, 5 -> put();
            case 6, 7, 8 -> delete();
            case 9, 10, 11, 12 -> lines();
            case 13, 14 -> array();
            case 15, 16 -> binaryEvent();
            case 17, 18 -> structuredEvent();
            case 19, 20 -> batchOfEvents();
            case 21, 22 -> proxied(false);
            case 23 -> proxied(true);
            case 24 -> createOrDrop();
            case 25 -> configure();
            case 26 -> compact();
            case 27 -> text.oneIn(2) ? clean() : find();
            default -> text.any(WRONG);
        };
    }

    private String topic() {
        return text.any(DATA);
    }

    private FuzzDraft put() {
        String topic = topic();
        byte[] key = utf8(text.oneIn(8) ? text.letters(9) + "é" : text.key());
        byte[] value = text.oneIn(3) ? text.bytes(text.upTo(300)) : utf8(text.looseJson());
        boolean isThere = state.values(topic).containsKey(StoredRecord.bytes(key));
        Outcome outcome = new Stores(List.of(StoredRecord.of(key, value)));
        List<String> headers = new ArrayList<>();
        if (text.oneIn(2)) {
            headers.add("Content-Type: " + text.any(TYPES));
        }
        if (text.oneIn(5)) {
            boolean wantsThere = text.oneIn(2);
            headers.add(wantsThere ? "If-Match: *" : "If-None-Match: *");
            outcome = wantsThere == isThere ? outcome : new Refused();
        }
        optional(headers);
        return new FuzzDraft("PUT", keyTarget(topic, key), headers, value, outcome, false);
    }

    private void optional(List<String> headers) {
        if (text.oneIn(6)) {
            headers.add("Lastword-Timestamp: " + text.upTo(2_000_000_000));
        }
        if (text.oneIn(6)) {
            headers.add("Lastword-Header-x" + text.upTo(3) + ": " + text.upTo(9));
        }
        if (text.oneIn(6)) {
            headers.add("lastword-acks: " + text.any(List.of("written", "flushed")));
        }
        if (text.oneIn(10)) {
            headers.add("Idempotency-Key: " + text.id());
        }
    }

    private String keyTarget(String topic, byte[] key) {
        String keys = "/topics/" + topic + "/keys";
        return switch (text.upTo(4)) {
            case 0 -> keys + "?key=" + text.percent(key);
            case 1 -> keys + "?keyBase64=" + Base64.getUrlEncoder().encodeToString(key);
            default -> keys + "/" + text.percent(key);
        };
    }

    private FuzzDraft delete() {
        String topic = topic();
        byte[] key = utf8(text.key());
        boolean isThere = state.values(topic).containsKey(StoredRecord.bytes(key));
        List<String> headers = new ArrayList<>();
        optional(headers);
        Outcome outcome = isThere ? new Stores(List.of(StoredRecord.of(key, null))) : new Refused();
        return new FuzzDraft("DELETE", keyTarget(topic, key), headers, new byte[0], outcome, false);
    }

    /// A record as JSON, and what it is; in one of the many ways to write it.
    private String record(List<StoredRecord> records) {
        byte[] key = utf8(text.key());
        StringJoiner members = new StringJoiner(text.any(List.of(",", " , ", ",\t")), "{", "}");
        String keyMember =
                text.oneIn(4)
                        ? "\"keyBase64\":\"" + base64(key) + "\""
                        : "\"key\": \"" + new String(key, StandardCharsets.UTF_8) + "\"";
        boolean keyFirst = text.oneIn(2);
        if (keyFirst) {
            members.add(keyMember);
        }
        switch (text.upTo(6)) {
            case 0 -> {
                members.add("\"value\":null");
                records.add(StoredRecord.of(key, null));
            }
            case 1 -> {
                String value = text.letters(20);
                members.add("\"valueText\":" + FuzzText.quoted(value));
                records.add(StoredRecord.of(key, utf8(value)));
            }
            case 2 -> {
                byte[] value = text.bytes(text.upTo(40));
                members.add("\"valueBase64\":\"" + base64(value) + "\"");
                records.add(StoredRecord.of(key, value));
            }
            default -> {
                String value = text.looseJson();
                members.add("\"value\":" + value);
                records.add(StoredRecord.of(key, utf8(value)));
            }
        }
        if (text.oneIn(5)) {
            members.add("\"headers\":{\"h\":\"x\"}");
        }
        if (text.oneIn(5)) {
            members.add("\"timestamp\":" + text.upTo(2_000_000_000));
        }
        return keyFirst ? members.toString() : members.add(keyMember).toString();
    }

    FuzzDraft lines() {
        List<StoredRecord> records = new ArrayList<>();
        StringBuilder body = new StringBuilder(text.oneIn(20) ? "\ufeff" : "");
        for (int i = text.upTo(8); i > 0; i--) {
            body.append(text.oneIn(8) ? "\n \r\n" : "");
            body.append(record(records)).append(text.oneIn(4) ? "\r\n" : "\n");
        }
        return perhapsPacked(
                FuzzDraft.of(
                                "POST",
                                "/topics/" + topic() + "/records",
                                new Stores(records),
                                "Content-Type: application/x-ndjson")
                        .withBody(body.toString()));
    }

    private FuzzDraft array() {
        List<StoredRecord> records = new ArrayList<>();
        String body = record(records);
        if (text.oneIn(2)) {
            StringJoiner all = new StringJoiner(" ,\n", "[", "]").add(body);
            for (int i = text.upTo(5); i > 0; i--) {
                all.add(record(records));
            }
            body = all.toString();
        }
        return perhapsPacked(
                FuzzDraft.of(
                                "POST",
                                "/topics/" + topic() + "/records",
                                new Stores(records),
                                "content-type: application/json; charset=utf-8")
                        .withBody(body));
    }

    private FuzzDraft perhapsPacked(FuzzDraft draft) {
        return text.oneIn(6)
                ? draft.withBody(gzip(draft.body())).withHeader("Content-Encoding: gzip")
                : draft;
    }

    private FuzzDraft binaryEvent() {
        String key = text.key();
        byte[] data = text.bytes(text.upTo(50));
        return FuzzDraft.of(
                        "POST",
                        "/topics/" + topic() + "/records",
                        new Stores(List.of(StoredRecord.of(utf8(key), data))),
                        "ce-specversion: 1.0",
                        "ce-id: " + text.id(),
                        "ce-source: /fuzz",
                        "CE-Type: made",
                        (text.oneIn(2) ? "ce-subject: " : "ce-partitionkey: ") + text.percent(key),
                        "Content-Type: " + text.any(TYPES))
                .withBody(data);
    }

    private String event(List<StoredRecord> records) {
        String key = text.key();
        String json = text.json();
        byte[] bytes = text.bytes(text.upTo(20));
        boolean isJson = text.oneIn(2);
        records.add(StoredRecord.of(utf8(key), isJson ? utf8(json) : bytes));
        return "{\"specversion\":\"1.0\",\"id\":\""
                + text.id()
                + "\",\"source\":\"/fuzz\",\"type\":\"made\",\"partitionkey\":\""
                + key
                + (isJson
                        ? "\",\"datacontenttype\":\"application/json\",\"data\":" + json
                        : "\",\"data_base64\":\"" + base64(bytes) + "\"")
                + (text.oneIn(3) ? ",\"time\":\"2026-01-02T03:04:05Z\"}" : "}");
    }

    private FuzzDraft structuredEvent() {
        List<StoredRecord> records = new ArrayList<>();
        String body = event(records);
        return FuzzDraft.of(
                        "POST",
                        "/topics/" + topic() + "/records",
                        new Stores(records),
                        "Content-Type: application/cloudevents+json")
                .withBody(body);
    }

    private FuzzDraft batchOfEvents() {
        List<StoredRecord> records = new ArrayList<>();
        StringJoiner body = new StringJoiner(",", "[", "]");
        for (int i = text.upTo(5); i > 0; i--) {
            body.add(event(records));
        }
        return FuzzDraft.of(
                        "POST",
                        "/topics/" + topic() + "/records",
                        new Stores(records),
                        "Content-Type: application/cloudevents-batch+json")
                .withBody(body.toString());
    }

    private FuzzDraft proxied(boolean binary) {
        List<StoredRecord> records = new ArrayList<>();
        StringJoiner body = new StringJoiner(",", "{\"records\":[", "]}");
        for (int i = text.upTo(4); i >= 0; i--) {
            String key = text.key();
            String json = text.json();
            byte[] bytes = text.bytes(text.upTo(20));
            String value = binary ? FuzzText.quoted(base64(bytes)) : json;
            boolean deletes = text.oneIn(5);
            body.add(
                    "{\"key\":"
                            + FuzzText.quoted(binary ? base64(utf8(key)) : key)
                            + ",\"value\":"
                            + (deletes ? null : value)
                            + "}");
            records.add(StoredRecord.of(utf8(key), deletes ? null : binary ? bytes : utf8(json)));
        }
        return FuzzDraft.of(
                        "POST",
                        "/topics/" + topic(),
                        new Stores(records),
                        "Content-Type: application/vnd.kafka."
                                + (binary ? "binary" : "json")
                                + ".v2+json")
                .withBody(body.toString());
    }

    /// Topics come and go, those that damaged requests have made too.
    private FuzzDraft createOrDrop() {
        List<String> others = new ArrayList<>(state.topics());
        others.removeAll(TOPICS);
        if (others.size() + TOPICS.size() >= TOPICS_MAX || (!others.isEmpty() && text.oneIn(2))) {
            return FuzzDraft.of("DELETE", "/topics/" + text.any(others), new Succeeds());
        }
        return FuzzDraft.of("POST", "/topics", new Succeeds(), "Content-Type: application/json")
                .withBody(
                        "{\"name\":\"made-"
                                + text.id()
                                + "\",\"partitions\":"
                                + (1 + text.upTo(3))
                                + ",\"config\":{\"segment.bytes\":\"1000000\"}}");
    }

    private FuzzDraft configure() {
        return FuzzDraft.of(
                        "PATCH",
                        "/topics/" + SETTINGS + "/config",
                        new Succeeds(),
                        "Content-Type: application/merge-patch+json")
                .withBody("{\"delete.retention.ms\":" + text.upTo(3) + "}");
    }

    private FuzzDraft compact() {
        Map<Integer, String> lines = new java.util.LinkedHashMap<>();
        StringBuilder body = new StringBuilder();
        for (int i = text.upTo(20); i > 0; i--) {
            int key = text.upTo(5);
            String line = "{\"key\":\"" + key + "\",\"value\":" + text.looseJson() + "}\n";
            body.append(line);
            lines.remove(key);
            lines.put(key, line);
        }
        return perhapsPacked(
                FuzzDraft.of(
                                "POST",
                                "/compact",
                                new FuzzDraft.Answers(String.join("", lines.values())),
                                "Content-Type: application/x-ndjson")
                        .withBody(body.toString()));
    }

    private FuzzDraft find() {
        String topic = topic();
        List<StoredRecord> found = new ArrayList<>();
        StringJoiner keys = new StringJoiner(",", "{\"keys\":[", "]}");
        for (int i = text.upTo(6); i > 0; i--) {
            String key = text.key();
            String bytes = StoredRecord.bytes(utf8(key));
            String value = state.values(topic).get(bytes);
            keys.add(FuzzText.quoted(key));
            if (value != null) {
                found.add(new StoredRecord(bytes, value));
            }
        }
        return FuzzDraft.of(
                        "POST",
                        "/topics/" + topic + "/keys:get",
                        new FuzzDraft.Finds(found),
                        "Content-Type: application/json")
                .withBody(keys.toString());
    }

    /// Seldom: each leaves a segment behind.
    private FuzzDraft clean() {
        if (text.oneIn(10)) {
            return FuzzDraft.of(
                    "POST", "/topics/" + topic() + "/compactions?wait=true", new Succeeds());
        }
        return FuzzDraft.of(
                "POST", "/topics/" + topic() + "/compactions?dryRun=true", new Unknown());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return packed.toByteArray();
    }
}
