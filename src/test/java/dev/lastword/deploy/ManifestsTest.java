package dev.lastword.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.knative.serving.v1.Service;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The manifests under `deploy/` are what their schemas allow, and fit each other.
class ManifestsTest {
    private static final Path KUBERNETES = Path.of("deploy", "kubernetes");
    private static final Path BASE = KUBERNETES.resolve("base");
    private static final Path KNATIVE = Path.of("deploy", "knative");

    /// By `apiVersion kind`.
    private static final Map<String, Class<?>> TYPES =
            Map.of(
                    "apps/v1 StatefulSet", StatefulSet.class,
                    "v1 Service", io.fabric8.kubernetes.api.model.Service.class,
                    "v1 PersistentVolumeClaim", PersistentVolumeClaim.class,
                    "policy/v1 PodDisruptionBudget", PodDisruptionBudget.class,
                    "networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class,
                    "monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class,
                    "serving.knative.dev/v1 Service", Service.class,
                    "kustomize.config.k8s.io/v1beta1 Kustomization", Kustomization.class,
                    "kustomize.config.k8s.io/v1alpha1 Component", Kustomization.class);

    /// What a kustomization file may have; of those that are used.
    record Kustomization(
            String apiVersion,
            String kind,
            @Nullable List<Map<String, String>> images,
            List<String> resources) {}

    private static final ObjectMapper STRICT =
            new ObjectMapper(new YAMLFactory())
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .setAnnotationIntrospector(new WithoutAnySetters());

    /// The model classes gather what they do not know; here that is to be an error.
    private static final class WithoutAnySetters extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated a) {
            return false;
        }
    }

    private static List<Path> manifests() throws IOException {
        List<Path> all = new ArrayList<>();
        for (Path root : List.of(KUBERNETES, KNATIVE)) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(f -> f.toString().endsWith(".yaml")).forEach(all::add);
            }
        }
        return all;
    }

    private static <T> T read(Path file, Class<T> type) throws IOException {
        return STRICT.readValue(file.toFile(), type);
    }

    @Test
    void every_manifest_holds_only_what_its_schema_has() throws IOException {
        List<Path> manifests = manifests();
        assertTrue(manifests.size() >= 10, manifests::toString);
        for (Path file : manifests) {
            JsonNode tree = STRICT.readTree(file.toFile());
            String id = tree.path("apiVersion").asText() + " " + tree.path("kind").asText();
            Class<?> type = TYPES.get(id);
            assertNotNull(type, () -> file + " is of no known kind: " + id);
            assertNotNull(read(file, type));
        }
    }

    @Test
    void every_kustomization_names_just_the_files_beside_it() throws IOException {
        for (Path folder : List.of(BASE, KUBERNETES.resolve("monitoring"), KNATIVE)) {
            Path file = folder.resolve("kustomization.yaml");
            List<String> named = read(file, Kustomization.class).resources();
            try (Stream<Path> files = Files.list(folder)) {
                List<String> there =
                        files.map(f -> String.valueOf(f.getFileName()))
                                .filter(f -> !f.equals("kustomization.yaml"))
                                .sorted()
                                .toList();
                assertEquals(there, named.stream().sorted().toList(), file::toString);
            }
        }
    }

    @Test
    void selectors_find_the_pods() throws IOException {
        StatefulSet set = read(BASE.resolve("statefulset.yaml"), StatefulSet.class);
        Map<String, String> labels = set.getSpec().getTemplate().getMetadata().getLabels();
        assertEquals(labels, set.getSpec().getSelector().getMatchLabels());
        var service =
                read(BASE.resolve("service.yaml"), io.fabric8.kubernetes.api.model.Service.class);
        assertEquals(labels, service.getSpec().getSelector());
        assertEquals(service.getMetadata().getName(), set.getSpec().getServiceName());
        var budget = read(BASE.resolve("poddisruptionbudget.yaml"), PodDisruptionBudget.class);
        assertEquals(labels, budget.getSpec().getSelector().getMatchLabels());
        var policy = read(BASE.resolve("networkpolicy.yaml"), NetworkPolicy.class);
        assertEquals(labels, policy.getSpec().getPodSelector().getMatchLabels());
        var monitor =
                read(
                        KUBERNETES.resolve("monitoring").resolve("servicemonitor.yaml"),
                        ServiceMonitor.class);
        Map<String, String> monitored = monitor.getSpec().getSelector().getMatchLabels();
        assertEquals(service.getMetadata().getLabels(), monitored);
    }

    @Test
    void only_one_instance_has_the_volume_and_it_is_confined() throws IOException {
        StatefulSet set = read(BASE.resolve("statefulset.yaml"), StatefulSet.class);
        assertEquals(1, set.getSpec().getReplicas());
        Service knative = read(KNATIVE.resolve("service.yaml"), Service.class);
        var revision = knative.getSpec().getTemplate();
        Map<String, String> annotations = revision.getMetadata().getAnnotations();
        assertEquals("1", annotations.get("autoscaling.knative.dev/max-scale"));
        assertEquals("0", annotations.get("autoscaling.knative.dev/initial-scale"));
        for (Container c :
                List.of(
                        set.getSpec().getTemplate().getSpec().getContainers().getFirst(),
                        revision.getSpec().getContainers().getFirst())) {
            assertEquals(true, c.getSecurityContext().getReadOnlyRootFilesystem());
            assertEquals(false, c.getSecurityContext().getAllowPrivilegeEscalation());
            assertTrue(
                    c.getVolumeMounts().stream().anyMatch(m -> m.getMountPath().equals("/data")));
            assertTrue(c.getVolumeMounts().stream().anyMatch(m -> m.getMountPath().equals("/tmp")));
        }
    }
}
