package dev.lastword.security;

/// What a caller may do with a topic; each role may do what those before it may.
enum Role {
    /// Read keys, records, snapshots, changes and descriptions.
    READER,
    /// Write and delete records.
    WRITER,
    /// Make, configure, compact, repair and delete topics.
    ADMIN
}
