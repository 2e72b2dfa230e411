package dev.lastword.app;

import dev.lastword.config.LastwordConfig;
import dev.lastword.http.Availability;
import dev.lastword.log.LogStore;
import io.smallrye.health.api.Wellness;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

/// Well: the disk has room. Cleaning needs some to win more, so it should not run full first.
@Singleton
@Wellness
public class DiskCheck implements HealthCheck {
    private static final long FREE_BYTES_MIN = 256L << 20;

    private final LastwordConfig config;
    private final Availability availability;
    private final Instance<LogStore> store;

    DiskCheck(LastwordConfig config, Availability availability, Instance<LogStore> store) {
        this.config = config;
        this.availability = availability;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        if (availability.unavailable() != null) {
            return HealthCheckResponse.named("disk").up().withData("state", "not open").build();
        }
        long free = store.get().usableBytes();
        return HealthCheckResponse.named("disk")
                .status(free >= FREE_BYTES_MIN)
                .withData("dataDir", config.dataDir().toString())
                .withData("freeBytes", free)
                .withData("freeBytesMin", FREE_BYTES_MIN)
                .build();
    }
}
