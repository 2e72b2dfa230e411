package dev.lastword.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lastword.client.ApiClient;
import dev.lastword.client.ApiException;
import dev.lastword.client.ApiResponse;
import dev.lastword.client.api.CompactionApi;
import dev.lastword.client.api.KeysApi;
import dev.lastword.client.api.RecordsApi;
import dev.lastword.client.api.RestProxyApi;
import dev.lastword.client.api.TopicsApi;
import dev.lastword.client.model.Compaction;
import dev.lastword.client.model.KeyList;
import dev.lastword.client.model.NewTopic;
import dev.lastword.client.model.Partition;
import dev.lastword.client.model.Problem;
import dev.lastword.client.model.ProduceOffset;
import dev.lastword.client.model.ProduceRecord;
import dev.lastword.client.model.ProduceRequest;
import dev.lastword.client.model.Record;
import dev.lastword.client.model.RecordHeader;
import dev.lastword.client.model.Topic;
import dev.lastword.client.model.Written;
import dev.lastword.client.model.WrittenRecords;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.io.File;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A client generated from the OpenAPI document talks with the service, and takes no member that
/// the document does not name. Made in the build, from the document that is served.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class GeneratedClientTest {
    private static final ObjectMapper STRICT =
            ApiClient.createDefaultObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private static int made;

    private final String topic = "generated-" + made++;
    private final List<File> files = new ArrayList<>();
    private TopicsApi topics;
    private KeysApi keys;
    private RecordsApi records;
    private CompactionApi compactions;
    private RestProxyApi proxy;

    @BeforeEach
    void createTopic() throws ApiException {
        ApiClient client =
                new ApiClient(
                        HttpClient.newBuilder(), STRICT, "http://localhost:" + RestAssured.port);
        topics = new TopicsApi(client);
        keys = new KeysApi(client);
        records = new RecordsApi(client);
        compactions = new CompactionApi(client);
        proxy = new RestProxyApi(client);
        NewTopic wanted =
                new NewTopic().name(topic).partitions(2).putConfigItem("segment.ms", "3600000");
        assertEquals(topic, topics.createTopic(wanted).getName());
    }

    @AfterEach
    void deleteFiles() throws IOException {
        for (File file : files) {
            Files.delete(file.toPath());
        }
    }

    private ApiResponse<Written> put(String key, Object value, String ifMatch) throws ApiException {
        return keys.putValueWithHttpInfo(topic, key, value, ifMatch, null, null, null, null, null);
    }

    /// The text of an answer that clients keep in a file, for it can be of any kind and size.
    private String text(File file) throws IOException {
        files.add(file);
        return Files.readString(file.toPath());
    }

    private static String header(ApiResponse<?> answer, String name) {
        return answer.getHeaders().get(name).getFirst();
    }

    private static Problem problem(ApiException e) throws IOException {
        String type = e.getResponseHeaders().firstValue("Content-Type").orElseThrow();
        assertEquals("application/problem+json", type);
        return STRICT.readValue(e.getResponseBody(), Problem.class);
    }

    @Test
    void a_topic_is_described_configured_and_deleted() throws Exception {
        put("a", 1, null);
        Topic described = topics.describeTopic(topic);
        assertEquals("http", described.getSource());
        assertEquals("3600000", described.getConfig().get("segment.ms"));
        assertEquals(2, described.getPartitions().size());
        long live = described.getPartitions().stream().mapToLong(Partition::getLiveKeys).sum();
        assertEquals(1, live);
        assertTrue(topics.listTopics().stream().anyMatch(t -> t.getName().equals(topic)));
        Map<String, String> changed = topics.changeSettings(topic, Map.of("segment.ms", "7200000"));
        assertEquals("7200000", changed.get("segment.ms"));
        assertEquals(changed, topics.getSettings(topic));
        topics.deleteTopic(topic);
        ApiException gone = assertThrows(ApiException.class, () -> topics.describeTopic(topic));
        assertEquals(404, gone.getCode());
    }

    @Test
    void a_key_is_written_read_and_deleted() throws Exception {
        String key = "a/b c+d%25 ü€";
        ApiResponse<Written> first = put(key, Map.of("on", true), null);
        assertEquals(201, first.getStatusCode());
        assertEquals(topic, first.getData().getTopic());
        assertFalse(first.getData().getSuperseded());
        ApiResponse<Written> second = put(key, Map.of("on", false), header(first, "etag"));
        assertEquals(200, second.getStatusCode());
        ApiResponse<File> read = keys.getValueWithHttpInfo(topic, key, null, null, null);
        assertEquals("{\"on\":false}", text(read.getData()));
        assertEquals(header(second, "etag"), header(read, "etag"));
        assertEquals(200, keys.headValueWithHttpInfo(topic, key).getStatusCode());
        Written deleted = keys.deleteKey(topic, key, header(second, "etag"), null, null, null);
        assertEquals(second.getData().getPartition(), deleted.getPartition());
        assertEquals(second.getData().getOffset() + 1, deleted.getOffset());
        ApiException gone =
                assertThrows(ApiException.class, () -> keys.getValue(topic, key, null, null, null));
        assertEquals(404, problem(gone).getStatus());
    }

    @Test
    void a_key_named_in_the_query_is_the_same() throws Exception {
        keys.putValueByQuery(topic, 7, "a b", null, null, null, 5L, null, null, null);
        keys.putValueByQuery(topic, 8, null, null, "*", null, null, 60L, "written", "_w");
        assertEquals("7", text(keys.getValue(topic, "a b", null, null, null)));
        assertEquals(200, keys.headValueByQueryWithHttpInfo(topic, null, "_w").getStatusCode());
        Record found = keys.getValues(topic, new KeyList().addKeysItem("a b")).getFirst();
        assertEquals(5L, found.getTimestamp());
        keys.deleteKeyByQuery(topic, null, null, null, null, null, "_w");
        Object binary = Map.of("keyBase64", "/w==");
        assertEquals(List.of(), keys.getValues(topic, new KeyList().addKeysItem(binary)));
    }

    @Test
    void keys_are_read_in_batches_and_listed_by_prefix() throws Exception {
        for (String key : List.of("lamp/1", "lamp/2", "lamp/3", "door")) {
            put(key, Map.of("name", key), null);
        }
        KeyList asked = new KeyList().addKeysItem("door").addKeysItem("none").addKeysItem("lamp/2");
        List<Record> batch = keys.getValues(topic, asked);
        assertEquals(List.of("door", "lamp/2"), batch.stream().map(Record::getKey).toList());
        assertEquals(Map.of("name", "lamp/2"), batch.getLast().getValue());
        ApiResponse<List<Record>> page =
                keys.findKeysWithHttpInfo(
                        topic, null, "lamp/", null, "lamp/1", null, 1, null, null, null, null);
        assertEquals("lamp/2", page.getData().getFirst().getKey());
        assertEquals(1, page.getData().size());
        assertTrue(header(page, "link").contains("rel=\"next\""));
    }

    @Test
    void records_are_written_and_come_back_the_same() throws Exception {
        RecordHeader header = new RecordHeader().name("trace").value("1");
        List<Record> sent =
                List.of(
                        new Record().key("a").value(List.of(1, "two")).timestamp(1000L),
                        new Record().keyBase64("/w==").valueBase64("/w==").addHeadersItem(header),
                        new Record().key("c").valueText("text").ttl(3600L));
        WrittenRecords written = records.writeRecords(topic, sent, null, "flushed");
        assertEquals(3, written.getCount());
        List<Record> read = new ArrayList<>();
        for (var range : written.getPartitions()) {
            int partition = range.getPartition();
            read.addAll(records.readRecords(partition, topic, 10, 100_000, 0L));
        }
        assertEquals(3, read.size());
        Record a = read.stream().filter(r -> "a".equals(r.getKey())).findAny().orElseThrow();
        assertEquals(List.of(1, "two"), a.getValue());
        assertEquals(1000L, a.getTimestamp());
        Record binary = read.stream().filter(r -> r.getKey() == null).findAny().orElseThrow();
        assertEquals("/w==", binary.getKeyBase64());
        assertEquals("/w==", binary.getValueBase64());
        assertEquals(List.of(header), binary.getHeaders());
        // what came out can go in
        assertEquals(3, records.writeRecords(topic, read, null, null).getCount());
        ApiResponse<File> snapshot = records.getSnapshotWithHttpInfo(topic, null);
        assertEquals(3, text(snapshot.getData()).lines().count());
        String epoch = topics.describeTopic(topic).getEpoch();
        assertTrue(header(snapshot, "lastword-offsets").startsWith(epoch + ";0:"));
    }

    @Test
    void errors_are_problem_documents_that_say_where() throws Exception {
        List<Record> sent = List.of(new Record().key("a").value(1), new Record().value(2));
        ApiException e =
                assertThrows(
                        ApiException.class, () -> records.writeRecords(topic, sent, null, null));
        Problem problem = problem(e);
        assertEquals(400, e.getCode());
        assertEquals(400, problem.getStatus());
        assertEquals(2, problem.getLine());
        assertEquals(1, problem.getAccepted());
        assertEquals("key", problem.getField());
        assertFalse(problem.getDetail().isBlank());
        assertFalse(problem.getTitle().isBlank());
        assertNotEquals("about:blank", problem.getType());
        put("a", 2, null);
        ApiException late = assertThrows(ApiException.class, () -> put("a", 3, "\"1-0-0\""));
        assertEquals("/problems/precondition-failed", problem(late).getType());
    }

    @Test
    void a_topic_is_compacted_and_the_cleaner_tells_of_it() throws Exception {
        for (int i = 0; i < 10; i++) {
            put("a", i, null);
        }
        Compaction dry = compactions.startCompaction(topic, true, null);
        assertTrue(dry.getDryRun());
        assertEquals(9, dry.getRecordsSuperseded());
        Compaction done = compactions.startCompaction(topic, null, true);
        assertEquals("done", done.getState());
        assertFalse(done.getFinishedAt().isBefore(done.getStartedAt()));
        assertEquals(done, compactions.getCompaction(done.getId(), topic));
        assertEquals(List.of(done), compactions.listCompactions(topic));
        assertTrue(
                compactions.getCleaner().getPartitions().stream()
                        .anyMatch(p -> p.getTopic().equals(topic)));
        String lines = "{\"key\":\"a\",\"value\":1}\n{\"key\":\"a\",\"value\":2}\n";
        assertEquals(1, text(compactions.compact(lines, false)).lines().count());
    }

    @Test
    void records_go_the_rest_proxys_way_too() throws Exception {
        ProduceRequest request =
                new ProduceRequest()
                        .addRecordsItem(new ProduceRecord().key("a").value(Map.of("n", 1)))
                        .addRecordsItem(new ProduceRecord().value("no key"));
        List<ProduceOffset> offsets = proxy.produce(topic, request).getOffsets();
        assertEquals(0, offsets.getFirst().getOffset());
        assertEquals(42200, offsets.getLast().getErrorCode());
        assertEquals("{\"n\":1}", text(keys.getValue(topic, "a", null, null, null)));
    }
}
