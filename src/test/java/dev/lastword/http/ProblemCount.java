package dev.lastword.http;

import static io.restassured.RestAssured.given;

/// How many problems of a kind the service under test has counted.
final class ProblemCount {
    private ProblemCount() {}

    static double of(String kind) {
        String name = "lastword_problems_total{problem=\"" + kind + "\"} ";
        return given().get("/q/metrics")
                .asString()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }
}
