package dev.lastword.security;

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
/// admins do, and try to do, is told in the log, category `dev.lastword.audit`. Where nobody is
/// known everything is allowed; then the service listens on loopback only, unless told otherwise.
@Singleton
public class AccessCheck {
    private static final Logger AUDIT = Logger.getLogger("dev.lastword.audit");

    /// Behind Quarkus' authentication (200).
    private static final int PRIORITY = 90;

    private static final String ANONYMOUS = "anonymous";

    private final Authentication authentication;

    AccessCheck(Authentication authentication) {
        this.authentication = authentication;
    }

    void register(@Observes Filters filters) {
        filters.register(this::check, PRIORITY);
    }

    private void check(RoutingContext context) {
        Demand demand = Demand.of(context.request().method().name(), context.normalizedPath());
        if (demand.role() == null) {
            context.next();
        } else if (!authentication.isConfigured()) {
            proceed(context, demand, ANONYMOUS);
        } else {
            BiConsumer<RoutingContext, Throwable> wrong =
                    (c, failure) -> refuse(c, 401, "Name or password is wrong.");
            context.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, wrong);
            var _ =
                    QuarkusHttpUser.getSecurityIdentity(context, null)
                            .subscribe()
                            .with(
                                    identity -> decide(context, demand, identity),
                                    failure -> wrong.accept(context, failure));
        }
    }

    private static void decide(
            RoutingContext context, Demand demand, @Nullable SecurityIdentity identity) {
        if (identity == null || identity.isAnonymous()) {
            refuse(context, 401, "Say who you are, by basic authentication.");
            return;
        }
        String name = identity.getPrincipal().getName();
        boolean allowed = identity.getRoles().stream().map(Grant::parse).anyMatch(demand::isMetBy);
        if (allowed) {
            proceed(context, demand, name);
            return;
        }
        if (demand.role() == Role.ADMIN) {
            audit(context, name, 403);
        }
        String role = String.valueOf(demand.role()).toLowerCase(Locale.ROOT);
        refuse(
                context,
                403,
                name
                        + " needs the role "
                        + role
                        + (demand.topic() == null ? " for all topics" : " for this topic")
                        + ": an administrator gives it in the users file.");
    }

    private static void proceed(RoutingContext context, Demand demand, String name) {
        if (demand.role() == Role.ADMIN) {
            context.addEndHandler(
                    ended -> audit(context, name, context.response().getStatusCode()));
        }
        context.next();
    }

    private static void audit(RoutingContext context, String name, int status) {
        AUDIT.infof(
                "%s: %s %s, answered %d",
                name, context.request().method(), context.normalizedPath(), status);
    }

    private static void refuse(RoutingContext context, int status, String detail) {
        if (context.response().ended()) {
            return; // refused by the handler of failures already
        }
        if (status == 401) {
            context.response()
                    .putHeader("WWW-Authenticate", "Basic realm=\"lastword\", charset=\"UTF-8\"");
        }
        JsonObject problem =
                new JsonObject()
                        .put(
                                "type",
                                "/problems/" + (status == 401 ? "unauthenticated" : "forbidden"))
                        .put("title", status == 401 ? "Unauthenticated" : "Forbidden")
                        .put("status", status)
                        .put("detail", detail);
        context.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .end(problem.toBuffer());
    }
}
