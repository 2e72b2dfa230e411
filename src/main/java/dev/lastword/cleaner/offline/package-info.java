/// Cleans a closed partition directory, written by Lastword or by a Kafka broker: the engine of
/// `lastword clean DIR`.
@NullMarked
package dev.lastword.cleaner.offline;

import org.jspecify.annotations.NullMarked;
