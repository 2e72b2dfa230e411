package dev.lastword.log;

import org.jspecify.annotations.Nullable;

/**
 * What can go wrong with a log for reasons outside the program. Each kind says what the caller may
 * conclude about a write that met it: except for {@link OutcomeUnknown}, the write was not stored
 * and never will be.
 */
public abstract sealed class LogException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private LogException(String message) {
        super(message);
    }

    private LogException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Bytes on disk are not what was written there. */
    public static final class Corrupt extends LogException {
        private static final long serialVersionUID = 1L;
        private final String partition;
        private final long offset;

        /** {@code offset}: base offset of the damaged batch, or the next expected one. */
        public Corrupt(String partition, long offset, String what, Throwable cause) {
            super(
                    "Partition " + partition + " is damaged at offset " + offset + ": " + what,
                    cause);
            this.partition = partition;
            this.offset = offset;
        }

        public String partition() {
            return partition;
        }

        public long offset() {
            return offset;
        }
    }

    /** The device is full; the log was put back to where it was before the write. */
    public static final class DiskFull extends LogException {
        private static final long serialVersionUID = 1L;

        public DiskFull(String partition, Throwable cause) {
            super(
                    "No space is left for partition "
                            + partition
                            + "; nothing of this write was stored. Free space and send it again.",
                    cause);
        }
    }

    /** The disk refused the write; the log was put back to where it was before it. */
    public static final class WriteFailed extends LogException {
        private static final long serialVersionUID = 1L;

        public WriteFailed(String partition, Throwable cause) {
            super(
                    "Writing to partition "
                            + partition
                            + " failed ("
                            + cause.getMessage()
                            + "); nothing of this write was stored.",
                    cause);
        }
    }

    /** The write may or may not survive a crash: the disk failed while it was made durable. */
    public static final class OutcomeUnknown extends LogException {
        private static final long serialVersionUID = 1L;

        public OutcomeUnknown(String partition, Throwable cause) {
            super(
                    "The disk failed while a write to partition "
                            + partition
                            + " was made durable; whether it is stored is unknown. Read the key before sending it again.",
                    cause);
        }
    }

    /** The partition takes no writes after a failed flush, until it is reopened. */
    public static final class ReadOnly extends LogException {
        private static final long serialVersionUID = 1L;

        public ReadOnly(String partition, String reason) {
            super(
                    "Partition "
                            + partition
                            + " is read-only: "
                            + reason
                            + ". Once the disk is right, POST /topics/{topic}/partitions/{partition}"
                            + "/reopen takes it back into service.");
        }
    }

    /** What was asked for makes no sense in the state that the partition is in. */
    public static final class WrongState extends LogException {
        private static final long serialVersionUID = 1L;

        /** {@code what}: what is wrong and what to do. */
        public WrongState(String what) {
            super(what);
        }
    }

    /** The partition stays in quarantine. */
    public static final class StillQuarantined extends LogException {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Damage damage;

        /** {@code damage}: the first that was found, or null where something is missing. */
        public StillQuarantined(String partition, String reason, @Nullable Damage damage) {
            super("Partition " + partition + " stays in quarantine: " + reason + ".");
            this.damage = damage;
        }

        public @Nullable Damage damage() {
            return damage;
        }
    }

    /** The partition could not be reopened; it is as it was, or read-only. */
    public static final class ReopenFailed extends LogException {
        private static final long serialVersionUID = 1L;

        public ReopenFailed(String partition, String reason, @Nullable Throwable cause) {
            super("Partition " + partition + " could not be reopened: " + reason, cause);
        }
    }

    /** The log, its topic or the whole store is closed or being deleted. */
    public static final class Closed extends LogException {
        private static final long serialVersionUID = 1L;

        public Closed(String what) {
            super(what + " is closed.");
        }
    }

    /** No record can be read at that offset. */
    public static final class OffsetOutOfRange extends LogException {
        private static final long serialVersionUID = 1L;
        private final long requested;
        private final long startOffset;
        private final long endOffset;

        public OffsetOutOfRange(long requested, long startOffset, long endOffset) {
            super(
                    "Offset "
                            + requested
                            + " is outside of this partition, which holds ["
                            + startOffset
                            + ", "
                            + endOffset
                            + ").");
            this.requested = requested;
            this.startOffset = startOffset;
            this.endOffset = endOffset;
        }

        public long requested() {
            return requested;
        }

        public long startOffset() {
            return startOffset;
        }

        /** Exclusive. */
        public long endOffset() {
            return endOffset;
        }
    }

    /** A record is larger than the topic allows. */
    public static final class RecordTooLarge extends LogException {
        private static final long serialVersionUID = 1L;
        private final long bytes;
        private final int bytesMax;

        public RecordTooLarge(long bytes, int bytesMax) {
            super(
                    "The record takes "
                            + bytes
                            + " bytes, the topic allows "
                            + bytesMax
                            + " (max.message.bytes).");
            this.bytes = bytes;
            this.bytesMax = bytesMax;
        }

        public long bytes() {
            return bytes;
        }

        public int bytesMax() {
            return bytesMax;
        }
    }

    /** Too many bytes wait for this partition's disk already. */
    public static final class QueueFull extends LogException {
        private static final long serialVersionUID = 1L;
        private final long retryAfterMs;

        public QueueFull(String partition, long retryAfterMs) {
            super("Too many writes wait for partition " + partition + "; send it again later.");
            this.retryAfterMs = retryAfterMs;
        }

        public long retryAfterMs() {
            return retryAfterMs;
        }
    }

    /** No topic has that name. */
    public static final class UnknownTopic extends LogException {
        private static final long serialVersionUID = 1L;

        public UnknownTopic(String topic) {
            super("There is no topic '" + topic + "'.");
        }
    }

    /** A topic of that name exists already. */
    public static final class TopicExists extends LogException {
        private static final long serialVersionUID = 1L;

        public TopicExists(String topic) {
            super("Topic '" + topic + "' exists already.");
        }
    }

    /** The name breaks Kafka's rule for topic names. */
    public static final class InvalidTopicName extends LogException {
        private static final long serialVersionUID = 1L;

        public InvalidTopicName(String reason) {
            super(reason);
        }
    }

    /** A setting is unknown or its value is not allowed. */
    public static final class InvalidConfig extends LogException {
        private static final long serialVersionUID = 1L;
        private final String name;

        /** {@code reason}: what is wrong and what would be right, with the range. */
        public InvalidConfig(String name, String reason) {
            super(reason);
            this.name = name;
        }

        public String name() {
            return name;
        }
    }

    /** A record has no version that its topic's {@code compaction.strategy} could go by. */
    public static final class InvalidVersion extends LogException {
        private static final long serialVersionUID = 1L;
        private final String header;

        public InvalidVersion(String header) {
            super(
                    "The topic's compaction.strategy is header:"
                            + header
                            + ", so each record needs a header '"
                            + header
                            + "' with a 64-bit whole number, as decimal text or as eight bytes,"
                            + " big-endian.");
            this.header = header;
        }

        public String header() {
            return header;
        }
    }

    /** A request of this name was stored before, with another content. */
    public static final class RequestDiffers extends LogException {
        private static final long serialVersionUID = 1L;

        public RequestDiffers() {
            super(
                    "Another request was sent with this idempotency key before. Nothing of this one"
                            + " was stored; send it with a key of its own.");
        }
    }

    /** Another process, or another store in this one, works in the data directory. */
    public static final class DataDirectoryLocked extends LogException {
        private static final long serialVersionUID = 1L;

        public DataDirectoryLocked(String directory) {
            super(
                    "The data directory "
                            + directory
                            + " is in use by another process; stop it or choose another directory.");
        }
    }

    /** The data directory cannot be used. */
    public static final class DataDirectoryUnusable extends LogException {
        private static final long serialVersionUID = 1L;

        public DataDirectoryUnusable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
