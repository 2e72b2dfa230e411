package dev.lastword.app;

import dev.lastword.cleaner.Cleaner;
import dev.lastword.cleaner.CleanerStatus.PartitionStatus;
import dev.lastword.http.Availability;
import io.smallrye.health.api.Wellness;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/// Well: no partition's last cleaning failed.
@Singleton
@Wellness
public class CleanerCheck implements HealthCheck {
    private final Availability availability;
    private final Instance<Cleaner> cleaner;

    CleanerCheck(Availability availability, Instance<Cleaner> cleaner) {
        this.availability = availability;
        this.cleaner = cleaner;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("cleaner").up();
        if (availability.unavailable() != null) {
            return response.withData("state", "not open").build();
        }
        cleaner.get().status().partitions().stream()
                .filter(p -> p.failures() > 0)
                .limit(PartitionCheck.TOLD_MAX)
                .forEach(p -> tell(response, p));
        return response.build();
    }

    private static void tell(HealthCheckResponseBuilder response, PartitionStatus failing) {
        response.down()
                .withData(
                        failing.topic() + "-" + failing.partition(),
                        String.valueOf(failing.lastError()));
    }
}
