package dev.lastword.app;

import dev.lastword.config.InvalidSettingException;
import dev.lastword.config.LastwordConfig;
import dev.lastword.security.Authentication;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.eclipse.microprofile.config.Config;

/// Refuses to serve everyone by accident: who listens on more than loopback without authentication
/// has to say so.
@Singleton
public class ListenCheck {
    private final LastwordConfig config;
    private final Authentication authentication;
    private final String host;

    ListenCheck(LastwordConfig config, Authentication authentication, Config all) {
        this.config = config;
        this.authentication = authentication;
        this.host = all.getValue("quarkus.http.host", String.class);
    }

    void check(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        check(host, config.allowAnonymous() || authentication.isConfigured());
    }

    /// @throws InvalidSettingException where anyone could call
    static void check(String host, boolean safeOrWanted) {
        if (!safeOrWanted && !isLoopback(host)) {
            throw new InvalidSettingException(
                    "quarkus.http.host is "
                            + host
                            + ", where others than this machine can call, and callers are not"
                            + " authenticated. Either name those who may call in a file"
                            + " (lastword.security.users-file), or let them show tokens"
                            + " (quarkus.oidc.tenant-enabled) or certificates"
                            + " (lastword.security.client-certificates), or set"
                            + " quarkus.http.host=127.0.0.1, or"
                            + " lastword.security.allow-anonymous=true to serve anyone.");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new InvalidSettingException(
                    "quarkus.http.host is '" + host + "', which is no address of this machine.");
        }
    }
}
