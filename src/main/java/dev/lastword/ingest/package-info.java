/// Turns incoming records into durable batches with back-pressure; knows no transport.
@NullMarked
package dev.lastword.ingest;

import org.jspecify.annotations.NullMarked;
