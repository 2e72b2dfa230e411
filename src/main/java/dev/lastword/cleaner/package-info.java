/// Chooses the log with the most to win and rewrites its dirtiest segments, keeping the last record
/// of each key.
@NullMarked
package dev.lastword.cleaner;

import org.jspecify.annotations.NullMarked;
