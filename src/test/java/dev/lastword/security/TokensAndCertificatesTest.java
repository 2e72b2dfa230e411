package dev.lastword.security;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.http.RawHttp;
import dev.lastword.http.TemporaryData;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A service that knows its callers by tokens, by certificates and by passwords at once.
@QuarkusTest
@QuarkusTestResource(value = TemporaryData.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = IdentityFixture.class, restrictToAnnotatedClass = true)
class TokensAndCertificatesTest {
    private static final String PROBLEM = "application/problem+json";

    @TestHTTPResource(value = "/", tls = true)
    URI secure;

    private static RequestSpecification with(String token) {
        return given().header("Authorization", "Bearer " + token);
    }

    private static String token(String subject, String... grants) {
        return Token.of(subject).with("lastword", json(grants)).signed();
    }

    private static String json(String... texts) {
        return Stream.of(texts).map(t -> "\"" + t + "\"").toList().toString();
    }

    @Test
    void a_token_carries_its_grants() {
        String robot = token("robot", "writer@open-*", "offline_access");
        with(robot).body("1").put("/topics/open-t/keys/k").then().statusCode(201);
        with(robot).get("/topics/open-t/keys/k").then().statusCode(200).body(equalTo("1"));
        with(robot)
                .body("1")
                .put("/topics/closed/keys/k")
                .then()
                .statusCode(403)
                .contentType(PROBLEM)
                .body("detail", containsString("token:robot needs the role writer"));
        with(robot).delete("/topics/open-t").then().statusCode(403);
    }

    @Test
    void a_token_has_the_grants_of_its_name_in_the_file() {
        String till = Token.of("system:serviceaccount:shop:till").signed();
        with(till).get("/topics/open-none").then().statusCode(404);
        with(till).get("/topics/closed").then().statusCode(403);
        // a password's name, and a certificate's, are other names
        with(Token.of("root").signed()).get("/topics").then().statusCode(403);
        with(Token.of("CN=billing,O=Acme").signed()).get("/topics/open-a").then().statusCode(403);
    }

    @Test
    void roles_for_others_are_none_here() {
        String groups =
                Token.of("robot")
                        .with("groups", json("admin"))
                        .with("realm_access", "{\"roles\":" + json("admin") + "}")
                        .signed();
        with(groups).get("/topics").then().statusCode(403);
        with(token("robot", "administrator", "reader@")).get("/topics").then().statusCode(403);
    }

    static Stream<Supplier<String>> what_is_no_token_for_us() {
        return Stream.of(
                () -> "nonsense",
                () -> "a.b.c",
                () -> admin().until(Instant.now().minusSeconds(60)).signed(),
                () -> admin().withAudience("another").signed(),
                () -> admin().withIssuer("http://127.0.0.1:1").signed(),
                () ->
                        admin().with("nbf", "" + Instant.now().plusSeconds(600).getEpochSecond())
                                .signed(),
                () -> admin().signedByAnother(),
                () -> admin().unsigned(),
                () -> Token.of("").with("lastword", json("admin")).signed());
    }

    private static Token admin() {
        return Token.of("boss").with("lastword", json("admin"));
    }

    @ParameterizedTest
    @MethodSource("what_is_no_token_for_us")
    void what_is_no_token_for_us_is_told_and_kept_to_itself(Supplier<String> wrong) {
        String token = wrong.get();
        try (LogLines lines = LogLines.take()) {
            Response answer = with(token).delete("/topics/open-x");
            answer.then()
                    .statusCode(401)
                    .contentType(PROBLEM)
                    .body("type", equalTo("/problems/unauthenticated"))
                    .body("detail", containsString("token"));
            assertTrue(
                    answer.headers()
                            .getValues("WWW-Authenticate")
                            .contains("Bearer realm=\"lastword\", error=\"invalid_token\""),
                    answer.headers().toString());
            assertEquals(-1, answer.asString().indexOf(token));
            assertFalse(
                    lines.all().stream().anyMatch(l -> l.contains(token)), lines.all()::toString);
        }
    }

    @Test
    void who_says_nothing_hears_every_way() {
        Response answer = given().get("/topics");
        answer.then()
                .statusCode(401)
                .contentType(PROBLEM)
                .body("detail", containsString("bearer token, or by a client certificate"));
        assertEquals(
                List.of(
                        "Basic realm=\"lastword\", charset=\"UTF-8\"",
                        "Bearer realm=\"lastword\"",
                        "ClientCertificate realm=\"lastword\""),
                answer.headers().getValues("WWW-Authenticate"));
        given().auth().preemptive().basic("root", "secret").get("/topics").then().statusCode(200);
    }

    @Test
    void what_an_admin_does_is_told_though_its_query_is_malformed() throws IOException {
        String boss = admin().signed();
        with(boss).body("1").put("/topics/audited-odd/keys/k").then().statusCode(201);
        try (LogLines lines = LogLines.take();
                RawHttp raw = new RawHttp(RestAssured.port, 64 << 10)) {
            String request =
                    "DELETE /topics/audited-odd?x=%zz HTTP/1.1\r\nHost: localhost\r\n"
                            + "Authorization: Bearer "
                            + boss
                            + "\r\n\r\n";
            raw.send(request.getBytes(StandardCharsets.US_ASCII));
            assertEquals(204, raw.answer("DELETE").status());
            await().until(() ->
                    lines.audit().stream()
                            .anyMatch(l -> l.contains("DELETE /topics/audited-odd?")));
        }
    }

    @Test
    void what_an_admin_does_is_told_once_with_name() {
        String boss = admin().signed();
        with(boss).body("1").put("/topics/audited/keys/k").then().statusCode(201);
        try (LogLines lines = LogLines.take()) {
            String release = "/topics/audited/partitions/0/release?force=true&note=" + "hidden";
            with(boss).post(release).then().statusCode(409);
            with(token("robot", "writer")).delete("/topics/audited").then().statusCode(403);
            with(token("a\\nb", "admin")).delete("/topics/audited").then().statusCode(204);
            await().until(() -> lines.audit().size() >= 3); // an answer is told once it is out
            List<String> told =
                    lines.audit().stream()
                            .map(l -> l.replaceAll(" from [0-9.]+:[0-9]+", ""))
                            .toList();
            assertEquals(
                    List.of(
                            "dev.lastword.audit token:boss: POST"
                                    + " /topics/audited/partitions/0/release?force=true,"
                                    + " answered 409",
                            "dev.lastword.audit token:robot: DELETE /topics/audited,"
                                    + " answered 403",
                            "dev.lastword.audit token:a?b: DELETE /topics/audited,"
                                    + " answered 204"),
                    told);
            assertFalse(
                    lines.all().stream()
                            .anyMatch(l -> l.contains("hidden") || l.contains("asked for by")),
                    lines.all()::toString);
        }
    }

    @Test
    void a_certificate_has_the_grants_of_its_subject() throws Exception {
        try (HttpClient billing = client("billing")) {
            assertEquals(201, put(billing, "/topics/open-c/keys/k").statusCode());
            assertForbidden(billing, "/topics/closed/keys/k", "certificate:CN=billing,O=Acme");
        }
    }

    @Test
    void a_certificate_nobody_named_may_nothing() throws Exception {
        try (HttpClient unnamed = client("unnamed")) {
            assertForbidden(unnamed, "/topics/open-c/keys/k", "certificate:CN=unnamed,O=Acme");
        }
    }

    private void assertForbidden(HttpClient client, String target, String name) throws Exception {
        HttpResponse<String> refused = put(client, target);
        assertEquals(403, refused.statusCode());
        assertTrue(refused.body().contains(name), refused.body());
    }

    @Test
    void a_certificate_of_another_authority_gets_no_connection() throws Exception {
        try (HttpClient stranger = client("stranger")) {
            assertThrows(IOException.class, () -> put(stranger, "/topics/open-c/keys/k"));
        }
    }

    @Test
    void who_has_no_certificate_can_say_who_they_are_otherwise() throws Exception {
        try (HttpClient none = client(null)) {
            HttpResponse<String> refused = put(none, "/topics/open-c/keys/k");
            assertEquals(401, refused.statusCode());
            assertEquals(PROBLEM, refused.headers().firstValue("Content-Type").orElseThrow());
            assertEquals(3, refused.headers().allValues("WWW-Authenticate").size());
            assertEquals(
                    200, get(none, "/topics", "Bearer " + token("robot", "reader")).statusCode());
        }
    }

    /// A proxy has a certificate and passes on whose token it was given.
    @Test
    void what_a_request_says_counts_before_the_connection() throws Exception {
        String basic =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString("root:secret".getBytes(StandardCharsets.UTF_8));
        try (HttpClient billing = client("billing")) {
            assertEquals(403, get(billing, "/topics", null).statusCode());
            assertEquals(200, get(billing, "/topics", basic).statusCode());
            assertEquals(
                    200,
                    get(billing, "/topics", "Bearer " + token("robot", "reader")).statusCode());
            assertEquals(401, get(billing, "/topics/open-c", "Bearer nonsense").statusCode());
        }
    }

    private HttpResponse<String> put(HttpClient client, String path)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(secure.resolve(path))
                        .PUT(BodyPublishers.ofString("1"))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(HttpClient client, String path, String authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(secure.resolve(path));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /// @param name of the store of its certificate; null for none
    private static HttpClient client(String name) throws GeneralSecurityException {
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(IdentityFixture.store("trust"));
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(
                name == null ? null : IdentityFixture.store(name),
                IdentityFixture.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }
}
