package dev.lastword.http;

import dev.lastword.cleaner.Cleaner;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// What the cleaner does, and why it does not do more.
@Path("/cleaner")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Compaction")
public class CleanerResource {
    private final Cleaner cleaner;

    CleanerResource(Cleaner cleaner) {
        this.cleaner = cleaner;
    }

    @GET
    @Operation(
            operationId = "getCleaner",
            summary = "What the cleaner does and plans",
            description =
                    "Running and waiting work, last errors, the next candidates, and for each"
                            + " partition why it is or is not going to be cleaned.")
    @APIResponse(
            responseCode = "200",
            description = "The cleaner",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Cleaner.class)))
    public Uni<Response> status() {
        return Blocking.call(
                () -> Json.response(200, CleanerJson.describe(cleaner.status())).build());
    }
}
