package dev.lastword.security;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.UsernamePasswordAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Knows callers by name and password. Their grants become the roles of the identity. Thread-safe.
@Singleton
public class PasswordIdentities implements IdentityProvider<UsernamePasswordAuthenticationRequest> {
    private final @Nullable Users users;

    PasswordIdentities(Authentication authentication) {
        this.users = authentication.users().orElse(null);
    }

    @Override
    public Class<UsernamePasswordAuthenticationRequest> getRequestType() {
        return UsernamePasswordAuthenticationRequest.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(
            UsernamePasswordAuthenticationRequest request, AuthenticationRequestContext context) {
        Users known = users;
        if (known == null) {
            return Uni.createFrom().failure(new AuthenticationFailedException("nobody is known"));
        }
        return context.runBlocking(() -> identity(known, request));
    }

    private static SecurityIdentity identity(
            Users known, UsernamePasswordAuthenticationRequest request) {
        Set<String> grants =
                known.grants(request.getUsername(), request.getPassword().getPassword());
        if (grants == null) {
            throw new AuthenticationFailedException("wrong name or password");
        }
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(request.getUsername()))
                .addRoles(grants)
                .build();
    }
}
