package dev.lastword.deploy;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.http.TemporaryData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the dashboard and the alert rules ask for is what the service has.
@QuarkusTest
@QuarkusTestResource(TemporaryData.class)
class MonitoringTest {
    private static final Path FOLDER = Path.of("deploy", "monitoring");

    /// The service's own; Prometheus' and the JVM's names are not ours.
    private static final Pattern METRIC = Pattern.compile("\\blastword_[a-z_]+\\b");

    private static Set<String> metricsIn(String text) {
        Set<String> names = new TreeSet<>();
        Matcher m = METRIC.matcher(text);
        while (m.find()) {
            names.add(m.group());
        }
        return names;
    }

    @Test
    void every_metric_asked_for_is_there() throws IOException {
        given().body("1").put("/topics/monitoring-test/keys/a").then().statusCode(201);
        given().post("/topics/monitoring-test/compactions?wait=true").then().statusCode(200);
        Set<String> there =
                metricsIn(given().get("/q/metrics").then().statusCode(200).extract().asString());
        for (String file : List.of("alerts.yaml", "grafana-dashboard.json")) {
            Set<String> asked = metricsIn(Files.readString(FOLDER.resolve(file)));
            assertTrue(asked.size() > 4, () -> file + " asks for " + asked);
            asked.removeAll(there);
            assertEquals(Set.of(), asked, file);
        }
    }
}
