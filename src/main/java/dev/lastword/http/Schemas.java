package dev.lastword.http;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// What documents are made of, for the OpenAPI document: read when that is made, in the build, and
/// by nothing else. [TopicJson], [CleanerJson] and their like write the documents;
/// `GeneratedClientTest` finds where the two differ.
final class Schemas {
    private Schemas() {}

    @Schema(name = "NewTopic", requiredProperties = "name")
    record NewTopic(
            String name,
            @Schema(minimum = "1", maximum = "1000", defaultValue = "1") int partitions,
            @Schema(description = "settings by Kafka's names") Map<String, String> config) {}

    @Schema(
            name = "Topic",
            requiredProperties = {"name", "epoch", "source", "config", "partitions"})
    record Topic(
            String name,
            @Schema(description = "another one where the topic was deleted and made again")
                    String epoch,
            @Schema(description = "http, or kafka where it is mirrored") String source,
            @Schema(description = "why the source cannot be read, where it cannot")
                    String sourceError,
            @Schema(description = "every setting, defaults included") Map<String, String> config,
            List<Partition> partitions) {}

    @Schema(
            name = "Partition",
            requiredProperties = {"partition", "startOffset", "endOffset", "state"})
    record Partition(
            int partition,
            long startOffset,
            @Schema(description = "of the next record") long endOffset,
            @Schema(description = "the records below it are on disk for certain")
                    long flushedOffset,
            long sizeBytes,
            int segments,
            long liveKeys,
            long deadRecords,
            long deadBytes,
            double dirtyRatio,
            @Schema(nullable = true) @Nullable Instant lastCleanedAt,
            @Schema(nullable = true) @Nullable Instant oldestTombstoneAt,
            @Schema(description = "online, or why it does less") String state,
            @Schema(description = "of the state, in words") String reason,
            @Schema(description = "where exactly it is damaged, if it is") List<Damage> damage,
            @Schema(description = "in answers to release: what was moved aside") List<Moved> moved,
            @Schema(description = "where it is mirrored") String mirrorState,
            String mirrorReason,
            @Schema(nullable = true, description = "records that the source has and we have not")
                    @Nullable Long lag) {}

    @Schema(name = "Damage")
    record Damage(String file, long position, long offset, String what) {}

    @Schema(name = "Moved")
    record Moved(String file, long position, long offset, String what, long bytes, String to) {}

    @Schema(
            name = "Written",
            requiredProperties = {"topic", "partition", "offset", "timestamp", "superseded"})
    record Written(
            String topic,
            int partition,
            long offset,
            @Schema(description = "milliseconds since 1970") long timestamp,
            @Schema(description = "it lost against a later version") boolean superseded) {}

    /// As [dev.lastword.json.RecordJson] says.
    @Schema(
            name = "Record",
            description =
                    "One of key and keyBase64, and one of value, valueText and valueBase64. What is"
                            + " read can be sent back.")
    record KeyedRecord(
            @Schema(description = "ignored in what is sent") int partition,
            @Schema(description = "ignored in what is sent") long offset,
            @Schema(description = "milliseconds since 1970; now where it is missing")
                    long timestamp,
            @Schema(description = "in what is sent: seconds until the key expires") long ttl,
            @Schema(description = "a key that is text") String key,
            @Schema(description = "any key") String keyBase64,
            @Schema(description = "any JSON; null deletes the key") Object value,
            @Schema(description = "a value that is text") String valueText,
            @Schema(description = "any value") String valueBase64,
            List<RecordHeader> headers) {}

    @Schema(name = "RecordHeader", requiredProperties = "name")
    record RecordHeader(
            String name,
            @Schema(nullable = true, description = "text, or null") @Nullable String value,
            String valueBase64) {}

    @Schema(name = "KeyList", requiredProperties = "keys")
    record KeyList(
            @Schema(description = "at most 1000: text each, or {\"keyBase64\"}")
                    List<Object> keys) {}

    @Schema(
            name = "WrittenRecords",
            requiredProperties = {"count", "partitions"})
    record WrittenRecords(long count, List<WrittenRange> partitions) {}

    @Schema(
            name = "WrittenRange",
            requiredProperties = {"partition", "firstOffset", "lastOffset", "count"})
    record WrittenRange(int partition, long firstOffset, long lastOffset, long count) {}

    @Schema(name = "ProduceRequest", requiredProperties = "records")
    record ProduceRequest(List<ProduceRecord> records) {}

    @Schema(name = "ProduceRecord", requiredProperties = "value")
    record ProduceRecord(
            @Schema(description = "any JSON, or base64") Object key,
            @Schema(description = "any JSON, or base64; null deletes the key") Object value,
            @Schema(description = "at most that of the key") int partition) {}

    @Schema(name = "ProduceAnswer", requiredProperties = "offsets")
    record ProduceAnswer(
            @Schema(description = "an entry a record, in order") List<ProduceOffset> offsets,
            @Schema(name = "key_schema_id", nullable = true) @Nullable Integer keySchemaId,
            @Schema(name = "value_schema_id", nullable = true) @Nullable Integer valueSchemaId) {}

    @Schema(name = "ProduceOffset", description = "Where a record went, or what is wrong with it")
    record ProduceOffset(
            @Schema(nullable = true) @Nullable Integer partition,
            @Schema(nullable = true) @Nullable Long offset,
            @Schema(name = "error_code", nullable = true) @Nullable Integer errorCode,
            @Schema(nullable = true) @Nullable String error,
            @Schema(description = "as error, where there is one") String message) {}

    @Schema(
            name = "ProduceError",
            requiredProperties = {"error_code", "message"})
    record ProduceError(@Schema(name = "error_code") int errorCode, String message) {}

    @Schema(name = "Compaction", description = "A compaction, or the outcome of a dry run")
    record Compaction(
            String id,
            String topic,
            @Schema(description = "queued, running, done, cancelled or failed") String state,
            Instant startedAt,
            @Schema(nullable = true) @Nullable Instant finishedAt,
            long bytesDone,
            long bytesTotal,
            long recordsRead,
            long recordsKept,
            long bytesBefore,
            long bytesAfter,
            @Schema(nullable = true) @Nullable String error,
            @Schema(description = "true where nothing was changed") boolean dryRun,
            @Schema(description = "of a dry run") int segmentsRewritten,
            @Schema(description = "of a dry run") long bytesToRead,
            @Schema(description = "of a dry run") long recordsSuperseded) {}

    @Schema(name = "Cleaner")
    record Cleaner(
            int threads,
            List<CleanerRun> running,
            List<Compaction> waiting,
            @Schema(description = "partitions to be cleaned next, in order")
                    List<String> candidates,
            List<CleanerFailure> lastErrors,
            List<CleanerPartition> partitions) {}

    @Schema(name = "CleanerRun")
    record CleanerRun(
            String topic,
            int partition,
            String thread,
            boolean virtualThread,
            Instant startedAt,
            long bytesDone,
            long bytesTotal) {}

    @Schema(name = "CleanerFailure")
    record CleanerFailure(
            String topic, int partition, int failures, String error, Instant retryAt) {}

    @Schema(name = "CleanerPartition")
    record CleanerPartition(
            String topic,
            int partition,
            boolean eligible,
            boolean overdue,
            long deadBytes,
            @Schema(description = "why it is or is not going to be cleaned") String reason,
            List<Damage> damage) {}
}
