/// A record, a batch of records and their exact bytes on disk (Kafka v2).
@NullMarked
package dev.lastword.record;

import org.jspecify.annotations.NullMarked;
