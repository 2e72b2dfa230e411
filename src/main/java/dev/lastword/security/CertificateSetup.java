package dev.lastword.security;

import dev.lastword.config.ClientCertificates;
import dev.lastword.config.InvalidSettingException;
import dev.lastword.config.LastwordConfig;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.vertx.http.security.HttpSecurity;
import io.quarkus.vertx.http.security.MTLS;
import io.vertx.core.http.ClientAuth;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/// Has the server ask for certificates, if `lastword.security.client-certificates` says so, and
/// refuses to start where that would let in anyone: without a store of those who are trusted to
/// issue them, Java's own would count, which holds every public authority.
@Singleton
public class CertificateSetup {
    private static final String TLS_NAME = "quarkus.http.tls-configuration-name";

    /// Behind tokens and passwords (1001, 1000), which a proxy with a certificate passes on.
    private static final int LAST = 500;

    private final ClientCertificates wanted;
    private final Config all;
    private final TlsConfigurationRegistry registry;

    CertificateSetup(LastwordConfig config, Config all, TlsConfigurationRegistry registry) {
        this.wanted = config.clientCertificates();
        this.all = all;
        this.registry = registry;
    }

    void ask(@Observes HttpSecurity security) {
        if (wanted != ClientCertificates.NONE) {
            ClientAuth asking =
                    wanted == ClientCertificates.REQUEST ? ClientAuth.REQUEST : ClientAuth.REQUIRED;
            security.mTLS(MTLS.builder().authentication(asking).priority(LAST).build());
        }
    }

    void check(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        if (wanted != ClientCertificates.NONE) {
            Optional<String> name = all.getOptionalValue(TLS_NAME, String.class);
            check(name.isPresent() ? registry.get(name.get()) : registry.getDefault());
        }
    }

    /// @throws InvalidSettingException if the server would not serve TLS, or believe anyone
    static void check(Optional<TlsConfiguration> tls) {
        if (tls.isEmpty()
                || tls.get().getKeyStoreOptions() == null
                || tls.get().getTrustStoreOptions() == null
                || tls.get().isTrustAll()) {
            throw new InvalidSettingException(
                    "lastword.security.client-certificates needs the server's own certificate"
                            + " (quarkus.tls.key-store.*) and those that may issue the clients'"
                            + " (quarkus.tls.trust-store.*, and no trust-all).");
        }
    }
}
