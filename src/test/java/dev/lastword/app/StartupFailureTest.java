package dev.lastword.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lastword.config.InvalidSettingException;
import dev.lastword.log.LogException;
import org.junit.jupiter.api.Test;

class StartupFailureTest {

    @Test
    void what_an_operator_can_mend_is_one_line_however_deep_it_lies() {
        Throwable failure =
                new RuntimeException(
                        "outer", StartupFailure.of(new InvalidSettingException("x is '1'.")));
        assertEquals("x is '1'.", StartupFailure.explain(failure));
    }

    @Test
    void a_data_directory_in_use_comes_with_a_remedy() {
        String line =
                String.valueOf(
                        StartupFailure.explain(new LogException.DataDirectoryLocked("/data")));
        assertTrue(line.contains("/data") && line.contains("lock-wait"), line);
    }

    @Test
    void a_defect_is_not_explained_away() {
        assertNull(StartupFailure.explain(new NullPointerException("oops")));
    }
}
