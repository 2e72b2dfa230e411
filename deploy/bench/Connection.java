import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// One keep-alive connection that sends PUTs, as little of a client as there can be: what it costs
/// is not measured along. For one thread.
final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final String host;
    private final byte[] line = new byte[8192];

    Connection(URI service) throws IOException {
        socket = new Socket(service.getHost(), service.getPort());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), 8192);
        host = service.getHost() + ":" + service.getPort();
    }

    /// Returns once it is acknowledged.
    void put(String target, String value) throws IOException {
        String request =
                "PUT "
                        + target
                        + " HTTP/1.1\r\nHost: "
                        + host
                        + "\r\nContent-Type: text/plain\r\nContent-Length: "
                        + value.length()
                        + "\r\n\r\n"
                        + value;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        String status = line();
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        if (!status.startsWith("HTTP/1.1 20")) {
            throw new IOException(status + " " + body);
        }
    }

    private String line() throws IOException {
        int n = 0;
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the service closed the connection");
            }
            line[n++] = (byte) b;
        }
        return new String(line, 0, n - 1, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
