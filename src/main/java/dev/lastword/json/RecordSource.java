package dev.lastword.json;

import java.io.IOException;

/// The records of a body, one after another, each a range of bytes that holds until the next one is
/// asked for. Holds no more of the body than one record and a buffer. For one thread.
public interface RecordSource {
    /// Goes to the next record.
    ///
    /// @return false at the end of a whole body
    /// @throws BadRecordException if what comes is no record; the source cannot go on
    /// @throws IOException if the body breaks off
    boolean next() throws IOException;

    byte[] bytes();

    int from();

    /// Exclusive.
    int to();

    /// Where the record, or what came instead, stands in the body: the first line is 1. In a JSON
    /// array the records count, not the lines.
    long line();
}
