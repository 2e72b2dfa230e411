/// The commands that work on files and need no service: `clean`, `verify`, `dump`, `compact`.
@NullMarked
package dev.lastword.cli.offline;

import org.jspecify.annotations.NullMarked;
