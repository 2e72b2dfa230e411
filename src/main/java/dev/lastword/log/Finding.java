package dev.lastword.log;

import java.nio.file.Path;

/// Something about a closed directory that a person should know.
///
/// @param severity whether it is wrong
/// @param file the file or folder it is about
/// @param position the byte in the file, -1 where it is about the whole
/// @param offset the record's or batch's offset, -1 where it is about none
/// @param what the finding, as a sentence without its end
public record Finding(Severity severity, Path file, long position, long offset, String what) {
    /// How bad it is.
    public enum Severity {
        /// An invariant does not hold.
        PROBLEM,
        /// Nothing is wrong: what the next start will put right by itself, or could not be checked.
        NOTE
    }

    static Finding problem(Path file, String what) {
        return new Finding(Severity.PROBLEM, file, -1, -1, what);
    }

    static Finding note(Path file, String what) {
        return new Finding(Severity.NOTE, file, -1, -1, what);
    }
}
