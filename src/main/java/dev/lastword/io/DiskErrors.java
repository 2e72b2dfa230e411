package dev.lastword.io;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Gives the operating system's errors a type. Java keeps only the text of `errno`, so text it is:
/// the C library's own, which a process with a translated locale words differently; the error is
/// then passed on as it came.
final class DiskErrors {

    private static final List<String> DISK_FULL =
            List.of(
                    "No space left on device", // ENOSPC
                    "Disk quota exceeded", // EDQUOT
                    "There is not enough space on the disk"); // Windows

    private DiskErrors() {}

    /// The same error, as a [DiskFullIOException] if that is what its message means.
    static IOException typed(Path path, IOException error) {
        String message = error.getMessage();
        if (message == null || error instanceof DiskFullIOException) {
            return error;
        }
        for (String text : DISK_FULL) {
            if (message.contains(text)) {
                return new DiskFullIOException(path + ": " + text, error);
            }
        }
        return error;
    }
}
