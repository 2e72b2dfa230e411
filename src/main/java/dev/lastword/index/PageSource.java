package dev.lastword.index;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// The pages of an index as they were copied ([IndexCopy]), to be loaded one by one. Thread-safe.
public interface PageSource extends Closeable {
    /// What is told of each page, in the order of their prefixes.
    List<PageHead> heads();

    /// Fills `target` with the bytes of a page, from position 0 to their number.
    ///
    /// @return whether they are what was copied; false where they are damaged
    /// @throws IOException if they cannot be read, also because the source is closed
    boolean read(int page, ByteBuffer target) throws IOException;

    /// Whether an entry that was copied still stands; one that does not is left out. It must not
    /// change its mind.
    ///
    /// @param offset of the entry
    boolean keeps(long offset);

    /// Whether every entry stands, so that none needs to be looked at.
    boolean keepsAll();

    /// Enters the keys of damaged pages into an empty index, from where they came from first. What
    /// becomes of an index whose pages cannot be had is the caller's affair: it may throw.
    ///
    /// @param wanted says by the `lo` of a key's hash whether the key belongs to those pages
    void rebuild(KeyIndex index, Wanted wanted);

    /// Chooses keys.
    interface Wanted {
        /// @param lo of the key's hash
        boolean wants(long lo);
    }
}
