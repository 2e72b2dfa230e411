/// The HTTP edge: REST resources over the ingest pipeline and the readers.
@NullMarked
package dev.lastword.http;

import org.jspecify.annotations.NullMarked;
