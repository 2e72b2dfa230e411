package dev.lastword.app;

import io.quarkus.test.junit.QuarkusIntegrationTest;

/// The same on the packaged application.
@QuarkusIntegrationTest
class HealthIT extends HealthTest {}
