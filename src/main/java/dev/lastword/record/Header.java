package dev.lastword.record;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A named value that travels beside a record's key and value. A name may occur more than once. Two
/// headers are equal when name and bytes are.
///
/// @param name the name, written as UTF-8
/// @param value the value, not copied: neither side may change it afterwards
@SuppressWarnings("ArrayRecordComponent") // compared by content below
public record Header(String name, byte @Nullable [] value) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Header that
                && name.equals(that.name)
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, Arrays.hashCode(value));
    }

    @Override
    public String toString() {
        return name + "=" + (value == null ? "null" : value.length + " bytes");
    }
}
