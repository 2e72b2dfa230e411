package dev.lastword.http;

import io.restassured.RestAssured;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A connection on which a test says exactly what goes over the wire, and what not.
public final class RawHttp implements Closeable {
    private final Socket socket = new Socket();
    private final InputStream in;

    /// An answer that came to its end.
    public record Answer(int status, Map<String, String> headers, String body) {}

    RawHttp() throws IOException {
        this(64 << 10);
    }

    /// @param receiveBufferBytes how much a client that does not read takes
    RawHttp(int receiveBufferBytes) throws IOException {
        this(RestAssured.port, receiveBufferBytes);
    }

    /// @param port of a service on this machine
    public RawHttp(int port, int receiveBufferBytes) throws IOException {
        socket.setReceiveBufferSize(receiveBufferBytes);
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("localhost", port));
        in = new BufferedInputStream(socket.getInputStream(), 1024);
    }

    RawHttp send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public RawHttp send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
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

    /// Sends no more, and waits until the service has closed the connection for it.
    public void breakOff() throws IOException {
        socket.shutdownOutput();
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (SocketException e) {
            // it did so before it had read all
        }
    }

    /// Reads one answer to its end, be it an interim one. A final one without a length ends with
    /// the connection.
    ///
    /// @throws EOFException if it has none
    Answer answer() throws IOException {
        Answer head = answerHead();
        return head.status < 200 ? head : withBody(head);
    }

    /// Reads the answer to a request with this method to its end.
    public Answer answer(String method) throws IOException {
        Answer head = answerHead();
        while (head.status == 100) {
            head = answerHead(); // the true one is yet to come
        }
        boolean isEmpty = method.equals("HEAD") || head.status == 204 || head.status == 304;
        return isEmpty ? head : withBody(head);
    }

    /// Reads an answer up to its body.
    Answer answerHead() throws IOException {
        String[] statusLine = line().split(" ", 3);
        if (statusLine.length < 3 || !statusLine[0].startsWith("HTTP/1.")) {
            throw new IOException("no status line: " + String.join(" ", statusLine));
        }
        return new Answer(Integer.parseInt(statusLine[1]), headers(), "");
    }

    /// The same answer with its body, which is yet to be read.
    Answer withBody(Answer head) throws IOException {
        String body = new String(body(head.headers), StandardCharsets.UTF_8);
        return new Answer(head.status, head.headers, body);
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new TreeMap<>();
        for (String h = line(); !h.isEmpty(); h = line()) {
            int colon = h.indexOf(':');
            headers.put(
                    h.substring(0, colon).toLowerCase(Locale.ROOT), h.substring(colon + 1).strip());
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (int n = Integer.parseInt(line(), 16); n > 0; n = Integer.parseInt(line(), 16)) {
                body.write(bytes(n));
                line();
            }
            line();
            return body.toByteArray();
        }
        String length = headers.get("content-length");
        return length == null ? in.readAllBytes() : bytes(Integer.parseInt(length));
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
