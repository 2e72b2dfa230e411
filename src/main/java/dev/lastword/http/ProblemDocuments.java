package dev.lastword.http;

import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/// Adds to the OpenAPI document what all operations have in common: errors are problem documents
/// (RFC 9457), and how callers may say who they are. Runs when the document is made, in the build.
public final class ProblemDocuments implements OASFilter {
    private static final String SCHEMA = "Problem";

    @Override
    public Operation filterOperation(Operation operation) {
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        if (operation.getResponses().getDefaultValue() == null) {
            operation.getResponses().setDefaultValue(problem());
        }
        return operation;
    }

    private static APIResponse problem() {
        return OASFactory.createAPIResponse()
                .description("A problem document that says what is wrong and what to do about it")
                .content(
                        OASFactory.createContent()
                                .addMediaType(
                                        Problems.MEDIA_TYPE,
                                        OASFactory.createMediaType()
                                                .schema(OASFactory.createSchema().ref(SCHEMA))));
    }

    @Override
    public void filterOpenAPI(OpenAPI openApi) {
        Parameters.addTo(openApi);
        if (openApi.getComponents() == null) {
            openApi.setComponents(OASFactory.createComponents());
        }
        openApi.getComponents()
                .addSchema(
                        SCHEMA,
                        object().addProperty("type", text("names the kind of problem"))
                                .addProperty("title", text("the kind in words"))
                                .addProperty(
                                        "status",
                                        OASFactory.createSchema()
                                                .addType(Schema.SchemaType.INTEGER))
                                .addProperty("detail", text("what is wrong here and what to do"))
                                .addProperty(
                                        "field", text("the parameter, header or member at fault"))
                                .addProperty("line", number("the record at fault, from 1 on"))
                                .addProperty("column", number("where in a line of JSON"))
                                .addProperty(
                                        "accepted",
                                        number("so many first records of the body are durable"))
                                .addProperty("max", number("what is not to be exceeded"))
                                .addProperty("etag", text("the key's version"))
                                .addProperty("partition", number("where it is"))
                                .addProperty("offset", number("where it is"))
                                .addProperty("startOffset", number("records begin here"))
                                .addProperty("endOffset", number("records end before it"))
                                .addProperty("segment", text("the file that is damaged"))
                                .addProperty("position", number("where in the file"))
                                .addProperty("id", text("names an error in the service's log"))
                                .required(List.of("type", "title", "status", "detail")));
        openApi.getComponents()
                .addSecurityScheme("basic", scheme("basic", "Where users are configured"))
                .addSecurityScheme(
                        "bearer", scheme("bearer", "Where an identity provider is configured"));
    }

    private static SecurityScheme scheme(String name, String description) {
        return OASFactory.createSecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme(name)
                .description(description);
    }

    private static Schema object() {
        return OASFactory.createSchema().addType(Schema.SchemaType.OBJECT);
    }

    private static Schema number(String description) {
        return OASFactory.createSchema()
                .addType(Schema.SchemaType.INTEGER)
                .format("int64")
                .description(description);
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).description(description);
    }
}
