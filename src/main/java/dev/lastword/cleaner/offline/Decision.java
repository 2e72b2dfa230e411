package dev.lastword.cleaner.offline;

import dev.lastword.index.KeyHash;
import dev.lastword.index.KeyHasher;
import dev.lastword.io.Disk;
import dev.lastword.log.ClosedSegment;
import dev.lastword.record.RecordBatch;
import dev.lastword.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// The first reading of a log: finds out which records are superseded, without changing anything.
///
/// Every record of a data batch has an ordinal, its number in the log. For each key the ordinal of
/// its latest record so far is remembered; a record that takes another's place there makes that one
/// dead. Records of aborted transactions neither have a place nor take one. So when all is read,
/// the dead are known as a set of ordinals, one bit each however far apart their offsets lie, and
/// the second reading ([Copy]) looks up no key.
///
/// Keys are not looked at one by one, but many at a time: [PendingKeys].
///
/// Only what is below the last stable offset is decided on. Transactions are looked at when the
/// first transactional batch turns up: then the rest of the log is read ahead to find out how each
/// ended. If that shows that the range is to end in the segment just being read, or before, what
/// was read of it is forgotten by starting over.
///
/// Not thread-safe; for one use.
final class Decision {
    private final LogReader reader;
    private final OfflineOptions options;
    private final Ticker ticker;
    private final List<ClosedSegment> segments;

    /// The first segment that is read.
    private final int from;

    private final KeyHasher hasher;
    private final KeyHash hash = new KeyHash();
    private PendingKeys pending;

    /// Exclusive end of the segments that may be cleaned; only ever reduced.
    private int end;

    private OrdinalSet dead = new OrdinalSet();
    private OrdinalSet tombstones = new OrdinalSet();
    private List<SegmentPlan> plans = new ArrayList<>();
    private ProducerLedger ledger = new ProducerLedger();
    private TransactionState transactions = new TransactionState(List.of());
    private boolean lookedAhead;
    private long nextOrdinal;
    private long withoutKey;
    private long superseded;
    private boolean hasWork;

    /// What was found out.
    ///
    /// @param plans the segments to clean, ascending
    /// @param dead ordinals of records that go: superseded or without a key
    /// @param tombstones ordinals of records without a value
    /// @param ledger all producers of the whole log, if any wrote to the segments to be cleaned
    /// @param superseded how many records have a successor
    /// @param withoutKey how many records have no key
    /// @param keys distinct keys
    record Outcome(
            List<SegmentPlan> plans,
            OrdinalSet dead,
            OrdinalSet tombstones,
            ProducerLedger ledger,
            long superseded,
            long withoutKey,
            long keys) {}

    /// @param segments all of the log
    /// @param from the first to clean
    /// @param end behind the last that may be cleaned
    Decision(
            Disk disk,
            List<ClosedSegment> segments,
            int from,
            int end,
            OfflineOptions options,
            Ticker ticker) {
        this.reader = new LogReader(disk);
        this.segments = segments;
        this.from = from;
        this.end = end;
        this.options = options;
        this.ticker = ticker;
        this.pending = PendingKeys.of(bytes());
        SecureRandom random = new SecureRandom(); // nobody may know which keys collide
        this.hasher = KeyHasher.keyed(random.nextLong(), random.nextLong());
    }

    private long bytes() {
        return segments.subList(from, end).stream().mapToLong(ClosedSegment::sizeBytes).sum();
    }

    Outcome run() throws IOException {
        boolean whole = attempt();
        while (!whole) {
            startOver();
            whole = attempt();
        }
        superseded += pending.drainAll(dead);
        if (!lookedAhead && !ledger.isEmpty()) {
            readOn(end, 0);
        }
        return new Outcome(plans, dead, tombstones, ledger, superseded, withoutKey, pending.keys());
    }

    private void startOver() {
        dead = new OrdinalSet();
        tombstones = new OrdinalSet();
        plans = new ArrayList<>();
        ledger = new ProducerLedger();
        transactions = new TransactionState(List.of());
        lookedAhead = false;
        pending = PendingKeys.of(bytes());
        nextOrdinal = 0;
        withoutKey = 0;
        superseded = 0;
    }

    /// Reads all segments up to the end. False if records were read that turned out to lie behind
    /// it.
    private boolean attempt() throws IOException {
        for (int i = from; i < end; i++) {
            long firstOrdinal = nextOrdinal;
            hasWork = false;
            int segment = i;
            if (!reader.read(segments, i, 0, batch -> readBatch(batch, segment))) {
                return nextOrdinal == firstOrdinal;
            }
            plans.add(
                    new SegmentPlan(
                            segments.get(i), firstOrdinal, nextOrdinal - firstOrdinal, hasWork));
        }
        return true;
    }

    /// False to stop: the segment that is being read is not to be cleaned after all.
    private boolean readBatch(RecordBatch batch, int segment) throws IOException {
        if (!lookedAhead && batch.producerId() >= 0) {
            if (batch.isTransactional()) {
                readOn(segment, reader.position());
                transactions = new TransactionState(ledger.aborted());
                lookedAhead = true;
                endBefore(ledger.firstOpenOffset());
                if (segment >= end) {
                    return false;
                }
            } else {
                ledger.read(batch);
            }
        }
        ticker.advance(batch.sizeInBytes());
        if (batch.isControl()) {
            transactions.isIdle(batch);
            hasWork = true;
            return true;
        }
        hasWork |= batch.isTransactional() || batch.count() == 0;
        if (transactions.isAborted(batch)) {
            nextOrdinal += batch.count();
        } else {
            readRecords(batch);
        }
        return true;
    }

    private void readRecords(RecordBatch batch) throws IOException {
        RecordCursor cursor = batch.cursor();
        ByteBuffer buffer = cursor.buffer();
        boolean stampedForLater =
                batch.hasDeleteHorizon() && batch.deleteHorizonMs() > options.nowMs();
        long ordinal = nextOrdinal;
        if (ordinal > KeyTable.ORDINAL_LIMIT - batch.count()) {
            throw new IOException("a log of more than 2^40 records");
        }
        while (cursor.next()) {
            if (cursor.valueLength() < 0) {
                tombstones.add(ordinal);
                hasWork |= !stampedForLater;
            }
            if (cursor.keyLength() < 0) {
                dead.add(ordinal);
                withoutKey++;
            } else {
                hasher.hash(buffer, cursor.keyPosition(), cursor.keyLength(), hash);
                int full = pending.add(hash, ordinal);
                if (full >= 0) {
                    superseded += pending.drain(full, dead);
                }
            }
            ordinal++;
        }
        nextOrdinal = ordinal;
    }

    /// Lets the ledger read from a batch to the end of the log.
    private void readOn(int segment, long position) throws IOException {
        LogReader ahead = reader.another();
        for (int i = segment; i < segments.size(); i++) {
            ahead.read(
                    segments,
                    i,
                    i == segment ? position : 0,
                    batch -> {
                        ledger.read(batch);
                        return true;
                    });
        }
    }

    /// Nothing at or above an offset may be cleaned, and no part of the segment that holds it.
    private void endBefore(long offset) {
        while (end > from && segments.get(end).baseOffset() > offset) {
            end--;
        }
    }
}
