/// The key index: key fingerprint → latest offset, off-heap, one writer, many lock-free readers.
@NullMarked
package dev.lastword.index;

import org.jspecify.annotations.NullMarked;
