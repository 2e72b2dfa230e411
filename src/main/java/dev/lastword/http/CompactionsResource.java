package dev.lastword.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastword.cleaner.Cleaner;
import dev.lastword.cleaner.Compaction;
import dev.lastword.cleaner.CompactionReport;
import dev.lastword.log.Topic;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Compactions asked for by hand.
@Path("/topics/{topic}/compactions")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Compaction")
public class CompactionsResource {
    private final TopicAccess topics;
    private final Cleaner cleaner;

    CompactionsResource(TopicAccess topics, Cleaner cleaner) {
        this.topics = topics;
        this.cleaner = cleaner;
    }

    @POST
    @Operation(
            operationId = "startCompaction",
            summary = "Compact a topic now",
            description =
                    "Closes the active segments and removes all garbage, whatever the dirty ratio;"
                            + " min.compaction.lag.ms still holds. 202 with where to follow it, or with"
                            + " ?wait=true 200 with the outcome. ?dryRun=true tells what would go, from"
                            + " what the log knows of its garbage, and changes nothing.")
    @APIResponse(
            responseCode = "200",
            description = "The outcome, or that of a dry run",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Compaction.class)))
    @APIResponse(
            responseCode = "202",
            description = "Location names where to follow it",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Compaction.class)))
    public Uni<Response> start(
            @PathParam("topic") String name,
            @Parameter(schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
                    @QueryParam("wait")
                    @DefaultValue("false")
                    String wait,
            @Parameter(schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
                    @QueryParam("dryRun")
                    @DefaultValue("false")
                    String dryRun) {
        boolean waiting = Params.flag("wait", wait);
        Topic topic = topics.forRead(name);
        if (Params.flag("dryRun", dryRun)) {
            return Blocking.call(() -> cleaner.dryRun(topic))
                    .map(run -> Json.response(200, CleanerJson.describe(run)).build());
        }
        return Blocking.call(() -> cleaner.request(topic))
                .chain(compaction -> waiting ? outcome(compaction) : accepted(compaction));
    }

    private static Uni<Response> accepted(Compaction compaction) {
        return Uni.createFrom().item(response(202, compaction.report()));
    }

    private static Uni<Response> outcome(Compaction compaction) {
        return Uni.createFrom()
                .completionStage(compaction.done())
                .map(report -> response(200, report));
    }

    @GET
    @Operation(
            operationId = "listCompactions",
            summary = "List a topic's latest compactions, newest first")
    @APIResponse(
            responseCode = "200",
            description = "The compactions",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema =
                                    @Schema(
                                            type = SchemaType.ARRAY,
                                            implementation = Schemas.Compaction.class)))
    public Response list(@PathParam("topic") String name) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        for (Compaction compaction : cleaner.compactions(topics.forRead(name))) {
            all.add(CleanerJson.describe(compaction.report()));
        }
        return Json.response(200, all).build();
    }

    @GET
    @Path("{id}")
    @Operation(
            operationId = "getCompaction",
            summary = "Follow a compaction: its state and progress")
    @APIResponse(
            responseCode = "200",
            description = "Its state and progress",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Compaction.class)))
    public Response get(@PathParam("topic") String name, @PathParam("id") String id) {
        return response(200, find(name, id).report());
    }

    @DELETE
    @Path("{id}")
    @Operation(
            operationId = "cancelCompaction",
            summary = "Cancel a compaction",
            description = "What it has cleaned so far stays cleaned; the rest stays as it is.")
    @APIResponse(
            responseCode = "200",
            description = "Its state and progress",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Compaction.class)))
    public Response cancel(@PathParam("topic") String name, @PathParam("id") String id) {
        Compaction compaction = find(name, id);
        compaction.cancel();
        return response(200, compaction.report());
    }

    private Compaction find(String name, String id) {
        Compaction compaction = cleaner.compaction(topics.forRead(name), id);
        if (compaction == null) {
            throw new ProblemException(
                    404,
                    "unknown-compaction",
                    "There is no such compaction, or it ended too long ago; GET /topics/"
                            + name
                            + "/compactions lists them.");
        }
        return compaction;
    }

    private static Response response(int status, CompactionReport report) {
        return Json.response(status, CleanerJson.describe(report))
                .header(
                        HttpHeaders.LOCATION,
                        "/topics/" + report.topic() + "/compactions/" + report.id())
                .build();
    }
}
