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

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).description(description);
    }
}
