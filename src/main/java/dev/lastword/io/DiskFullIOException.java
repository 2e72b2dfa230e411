package dev.lastword.io;

import java.io.IOException;

/// The file system has no room (or quota) left for a write, a sync, a new file or a new directory.
///
/// Part of the data may have been written. Reading and truncating still work, and freeing space
/// lets the same operation succeed later.
public final class DiskFullIOException extends IOException {
    private static final long serialVersionUID = 1L;

    /// @param message names the file and what the operating system said
    public DiskFullIOException(String message) {
        super(message);
    }

    /// @param message names the file and what the operating system said
    /// @param cause the operating system's own error
    public DiskFullIOException(String message, Throwable cause) {
        super(message, cause);
    }
}
