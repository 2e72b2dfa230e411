/// The few disk operations the log needs, as an interface that can crash on demand in tests.
@NullMarked
package dev.lastword.io;

import org.jspecify.annotations.NullMarked;
