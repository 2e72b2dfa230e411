/// The command line: what can be done without a running service.
@NullMarked
package dev.lastword.cli;

import org.jspecify.annotations.NullMarked;
