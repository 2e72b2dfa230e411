package dev.lastword.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lastword.ingest.MirrorBoard;
import dev.lastword.log.LogStore;
import dev.lastword.log.Topic;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Topics: made, described, configured and deleted. What touches the disk runs on virtual threads.
@Path("/topics")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Topics")
public class TopicsResource {
    private static final int BODY_BYTES_MAX = 1 << 20;

    private final LogStore store;
    private final TopicAccess topics;
    private final Bodies bodies;
    private final MirrorBoard mirrors;

    TopicsResource(LogStore store, TopicAccess topics, Bodies bodies, MirrorBoard mirrors) {
        this.store = store;
        this.topics = topics;
        this.bodies = bodies;
        this.mirrors = mirrors;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "createTopic",
            summary = "Create a topic",
            description =
                    "{\"name\", \"partitions\" (1 to 1000, default 1), \"config\" (settings by"
                            + " Kafka's names)}. 201 with the description, 409 where it exists.")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON,
                            schema = @Schema(implementation = Schemas.NewTopic.class),
                            examples =
                                    @ExampleObject(
                                            name = "topic",
                                            value =
                                                    "{\"name\":\"lights\",\"partitions\":2,"
                                                            + "\"config\":{\"delete.retention.ms\":\"3600000\"}}")))
    @APIResponse(
            responseCode = "201",
            description = "The topic's description",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Topic.class)))
    public Uni<Response> create(@Context HttpServerRequest request) {
        return bodies.read(request, BODY_BYTES_MAX)
                .map(body -> TopicJson.newTopic(Json.parseObject(body)))
                .chain(wanted -> Blocking.call(() -> create(wanted)));
    }

    private Response create(TopicJson.NewTopic wanted) {
        topics.checkNotMirrored(wanted.name());
        Topic topic = store.create(wanted.name(), wanted.partitions(), wanted.config());
        return Json.response(201, TopicJson.describe(topic, mirrors))
                .header(HttpHeaders.LOCATION, "/topics/" + topic.name())
                .build();
    }

    @GET
    @Operation(operationId = "listTopics", summary = "List the topics, each with its description")
    @APIResponse(
            responseCode = "200",
            description = "The topics",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema =
                                    @Schema(
                                            type = SchemaType.ARRAY,
                                            implementation = Schemas.Topic.class)))
    public Uni<Response> list() {
        return Blocking.call(() -> {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            store.topics().forEach(topic -> all.add(TopicJson.describe(topic, mirrors)));
            return Json.response(200, all).build();
        });
    }

    @GET
    @Path("{topic}")
    @Operation(
            operationId = "describeTopic",
            summary = "Describe a topic: its settings, and each partition's statistics")
    @APIResponse(
            responseCode = "200",
            description = "The topic",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema = @Schema(implementation = Schemas.Topic.class)))
    public Uni<Response> describe(@PathParam("topic") String name) {
        return Blocking.call(() ->
                Json.response(200, TopicJson.describe(topics.forRead(name), mirrors)).build());
    }

    @DELETE
    @Path("{topic}")
    @Produces(MediaType.WILDCARD) // there is none, and who deletes may take problems only
    @Operation(operationId = "deleteTopic", summary = "Delete a topic and its data")
    @APIResponse(responseCode = "204", description = "It is gone")
    public Uni<Response> delete(@PathParam("topic") String name) {
        return Blocking.call(() -> {
            topics.checkDeletable(name);
            store.delete(name);
            return Response.noContent().build();
        });
    }

    @GET
    @Path("{topic}/config")
    @Operation(operationId = "getSettings", summary = "Get a topic's settings, defaults included")
    @APIResponse(
            responseCode = "200",
            description = "Every setting",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema =
                                    @Schema(
                                            type = SchemaType.OBJECT,
                                            additionalProperties = String.class)))
    public Uni<Response> config(@PathParam("topic") String name) {
        return Uni.createFrom()
                .item(() -> Json.response(200, TopicJson.describe(topics.forRead(name).config())))
                .map(Response.ResponseBuilder::build);
    }

    @PATCH
    @Path("{topic}/config")
    @Consumes({MediaType.APPLICATION_JSON, "application/merge-patch+json"})
    @Operation(
            operationId = "changeSettings",
            summary = "Change some of a topic's settings",
            description = "The settings that the body names change, the others stay.")
    @RequestBody(
            required = true,
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema =
                                    @Schema(
                                            type = SchemaType.OBJECT,
                                            additionalProperties = String.class)))
    @APIResponse(
            responseCode = "200",
            description = "Every setting",
            content =
                    @Content(
                            mediaType = MediaTypes.JSON,
                            schema =
                                    @Schema(
                                            type = SchemaType.OBJECT,
                                            additionalProperties = String.class)))
    public Uni<Response> configure(
            @PathParam("topic") String name, @Context HttpServerRequest request) {
        return bodies.read(request, BODY_BYTES_MAX)
                .map(body -> TopicJson.settings(Json.parseObject(body)))
                .chain(changes -> Blocking.call(() -> configure(name, changes)));
    }

    private Response configure(String name, Map<String, String> changes) {
        Topic topic = store.configure(name, changes);
        return Json.response(200, TopicJson.describe(topic.config())).build();
    }
}
