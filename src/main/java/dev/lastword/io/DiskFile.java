package dev.lastword.io;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// An open file, read and written at explicit positions (bytes from its start, never negative).
///
/// Nothing written is safe from a power failure before [#sync] returns. A sync that fails is final:
/// the system may have dropped the pages and still serve them from its cache, so a later sync that
/// succeeds proves nothing about them.
///
/// Thread-safe: any number of readers beside one writer; a reader sees the bytes that were there
/// before or after a concurrent write, or a mix. Callers serialise writes, truncations and
/// transfers into one file. No thread may be interrupted in here: that would close the file for
/// everybody.
///
/// Every method but [#close] throws `ClosedChannelException` once the file is closed.
public interface DiskFile extends Closeable {

    /// Reads up to `dst.remaining()` bytes at a position and advances `dst` by what it got.
    ///
    /// @return the number of bytes read, which may be fewer than asked for (at least 1, or 0 if
    ///   `dst` is full), or -1 at or beyond the end of the file
    int read(ByteBuffer dst, long position) throws IOException;

    /// Fills `dst` from a position.
    ///
    /// @throws EOFException if the file ends first; `dst` then holds what there was
    default void readFully(ByteBuffer dst, long position) throws IOException {
        long at = position;
        while (dst.hasRemaining()) {
            int n = read(dst, at);
            if (n < 0) {
                throw new EOFException(
                        "the file ends at %d, %d bytes short of what was asked for at %d"
                                .formatted(at, dst.remaining(), position));
            }
            at += n;
        }
    }

    /// Writes all of `src` at a position; a gap between the end of the file and it reads as zeros.
    /// After a failure any part of the range may be written, and `src` stands anywhere in it.
    ///
    /// @throws DiskFullIOException if there is no room
    void write(ByteBuffer src, long position) throws IOException;

    /// The current length in bytes.
    long size() throws IOException;

    /// Cuts the file to `size` bytes; does nothing if it is not longer. Durable after [#sync].
    void truncate(long size) throws IOException;

    /// Makes content and length durable (`fdatasync`). The file's name is not covered: a new or
    /// renamed file needs [Disk#syncDirectory] too.
    void sync() throws IOException;

    /// Copies up to `count` bytes at `position` to another file of the same disk, inside the kernel
    /// where possible. The bytes are written, not synced.
    ///
    /// @return the number of bytes copied, which may be fewer than asked for (at least 1, or 0 if
    ///   `count` is 0), or -1 at or beyond the end of this file
    /// @throws DiskFullIOException if there is no room; part may have been written
    long transfer(long position, long count, DiskFile target, long targetPosition)
            throws IOException;

    /// Copies `count` bytes as [#transfer] does; short transfers are continued.
    ///
    /// @return `count`, always
    /// @throws EOFException if this file ends before `position + count`; what there was is copied
    /// @throws DiskFullIOException if there is no room; part may have been written
    default long transferTo(long position, long count, DiskFile target, long targetPosition)
            throws IOException {
        long done = 0;
        while (done < count) {
            long n = transfer(position + done, count - done, target, targetPosition + done);
            if (n < 0) {
                throw new EOFException(
                        "the file ends at %d, asked to transfer %d bytes at %d"
                                .formatted(position + done, count, position));
            }
            done += n;
        }
        return done;
    }

    /// The whole file as a read-only, big-endian buffer from 0 to its current size. It stays valid
    /// after [#close]. For files that no longer change: what a later write does to it is undefined,
    /// and reading what a truncation cut off may end the process.
    ///
    /// @throws IOException also if the file is larger than 2 GiB - 1
    ByteBuffer map() throws IOException;

    /// Releases the file; does not sync. Closing twice is harmless.
    @Override
    void close() throws IOException;
}
