package dev.lastword.app;

import dev.lastword.http.Availability;
import dev.lastword.log.LogStore;
import dev.lastword.log.PartitionLog;
import dev.lastword.log.PartitionState;
import dev.lastword.log.PartitionStats;
import dev.lastword.log.Topic;
import io.smallrye.health.api.Wellness;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/// Well: every partition takes writes and is cleaned. One that does not must neither restart the
/// service nor take the other partitions offline, so it shows here and not in readiness.
@Singleton
@Wellness
public class PartitionCheck implements HealthCheck {
    static final int TOLD_MAX = 100;

    private final Availability availability;
    private final Instance<LogStore> store;

    PartitionCheck(Availability availability, Instance<LogStore> store) {
        this.availability = availability;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("partitions").up();
        if (availability.unavailable() != null) {
            return response.withData("state", "not open").build();
        }
        int unwell = 0;
        for (Topic topic : store.get().topics()) {
            for (PartitionLog partition : topic.partitions()) {
                PartitionStats stats = partition.stats();
                if (stats.state() != PartitionState.ONLINE && unwell++ < TOLD_MAX) {
                    response.down()
                            .withData(
                                    topic.name() + "-" + stats.partition(),
                                    stats.state().name().toLowerCase(Locale.ROOT)
                                            + ": "
                                            + stats.reason());
                }
            }
        }
        return response.build();
    }
}
