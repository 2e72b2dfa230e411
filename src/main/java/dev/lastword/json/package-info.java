/// Records as JSON: the lines in which they come in and go out, over HTTP and on the command line.
@NullMarked
package dev.lastword.json;

import org.jspecify.annotations.NullMarked;
