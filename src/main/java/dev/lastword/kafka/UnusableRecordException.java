package dev.lastword.kafka;

/// A record that a log of keyed records cannot hold, where that is to stop its partition.
final class UnusableRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableRecordException(long offset, String why) {
        super(
                "The record at offset "
                        + offset
                        + " "
                        + why
                        + ", and lastword.kafka.on-unusable is fail: set it to skip or dead-letter"
                        + " and start again.");
    }
}
