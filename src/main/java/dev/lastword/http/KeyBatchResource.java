package dev.lastword.http;

import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/// Many keys in one request.
@Path("/topics/{topic}/keys:get")
@Tag(name = "Keys")
public class KeyBatchResource {
    private final KeyLists lists;

    KeyBatchResource(KeyLists lists) {
        this.lists = lists;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "getValues",
            summary = "Get the latest values of up to 1000 keys",
            description =
                    "In the order asked, as records: a line each, or a JSON array where Accept asks"
                            + " for application/json. Keys without a value are left out.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.KeyList.class),
                            examples =
                                    @ExampleObject(
                                            name = "keys",
                                            value = "{\"keys\":[\"a\",{\"keyBase64\":\"/w==\"}]}")))
    @APIResponse(
            responseCode = "200",
            description = "The keys that have a value, as records",
            content = {
                @Content(
                        mediaType = MediaTypes.JSON,
                        schema =
                                @Schema(
                                        type = SchemaType.ARRAY,
                                        implementation = Schemas.KeyedRecord.class)),
                @Content(
                        mediaType = MediaTypes.NDJSON,
                        schema = @Schema(type = SchemaType.STRING, format = "binary"))
            })
    public Uni<@Nullable Void> get(
            @PathParam("topic") String topic,
            @Context HttpHeaders headers,
            @Context HttpServerRequest request) {
        return lists.batch(topic, MediaTypes.prefersJson(headers), request);
    }
}
