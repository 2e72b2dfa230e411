/// Reads by key, by offset, as a snapshot, as a resumable stream of changes.
@NullMarked
package dev.lastword.read;

import org.jspecify.annotations.NullMarked;
