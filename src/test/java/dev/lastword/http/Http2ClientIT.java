package dev.lastword.http;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/// The same on the packaged application.
@QuarkusIntegrationTest
class Http2ClientIT extends Http2ClientTest {}
