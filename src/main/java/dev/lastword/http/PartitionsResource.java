package dev.lastword.http;

import dev.lastword.ingest.MirrorBoard;
import dev.lastword.ingest.MirrorControl;
import dev.lastword.log.LogStore;
import dev.lastword.log.Salvage;
import dev.lastword.log.Topic;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// What an operator does with a partition that is out of service.
@Path("/topics/{topic}/partitions/{partition}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Administration")
public class PartitionsResource {
    private final LogStore store;
    private final TopicAccess topics;
    private final MirrorControl mirror;
    private final MirrorBoard mirrors;

    PartitionsResource(
            LogStore store, TopicAccess topics, MirrorControl mirror, MirrorBoard mirrors) {
        this.store = store;
        this.topics = topics;
        this.mirror = mirror;
        this.mirrors = mirrors;
    }

    @POST
    @Path("reopen")
    @Operation(
            operationId = "reopenPartition",
            summary = "Reopen a partition that is read-only after a failed flush",
            description =
                    "What was not on disk for certain is copied into a new file and flushed, then"
                            + " writes are taken again. Reads go on meanwhile. A write that was answered"
                            + " outcome-unknown is not there afterwards.")
    @APIResponse(
            responseCode = "200",
            description = "The partition takes writes; its description",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Partition.class)))
    @APIResponse(responseCode = "404", description = "There is no such topic or partition")
    @APIResponse(responseCode = "409", description = "It is not read-only")
    @APIResponse(responseCode = "503", description = "It is still read-only; says why")
    public Uni<Response> reopen(
            @PathParam("topic") String name,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @PathParam("partition")
                    String partition) {
        return Blocking.call(() -> {
            int p = find(name, partition);
            store.reopen(name, p);
            return describe(name, p, List.of());
        });
    }

    @POST
    @Path("release")
    @Operation(
            operationId = "releasePartition",
            summary = "Release a partition from quarantine",
            description =
                    "What was damaged is read again; if it is whole now, the partition is cleaned"
                            + " again. If not: 409 that names file, byte and offset, and with"
                            + " ?force=true the damaged bytes are moved aside, into files in"
                            + " lastword/quarantine in the data directory, and the rest is taken into"
                            + " service. Their records are lost then: a key whose latest record was"
                            + " among them goes back to the one before, or is gone.")
    @APIResponse(
            responseCode = "200",
            description =
                    "The partition is online; its description, and moved: what was moved aside",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Partition.class)))
    @APIResponse(responseCode = "404", description = "There is no such topic or partition")
    @APIResponse(responseCode = "409", description = "It is not quarantined, or still damaged")
    @APIResponse(responseCode = "503", description = "The disk failed; says how")
    public Uni<Response> release(
            @PathParam("topic") String name,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @PathParam("partition")
                    String partition,
            @Parameter(schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "false"))
                    @QueryParam("force")
                    @DefaultValue("false")
                    String force) {
        boolean forced = Params.flag("force", force);
        return Blocking.call(() -> {
            int p = find(name, partition);
            return describe(name, p, store.release(name, p, forced));
        });
    }

    @POST
    @Path("reset")
    @Operation(
            operationId = "resetPartition",
            summary = "Mirror a partition anew",
            description =
                    "Empties a partition that is mirrored from Kafka and mirrors it from its source's"
                            + " start, whatever topic has the name there now. The topic's epoch"
                            + " changes.")
    @APIResponse(
            responseCode = "200",
            description = "It is mirrored anew; the topic's description",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Topic.class)))
    @APIResponse(responseCode = "404", description = "There is no such topic or partition")
    @APIResponse(
            responseCode = "409",
            description = "It is not mirrored here, or the source does not answer; says why")
    public Uni<Response> reset(
            @PathParam("topic") String name,
            @Parameter(schema = @Schema(type = SchemaType.INTEGER, format = "int32"))
                    @PathParam("partition")
                    String partition) {
        return Blocking.call(() -> {
            int p = find(name, partition);
            reset(name, p);
            return Json.response(200, TopicJson.describe(topics.forRead(name), mirrors)).build();
        });
    }

    private void reset(String name, int partition) {
        try {
            mirror.reset(name, partition);
        } catch (MirrorControl.NotPossibleException e) {
            throw new ProblemException(
                    409, "reset-not-possible", "It was not reset: " + e.getMessage());
        }
    }

    private int find(String name, String partition) {
        Topic topic = topics.forRead(name);
        int p = Params.partition(partition);
        TopicAccess.ensureHas(topic, p);
        return p;
    }

    private Response describe(String name, int partition, List<Salvage.Moved> moved) {
        var stats = topics.forRead(name).partition(partition).stats();
        return Json.response(200, TopicJson.describe(stats, moved)).build();
    }
}
