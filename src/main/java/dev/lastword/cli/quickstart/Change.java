package dev.lastword.cli.quickstart;

/// What one commit did to one file.
///
/// @param mode as git has it: six octal digits, `000000` where the file is deleted
/// @param blob full id of the content; of the commit for a submodule
/// @param commit full id
/// @param timestampMs when it was committed, in milliseconds since 1970
record Change(FilePath path, String mode, String blob, String commit, long timestampMs) {
    private static final String NO_MODE = "000000";

    boolean isDeletion() {
        return mode.equals(NO_MODE);
    }
}
