package dev.lastword.app;

import dev.lastword.http.Availability;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready: the data directory is ours and the indexes are loaded, so that reads are right. What else
/// may be wrong is [PartitionCheck]'s to tell.
@Singleton
@Readiness
public class ReadyCheck implements HealthCheck {
    private final Availability availability;

    ReadyCheck(Availability availability) {
        this.availability = availability;
    }

    @Override
    public HealthCheckResponse call() {
        String reason = availability.unavailable();
        return reason == null
                ? HealthCheckResponse.up("logs")
                : HealthCheckResponse.named("logs").down().withData("reason", reason).build();
    }
}
