package dev.lastword.http;

import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Compaction of what is sent, without a topic.
@Path("/compact")
@Tag(name = "Compaction")
public class CompactResource {
    private final OneShotCompaction compaction;

    @Inject
    CompactResource(OneShotCompaction compaction) {
        this.compaction = compaction;
    }

    @POST
    @Operation(
            operationId = "compact",
            summary = "Keep only the last record of each key",
            description =
                    "Takes records as lines (application/x-ndjson, also with Content-Encoding:"
                            + " gzip) and answers with the last line of each key as it came, in"
                            + " their order. Nothing is stored. All of it is read before the answer"
                            + " begins; where a line is no record, that is answered. A deletion"
                            + " (\"value\": null) is the last word on its key too and stays, so"
                            + " that parts can be compacted on their own and then together; with"
                            + " dropTombstones=true it goes. lastword.compact.max-bytes and"
                            + " max-keys bound the input (413), max-concurrent how many run at once"
                            + " (503 with Retry-After). An answer that ends without its last chunk"
                            + " is not whole.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaTypes.NDJSON,
                            schema = @Schema(type = SchemaType.STRING),
                            examples =
                                    @ExampleObject(
                                            name = "records",
                                            value =
                                                    "{\"key\":\"a\",\"value\":1}\n{\"key\":\"a\",\"value\":2}\n")))
    @APIResponse(
            responseCode = "200",
            description = "The records that stay",
            headers = {
                @Header(
                        name = "Lastword-Records-In",
                        description = "records read",
                        schema = @Schema(type = SchemaType.INTEGER)),
                @Header(
                        name = "Lastword-Records-Out",
                        description = "records that follow",
                        schema = @Schema(type = SchemaType.INTEGER))
            },
            content =
                    @Content(
                            mediaType = MediaTypes.NDJSON,
                            schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Uni<@Nullable Void> compact(
            @Parameter(schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
                    @QueryParam("dropTombstones")
                    @DefaultValue("false")
                    String dropTombstones,
            @Context HttpHeaders headers,
            @Context RoutingContext context) {
        MediaTypes.requireNdjson(headers);
        MediaTypes.requireNdjsonBody(context.request().getHeader(HttpHeaders.CONTENT_TYPE));
        return compaction.run(context, Params.flag("dropTombstones", dropTombstones));
    }
}
