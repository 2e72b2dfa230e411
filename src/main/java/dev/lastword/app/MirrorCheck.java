package dev.lastword.app;

import dev.lastword.config.LastwordConfig;
import dev.lastword.ingest.MirrorBoard;
import io.smallrye.health.api.Wellness;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/// Well: Kafka answers and every partition assigned is mirrored. A broker that is away makes
/// nothing unready: what was mirrored is served.
@Singleton
@Wellness
public class MirrorCheck implements HealthCheck {
    private final LastwordConfig config;
    private final MirrorBoard mirrors;

    MirrorCheck(LastwordConfig config, MirrorBoard mirrors) {
        this.config = config;
        this.mirrors = mirrors;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("kafka").up();
        if (!config.kafka().isOn()) {
            return response.withData("state", "off").build();
        }
        String sourceError = mirrors.sourceError();
        if (sourceError != null) {
            response.down().withData("source", sourceError);
        }
        mirrors.all().stream()
                .filter(MirrorBoard.Status::isUnwell)
                .limit(PartitionCheck.TOLD_MAX)
                .forEach(s ->
                        response.down()
                                .withData(
                                        s.topic() + "-" + s.partition(),
                                        s.state().name().toLowerCase(Locale.ROOT)
                                                + ": "
                                                + s.reason()));
        return response.build();
    }
}
