package dev.lastword.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lastword.cleaner.CleanerStatus;
import dev.lastword.cleaner.CleanerStatus.PartitionStatus;
import dev.lastword.cleaner.CompactionReport;
import dev.lastword.cleaner.DryRun;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// What the cleaner does and has done, as JSON.
final class CleanerJson {
    /// As the cleaner chooses: deadlines first, then what wins most.
    private static final Comparator<PartitionStatus> NEXT_FIRST =
            Comparator.comparing(PartitionStatus::overdue)
                    .thenComparingLong(PartitionStatus::deadBytes)
                    .reversed();

    private CleanerJson() {}

    static ObjectNode describe(CompactionReport report) {
        ObjectNode json = Json.object();
        json.put("id", report.id());
        json.put("topic", report.topic());
        json.put("state", report.state().name().toLowerCase(Locale.ROOT));
        Json.putTime(json, "startedAt", OptionalLong.of(report.startedAtMs()));
        Json.putTime(json, "finishedAt", report.finishedAtMs());
        json.put("bytesDone", report.bytesDone());
        json.put("bytesTotal", report.bytesTotal());
        json.put("recordsRead", report.recordsRead());
        json.put("recordsKept", report.recordsKept());
        json.put("bytesBefore", report.bytesBefore());
        json.put("bytesAfter", report.bytesAfter());
        json.put("error", report.error());
        return json;
    }

    static ObjectNode describe(DryRun run) {
        ObjectNode json = Json.object();
        json.put("topic", run.topic());
        json.put("dryRun", true);
        json.put("segmentsRewritten", run.segmentsRewritten());
        json.put("bytesBefore", run.bytesBefore());
        json.put("bytesAfter", run.bytesAfter());
        json.put("bytesToRead", run.bytesToRead());
        json.put("recordsSuperseded", run.recordsSuperseded());
        return json;
    }

    static ObjectNode describe(CleanerStatus status) {
        ObjectNode json = Json.object();
        json.put("threads", status.threads());
        ArrayNode running = json.putArray("running");
        status.running().forEach(r -> running.add(describe(r)));
        ArrayNode waiting = json.putArray("waiting");
        status.waiting().forEach(report -> waiting.add(describe(report)));
        List<PartitionStatus> partitions = status.partitions();
        ArrayNode candidates = json.putArray("candidates");
        partitions.stream()
                .filter(PartitionStatus::eligible)
                .sorted(NEXT_FIRST)
                .forEach(p -> candidates.add(p.topic() + "-" + p.partition()));
        ArrayNode errors = json.putArray("lastErrors");
        partitions.stream()
                .filter(p -> p.failures() > 0)
                .forEach(p -> errors.add(describeFailure(p)));
        ArrayNode all = json.putArray("partitions");
        partitions.forEach(p -> all.add(describe(p)));
        return json;
    }

    private static ObjectNode describe(CleanerStatus.Running running) {
        ObjectNode json = Json.object();
        json.put("topic", running.topic());
        json.put("partition", running.partition());
        json.put("thread", running.thread());
        json.put("virtualThread", running.virtualThread());
        Json.putTime(json, "startedAt", OptionalLong.of(running.startedAtMs()));
        json.put("bytesDone", running.bytesDone());
        json.put("bytesTotal", running.bytesTotal());
        return json;
    }

    private static ObjectNode describeFailure(PartitionStatus partition) {
        ObjectNode json = Json.object();
        json.put("topic", partition.topic());
        json.put("partition", partition.partition());
        json.put("failures", partition.failures());
        json.put("error", partition.lastError());
        Json.putTime(json, "retryAt", OptionalLong.of(partition.retryAtMs()));
        return json;
    }

    private static ObjectNode describe(PartitionStatus partition) {
        ObjectNode json = Json.object();
        json.put("topic", partition.topic());
        json.put("partition", partition.partition());
        json.put("eligible", partition.eligible());
        json.put("overdue", partition.overdue());
        json.put("deadBytes", partition.deadBytes());
        json.put("reason", partition.reason());
        TopicJson.putDamages(json, partition.damages());
        return json;
    }
}
