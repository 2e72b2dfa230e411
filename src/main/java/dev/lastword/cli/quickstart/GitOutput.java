package dev.lastword.cli.quickstart;

import java.io.FilterInputStream;
import java.io.IOException;

/// What a running git writes. Its end is only reached where git did well: output that breaks off
/// never looks whole. Errors of git go to our own stderr. For one thread.
final class GitOutput extends FilterInputStream {
    private final Process git;

    GitOutput(Process git) {
        super(git.getInputStream());
        this.git = git;
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b < 0) {
            requireSuccess();
        }
        return b;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int n = super.read(target, offset, length);
        if (n < 0) {
            requireSuccess();
        }
        return n;
    }

    private void requireSuccess() throws IOException {
        try {
            int exitCode = git.waitFor();
            if (exitCode != 0) {
                throw new IOException("git failed with exit code " + exitCode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("stopped while waiting for git", e);
        }
    }

    @Override
    public void close() throws IOException {
        git.destroy();
        super.close();
    }
}
