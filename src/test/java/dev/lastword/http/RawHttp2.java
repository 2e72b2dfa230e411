package dev.lastword.http;

import io.restassured.RestAssured;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

/// A connection of HTTP/2 without TLS on which a test sees every frame. It does not unpack what
/// comes, has one stream open at a time, and gives windows back in odd pieces.
final class RawHttp2 implements Closeable {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;

    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 32;
    private static final int PRIORITY_BYTES = 5;

    private static final int CANCEL = 8;
    private static final int FRAME_BYTES_MAX = 16 << 10;
    private static final int CONNECTION_WINDOW = 65535;
    private static final byte STATUS_200 = (byte) 0x88;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final byte[] settings;
    private final int window;
    private final Random random;

    private int stream = 1;
    private boolean ended;
    private int owedToConnection;
    private int owedToStream;

    private record Frame(int type, int flags, int stream, byte[] payload) {}

    /// @param window how much of a stream is sent unasked
    private RawHttp2(int window, Random random) throws IOException {
        this.window = window;
        this.random = random;
        this.settings = // ENABLE_PUSH, INITIAL_WINDOW_SIZE
                ByteBuffer.allocate(12)
                        .putShort((short) 2)
                        .putInt(0)
                        .putShort((short) 4)
                        .putInt(window)
                        .array();
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("localhost", RestAssured.port));
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    /// Asks by HTTP/1.1 and is answered on stream 1.
    static RawHttp2 upgraded(int window, Random random, String target, String... headers)
            throws IOException {
        RawHttp2 http = new RawHttp2(window, random);
        StringBuilder head =
                new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        head.append("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: ");
        head.append(Base64.getUrlEncoder().withoutPadding().encodeToString(http.settings));
        for (int i = 0; i < headers.length; i += 2) {
            head.append("\r\n").append(headers[i]).append(": ").append(headers[i + 1]);
        }
        http.send(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\r\n\r\n") < 0) {
            answer.append((char) http.in.readUnsignedByte());
        }
        if (!answer.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException(answer.toString());
        }
        http.sendPreface();
        return http;
    }

    /// Begins with HTTP/2, and asks on stream 1.
    static RawHttp2 known(int window, Random random, String target, String... headers)
            throws IOException {
        RawHttp2 http = new RawHttp2(window, random);
        http.sendPreface();
        http.sendRequest(target, headers);
        return http;
    }

    /// Cancels the stream and asks on the next one.
    void askInstead(String target, String... headers) throws IOException {
        send(RST_STREAM, 0, stream, fourBytes(CANCEL));
        stream += 2;
        ended = false;
        owedToStream = 0;
        sendRequest(target, headers);
    }

    /// Some of the answer's body; nothing at its end.
    byte[] read() throws IOException {
        while (!ended) {
            Frame frame = frame();
            byte[] bytes = frame.payload;
            switch (frame.type) {
                case DATA -> {
                    give(frame);
                    if (frame.stream == stream && bytes.length > 0) {
                        return bytes;
                    }
                }
                case HEADERS -> {
                    int block = (frame.flags & PRIORITY) == 0 ? 0 : PRIORITY_BYTES;
                    if (frame.stream == stream && bytes[block] != STATUS_200) {
                        throw new IOException("answered otherwise than 200");
                    }
                }
                case SETTINGS -> {
                    if ((frame.flags & ACK) == 0) {
                        send(SETTINGS, ACK, 0, new byte[0]);
                    }
                }
                case RST_STREAM -> {
                    if (frame.stream == stream) {
                        throw new IOException("reset: " + ByteBuffer.wrap(bytes).getInt());
                    }
                }
                case GOAWAY -> throw new EOFException(new String(bytes, StandardCharsets.UTF_8));
                default -> {}
            }
        }
        return new byte[0];
    }

    byte[] readAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] some = read(); some.length > 0; some = read()) {
            all.writeBytes(some);
        }
        return all.toByteArray();
    }

    private Frame frame() throws IOException {
        int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        Frame frame =
                new Frame(
                        in.readUnsignedByte(),
                        in.readUnsignedByte(),
                        in.readInt(),
                        new byte[Math.min(length, FRAME_BYTES_MAX)]);
        boolean isPadded = frame.type <= HEADERS && (frame.flags & PADDED) != 0;
        if (length > FRAME_BYTES_MAX || frame.stream < 0 || frame.stream > stream || isPadded) {
            throw new IOException("no frame: " + length + " bytes, " + frame);
        }
        in.readFully(frame.payload);
        ended |= frame.stream == stream && frame.type <= HEADERS && (frame.flags & END_STREAM) != 0;
        return frame;
    }

    /// Gives back some of what is owed, and all of it before the service has to wait for long.
    private void give(Frame data) throws IOException {
        owedToConnection += data.payload.length;
        int some = owedToConnection - random.nextInt(CONNECTION_WINDOW / 2);
        if (some > 0) {
            send(WINDOW_UPDATE, 0, 0, fourBytes(some));
            owedToConnection -= some;
        }
        if (data.stream == stream && !ended) {
            owedToStream += data.payload.length;
            some = owedToStream - random.nextInt(window / 2);
            if (some > 0) {
                send(WINDOW_UPDATE, 0, stream, fourBytes(some));
                owedToStream -= some;
            }
        }
    }

    private void sendPreface() throws IOException {
        send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0, settings);
    }

    private void sendRequest(String target, String... headers) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x82); // :method GET
        block.write(0x86); // :scheme http
        field(block, ":authority", "localhost");
        field(block, ":path", target);
        for (int i = 0; i < headers.length; i += 2) {
            field(block, headers[i], headers[i + 1]);
        }
        send(HEADERS, END_STREAM | END_HEADERS, stream, block.toByteArray());
    }

    /// Literal, without indexing (RFC 7541, 6.2.2).
    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        string(block, name);
        string(block, value);
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length >= 127) {
            throw new IllegalArgumentException("longer than a byte tells: " + text);
        }
        block.write(bytes.length);
        block.writeBytes(bytes);
    }

    private static byte[] fourBytes(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private void send(int type, int flags, int onStream, byte[] payload) throws IOException {
        send(
                ByteBuffer.allocate(9 + payload.length)
                        .put((byte) 0)
                        .putShort((short) payload.length)
                        .put((byte) type)
                        .put((byte) flags)
                        .putInt(onStream)
                        .put(payload)
                        .array());
    }

    private void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
