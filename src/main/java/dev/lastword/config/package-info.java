/// Configuration: text at the edge, checked records inside.
@NullMarked
package dev.lastword.config;

import org.jspecify.annotations.NullMarked;
