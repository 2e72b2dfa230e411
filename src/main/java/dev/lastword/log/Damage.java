package dev.lastword.log;

/// Bytes of a segment that are not what was written there.
///
/// @param file the segment's file, below the data directory's `logs`
/// @param segmentBase the segment's base offset
/// @param position the byte at which the bad batch begins
/// @param offset the batch's base offset: the first that cannot be read
/// @param what what is wrong
public record Damage(String file, long segmentBase, long position, long offset, String what) {
    static Damage of(Segment segment, long position, long offset, String what) {
        var log = segment.path(SegmentFiles.LOG, SegmentFiles.Suffix.LIVE);
        var folder = segment.directory().getFileName();
        return new Damage(
                folder + "/" + log.getFileName(), segment.baseOffset(), position, offset, what);
    }

    @Override
    public String toString() {
        return file + " is damaged at byte " + position + ", offset " + offset + ": " + what;
    }
}
