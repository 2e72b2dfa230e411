package dev.lastword.config;

/// What one-shot compactions (`POST /compact`) may take.
///
/// @param concurrentMax how many may run at once
/// @param bytesMax size of an input, unpacked: so much is copied to the data directory's disk
/// @param keysMax about so many keys may an input have
public record CompactSettings(int concurrentMax, long bytesMax, int keysMax) {}
