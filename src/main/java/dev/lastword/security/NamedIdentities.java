package dev.lastword.security;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.credential.CertificateCredential;
import io.quarkus.security.credential.TokenCredential;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Gives callers who are known by a token or a certificate their names here, which tell how they
/// are known, and their grants: those of the file of users for that name, and those that a token
/// itself carries. Roles in it that are no grants are meant for others and left out. The token goes
/// no further than here. Thread-safe.
@Singleton
public class NamedIdentities implements SecurityIdentityAugmentor {
    private final @Nullable Users users;

    NamedIdentities(Authentication authentication) {
        this.users = authentication.users().orElse(null);
    }

    @Override
    public Uni<SecurityIdentity> augment(
            SecurityIdentity identity, AuthenticationRequestContext context) {
        CertificateCredential certificate = identity.getCredential(CertificateCredential.class);
        if (certificate != null) {
            String subject = certificate.getCertificate().getSubjectX500Principal().getName();
            return Uni.createFrom().item(named(Users.CERTIFICATE + subject, Set.of()));
        }
        if (identity.getCredential(TokenCredential.class) != null) {
            String name = identity.getPrincipal().getName();
            if (name == null || name.isEmpty()) {
                return Uni.createFrom()
                        .failure(new AuthenticationFailedException("the token names nobody"));
            }
            return Uni.createFrom().item(named(Users.TOKEN + name, identity.getRoles()));
        }
        return Uni.createFrom().item(identity);
    }

    private SecurityIdentity named(String name, Set<String> roles) {
        var builder = QuarkusSecurityIdentity.builder().setPrincipal(new QuarkusPrincipal(name));
        roles.stream().filter(Grant::isGrant).forEach(builder::addRole);
        if (users != null) {
            builder.addRoles(users.grants(name));
        }
        return builder.build();
    }
}
