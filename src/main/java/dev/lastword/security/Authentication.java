package dev.lastword.security;

import dev.lastword.config.ClientCertificates;
import dev.lastword.config.InvalidSettingException;
import dev.lastword.config.LastwordConfig;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/// How callers can say who they are: by name and password, by the token of an identity provider, by
/// the certificate of their connection. Each way is off unless it is configured; with all of them
/// off nobody is asked. Immutable.
@Singleton
public class Authentication {
    private static final String TOKENS = "quarkus.oidc.tenant-enabled";
    private static final List<String> TOKENS_FROM =
            List.of("quarkus.oidc.auth-server-url", "quarkus.oidc.public-key");

    private final Optional<Users> users;
    private final boolean passwords;
    private final boolean tokens;
    private final boolean certificates;

    Authentication(LastwordConfig config, Config all) {
        this.users = config.usersFile().map(Users::read);
        this.passwords = users.map(Users::hasPasswords).orElse(false);
        this.tokens = all.getOptionalValue(TOKENS, Boolean.class).orElse(false);
        this.certificates = config.clientCertificates() != ClientCertificates.NONE;
        for (String source : TOKENS_FROM) {
            if (!tokens && all.getOptionalValue(source, String.class).isPresent()) {
                throw new InvalidSettingException(
                        source
                                + " is set, but tokens are not looked at. Set "
                                + TOKENS
                                + "=true, or remove it.");
            }
        }
    }

    /// Whether callers have to say who they are.
    public boolean isConfigured() {
        return users.isPresent() || tokens || certificates;
    }

    /// Those who are named in the file of users, if there is one.
    Optional<Users> users() {
        return users;
    }

    /// The values of `WWW-Authenticate`, which a 401 may not be without. No scheme is registered
    /// for certificates, which come before any request.
    ///
    /// @param wrongToken whether a token was sent, and not accepted
    List<String> challenges(boolean wrongToken) {
        List<String> challenges = new ArrayList<>();
        if (passwords) {
            challenges.add("Basic realm=\"lastword\", charset=\"UTF-8\"");
        }
        if (tokens) {
            String error = wrongToken ? ", error=\"invalid_token\"" : "";
            challenges.add("Bearer realm=\"lastword\"" + error);
        }
        if (certificates) {
            challenges.add("ClientCertificate realm=\"lastword\"");
        }
        return challenges;
    }

    /// What a caller can do to be known, as the end of a sentence.
    String ways() {
        List<String> ways = new ArrayList<>();
        if (passwords) {
            ways.add("by basic authentication");
        }
        if (tokens) {
            ways.add("by a bearer token");
        }
        if (certificates) {
            ways.add("by a client certificate");
        }
        return String.join(", or ", ways);
    }
}
