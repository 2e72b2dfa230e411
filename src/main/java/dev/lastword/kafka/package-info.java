/// Mirrors topics of Kafka, exactly once and offset for offset.
///
/// One thread ([dev.lastword.kafka.MirrorLoop]) owns the consumer. What it polls it encodes for the
/// log; that goes in messages of one partition each into the channel `kafka` of SmallRye Reactive
/// Messaging and is appended there by a virtual thread. The next message of that partition follows
/// when this one waits in line at the log; it is acknowledged after the flush. So a partition's
/// batches are appended one after another, and partitions beside each other. What waits is bounded:
/// a partition that has enough is paused.
///
/// Exactly once needs no transaction: a record is stored at its source offset, the log tells where
/// it ends, and the consumer is put there whenever a partition is assigned. What lies below the end
/// is a duplicate. Group offsets are committed behind the flush, and only for others to see.
///
/// The channel's connector is our own. That of SmallRye keeps records in a queue between poll and
/// processing, where a record polled before a seek cannot be told from one polled after it; it
/// resumes all partitions at once, also one that must stay paused; and a record that cannot be read
/// ends in its retries, without saying of which partition it was.
@NullMarked
package dev.lastword.kafka;

import org.jspecify.annotations.NullMarked;
