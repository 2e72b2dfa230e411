package dev.lastword;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds every arrow between our packages. A sub-package counts as the package it is in. A package
/// that [#ARROWS] does not name fails, so that a new one gets its arrows the day it is made.
class ArchitectureTest {

    private static final String ROOT = "dev.lastword.";
    private static final int CLASSES_MIN = 10;

    private static final String[] LOG_AND_BELOW = {"record", "io", "index", "log"};
    private static final String[] BELOW_THE_EDGES =
            with(LOG_AND_BELOW, "json", "ingest", "cleaner", "read", "config");
    private static final String[] BELOW_APP =
            with(BELOW_THE_EDGES, "metrics", "http", "kafka", "console", "cli", "security");

    /// From each package to those of ours it may use. The edges share only `config`.
    private static final Map<String, Set<String>> ARROWS =
            Map.ofEntries(
                    arrow("record"),
                    arrow("io"),
                    arrow("index", "record", "io"),
                    arrow("log", "record", "io", "index"),
                    arrow("json", LOG_AND_BELOW),
                    arrow("ingest", LOG_AND_BELOW),
                    arrow("cleaner", LOG_AND_BELOW),
                    arrow("read", LOG_AND_BELOW),
                    arrow("config", with(LOG_AND_BELOW, "ingest", "cleaner", "read")),
                    arrow("metrics", BELOW_THE_EDGES),
                    arrow("http", BELOW_THE_EDGES),
                    arrow("kafka", BELOW_THE_EDGES),
                    arrow("console", BELOW_THE_EDGES),
                    arrow("cli", BELOW_THE_EDGES),
                    arrow("security", BELOW_THE_EDGES),
                    arrow("app", BELOW_APP));

    private static final Set<String> PLAIN_JAVA =
            Set.of("record", "io", "index", "log", "cleaner", "read");
    private static final List<String> PLAIN_JAVA_USES =
            List.of("java.", "org.jspecify.annotations.", "com.google.errorprone.annotations.");

    /// The one class (and its nested ones) behind which the compression libraries lie.
    private static final String CODECS_USED_BY = ROOT + "record.BatchCodec";

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(ROOT + "..");

    @Test
    void the_test_sees_our_classes() {
        assertTrue(CLASSES.size() > CLASSES_MIN, () -> "saw only " + CLASSES.size() + " classes");
    }

    @Test
    void every_package_uses_only_the_packages_below_it() {
        assertNone(
                dependencies()
                        .filter(d -> isOurs(d.getTargetClass().getBaseComponentType()))
                        .filter(d ->
                                !isAllowed(
                                        d.getOriginClass(),
                                        d.getTargetClass().getBaseComponentType())));
    }

    @Test
    void the_core_uses_only_the_jdk_and_one_class_the_codecs() {
        assertNone(
                dependencies()
                        .filter(d -> !d.getOriginClass().getName().startsWith(CODECS_USED_BY))
                        .filter(d -> PLAIN_JAVA.contains(packageOf(d.getOriginClass())))
                        .filter(d -> !isOurs(d.getTargetClass().getBaseComponentType()))
                        .filter(d -> !isPlainJava(d.getTargetClass().getBaseComponentType())));
    }

    private static Stream<Dependency> dependencies() {
        return CLASSES.stream().flatMap(c -> c.getDirectDependenciesFromSelf().stream());
    }

    private static boolean isAllowed(JavaClass origin, JavaClass target) {
        String from = packageOf(origin);
        Set<String> to = ARROWS.get(from);
        assertTrue(to != null, () -> "no arrows are given for the package of " + origin.getName());
        return from.equals(packageOf(target)) || to.contains(packageOf(target));
    }

    private static boolean isOurs(JavaClass c) {
        return c.getName().startsWith(ROOT);
    }

    private static boolean isPlainJava(JavaClass c) {
        return c.isPrimitive() || PLAIN_JAVA_USES.stream().anyMatch(c.getName()::startsWith);
    }

    /// The first name below the root: `log` for `dev.lastword.log.recovery.Scan`.
    private static String packageOf(JavaClass c) {
        String below = c.getPackageName().substring(ROOT.length());
        int dot = below.indexOf('.');
        return dot < 0 ? below : below.substring(0, dot);
    }

    private static void assertNone(Stream<Dependency> wrong) {
        Set<String> told = new TreeSet<>();
        wrong.forEach(d -> told.add(d.getDescription()));
        assertEquals(Set.of(), told);
    }

    private static Map.Entry<String, Set<String>> arrow(String from, String... to) {
        return Map.entry(from, Set.of(to));
    }

    private static String[] with(String[] some, String... more) {
        return Stream.of(some, more).flatMap(Stream::of).toArray(String[]::new);
    }
}
