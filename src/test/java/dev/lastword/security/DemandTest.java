package dev.lastword.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What requests need.
class DemandTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /topics, reader,",
        "POST, /topics, admin,",
        "GET, /topics/, reader,",
        "GET, /cleaner, reader,",
        "GET, /q/metrics, reader,",
        "POST, /compact, writer,",
        "GET, /nowhere, reader,",
        "GET, /topics/t, reader, t",
        "DELETE, /topics/t, admin, t",
        "POST, /topics/t, writer, t",
        "POST, /topics/t/partitions/0, writer, t",
        "PATCH, /topics/t/config, admin, t",
        "PATCH, /topics/t/config;x=1, admin, t",
        "PATCH, /topics/t;x=1/config, admin, t",
        "GET, /topics/secret;a-public/keys/k, reader, secret",
        "GET, /topics/t/keys/a/b, reader, t",
        "HEAD, /topics/t/keys/a, reader, t",
        "PUT, /topics/t/keys/config, writer, t",
        "DELETE, /topics/t/keys/a, writer, t",
        "POST, /topics/t/keys:get, reader, t",
        "POST, /topics/t/records, writer, t",
        "GET, /topics/t/snapshot, reader, t",
        "GET, /topics/t/changes, reader, t",
        "POST, /topics/t/compactions, admin, t",
        "DELETE, /topics/t/compactions/3, admin, t",
        "GET, /topics/t/compactions/3, reader, t",
        "POST, /topics/t/partitions/0/reopen, admin, t",
        "POST, /topics/t/partitions/0/release, admin, t",
        "POST, /topics/t/partitions/0/reset;x, admin, t",
        "GET, /topics/t/partitions/0/records, reader, t"
    })
    void a_request_needs_a_role_for_its_topic(
            String method, String path, String role, String topic) {
        Demand demand = Demand.of(method, path);
        assertEquals(role, String.valueOf(demand.role()).toLowerCase(Locale.ROOT));
        assertEquals(topic, demand.topic());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /q/health/live",
        "GET, /q/health",
        "GET, /q/openapi",
        "OPTIONS, /topics/t/keys/a"
    })
    void health_and_documents_are_for_anyone(String method, String path) {
        assertNull(Demand.of(method, path).role());
    }

    @Test
    void a_grant_allows_what_lesser_roles_may_for_matching_topics_only() {
        Grant grant = Grant.parse("writer@orders-*");
        assertEquals(true, grant.allows(Role.READER, "orders-eu"));
        assertEquals(true, grant.allows(Role.WRITER, "orders-"));
        assertEquals(false, grant.allows(Role.ADMIN, "orders-eu"));
        assertEquals(false, grant.allows(Role.READER, "order"));
        assertEquals(false, grant.allows(Role.READER, null));
        assertEquals(true, Grant.parse("admin").allows(Role.READER, null));
    }

    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "a*c, abc, true",
        "a*c, ac, true",
        "a*c, acb, false",
        "a*b*c, aXbYbZc, true",
        "a, a, true",
        "a, ab, false",
        "**, x, true",
        "*a, bbba, true",
        "*a, bbbab, false"
    })
    void a_star_stands_for_any_characters(String pattern, String name, boolean matches) {
        assertEquals(matches, Grant.matches(pattern, name));
    }
}
