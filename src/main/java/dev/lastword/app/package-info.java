/// Builds the objects, starts and stops them in order, answers health checks.
@NullMarked
package dev.lastword.app;

import org.jspecify.annotations.NullMarked;
