/// An append-only sequence of segments with one writer, many readers and crash recovery.
@NullMarked
package dev.lastword.log;

import org.jspecify.annotations.NullMarked;
