package dev.lastword.system;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.http.RawHttp;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random requests at every call that writes, proper ones, damaged ones, and what is hardly HTTP,
/// one after the other: what is taken is there, what is refused changes nothing and is told what to
/// do, the service is never at fault, and nothing is left behind. `-Dfuzz=` sends more, `-Dseed=`
/// others.
class WriteFuzzIT {
    private static final int REQUESTS = 3000;
    private static final int REQUESTS_PER_CHECK = 1000;

    private final long seed = Long.getLong("seed", 5);
    private final FuzzText text = new FuzzText(new Random(seed));
    private final FuzzFraming framing = new FuzzFraming(text);
    private final FuzzMutations mutations = new FuzzMutations(text);
    private final Map<Integer, Integer> statuses = new TreeMap<>();

    @TempDir private Path dataDir;

    private Api api;
    private int port;
    private FuzzState state;
    private @Nullable RawHttp kept;

    /// The request before, which may be why the next one fails.
    private String before = "none";

    @Test
    void what_is_taken_is_there_and_what_is_refused_changes_nothing() throws Exception {
        int requests = Integer.getInteger("fuzz", REQUESTS);
        try (ServiceProcess service = ServiceProcess.start(dataDir)) {
            api = new Api(service.uri());
            port = service.uri().getPort();
            state = new FuzzState(api);
            FuzzDrafts drafts = new FuzzDrafts(text, state);
            for (int i = 0; i < requests; i++) {
                if (i % REQUESTS_PER_CHECK == 0) {
                    state.check();
                    ensureTopics();
                }
                step(i, drafts);
            }
            leave();
            awaitNothingLeft();
            state.check();
            assertFalse(service.output().contains(" ERROR "), service::output);
        }
        System.out.println("WriteFuzzIT: " + requests + " requests, answered " + statuses);
        assertTrue(statuses.getOrDefault(200, 0) > requests / 10, statuses::toString);
        assertTrue(statuses.getOrDefault(400, 0) > requests / 10, statuses::toString);
    }

    private void step(int i, FuzzDrafts drafts) throws Exception {
        FuzzDraft draft = text.oneIn(20) ? drafts.lines() : drafts.any();
        draft = text.oneIn(2) ? mutations.damage(draft) : draft;
        int way = text.upTo(50);
        try {
            if (way == 0 && draft.body().length > 0 && !draft.method().equals("DELETE")) {
                breakOff(draft, framing.cut(draft));
            } else if (way == 1) {
                sendBroken(draft, framing.broken(draft));
            } else {
                send(draft);
            }
        } catch (AssertionError | Exception e) {
            String request = "request " + i + " with -Dseed=" + seed + ":\n" + draft;
            throw new AssertionError(e.getMessage() + "\n" + request + "\nafter " + before, e);
        }
        before = "way " + way + ": " + draft;
    }

    /// Damaged requests may delete topics.
    private void ensureTopics() throws Exception {
        for (String name : FuzzDrafts.TOPICS) {
            if (!state.topics().contains(name)) {
                api.createTopic(name, name.equals("three") ? 3 : 1);
                state.look();
            }
        }
    }

    private void send(FuzzDraft draft) throws Exception {
        RawHttp connection = draft.isOdd() ? new RawHttp(port, 64 << 10) : kept();
        try {
            for (byte[] piece : framing.proper(draft)) {
                connection.send(piece);
            }
            judge(draft, connection.answer(draft.method()), true);
        } finally {
            if (draft.isOdd()) {
                connection.close();
            }
        }
    }

    private void judge(FuzzDraft draft, RawHttp.Answer answer, boolean isHttp) throws Exception {
        statuses.merge(answer.status(), 1, Integer::sum);
        FuzzVerdict.check(draft, answer, isHttp);
        FuzzVerdict.check(draft, answer, state.look());
        ensureTopics();
    }

    private void sendBroken(FuzzDraft draft, FuzzFraming.Broken framed) throws Exception {
        FuzzDraft odd = draft.withOddHead(draft.method(), draft.target(), draft.headers());
        FuzzDraft broken = framed.isRefused() ? odd.withOutcome(new FuzzDraft.Refused()) : odd;
        try (RawHttp connection = new RawHttp(port, 64 << 10)) {
            connection.send(framed.bytes());
            judge(broken, connection.answer(draft.method()), false);
        } catch (EOFException | SocketException e) {
            awaitNothingRunning();
            FuzzVerdict.checkBrokenOff(broken, state.look());
            ensureTopics();
        }
    }

    /// A client that is gone before its request is whole.
    private void breakOff(FuzzDraft draft, byte[] bytes) throws Exception {
        try (RawHttp connection = new RawHttp(port, 64 << 10)) {
            connection.send(bytes).breakOff();
        }
        awaitNothingRunning();
        FuzzVerdict.checkBrokenOff(draft, state.look());
        ensureTopics();
    }

    private RawHttp kept() throws IOException {
        RawHttp connection = kept;
        if (connection == null) {
            connection = new RawHttp(port, 64 << 10);
            kept = connection;
        }
        return connection;
    }

    private void leave() throws IOException {
        if (kept != null) {
            kept.close();
        }
    }

    /// Apart from the request that asks.
    private void awaitNothingRunning() {
        Awaitility.await("the requests in service are over")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(2))
                .until(() ->
                        metric("lastword_http_streams") == 0
                                && metric("http_server_active_requests") <= 1);
    }

    private void awaitNothingLeft() {
        awaitNothingRunning();
        Awaitility.await()
                .until(() ->
                        metric("lastword_http_body_bytes") == 0
                                && metric("http_server_active_connections") <= 2);
    }

    private double metric(String name) throws IOException, InterruptedException {
        List<String> lines =
                api.get("/q/metrics")
                        .body()
                        .lines()
                        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                        .toList();
        assertFalse(lines.isEmpty(), name);
        return lines.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }
}
