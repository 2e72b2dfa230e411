package dev.lastword.read;

import dev.lastword.record.RecordCursor;
import java.nio.ByteBuffer;

/// Which keys a reader wants: all, those that begin with some bytes, or one. Records without a key
/// belong to none.
public final class KeyFilter {
    private static final KeyFilter ALL = new KeyFilter(new byte[0], false);

    private final byte[] bytes;
    private final boolean whole;

    private KeyFilter(byte[] bytes, boolean whole) {
        this.bytes = bytes.clone();
        this.whole = whole;
    }

    public static KeyFilter all() {
        return ALL;
    }

    public static KeyFilter prefix(byte[] prefix) {
        return new KeyFilter(prefix, false);
    }

    public static KeyFilter key(byte[] key) {
        return new KeyFilter(key, true);
    }

    /// Whether one key is wanted, and which: [#bytes].
    boolean isKey() {
        return whole;
    }

    byte[] bytes() {
        return bytes;
    }

    boolean takes(RecordCursor record) {
        int length = record.keyLength();
        if (length < bytes.length || length < 0 || (whole && length != bytes.length)) {
            return false;
        }
        ByteBuffer buffer = record.buffer();
        for (int i = 0; i < bytes.length; i++) {
            if (buffer.get(record.keyPosition() + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
