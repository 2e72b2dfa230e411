package dev.lastword.http;

import io.restassured.RestAssured;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A connection on which a test says exactly what goes over the wire, and what not.
final class RawHttp implements Closeable {
    private final Socket socket = new Socket();
    private final InputStream in;

    /// An answer that came to its end.
    record Answer(int status, Map<String, String> headers, String body) {}

    RawHttp() throws IOException {
        this(64 << 10);
    }

    /// @param receiveBufferBytes how much a client that does not read takes
    RawHttp(int receiveBufferBytes) throws IOException {
        socket.setReceiveBufferSize(receiveBufferBytes);
        socket.setSoTimeout(30_000);
        socket.connect(new InetSocketAddress("localhost", RestAssured.port));
        in = new BufferedInputStream(socket.getInputStream(), 1024);
    }

    RawHttp send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// The head of a request up to the empty line.
    RawHttp head(String request, String... headers) throws IOException {
        return send(
                request
                        + " HTTP/1.1\r\nHost: localhost\r\n"
                        + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n")
                        + "\r\n");
    }

    RawHttp chunk(String text) throws IOException {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return send(Integer.toHexString(length) + "\r\n" + text + "\r\n");
    }

    /// Ends what is sent, as a client that is killed does.
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    InputStream in() {
        return in;
    }

    /// Reads one answer to its end.
    ///
    /// @throws EOFException if it has none
    Answer answer() throws IOException {
        String statusLine = line();
        Map<String, String> headers = new TreeMap<>();
        for (String h = line(); !h.isEmpty(); h = line()) {
            int colon = h.indexOf(':');
            headers.put(
                    h.substring(0, colon).toLowerCase(Locale.ROOT), h.substring(colon + 1).strip());
        }
        int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            for (int n = Integer.parseInt(line(), 16); n > 0; n = Integer.parseInt(line(), 16)) {
                body.write(bytes(n));
                line();
            }
            line();
        } else if (headers.containsKey("content-length")) {
            body.write(bytes(Integer.parseInt(headers.get("content-length"))));
        }
        return new Answer(status, headers, body.toString(StandardCharsets.UTF_8));
    }

    private byte[] bytes(int length) throws IOException {
        byte[] bytes = in().readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("cut off");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in().read(); c != '\n'; c = in().read()) {
            if (c < 0) {
                throw new EOFException("cut off");
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
