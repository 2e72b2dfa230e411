package dev.lastword.log;

import dev.lastword.index.KeyIndex;
import dev.lastword.index.PageHead;
import dev.lastword.index.PageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/// The pages of a [Checkpoint], for the key index to load. Thread-safe.
final class CheckpointPages implements PageSource {
    /// What becomes of damaged pages.
    interface Rebuild {
        /// Enters the keys that are wanted from the log, or throws.
        void into(KeyIndex index, Wanted wanted);
    }

    /// A page is damaged while the log is not open yet.
    static final class DamagedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DamagedException() {
            super("a page of the checkpoint is damaged");
        }
    }

    private final Checkpoint checkpoint;
    private final @Nullable LongPredicate stands;
    private volatile Rebuild rebuild;

    /// The index may have loaded all pages, and so be done with the file, while it is still read.
    private boolean applying;

    private boolean closed;

    /// @param stands whether an offset that an entry names is still in the log; null where all are
    CheckpointPages(Checkpoint checkpoint, @Nullable LongPredicate stands) {
        this.checkpoint = checkpoint;
        this.stands = stands;
        this.rebuild =
                (index, wanted) -> {
                    throw new DamagedException();
                };
    }

    /// From now on damaged pages can be made anew.
    void rebuildWith(Rebuild newRebuild) {
        rebuild = newRebuild;
    }

    @Override
    public List<PageHead> heads() {
        return checkpoint.pages().stream().map(Checkpoint.PageAt::head).toList();
    }

    @Override
    public boolean read(int page, ByteBuffer target) throws IOException {
        return checkpoint.read(checkpoint.pages().get(page), target);
    }

    @Override
    public boolean keeps(long offset) {
        return stands == null || stands.test(offset);
    }

    @Override
    public boolean keepsAll() {
        return stands == null;
    }

    @Override
    public void rebuild(KeyIndex index, Wanted wanted) {
        rebuild.into(index, wanted);
    }

    /// Fills an empty index up to the cut.
    void restore(KeyIndex index) throws IOException {
        synchronized (this) {
            applying = true;
        }
        index.restore(this);
        checkpoint.applyChanges(index, this);
        synchronized (this) {
            applying = false;
            if (closed) {
                checkpoint.close();
            }
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (!applying) {
            checkpoint.close();
        }
    }
}
