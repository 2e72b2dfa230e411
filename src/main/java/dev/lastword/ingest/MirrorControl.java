package dev.lastword.ingest;

/// What people may ask of the mirroring.
public interface MirrorControl {
    /// Empties a partition of a mirrored topic and mirrors it anew, from the source topic that has
    /// the name now. Waits for the source and the disk.
    ///
    /// @throws NotPossibleException if nothing was changed
    void reset(String topic, int partition) throws NotPossibleException;

    /// It cannot be done now.
    final class NotPossibleException extends Exception {
        private static final long serialVersionUID = 1L;

        public NotPossibleException(String message) {
            super(message);
        }
    }
}
