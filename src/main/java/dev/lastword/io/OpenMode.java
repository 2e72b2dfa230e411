package dev.lastword.io;

/// How [Disk#open] opens a file.
public enum OpenMode {
    /// Read only; the file must exist.
    READ,
    /// Read and write; the file must exist and keeps its content.
    READ_WRITE,
    /// Read and write; the file is created, or emptied if it exists.
    CREATE
}
