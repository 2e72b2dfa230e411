package dev.lastword.io;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A disk in memory that stops, forgets and fails on demand.
///
/// It keeps what programs see and what the medium has apart: file content goes to the medium with
/// [DiskFile#sync], directory entries with [#syncDirectory] and with nothing else (a synced new
/// file whose directory is not synced is gone after a power failure, as POSIX allows). The crash
/// test:
///
/// ```java
/// for (long n = 0; n < operationsOfAFullRun; n++) {
///     SimulatedDisk disk = new SimulatedDisk(seed);
///     disk.crashAfter(n);
///     try { run(disk); } catch (SimulatedCrash expected) {}
///     check(disk.afterCrash(new Random(seed)));   // power failure; may be repeated with other seeds
///     check(disk.killed());                       // kill -9
/// }
/// ```
///
/// Beyond crashes it reads in short pieces now and then, as a disk may.
///
/// Not simulated: symbolic links, hard links, permissions, times, files beyond 1 GiB, and content
/// that reaches the medium half a sector at a time.
///
/// Thread-safe. The same calls from one thread with the same seed do the same.
public final class SimulatedDisk implements Disk {

    /// A directory that exists and is durable on every new disk.
    public static final Path MOUNT = Path.of("/disk");

    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final int TRACE_LENGTH = 60;

    /// What can be made to fail. All but `READ` are counted by [#operations].
    public enum Operation {
        /// Opening a file with `CREATE`, also one that exists; taking a lock on a new file.
        CREATE,
        /// Each directory that is made.
        MKDIR,
        /// [DiskFile#write] and [DiskFile#transfer].
        WRITE,
        /// [DiskFile#truncate].
        TRUNCATE,
        /// [DiskFile#sync].
        SYNC,
        /// [Disk#rename].
        RENAME,
        /// [Disk#delete].
        DELETE,
        /// [Disk#syncDirectory].
        SYNC_DIRECTORY,
        /// [DiskFile#read], [DiskFile#map], and reading the source of [DiskFile#transfer].
        READ
    }

    /// Which of a directory's unsynced changes survive a power failure.
    public enum EntryOrder {
        /// The first few, as with a journal.
        KEPT,
        /// Any, but those of one name in their order: a file system without a journal.
        REORDERED
    }

    private final long seed;
    private final SimulatedTree tree;
    private final Faults faults = new Faults();
    private final Set<SimulatedFile> locked = new HashSet<>();
    private final Deque<String> trace = new ArrayDeque<>();
    private final CompletableFuture<Void> crashed = new CompletableFuture<>();
    private long capacity;
    private long usedBytes;
    private long operations;
    private long operationsMax = UNLIMITED;
    private boolean stopped;

    /// An empty disk with the directory [#MOUNT]. The seed decides where failing writes stop and
    /// where reads fall short.
    public SimulatedDisk(long seed) {
        this(seed, SimulatedTree.with(MOUNT), UNLIMITED);
    }

    private SimulatedDisk(long seed, SimulatedTree tree, long capacity) {
        this.seed = seed;
        this.tree = tree;
        this.capacity = capacity;
        this.usedBytes = tree.bytes();
    }

    // ---- crashes

    /// The number of operations so far that change the disk or make a change durable.
    public synchronized long operations() {
        return operations;
    }

    /// Stops the machine once this disk has done `n` operations, counted from its beginning: every
    /// later call, also a read, throws [SimulatedCrash]. If that call is a write, a part of it may
    /// have been done.
    public synchronized void crashAfter(long n) {
        operationsMax = n;
    }

    /// Stops the machine now.
    public synchronized void crash() {
        if (!stopped) {
            stopped = true;
            crashed.completeAsync(() -> null);
        }
    }

    /// Whether a call has met the end (or [#crash] was called).
    public synchronized boolean hasCrashed() {
        return stopped;
    }

    /// Completes soon after the crash, for a test that waits for something that may never come.
    public CompletableFuture<Void> crashed() {
        return crashed.copy();
    }

    /// The disk after a power failure: what was synced, and a random part of the rest. Of each
    /// directory's unsynced changes some survive, in an order that is drawn too; of each file's
    /// dirty pages any, one perhaps only in its first sectors, with any size the file had since its
    /// last sync. Stops this disk, which may be asked again with other dice.
    public SimulatedDisk afterCrash(Random random) {
        EntryOrder order = random.nextBoolean() ? EntryOrder.KEPT : EntryOrder.REORDERED;
        return afterCrash(random, order);
    }

    /// Like [#afterCrash(Random)], with a given order of entry changes.
    public SimulatedDisk afterCrash(Random random, EntryOrder order) {
        return afterPowerLoss(random.nextLong(), PowerLoss.draw(random, order));
    }

    /// The disk after the worst power failure: what was synced and nothing else.
    public SimulatedDisk withOnlySynced() {
        return afterPowerLoss(seed, PowerLoss.total());
    }

    private synchronized SimulatedDisk afterPowerLoss(long newSeed, PowerLoss loss) {
        crash();
        return new SimulatedDisk(newSeed, tree.afterPowerLoss(loss), capacity);
    }

    /// The disk after the process alone was killed: all content and names are there, and what was
    /// not synced is still not. Open files, locks and faults are gone. Stops this disk.
    public synchronized SimulatedDisk killed() {
        crash();
        return new SimulatedDisk(seed, tree.copy(), capacity);
    }

    // ---- faults

    /// Limits the sum of all file sizes: a write beyond it does a part and throws
    /// [DiskFullIOException].
    public synchronized void capacity(long bytes) {
        capacity = bytes;
    }

    /// Lets the nth write or transfer from now (1 is the next) throw, after a part of it was done.
    public void failWrite(int nth, IOException error) {
        fail(Operation.WRITE, path -> true, nth, error);
    }

    /// Lets the nth file sync from now (1 is the next) throw. As on Linux its dirty pages count as
    /// clean then: they can be read, but only writing them again brings them to the medium.
    public void failSync(int nth) {
        fail(Operation.SYNC, path -> true, nth, new IOException("Input/output error"));
    }

    /// Lets the nth read, mapping or transfer from now (1 is the next) throw.
    public void failRead(int nth, IOException error) {
        fail(Operation.READ, path -> true, nth, error);
    }

    /// Lets the nth operation of a kind from now (1 is the next) throw, among those on files (named
    /// as they were when opened) or directories that `where` accepts. The operation has no effect;
    /// but see [#failWrite] and [#failSync].
    public synchronized void fail(
            Operation operation, Predicate<Path> where, int nth, IOException error) {
        faults.once(operation, where, nth, error);
    }

    /// Like [#fail], for every such operation until [#heal].
    public synchronized void failEvery(
            Operation operation, Predicate<Path> where, Supplier<IOException> error) {
        faults.every(operation, where, error);
    }

    /// Ends all faults that were asked for, except the limit of [#capacity].
    public synchronized void heal() {
        faults.clear();
    }

    /// Turns a bit (0 to 7) of a byte of a file round, on the medium and in what programs see.
    public synchronized void flipBit(Path file, long byteOffset, int bit) {
        if (!(tree.find(file) instanceof SimulatedFile there)) {
            throw new IllegalArgumentException("no file " + file);
        }
        there.flipBit(byteOffset, bit);
    }

    /// Lets the cache forget the pages whose sync failed, so that reads see the medium's content.
    public synchronized void dropLostPages() {
        tree.dropLostPages();
    }

    // ---- the disk

    @Override
    public synchronized DiskFile open(Path file, OpenMode mode) throws IOException {
        ensureRunning();
        SimulatedNode node = tree.find(file);
        if (node instanceof SimulatedDirectory) {
            throw new FileSystemException(file.toString(), null, "Is a directory");
        }
        SimulatedFile opened = (SimulatedFile) node;
        if (mode == OpenMode.CREATE) {
            opened = create(file, opened);
        } else if (opened == null) {
            throw new NoSuchFileException(file.toString());
        }
        return new SimulatedHandle(this, opened, file, mode != OpenMode.READ);
    }

    private SimulatedFile create(Path file, @Nullable SimulatedFile existing) throws IOException {
        SimulatedDirectory dir = tree.parent(file);
        throwIfAny(begin(Operation.CREATE, file, ""));
        if (existing != null) {
            usedBytes -= existing.size();
            existing.truncate(0);
            return existing;
        }
        SimulatedFile created = new SimulatedFile();
        dir.put(SimulatedTree.name(file), created);
        return created;
    }

    @Override
    public synchronized void createDirectories(Path dir) throws IOException {
        ensureRunning();
        Path path = dir.toAbsolutePath().normalize();
        SimulatedNode node = tree.find(path);
        if (node instanceof SimulatedFile) {
            throw new FileAlreadyExistsException(dir.toString());
        }
        if (node == null) {
            createDirectories(Objects.requireNonNull(path.getParent()));
            SimulatedDirectory parent = tree.parent(path);
            ensureRunning();
            throwIfAny(begin(Operation.MKDIR, path, ""));
            parent.put(SimulatedTree.name(path), new SimulatedDirectory());
        }
    }

    @Override
    public synchronized boolean exists(Path path) {
        ensureRunning();
        return tree.find(path) != null;
    }

    @Override
    public synchronized boolean isDirectory(Path path) {
        ensureRunning();
        return tree.find(path) instanceof SimulatedDirectory;
    }

    @Override
    public synchronized List<Path> list(Path dir) throws IOException {
        ensureRunning();
        List<Path> paths = new ArrayList<>();
        for (String name : tree.directory(dir).entries().keySet()) {
            paths.add(dir.resolve(name));
        }
        return paths;
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        ensureRunning();
        RealDisk.ensureSiblings(from, to);
        SimulatedNode node = tree.find(from);
        if (node == null) {
            throw new NoSuchFileException(from.toString());
        }
        SimulatedNode replaced = tree.find(to);
        if (replaced == node) {
            return;
        }
        if (replaced instanceof SimulatedDirectory
                || (replaced != null && node instanceof SimulatedDirectory)) {
            throw new FileAlreadyExistsException(to.toString());
        }
        throwIfAny(begin(Operation.RENAME, from, " -> " + to.getFileName()));
        tree.parent(from).move(SimulatedTree.name(from), SimulatedTree.name(to));
        if (replaced instanceof SimulatedFile file) {
            unlink(file);
        }
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        ensureRunning();
        SimulatedNode node = tree.find(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (node instanceof SimulatedDirectory dir && !dir.entries().isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        throwIfAny(begin(Operation.DELETE, path, ""));
        tree.parent(path).remove(SimulatedTree.name(path));
        if (node instanceof SimulatedFile file) {
            unlink(file);
        }
    }

    @Override
    public synchronized void syncDirectory(Path dir) throws IOException {
        ensureRunning();
        SimulatedDirectory directory = tree.directory(dir);
        throwIfAny(begin(Operation.SYNC_DIRECTORY, dir, ""));
        directory.sync();
    }

    @Override
    public synchronized long usableBytes(Path dir) throws IOException {
        ensureRunning();
        tree.directory(dir);
        return Math.max(0, capacity - usedBytes);
    }

    @Override
    public synchronized @Nullable DiskLock tryLock(Path file) throws IOException {
        ensureRunning();
        SimulatedNode node = tree.find(file);
        if (node instanceof SimulatedDirectory) {
            throw new FileSystemException(file.toString(), null, "Is a directory");
        }
        SimulatedFile lockFile = node == null ? create(file, null) : (SimulatedFile) node;
        if (!locked.add(lockFile)) {
            return null;
        }
        return new DiskLock() {
            private boolean closed;

            @Override
            public void close() {
                synchronized (SimulatedDisk.this) {
                    if (!closed) {
                        closed = true;
                        locked.remove(lockFile);
                    }
                }
            }
        };
    }

    // ---- for open files, which hold the monitor

    void ensureRunning() {
        if (endReached()) {
            crash();
            throw new SimulatedCrash(operations);
        }
    }

    private boolean endReached() {
        return stopped || operations >= operationsMax;
    }

    void read(Path path) throws IOException {
        throwIfAny(faults.meet(Operation.READ, path));
    }

    /// How many of the bytes asked for a read or a transfer takes at most: all, or now and then
    /// fewer.
    int shortRead(long position, int length) {
        SplittableRandom dice = new SplittableRandom(seed ^ (position * 31 + length));
        return dice.nextInt(4) == 0 ? 1 + dice.nextInt(length) : length;
    }

    void write(SimulatedFile file, Path path, byte[] bytes, long position) throws IOException {
        long room = file.size() - position + Math.max(0, capacity - usedBytes);
        int fits = Math.clamp(room, 0, bytes.length);
        if (!stopped && endReached()) {
            store(file, bytes, partOf(fits), position);
        }
        ensureRunning();
        IOException error = begin(Operation.WRITE, path, " at " + position + "+" + bytes.length);
        if (error != null) {
            store(file, bytes, partOf(fits), position);
            throw error;
        }
        if (fits < bytes.length) {
            store(file, bytes, partOf(fits), position);
            throw new DiskFullIOException(path + ": No space left on device");
        }
        store(file, bytes, fits, position);
    }

    void transfer(Path from, SimulatedFile target, Path to, byte[] bytes, long position)
            throws IOException {
        if (!endReached()) {
            read(from);
        }
        write(target, to, bytes, position);
    }

    private void store(SimulatedFile file, byte[] bytes, int length, long position) {
        int before = file.size();
        file.write(bytes, length, position);
        usedBytes += file.size() - before;
    }

    private int partOf(int length) {
        SplittableRandom dice = new SplittableRandom(seed ^ operations);
        return switch (dice.nextInt(4)) {
            case 0 -> 0;
            case 1 -> length;
            default -> dice.nextInt(length + 1);
        };
    }

    void truncate(SimulatedFile file, Path path, long size) throws IOException {
        ensureRunning();
        throwIfAny(begin(Operation.TRUNCATE, path, " to " + size));
        usedBytes -= Math.max(0, file.size() - size);
        file.truncate(size);
    }

    void sync(SimulatedFile file, Path path) throws IOException {
        ensureRunning();
        IOException error = begin(Operation.SYNC, path, "");
        if (error != null) {
            file.failSync();
            throw error;
        }
        file.sync();
    }

    void releaseSpace(SimulatedFile file) {
        if (!file.linked && file.handles == 0) {
            usedBytes -= file.size();
        }
    }

    // ---- inside

    /// Counts an operation, and gives the error it is to meet, if any.
    private @Nullable IOException begin(Operation operation, Path path, String detail) {
        operations++;
        trace.add(operations + " " + operation + " " + path + detail);
        if (trace.size() > TRACE_LENGTH) {
            trace.remove();
        }
        return faults.meet(operation, path);
    }

    private static void throwIfAny(@Nullable IOException error) throws IOException {
        if (error != null) {
            throw error;
        }
    }

    private void unlink(SimulatedFile file) {
        file.linked = false;
        releaseSpace(file);
    }

    /// All names with their state, and the last operations: for the message of a failed test.
    public synchronized String dump() {
        StringBuilder out = new StringBuilder("after " + operations + " operations:\n");
        tree.describe(out);
        out.append("last operations:\n");
        trace.forEach(line -> out.append("  ").append(line).append('\n'));
        return out.toString();
    }
}
