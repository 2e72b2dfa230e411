package dev.lastword.system;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// A POST of NDJSON whose body comes bit by bit, at the pace of the test.
final class SlowPost implements AutoCloseable {
    private static final int ANSWER_MS_MAX = 30_000;

    private final Socket socket;
    private final OutputStream out;

    SlowPost(URI service, String target) throws IOException {
        socket = new Socket(service.getHost(), service.getPort());
        socket.setSoTimeout(ANSWER_MS_MAX);
        out = socket.getOutputStream();
        write(
                "POST "
                        + target
                        + " HTTP/1.1\r\nHost: "
                        + service.getAuthority()
                        + "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked"
                        + "\r\nConnection: close\r\n\r\n");
    }

    /// @param ascii not empty
    void send(String ascii) throws IOException {
        write(Integer.toHexString(ascii.length()) + "\r\n" + ascii + "\r\n");
    }

    /// Ends the body.
    ///
    /// @return the whole answer
    String end() throws IOException {
        write("0\r\n\r\n");
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private void write(String ascii) throws IOException {
        out.write(ascii.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
