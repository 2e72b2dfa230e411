/// A record, a batch of records and their exact bytes on disk (Kafka v2).
///
/// A log file is batches end to end. All numbers are big-endian; `int8` to `int64` have that many
/// bits, `varint` and `varlong` are zigzag numbers of 1 to 5 and 1 to 10 bytes ([Varints]).
///
/// ```
/// batch   byte
///          0  int64   baseOffset            offsets of the records count from here
///          8  int32   length                bytes that follow, at least 49
///         12  int32   partitionLeaderEpoch  -1 unknown
///         16  int8    magic                 2
///         17  uint32  crc                   CRC-32C of all that follows
///         21  int16   attributes            see below
///         23  int32   lastOffsetDelta       last offset - baseOffset, kept when records go
///         27  int64   baseTimestamp         ms; timestamps of the records count from here
///         35  int64   maxTimestamp          ms; -1 unknown
///         43  int64   producerId            -1 none
///         51  int16   producerEpoch         -1 none
///         53  int32   baseSequence          -1 none
///         57  int32   count                 records that follow, 0 in an emptied batch
///         61  count x record                (compressed together, if attributes say so)
///
/// attributes  bits 0-2  codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd
///             bit  3    timestamps: 0 create time, 1 log append time (all = maxTimestamp)
///             bit  4    part of a transaction
///             bit  5    control batch: its records are a broker's markers
///             bit  6    baseTimestamp is the delete horizon: tombstones may go from then on
///
/// record      varint    length              bytes that follow, at least 6
///             int8      attributes          0, no bit is defined
///             varlong   timestampDelta      timestamp - baseTimestamp, may be negative
///             varint    offsetDelta         offset - baseOffset, greater than the one before
///             varint    keyLength           -1: the key is null
///             bytes     key
///             varint    valueLength         -1: the value is null, the record is a tombstone
///             bytes     value
///             varint    headerCount
///             headerCount x
///               varint  nameLength
///               bytes   name                UTF-8
///               varint  valueLength         -1: null
///               bytes   value
/// ```
///
/// [RecordBatch] and [RecordCursor] read these bytes in place, [BatchWriter] writes them. Source:
/// Kafka's documentation, "Message Format", and KIP-534 for bit 6.
@NullMarked
package dev.lastword.record;

import org.jspecify.annotations.NullMarked;
