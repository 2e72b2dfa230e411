/// Counts and times what the core tells in its events.
@NullMarked
package dev.lastword.metrics;

import org.jspecify.annotations.NullMarked;
