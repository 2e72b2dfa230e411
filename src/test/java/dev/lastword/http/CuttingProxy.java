package dev.lastword.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/// A network that fails: passes connections on to a service, and cuts each off behind a random
/// number of bytes of what is answered, be that within a head, a chunk or a character.
final class CuttingProxy implements Closeable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger cuts = new AtomicInteger();
    private final int servicePort;
    private final Random random;
    private final int bytesMax;

    /// @param bytesMax no connection passes as many
    CuttingProxy(int servicePort, long seed, int bytesMax) throws IOException {
        this.servicePort = servicePort;
        this.random = new Random(seed);
        this.bytesMax = bytesMax;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// So many connections were cut.
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                int bytes = 1 + random.nextInt(bytesMax - 1);
                boolean reset = random.nextBoolean();
                Thread.ofVirtual().start(() -> pass(client, bytes, reset));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pass(Socket client, int bytes, boolean reset) {
        try (client;
                Socket service = new Socket(InetAddress.getLoopbackAddress(), servicePort)) {
            Thread.ofVirtual().start(() -> passRequests(client, service));
            if (passAnswers(service.getInputStream(), client.getOutputStream(), bytes)) {
                cuts.incrementAndGet();
                client.setSoLinger(reset, 0);
            }
        } catch (IOException e) {
            // one of the two is gone, and now the other
        }
    }

    private static void passRequests(Socket client, Socket service) {
        try (client;
                service) {
            client.getInputStream().transferTo(service.getOutputStream());
        } catch (IOException e) {
            // one of the two is gone
        }
    }

    /// True says that there may have been more.
    private static boolean passAnswers(InputStream in, OutputStream out, int bytes)
            throws IOException {
        byte[] buffer = new byte[8192];
        int left = bytes;
        while (left > 0) {
            int n = in.read(buffer, 0, Math.min(left, buffer.length));
            if (n < 0) {
                return false;
            }
            out.write(buffer, 0, n);
            left -= n;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
