package dev.lastword.log;

import java.util.function.Consumer;

/// The running counts of a verification, through which all findings go. Not thread-safe.
final class VerifyCounts {
    /// Told of how far a verification is, now and then.
    private final DirectoryVerifier.Progress progress;

    private final Consumer<Finding> findings;
    private long partitions;
    private long segments;
    private long batches;
    private long records;
    private long bytes;
    private long problems;
    private long notes;

    VerifyCounts(Consumer<Finding> findings, DirectoryVerifier.Progress progress) {
        this.findings = findings;
        this.progress = progress;
    }

    void tell(Finding finding) {
        if (finding.severity() == Finding.Severity.PROBLEM) {
            problems++;
        } else {
            notes++;
        }
        findings.accept(finding);
    }

    void partition() {
        partitions++;
    }

    void segment() {
        segments++;
    }

    void read(long recordsMore, long bytesMore) {
        batches++;
        records += recordsMore;
        bytes += bytesMore;
        progress.read(records, bytes);
    }

    void skipped(long bytesMore) {
        bytes += bytesMore;
    }

    VerifyResult result() {
        return new VerifyResult(partitions, segments, batches, records, bytes, problems, notes);
    }
}
