package dev.lastword.http;

import dev.lastword.config.LastwordConfig;
import dev.lastword.json.NdjsonCompaction;
import dev.lastword.json.TwoPassInput;
import dev.lastword.log.LogStore;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Keeps the last record of each key out of a body, and answers with those: what `lastword compact`
/// does, as a service. Nothing is stored. The whole body is read before the answer begins, for only
/// its end tells which records stay; a copy is kept meanwhile in a file without a name on the data
/// directory's disk, of which so much stays free that the logs do not feel it.
///
/// Memory grows with the keys alone. Thread-safe.
@Singleton
final class OneShotCompaction {
    private static final Logger LOG = Logger.getLogger(OneShotCompaction.class);

    /// The copy leaves as much of the disk to the logs.
    private static final long RESERVED_BYTES = 1L << 30;

    /// How often the disk is looked at, in bytes copied.
    private static final long LOOK_EVERY_BYTES = 16 << 20;

    private static final int CHUNK_BYTES = 64 << 10;

    private final LogStore store;
    private final LastwordConfig config;
    private final RecordWrites writes;
    private final ClientPaces paces;
    private final Vertx vertx;
    private final Semaphore free;
    private final Path folder;

    OneShotCompaction(
            LogStore store,
            LastwordConfig config,
            RecordWrites writes,
            ClientPaces paces,
            Vertx vertx) {
        this.store = store;
        this.config = config;
        this.writes = writes;
        this.paces = paces;
        this.vertx = vertx;
        this.free = new Semaphore(config.compact().concurrentMax());
        this.folder = config.dataDir().resolve("lastword");
    }

    /// To be called on the request's event loop.
    ///
    /// @throws ProblemException 503 where as many run as may, before anything of the body is read
    Uni<@Nullable Void> run(RoutingContext context, boolean dropTombstones) {
        HttpServerRequest request = context.request();
        if (!free.tryAcquire()) {
            throw new ProblemException(
                            503,
                            "too-many-compactions",
                            "As many compactions run as may at once ("
                                    + config.compact().concurrentMax()
                                    + ", lastword.compact.max-concurrent). Try again later.")
                    .retryAfter(5);
        }
        RequestBody body = new RequestBody(request, vertx, config.streamIdleMax());
        return Blocking.<@Nullable Void>call(
                        () -> {
                            compact(request, body, dropTombstones);
                            return null;
                        })
                .onTermination()
                .invoke(free::release);
    }

    private void compact(HttpServerRequest request, RequestBody body, boolean dropTombstones) {
        try (body;
                InputStream content = Encodings.unpacked(request, body, config.expansionMax());
                TwoPassInput input = TwoPassInput.pipe(content, folder, new Limit())) {
            NdjsonCompaction compaction =
                    new NdjsonCompaction(
                            writes.jsonBytesMax(null),
                            config.compact().keysMax(),
                            dropTombstones,
                            records -> {});
            decide(compaction, input);
            answer(compaction, input, request);
        } catch (TwoPassInput.CopyFailedException e) {
            throw new ProblemException(507, "disk-full", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UncheckedIOException("closing a body", e);
        }
    }

    /// Reads all of the body.
    private void decide(NdjsonCompaction compaction, TwoPassInput input)
            throws TwoPassInput.CopyFailedException {
        try {
            compaction.decide(input.first());
        } catch (NdjsonCompaction.BadLineException e) {
            throw BadBodyException.of(e.reason())
                    .asProblem("Line " + e.line() + ": ")
                    .with("line", e.line());
        } catch (NdjsonCompaction.TooManyKeysException e) {
            throw new ProblemException(
                    413,
                    "too-many-keys",
                    e.getMessage()
                            + " Compact it in parts and then those together, or raise"
                            + " lastword.compact.max-keys.");
        } catch (BadBodyException e) {
            throw e.asProblem();
        } catch (TwoPassInput.CopyFailedException e) {
            throw e;
        } catch (IOException e) {
            LOG.debugf(e, "A body broke off after %d records", compaction.records());
            throw new ProblemException(
                    400,
                    "body-incomplete",
                    "The body broke off after "
                            + compaction.records()
                            + " records; send it again as a whole.");
        }
    }

    private void answer(
            NdjsonCompaction compaction, TwoPassInput input, HttpServerRequest request) {
        ResponseSink sink = new ResponseSink(request, MediaTypes.NDJSON, paces.begin());
        sink.header("Lastword-Records-In", Long.toString(compaction.records()));
        sink.header("Lastword-Records-Out", Long.toString(compaction.remaining()));
        try {
            Chunks chunks = new Chunks(sink);
            compaction.copy(input.second(), chunks::add);
            chunks.end();
        } catch (IOException e) {
            LOG.debugf(e, "A client did not take its records to the end");
            sink.abort();
        } catch (RuntimeException | Error e) {
            if (!sink.isBegun()) {
                throw e;
            }
            LOG.errorf(e, "A compacted stream was broken off");
            sink.abort();
        }
    }

    /// How much of the disk the copy may take.
    private final class Limit implements TwoPassInput.CopyLimit {
        private long lookAt;

        @Override
        public void check(long bytes) throws IOException {
            long max = config.compact().bytesMax();
            if (bytes > max) {
                throw new BadBodyException(
                        413,
                        "body-too-large",
                        "The body has more than "
                                + max
                                + " bytes, unpacked. Compact it in parts and then those together,"
                                + " or raise lastword.compact.max-bytes.");
            }
            if (bytes >= lookAt) {
                lookAt = bytes + LOOK_EVERY_BYTES;
                if (store.usableBytes() < RESERVED_BYTES + LOOK_EVERY_BYTES) {
                    throw new BadBodyException(
                            507,
                            "disk-full",
                            "There is no room on the disk for a copy of the body; 1 GiB stays free"
                                    + " for the logs. Free some, or compact in parts.");
                }
            }
        }
    }

    /// Gathers lines until they are worth sending.
    private static final class Chunks {
        private final ResponseSink sink;
        private byte[] bytes = new byte[CHUNK_BYTES];
        private int size;

        Chunks(ResponseSink sink) {
            this.sink = sink;
        }

        @SuppressWarnings("ThreadPriorityCheck") // nothing is made right by it, only fairer
        void add(byte[] source, int from, int length) throws IOException {
            if (size > 0 && length >= bytes.length - size) {
                sink.write(bytes, size);
                size = 0;
                Thread.yield(); // a virtual thread keeps its carrier until it waits
            }
            if (length >= bytes.length) {
                bytes = new byte[length + 1];
            }
            System.arraycopy(source, from, bytes, size, length);
            size += length;
            bytes[size++] = '\n';
        }

        void end() throws IOException {
            sink.end(bytes, size);
        }
    }
}
