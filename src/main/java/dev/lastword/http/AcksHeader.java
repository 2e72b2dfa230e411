package dev.lastword.http;

import dev.lastword.log.Acks;
import io.vertx.core.MultiMap;
import org.jspecify.annotations.Nullable;

/// `Lastword-Acks`: when a write is answered, if not when its topic says (`acks`).
final class AcksHeader {
    static final String NAME = "Lastword-Acks";

    private AcksHeader() {}

    /// What a request asks for; null where it leaves that to the topic.
    ///
    /// @throws ProblemException 400
    static @Nullable Acks of(MultiMap headers) {
        String text = headers.get(NAME);
        return switch (text) {
            case null -> null;
            case "flushed" -> Acks.FLUSHED;
            case "written" -> Acks.WRITTEN;
            default ->
                    throw new ProblemException(
                                    400,
                                    "invalid-header",
                                    "Lastword-Acks is flushed (once it is on disk) or written (once"
                                            + " the operating system has it).")
                            .with("field", NAME);
        };
    }
}
