package dev.lastword.log;

/** How values without a {@code content-type} header are shown in JSON. */
public enum ValueFormat {
    /** As JSON where they are one JSON text, else as text, else as base64. */
    AUTO,
    /** As {@link #AUTO}; says that the topic's values are meant to be JSON. */
    JSON,
    /** As text where they are UTF-8, else as base64. */
    TEXT,
    /** As base64. */
    BINARY
}
