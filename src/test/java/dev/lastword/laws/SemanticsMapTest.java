package dev.lastword.laws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

class SemanticsMapTest {
    private final List<SemanticsMap.Row> rows = SemanticsMap.rows();

    @Test
    void every_property_has_a_test_or_a_reason_not_to() {
        List<String> without = new ArrayList<>();
        for (SemanticsMap.Row row : rows) {
            if (row.tests().isEmpty() && !row.isExcused()) {
                without.add(row.property());
            }
        }
        assertEquals(List.of(), without);
        assertTrue(rows.size() > 100, rows.size() + " rows");
    }

    @Test
    void every_test_that_is_named_is_one() {
        List<String> missing = new ArrayList<>();
        for (SemanticsMap.Row row : rows) {
            row.tests().stream().filter(test -> !exists(test)).forEach(missing::add);
        }
        assertEquals(List.of(), missing);
    }

    private static boolean exists(String test) {
        int dot = test.lastIndexOf('.');
        try {
            // Not initialised: some start processes.
            Class<?> type =
                    Class.forName(
                            "dev.lastword." + test.substring(0, dot),
                            false,
                            SemanticsMapTest.class.getClassLoader());
            return Arrays.stream(type.getDeclaredMethods())
                    .filter(m -> m.getName().equals(test.substring(dot + 1)))
                    .anyMatch(m -> AnnotationSupport.isAnnotated(m, Testable.class));
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    @Test
    void every_property_is_named_once() {
        Set<String> seen = new HashSet<>();
        List<String> twice = new ArrayList<>();
        for (SemanticsMap.Row row : rows) {
            for (String property : row.property().split("; ")) {
                if (!seen.add(property)) {
                    twice.add(property);
                }
            }
        }
        assertEquals(List.of(), twice);
    }
}
