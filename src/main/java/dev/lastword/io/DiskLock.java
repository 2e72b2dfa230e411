package dev.lastword.io;

import java.io.Closeable;

/// An exclusive lock on a file, held until it is closed or its process ends, however it ends.
/// Closing twice is harmless; safe for use by several threads.
public interface DiskLock extends Closeable {}
