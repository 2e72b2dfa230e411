package dev.lastword.laws;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Which test of ours holds a property that Kafka's own tests check of its cleaner, and which keeps
/// us from an accident that Kafka or one of its peers had. A row names the property, by Kafka's
/// test or the number of the issue, and what becomes of it here: tests, `package.Class.method`; or
/// `does not apply:` and why; or `departs (DESIGN §…)` and how, where that is on purpose.
/// [SemanticsMapTest] checks that the tests are there.
///
/// In the table a line `| property |` begins a row, lines `| …` tell what holds it.
final class SemanticsMap {
    /// A property or several alike, and what holds them.
    record Row(String property, String heldBy) {
        private static final Pattern TEST =
                Pattern.compile("[a-z]+(?:\\.[a-z]+)*\\.[A-Z]\\w*\\.[a-z]\\w+");

        /// The tests it names.
        List<String> tests() {
            return TEST.matcher(heldBy).results().map(m -> m.group()).toList();
        }

        /// Whether it says why there need not be one.
        boolean isExcused() {
            return heldBy.matches(
                    "(does not apply\\b[^:]*|departs \\(DESIGN (§[0-9.]+|I[0-9]+)\\)): .+");
        }
    }

    private static final String TABLE =
            """
            ## LogCleanerTest
            | testRemoveMetricsOnClose; testMetricsActiveAfterReconfiguration |
            |   metrics.HappeningsTest.a_deleted_topic_leaves_no_meter_behind; a reconfiguration registers
            |   nothing, settings are read at each use
            | testCleanSegments |
            |   cleaner.offline.OfflineCleanerTest.a_superseded_record_goes_and_every_other_stays,
            |   interop.LiveCleanIT.kafka_reads_what_we_wrote_and_keeps_what_we_keep,
            |   laws.LogLawsTest.the_laws_of_the_log_hold_whatever_happens
            | testCleanSegmentsWithConcurrentSegmentDeletion |
            |   cleaner.KafkaCasesTest.retention_waits_for_a_pass_and_takes_each_segment_once
            | testSizeTrimmedForPreallocatedAndCompactedTopic |
            |   log.HeadroomTest.a_closed_segment_ends_with_its_last_batch
            | testDuplicateCheckAfterCleaning |
            |   interop.BrokerCleanIT.a_broker_serves_exactly_the_retained_records_of_a_cleaned_directory
            | testMultiPassSegmentCleaningWithAbortedTransactions |
            |   departs (DESIGN §6): a pass has room for all keys and ends with a segment, never in the
            |   middle;
            |   cleaner.offline.TransactionTest.an_abort_marker_outlives_the_aborted_data_until_its_horizon
            | testBasicTransactionAwareCleaning |
            |   cleaner.offline.TransactionTest.an_aborted_record_goes_at_once_and_supersedes_nothing
            | testCleanWithTransactionsSpanningSegments; testCommittedTransactionSpanningSegments; testAbortedTransactionSpanningSegments |
            |   cleaner.offline.TransactionTest.a_transaction_over_several_segments_and_groups_is_decided_as_a_whole,
            |   cleaner.offline.TransactionTest.data_whose_abort_marker_is_in_the_active_segment_goes
            | testCommitMarkerRemoval |
            |   cleaner.offline.TransactionTest.a_commit_marker_goes_after_all_its_data_and_then_its_horizon
            | testDeletedBatchesWithNoMessagesRead |
            |   cleaner.KafkaCasesTest.more_garbage_than_a_buffer_holds_is_stepped_over
            | testCommitMarkerRetentionWithEmptyBatch |
            |   cleaner.offline.TransactionTest.an_empty_batch_holds_its_commit_marker
            | testCleanEmptyControlBatch |
            |   cleaner.offline.TransactionTest.the_marker_that_alone_shows_a_producers_epoch_stays
            | testAbortMarkerRemoval |
            |   cleaner.offline.TransactionTest.an_abort_marker_outlives_the_aborted_data_until_its_horizon
            | testEmptyBatchRemovalWithSequenceReuse |
            |   cleaner.offline.TransactionTest.the_batch_of_a_reused_sequence_does_not_hold_an_empty_one
            | testAbortMarkerRetentionWithEmptyBatch |
            |   cleaner.offline.TransactionTest.an_empty_batch_holds_its_abort_marker_and_index_entry
            | testLargeMessage; testMessageLargerThanMaxMessageSize |
            |   cleaner.KafkaCasesTest.a_record_larger_than_a_buffer_and_than_a_limit_lowered_since_is_cleaned
            | testMessageLargerThanMaxMessageSizeWithCorruptHeader; testCorruptMessageSizeLargerThanBytesAvailable |
            |   cleaner.KafkaCasesTest.a_batch_that_claims_another_length_stops_the_cleaning_and_nothing_is_changed,
            |   cleaner.offline.OfflineCrashTest.a_flipped_bit_anywhere_in_what_is_cleaned_is_found_and_nothing_changes
            | testCleaningWithDeletes |
            |   cleaner.offline.OfflineCleanerTest.a_tombstone_stays_until_its_horizon,
            |   laws.LogLawsTest.the_laws_of_the_log_hold_whatever_happens
            | testLogCleanerStats |
            |   cleaner.KafkaCasesTest.what_a_pass_tells_is_exact
            | testLogCleanerRetainsProducerLastSequence |
            |   cleaner.offline.TransactionTest.the_last_batch_of_an_active_producer_stays_though_its_records_go,
            |   cleaner.offline.TransactionTest.a_producer_is_followed_into_the_active_segment
            | testLogCleanerRetainsLastSequenceEvenIfTransactionAborted |
            |   cleaner.offline.TransactionTest.the_last_batch_of_a_producer_stays_even_if_it_was_aborted
            | testCleaningWithKeysConflictingWithTxnMarkerKeys |
            |   cleaner.offline.TransactionTest.a_key_equal_to_that_of_a_marker_removes_no_marker
            | testPartialSegmentClean |
            |   departs (DESIGN §6): the index holds every key, there are no rounds
            | testCleaningWithUncleanableSection; testLogToCleanWithUncleanableSection |
            |   cleaner.PassTest.nothing_younger_than_min_compaction_lag_is_touched,
            |   cleaner.offline.SurroundingsTest.a_segment_with_a_record_within_the_lag_and_those_behind_are_not_touched
            | testLogToClean |
            |   cleaner.KafkaCasesTest.the_dirty_ratio_is_that_of_the_bytes_behind_what_is_cleaned
            | testCleaningWithUnkeyedMessages |
            |   cleaner.offline.OfflineCleanerTest.a_record_without_a_key_goes_and_is_counted; our own logs
            |   take none: http.RecordsTest.a_bad_member_is_named_and_nothing_is_changed
            | testCleanSegmentsWithAbort |
            |   cleaner.CleanerTest.a_policy_changed_in_mid_run_stops_the_pass_and_leaves_the_old_segments
            | testCleanSegmentsRetainingLastEmptyBatch |
            |   cleaner.KafkaCasesTest.the_end_is_kept_by_an_empty_batch_where_its_records_go,
            |   cleaner.offline.SurroundingsTest.the_end_of_the_cleaned_range_is_kept_by_an_empty_batch
            | testSegmentGrouping |
            |   cleaner.KafkaCasesTest.neighbours_are_joined_in_order_up_to_segment_bytes
            | testSegmentGroupingWithSparseOffsets; testSegmentGroupingWithSparseOffsetsAndEmptySegments; testSegmentGroupingFollowingLoadOfZeroIndex |
            |   cleaner.offline.SurroundingsTest.a_new_segment_never_spans_more_than_31_bits_of_offsets
            | testBuildOffsetMap; testBuildOffsetMapFakeLarge |
            |   index.KeyIndexLawsTest.the_index_answers_like_a_map,
            |   index.KeyIndexTest.the_halves_of_the_range_fit_an_entry
            | testBuildPartialOffsetMap |
            |   departs (DESIGN §6): the index holds every key, there are no rounds
            | testSegmentWithOffsetOverflow |
            |   cleaner.offline.SurroundingsTest.a_segment_whose_offsets_are_too_far_apart_is_split
            | testCleanedSegmentSizeOverflow; testCleanedSegmentOffsetOverflow |
            |   log.SegmentWriterTest.a_batch_too_far_above_the_base_begins_another_segment
            | testRecoveryAfterCrash |
            |   crash.CrashTest.a_power_failure_at_any_operation_loses_nothing_acknowledged,
            |   crash.CrashTest.a_kill_at_any_operation_loses_nothing_acknowledged,
            |   cleaner.offline.OfflineCrashTest.a_stop_at_any_operation_and_a_second_one_lose_nothing_and_the_next_run_finishes
            | testCleanCorruptMessageSet; testClientHandlingOfCorruptMessageSet |
            |   does not apply: formats v0 and v1 are refused,
            |   cleaner.offline.SurroundingsTest.formats_before_v2_are_refused
            | testCleanTombstone |
            |   cleaner.KafkaCasesTest.a_tombstone_is_seen_for_its_whole_time_whatever_its_timestamp
            | testCleaningBeyondMissingOffsets |
            |   cleaner.KafkaCasesTest.the_end_is_kept_by_an_empty_batch_where_its_records_go
            | testMaxCleanTimeSecs; testMaxBufferUtilizationPercentMetric; testMaxCleanTimeMetric; testMaxCompactionDelayMetrics |
            |   departs (DESIGN §6.7): counters and the time of each pass instead of maxima;
            |   metrics.HappeningsTest.cleaning_is_counted
            | testReconfigureLogCleanerIoMaxBytesPerSecond |
            |   cleaner.CleanerTest.a_throttle_changed_live_lets_go_who_waits_at_the_old_rate

            ## LogCleanerManagerTest
            | testGrabFilthiestCompactedLogThrowsException |
            |   cleaner.CleanerTest.an_error_in_one_log_stops_neither_the_thread_nor_the_other_logs
            | testGrabFilthiestCompactedLogReturnsLogWithDirtiestRatio |
            |   departs (DESIGN §6.7): the log with the most to win;
            |   cleaner.CleanerTest.the_log_with_the_most_garbage_is_cleaned_first
            | testGrabFilthiestCompactedLogIgnoresUncleanablePartitions |
            |   log.FaultTest.a_flipped_bit_in_a_closed_segment_quarantines_that_partition_alone
            | testGrabFilthiestCompactedLogIgnoresInProgressPartitions |
            |   laws.LogLawsTest.the_laws_of_the_log_hold_whatever_happens
            | testDirtyOffsetResetIfLargerThanEndOffset; testDirtyOffsetResetIfSmallerThanStartOffset; testLogStartOffsetLargerThanActiveSegmentBaseOffset; testDirtyOffsetLargerThanActiveSegmentBaseOffset; testCleanableOffsetsNeedsCheckpointReset; testCheckpointUpdatedForInvalidOffset |
            |   cleaner.KafkaCasesTest.wherever_the_note_of_what_is_cleaned_points_the_log_is_cleaned
            | testLogsWithSegmentsToDelete |
            |   cleaner.PassTest.policy_delete_takes_the_oldest_segments_by_age_and_by_size,
            |   cleaner.KafkaCasesTest.compact_and_delete_compacts_and_takes_what_is_older_than_retention
            | testLogsUnderCleanupIneligibleForCompaction |
            |   cleaner.KafkaCasesTest.retention_waits_for_a_pass_and_takes_each_segment_once
            | testUpdateCheckpoints; testHandleLogDirFailure; testMaybeTruncateCheckpoint; testAlterCheckpointDir |
            |   does not apply: each partition has a file of its own, which goes with it; of a broker's
            |   file:
            |   cleaner.offline.SurroundingsTest.the_clean_offset_is_that_of_the_cleaned_range_and_other_entries_stay
            | testConcurrentLogCleanupAndLogTruncation |
            |   does not apply: a log is never truncated while it is served
            | testConcurrentLogCleanupAndTopicDeletion |
            |   cleaner.KafkaCasesTest.a_topic_deleted_in_mid_pass_stops_it_and_is_gone
            | testCleanableOffsetsForNone; testCleanableOffsetsActiveSegment |
            |   cleaner.offline.OfflineCleanerTest.the_active_segment_is_neither_touched_nor_looked_at_for_successors,
            |   interop.LiveCleanIT.behind_records_in_the_active_segment_we_keep_only_fewer
            | testCleanableOffsetsForTime; testCleanableOffsetsForShortTime |
            |   cleaner.offline.SurroundingsTest.a_segment_with_a_record_within_the_lag_and_those_behind_are_not_touched,
            |   cleaner.PassTest.nothing_younger_than_min_compaction_lag_is_touched
            | testUndecidedTransactionalDataNotCleanable |
            |   cleaner.offline.TransactionTest.nothing_from_the_segment_of_an_open_transaction_on_is_touched,
            |   cleaner.offline.SurroundingsTest.the_clean_offset_is_not_put_above_an_open_transaction
            | testDoneCleaning; testDoneDeleting |
            |   does not apply: there is no such state machine, one lock for each partition takes its place

            ## Integration
            | cleanerTest |
            |   interop.OfflineCleanIT.our_cleaning_keeps_what_kafkas_keeps,
            |   interop.LiveCleanIT.kafka_reads_what_we_wrote_and_keeps_what_we_keep
            | testCleanerCompaction |
            |   format.KafkaCompressionTest.a_batch_that_loses_records_keeps_its_codec_and_the_other_records,
            |   cleaner.KafkaCasesTest.a_record_larger_than_a_buffer_and_than_a_limit_lowered_since_is_cleaned
            | testCleansCombinedCompactAndDeleteTopic |
            |   cleaner.KafkaCasesTest.compact_and_delete_compacts_and_takes_what_is_older_than_retention
            | testCleanerWithMessageFormatV0; testCleaningNestedMessagesWithV0AndV1 |
            |   does not apply: refused, cleaner.offline.SurroundingsTest.formats_before_v2_are_refused
            | cleanerConfigUpdateTest |
            |   cleaner.CleanerTest.a_throttle_changed_live_lets_go_who_waits_at_the_old_rate,
            |   http.TopicsTest.settings_change_one_by_one
            | testMarksPartitionsAsOfflineAndPopulatesUncleanableMetrics |
            |   log.FaultTest.a_flipped_bit_in_a_closed_segment_quarantines_that_partition_alone
            | testMaxLogCompactionLag |
            |   cleaner.PassTest.max_compaction_lag_makes_a_log_eligible_that_its_ratio_does_not
            | testIsThreadFailed |
            |   departs (DESIGN I10): a thread survives every error;
            |   cleaner.CleanerTest.an_error_in_one_log_stops_neither_the_thread_nor_the_other_logs

            ## Neighbours
            | OffsetMapTest |
            |   index.KeyIndexTest.a_key_has_what_was_put_last,
            |   index.KeyIndexMemoryTest.a_key_takes_at_most_32_bytes_at_any_moment
            | LogLoaderTest, files of a swap and index rebuilds |
            |   crash.CrashTest.a_second_crash_during_recovery_loses_nothing_either,
            |   log.DirectoryVerifierTest.what_is_told_of_leftovers_is_what_recovery_does
            | LogLoaderTest, split of a segment |
            |   does not apply: no segment of ours is ever split
            | UnifiedLogTest testCompactedTopicConstraints |
            |   http.RecordsTest.a_bad_member_is_named_and_nothing_is_changed
            | UnifiedLogTest, producer state from compacted data |
            |   interop.BrokerCleanIT.a_broker_serves_exactly_the_retained_records_of_a_cleaned_directory
            | UnifiedLogTest, snapshots of segments that are gone |
            |   cleaner.offline.SurroundingsTest.snapshots_of_joined_segments_go_and_all_others_stay
            | UnifiedLogTest, roll jitter |
            |   laws.LogLawsTest.the_laws_of_the_log_hold_whatever_happens
            | UnifiedLogTest, remote storage and compact |
            |   does not apply: there is no remote storage
            | log_compaction_test.py |
            |   system.QuickstartIT.an_odd_history_ends_in_the_tree_git_has,
            |   laws.LogLawsTest.the_laws_of_the_log_hold_whatever_happens

            ## Lost or wrongly removed
            | KAFKA-4529 |
            |   cleaner.KafkaCasesTest.a_tombstone_is_seen_for_its_whole_time_whatever_its_timestamp
            | KAFKA-14055; crabka #528 |
            |   cleaner.offline.TransactionTest.a_key_equal_to_that_of_a_marker_removes_no_marker
            | KAFKA-13727 |
            |   departs (DESIGN §6.9): there are no partial rounds;
            |   interop.BrokerCleanIT.a_broker_serves_exactly_the_retained_records_of_a_cleaned_directory
            | KAFKA-8351 |
            |   cleaner.offline.TransactionTest.a_transaction_over_several_segments_and_groups_is_decided_as_a_whole
            | KAFKA-5196 |
            |   cleaner.offline.TransactionTest.an_aborted_record_goes_at_once_and_supersedes_nothing
            | KAFKA-17076 |
            |   cleaner.KafkaCasesTest.the_end_is_kept_by_an_empty_batch_where_its_records_go,
            |   cleaner.offline.SurroundingsTest.the_end_of_the_cleaned_range_is_kept_by_an_empty_batch
            | KAFKA-4298; KAFKA-3915 |
            |   does not apply to v2 alone; what is written is readable:
            |   interop.LiveCleanIT.kafkas_own_tool_finds_nothing_wrong_before_and_after_cleaning
            | KAFKA-5017; KAFKA-6530 |
            |   format.KafkaRewriteTest.a_rewritten_batch_is_the_one_that_kafka_makes,
            |   record.RewriteTest.what_is_kept_stays_as_it_was
            | KAFKA-12520; KAFKA-6324; KAFKA-6264 |
            |   crash.CrashTest.a_second_crash_during_recovery_loses_nothing_either,
            |   cleaner.offline.OfflineCrashTest.a_stop_at_any_operation_and_a_second_one_lose_nothing_and_the_next_run_finishes,
            |   cleaner.offline.SurroundingsTest.snapshots_of_joined_segments_go_and_all_others_stay
            | KAFKA-8335, lost sequence |
            |   interop.BrokerCleanIT.a_broker_serves_exactly_the_retained_records_of_a_cleaned_directory
            | KAFKA-4451; KAFKA-2024; KAFKA-5413; KAFKA-20036; AutoMQ #3339 |
            |   log.SegmentWriterTest.a_batch_too_far_above_the_base_begins_another_segment,
            |   cleaner.offline.SurroundingsTest.a_new_segment_never_spans_more_than_31_bits_of_offsets,
            |   log.OddLogTest.two_surviving_keys_more_than_31_bits_apart_survive_every_cleaning,
            |   log.OddLogTest.an_offset_that_does_not_fit_32_bits_above_the_base_rolls_the_segment
            | null keys after a policy switch |
            |   cleaner.offline.OfflineCleanerTest.a_record_without_a_key_goes_and_is_counted
            | Pulsar #12429; Pulsar #11211; Pulsar #21074 |
            |   does not apply: the log itself is what is compacted
            | karafka-web #1223 |
            |   cleaner.KafkaCasesTest.compact_and_delete_compacts_and_takes_what_is_older_than_retention
            | NATS #5644; NATS #6141 |
            |   log.FaultTest.a_full_disk_while_cleaning_leaves_the_old_segments,
            |   system.DiskFullIT.a_full_disk_refuses_writes_and_loses_nothing,
            |   log.DiskFaultTest.a_full_disk_at_any_operation_loses_and_changes_nothing
            | CRC not verified on rebuild |
            |   log.FaultTest.a_flipped_bit_in_a_closed_segment_quarantines_that_partition_alone,
            |   cleaner.offline.OfflineCrashTest.a_flipped_bit_anywhere_in_what_is_cleaned_is_found_and_nothing_changes

            ## Stale data kept or brought back
            | KAFKA-8522; KAFKA-4545 |
            |   cleaner.KafkaCasesTest.a_tombstone_goes_on_a_quiet_log_and_so_do_its_empty_batches,
            |   log.FaultTest.an_idle_active_segment_rolls_by_timer
            | KAFKA-8335; KAFKA-12889; KAFKA-9157 |
            |   cleaner.KafkaCasesTest.a_log_of_few_keys_does_not_grow_with_the_passes
            | KAFKA-7400 |
            |   does not apply: the start of our logs moves with the segments that go; a broker's:
            |   cleaner.offline.SurroundingsTest.segments_below_the_log_start_offset_stay_as_they_are
            | KAFKA-12840; KAFKA-7322 |
            |   cleaner.CleanerTest.a_policy_changed_in_mid_run_stops_the_pass_and_leaves_the_old_segments,
            |   cleaner.KafkaCasesTest.retention_waits_for_a_pass_and_takes_each_segment_once
            | KAFKA-10493; KAFKA-7061 |
            |   cleaner.StrategyTest.the_highest_version_wins_and_equal_versions_go_by_offset
            | Pulsar #26664 |
            |   cleaner.PassTest.a_log_counts_as_cleaned_only_after_the_swap_is_durable,
            |   cleaner.PassTest.a_tombstone_gets_no_horizon_before_every_earlier_segment_is_durably_clean
            | etcd #18274 |
            |   cleaner.PassTest.a_tombstone_gets_no_horizon_before_every_earlier_segment_is_durably_clean
            | Redpanda #2273 |
            |   cleaner.KafkaCasesTest.a_log_with_holes_is_read_on_after_its_policy_becomes_delete
            | Redpanda 1a3deaf |
            |   does not apply: our own logs hold no transactions
            | NATS #4162 |
            |   cleaner.KafkaCasesTest.a_restart_behind_a_cleaning_never_shows_an_older_value,
            |   system.KillNineIT.what_was_acknowledged_is_there_after_every_kill
            | quix-streams #1017 |
            |   http.RecordsTest.a_partition_is_read_page_by_page_to_its_end,
            |   interop.BrokerCleanIT.a_broker_serves_exactly_the_retained_records_of_a_cleaned_directory
            | KAFKA-7556; confluentinc/kafka#101 |
            |   does not apply: nothing is computed from the difference of two offsets

            ## Cleaner stopped, looped or harmed writers
            | KAFKA-7215; KIP-346; KAFKA-8725; KAFKA-3857; KAFKA-6588; KAFKA-7981 |
            |   cleaner.CleanerTest.an_error_in_one_log_stops_neither_the_thread_nor_the_other_logs,
            |   cleaner.SwapFaultTest.an_io_error_in_any_step_of_a_pass_stops_no_other_log_and_is_shown_and_retried,
            |   cleaner.SwapFaultTest.an_error_like_out_of_memory_in_any_step_stops_no_other_log_and_is_shown_and_retried
            | KAFKA-19895; LinkedIn #535 |
            |   log.ReopenTest.what_is_whole_again_is_released_and_cleaned,
            |   log.FaultTest.a_full_disk_while_cleaning_leaves_the_old_segments
            | KAFKA-2235; KAFKA-3587; KAFKA-3894; Redpanda #16952; Redpanda #24323 |
            |   departs (DESIGN §6.1): the index grows with the keys;
            |   index.KeyIndexMemoryTest.a_key_takes_at_most_32_bytes_at_any_moment
            | KAFKA-4019; KAFKA-5316; KAFKA-6834; KAFKA-6854 |
            |   cleaner.KafkaCasesTest.a_record_larger_than_a_buffer_and_than_a_limit_lowered_since_is_cleaned,
            |   cleaner.KafkaCasesTest.more_garbage_than_a_buffer_holds_is_stepped_over
            | KAFKA-7385; KAFKA-7467 |
            |   cleaner.KafkaCasesTest.the_end_is_kept_by_an_empty_batch_where_its_records_go,
            |   cleaner.offline.TransactionTest.the_marker_that_alone_shows_a_producers_epoch_stays
            | KAFKA-4497 |
            |   interop.LiveCleanIT.both_index_files_are_those_that_kafka_would_write
            | KAFKA-1641; KAFKA-3330; KAFKA-8724; KAFKA-8764; KAFKA-9826; KAFKA-6266 |
            |   cleaner.KafkaCasesTest.wherever_the_note_of_what_is_cleaned_points_the_log_is_cleaned
            | KAFKA-6568; KAFKA-7441 |
            |   cleaner.KafkaCasesTest.a_topic_deleted_in_mid_pass_stops_it_and_is_gone
            | KAFKA-5431; KAFKA-5582 |
            |   log.HeadroomTest.after_a_crash_the_zeros_are_cut_and_are_no_damage
            | KAFKA-13305; KAFKA-16574; KAFKA-15129; KAFKA-14926; KAFKA-10063 |
            |   metrics.HappeningsTest.a_gauge_of_a_partition_that_cannot_be_asked_shows_no_number,
            |   metrics.HappeningsTest.a_deleted_topic_leaves_no_meter_behind
            | KAFKA-13996; KAFKA-17579; KAFKA-6244 |
            |   cleaner.CleanerTest.a_throttle_changed_live_lets_go_who_waits_at_the_old_rate
            | KAFKA-8362; KAFKA-8002 |
            |   does not apply: a partition has one directory
            | Redpanda #1390; naleid |
            |   cleaner.GiveWayTest.slower_flushes_make_it_slower_and_it_always_goes_on,
            |   cleaner.GiveWayTest.it_is_never_slower_than_garbage_comes; measured by deploy/bench/load
            | Pulsar #7223; Pulsar #6173; Pulsar #6432 |
            |   does not apply: a pass holds one buffer and no keys; a failure is told:
            |   cleaner.CleanerTest.an_error_in_one_log_stops_neither_the_thread_nor_the_other_logs
            | hanging transaction |
            |   cleaner.offline.TransactionTest.nothing_from_the_segment_of_an_open_transaction_on_is_touched
            | KAFKA-3987; KAFKA-10650 |
            |   log.OddLogTest.with_colliding_hashes_no_read_ever_answers_with_another_keys_value,
            |   cleaner.offline.PendingKeysTest.keys_of_one_place_are_told_apart

            ## Format
            | every codec in reading, none, lz4 and zstd in writing |
            |   format.KafkaCompressionTest.what_kafka_packs_is_read_one_for_one,
            |   format.KafkaCompressionTest.what_is_packed_here_kafka_reads_one_for_one,
            |   format.GoldenFilesTest.a_compressed_batch_is_read_as_it_always_was,
            |   http.TopicsTest.a_bad_setting_is_told_by_name_and_range
            | timestamps of both types |
            |   format.KafkaBatchTest.we_read_what_kafka_writes,
            |   format.KafkaRewriteTest.a_rewritten_batch_is_the_one_that_kafka_makes
            | headers, also without a value and of one name |
            |   format.KafkaBatchTest.kafka_reads_what_we_write,
            |   interop.LiveCleanIT.kafka_reads_what_we_wrote_and_keeps_what_we_keep
            | producer id, epoch and sequence |
            |   format.KafkaRewriteTest.a_rewritten_batch_is_the_one_that_kafka_makes
            | control and transactional batches |
            |   format.KafkaBatchTest.we_read_what_kafka_writes,
            |   format.GoldenFilesTest.a_marker_is_read_as_it_always_was
            | delete horizon, timestamps rebased on it |
            |   format.GoldenBatchTest.a_cleaned_batch_with_a_delete_horizon_has_the_bytes_it_always_had,
            |   record.RewriteTest.a_horizon_once_set_is_never_moved,
            |   interop.LiveCleanIT.kafka_reads_what_we_wrote_and_keeps_what_we_keep
            | sparse offsets inside a batch |
            |   record.RewriteTest.what_is_kept_stays_as_it_was,
            |   format.GoldenBatchTest.a_batch_has_the_bytes_it_always_had
            | index and timeindex |
            |   interop.LiveCleanIT.both_index_files_are_those_that_kafka_would_write,
            |   interop.LiveCleanIT.kafka_finds_every_offset_and_every_time_through_our_indexes,
            |   format.GoldenFilesTest.the_index_files_have_the_bytes_they_always_had
            | offsets more than 31 bits apart |
            |   log.SegmentWriterTest.a_batch_too_far_above_the_base_begins_another_segment,
            |   cleaner.offline.SurroundingsTest.a_new_segment_never_spans_more_than_31_bits_of_offsets
            | every flipped bit |
            |   format.CorruptionTest.a_flipped_bit_is_always_found

            ## Our own accidents to be
            | tombstone stamped while an older value lies in a segment not yet cleaned |
            |   cleaner.ChoiceTest.a_tombstone_gets_no_horizon_while_an_older_value_lies_in_a_segment_not_yet_cleaned
            | two groups in swap |
            |   cleaner.SwapFaultTest.never_are_two_groups_of_a_partition_in_a_swap
            | metadata written before the swap is durable |
            |   cleaner.PassTest.a_log_counts_as_cleaned_only_after_the_swap_is_durable
            | checkpoint ahead of the log |
            |   log.CheckpointTest.a_checkpoint_ahead_of_the_log_is_refused
            | bit flip deep in the active segment |
            |   log.OddLogTest.a_flipped_bit_deep_in_the_active_segment_is_quarantined_and_not_cut
            | look-up during a swap |
            |   cleaner.SwapFaultTest.a_get_at_any_moment_of_a_swap_finds_the_latest_value
            | two creations in one group commit |
            |   log.OddLogTest.of_two_creations_of_a_key_in_one_group_commit_one_wins
            | failed fsync followed by reopen |
            |   log.FaultTest.what_a_failed_flush_left_is_not_built_upon,
            |   log.DiskFaultTest.an_error_of_any_flush_loses_nothing_acknowledged
            | late lower version after the tombstone of its key |
            |   cleaner.StrategyTest.a_late_lower_version_after_its_keys_tombstone_never_comes_back
            | clock back and far ahead |
            |   log.FaultTest.a_clock_that_jumps_breaks_nothing,
            |   log.OddLogTest.a_clock_far_ahead_neither_expires_nor_keeps_too_much_once_it_is_right_again
            """;

    private SemanticsMap() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (String line : TABLE.lines().toList()) {
            if (line.startsWith("|   ")) {
                Row last = rows.removeLast();
                rows.add(new Row(last.property, (last.heldBy + " " + line.substring(4)).strip()));
            } else if (line.startsWith("| ")) {
                rows.add(new Row(line.substring(2, line.length() - 2), ""));
            }
        }
        return rows;
    }
}
