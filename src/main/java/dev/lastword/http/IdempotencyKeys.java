package dev.lastword.http;

import dev.lastword.index.KeyHash;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Requests that carry an `Idempotency-Key`. A key names a request of one caller, with one method,
/// at one target; the log then stores it once, however often it is sent ([dev.lastword.log.Once]).
/// While one of a name is being handled another is refused: whether that will succeed is not known
/// yet. Thread-safe.
@Singleton
final class IdempotencyKeys {
    static final String HEADER = "Idempotency-Key";
    private static final int CHARS_MAX = 255;

    /// Those being handled: no more than there are requests at once.
    private final Set<String> inFlight = ConcurrentHashMap.newKeySet();

    /// The right to handle a request of that name; to be closed when it is answered.
    ///
    /// @param request its name, or null where it has none
    record Claim(@Nullable KeyHash request, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }

    private static final Claim NONE = new Claim(null, () -> {});

    /// @throws ProblemException 400 where the key is none, 409 while its request is being handled
    Claim claim(RoutingContext context) {
        HttpServerRequest request = context.request();
        List<String> sent = request.headers().getAll(HEADER);
        if (sent.isEmpty()) {
            return NONE;
        }
        String key = sent.size() == 1 ? sent.getFirst() : "";
        if (key.isEmpty() || key.length() > CHARS_MAX) {
            throw new ProblemException(
                            400,
                            "invalid-header",
                            "Idempotency-Key takes one text of 1 to " + CHARS_MAX + " characters.")
                    .with("field", HEADER);
        }
        String name = nameOf(callerOf(context), request.method().name(), request.uri(), key);
        if (!inFlight.add(name)) {
            throw new ProblemException(
                            409,
                            "request-in-flight",
                            "A request with this Idempotency-Key is being handled. Ask again for"
                                    + " its outcome.")
                    .retryAfter(1);
        }
        return new Claim(hash(name), () -> inFlight.remove(name));
    }

    private static String callerOf(RoutingContext context) {
        return context.user() instanceof QuarkusHttpUser user
                ? user.getSecurityIdentity().getPrincipal().getName()
                : "";
    }

    /// The name of an event: repeats have the same source and id.
    static KeyHash ofEvent(String source, String id) {
        return hash(nameOf("cloudevent", source, id));
    }

    /// None of the parts can reach into the next, for each has its length before it.
    private static String nameOf(String... parts) {
        StringBuilder name = new StringBuilder();
        for (String part : parts) {
            name.append(part.length()).append(':').append(part);
        }
        return name.toString();
    }

    private static KeyHash hash(String name) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8));
            KeyHash hash = new KeyHash();
            hash.hi = ByteBuffer.wrap(digest).getLong();
            hash.lo = ByteBuffer.wrap(digest).getLong(Long.BYTES);
            return hash;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
