package dev.lastword.security;

import io.quarkus.oidc.OIDCException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Stands before every request: 401 for who does not say who they are, 403 for who may not. What
/// admins do, and try to do, goes into the [Audit]. Where nobody is known everything is allowed;
/// then the service listens on loopback only, unless told otherwise.
@Singleton
public class AccessCheck {
    private static final Logger LOG = Logger.getLogger(AccessCheck.class);

    /// The same as Quarkus' authentication, which comes first because it was registered first. At
    /// 199 Quarkus matches the path of every request a second time, unless its own handler of wrong
    /// credentials has been replaced by then.
    private static final int PRIORITY = 200;

    private static final String ANONYMOUS = "anonymous";

    private final Authentication authentication;

    AccessCheck(Authentication authentication) {
        this.authentication = authentication;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, PRIORITY);
    }

    private void check(RoutingContext context) {
        BiConsumer<RoutingContext, Throwable> wrong = this::refuseCredentials;
        context.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, wrong);
        Demand demand = Demand.of(context.request().method().name(), context.normalizedPath());
        if (demand.role() == null) {
            context.next();
        } else if (!authentication.isConfigured()) {
            proceed(context, demand, ANONYMOUS);
        } else {
            var _ =
                    QuarkusHttpUser.getSecurityIdentity(context, null)
                            .subscribe()
                            .with(
                                    identity -> decide(context, demand, identity),
                                    failure -> wrong.accept(context, failure));
        }
    }

    private void refuseCredentials(RoutingContext context, Throwable failure) {
        if (context.response().ended()) {
            return; // it is told twice
        }
        if (failure instanceof OIDCException) {
            LOG.warnf("Tokens cannot be checked: %s", failure.getMessage());
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "5");
            refuse(
                    context,
                    503,
                    "Authentication unavailable",
                    "The token cannot be checked now, for the identity provider does not answer."
                            + " Ask again.");
        } else if (hasToken(context)) {
            refuseUnknown(
                    context,
                    "The token is not accepted: it is expired, or was not issued by the identity"
                            + " provider, or not for this service. Get a new one.");
        } else {
            refuseUnknown(context, "Name or password is wrong.");
        }
    }

    private static boolean hasToken(RoutingContext context) {
        String credentials = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        return credentials != null && credentials.regionMatches(true, 0, "Bearer ", 0, 7);
    }

    private void decide(
            RoutingContext context, Demand demand, @Nullable SecurityIdentity identity) {
        if (identity == null || identity.isAnonymous()) {
            refuseUnknown(context, "Say who you are, " + authentication.ways() + ".");
            return;
        }
        String name = identity.getPrincipal().getName();
        boolean allowed = identity.getRoles().stream().map(Grant::parse).anyMatch(demand::isMetBy);
        if (allowed) {
            proceed(context, demand, name);
            return;
        }
        if (demand.role() == Role.ADMIN) {
            Audit.tell(context, name, 403);
        }
        String role = String.valueOf(demand.role()).toLowerCase(Locale.ROOT);
        refuse(
                context,
                403,
                "Forbidden",
                name
                        + " needs the role "
                        + role
                        + (demand.topic() == null ? " for all topics" : " for this topic")
                        + ": an administrator gives it, in the users file under this name, or in"
                        + " the token.");
    }

    private static void proceed(RoutingContext context, Demand demand, String name) {
        if (demand.role() == Role.ADMIN) {
            context.addEndHandler(
                    ended -> Audit.tell(context, name, context.response().getStatusCode()));
        }
        context.next();
    }

    private void refuseUnknown(RoutingContext context, String detail) {
        context.response()
                .putHeader("WWW-Authenticate", authentication.challenges(hasToken(context)));
        refuse(context, 401, "Unauthenticated", detail);
    }

    private static void refuse(RoutingContext context, int status, String title, String detail) {
        JsonObject problem =
                new JsonObject()
                        .put(
                                "type",
                                "/problems/" + title.toLowerCase(Locale.ROOT).replace(' ', '-'))
                        .put("title", title)
                        .put("status", status)
                        .put("detail", detail);
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(problem.toBuffer());
    }
}
