package dev.lastword.log;

/// How much a verification has read, and what came of it.
///
/// @param partitions partition folders
/// @param segments segments in them
/// @param batches batches whose CRC holds
/// @param records records in them
/// @param bytes size of the `.log` files
/// @param problems findings that say an invariant does not hold
/// @param notes all other findings
public record VerifyResult(
        long partitions,
        long segments,
        long batches,
        long records,
        long bytes,
        long problems,
        long notes) {

    /// Whether every invariant that was checked holds.
    public boolean isSound() {
        return problems == 0;
    }
}
