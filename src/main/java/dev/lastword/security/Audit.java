package dev.lastword.security;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Tells in the log, category `dev.lastword.audit`, who did what, from where, and how it ended: one
/// line for each request, whatever a name or a path holds.
final class Audit {
    private static final Logger LOG = Logger.getLogger("dev.lastword.audit");

    /// What could look like another line.
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]");

    private Audit() {}

    static void tell(RoutingContext context, String name, int status) {
        LOG.infof(
                "%s from %s: %s %s%s, answered %d",
                plain(name),
                context.request().remoteAddress(),
                context.request().method(),
                plain(context.normalizedPath()),
                flags(context),
                status);
    }

    /// What a query says yes or no to, such as a dry run or force; any other value may be a secret.
    private static String flags(RoutingContext context) {
        MultiMap params;
        try {
            params = context.queryParams();
        } catch (HttpException e) {
            return "?(malformed)"; // which must not keep the rest from being told
        }
        String flags =
                params.entries().stream()
                        .filter(p -> p.getValue().equals("true") || p.getValue().equals("false"))
                        .map(p -> plain(p.getKey()) + "=" + p.getValue())
                        .collect(Collectors.joining("&"));
        return flags.isEmpty() ? "" : "?" + flags;
    }

    private static String plain(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }
}
