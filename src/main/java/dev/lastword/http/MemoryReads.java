package dev.lastword.http;

import io.quarkus.micrometer.runtime.binder.vertx.HttpRequestMetric;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

/// Answers a GET of a key that memory alone can tell before JAX-RS is asked, which costs as much
/// again as all the rest of it. Whatever is out of the ordinary is left to [KeysResource], problems
/// above all: it finds them again, and tells them.
@Singleton
final class MemoryReads {
    /// Behind [dev.lastword.security.AccessCheck], before JAX-RS.
    private static final int ORDER = -1;

    private static final String TOPICS = "/topics/";

    /// As JAX-RS has the metrics name what is asked for.
    private static final String TEMPLATE = "/topics/{topic}/keys/{key:.*}";

    private final Availability availability;
    private final Instance<KeyReads> reads;

    /// @param reads made once the logs are open
    MemoryReads(Availability availability, Instance<KeyReads> reads) {
        this.availability = availability;
        this.reads = reads;
    }

    void register(@Observes Router router) {
        router.get().order(ORDER).handler(this::handle);
    }

    private void handle(RoutingContext context) {
        String target = RawTarget.of(context);
        int keys = KeyParam.keysSegment(target);
        if (keys < 0
                || target.indexOf('?') >= 0
                || availability.unavailable() != null
                || !isAnswered(target.substring(TOPICS.length(), keys), context)) {
            context.next();
        }
    }

    /// @param topic its name, if there is one of that name: those need no decoding
    private boolean isAnswered(String topic, RoutingContext context) {
        HttpRequestMetric metric = HttpRequestMetric.getRequestMetric(context);
        if (metric != null) {
            metric.setTemplatePath(TEMPLATE);
        }
        try {
            return reads.get().getCached(topic, KeyParam.of(context), context.request());
        } catch (RuntimeException e) {
            if (context.response().headWritten()) {
                throw e;
            }
            return false; // it comes again there, and is told
        }
    }
}
