package dev.lastword.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/// A real Kafka broker, alone and on loopback, its own controller:
/// `Broker [--until-input-ends] DIR PORT [NAME=VALUE…]`.
///
/// A new directory is formatted, an old one is carried on. Once clients are served it says
/// `READY <host>:<port>`. SIGTERM stops it in order, and so does the end of standard input where
/// that is asked for: whoever started it may be killed, and it is not left behind. Port 0 takes a
/// free one. The settings are the broker's, and override those below.
public final class Broker {
    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;

    private Broker() {}

    public static void main(String[] args) throws Exception {
        Deque<String> words = new ArrayDeque<>(Arrays.asList(args));
        boolean untilInputEnds = "--until-input-ends".equals(words.peek());
        if (untilInputEnds) {
            words.remove();
        }
        if (words.size() < 2) {
            System.err.println("usage: Broker [--until-input-ends] DIR PORT [NAME=VALUE...]");
            System.exit(2);
        }
        Path dir = Path.of(words.remove()).toAbsolutePath();
        int asked = Integer.parseInt(words.remove());
        int port = asked == 0 ? freePort() : asked;
        Properties settings = settings(dir, port, freePort());
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                System.err.println("not NAME=VALUE: " + word);
                System.exit(2);
            }
            settings.setProperty(word.substring(0, equals), word.substring(equals + 1));
        }
        format(dir);
        KafkaRaftServer server =
                new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "stop"));
        if (untilInputEnds) {
            Thread.ofPlatform().daemon().name("input").start(Broker::exitWithInput);
        }
        server.startup();
        System.out.println("READY " + HOST + ":" + port);
        server.awaitShutdown();
    }

    private static Properties settings(Path dir, int port, int controllerPort) {
        Properties s = new Properties();
        s.setProperty("process.roles", "broker,controller");
        s.setProperty("node.id", Integer.toString(NODE_ID));
        s.setProperty("log.dirs", dir.toString());
        s.setProperty(
                "listeners",
                "BROKER://%s:%d,CONTROLLER://%s:%d".formatted(HOST, port, HOST, controllerPort));
        s.setProperty("advertised.listeners", "BROKER://%s:%d".formatted(HOST, port));
        s.setProperty(
                "listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        s.setProperty("inter.broker.listener.name", "BROKER");
        s.setProperty("controller.listener.names", "CONTROLLER");
        s.setProperty(
                "controller.quorum.voters", "%d@%s:%d".formatted(NODE_ID, HOST, controllerPort));
        for (String topic :
                new String[] {
                    "offsets.topic",
                    "transaction.state.log",
                    "share.coordinator.state.topic"
                }) {
            s.setProperty(topic + ".replication.factor", "1");
            s.setProperty(topic + ".num.partitions", "2");
        }
        s.setProperty("transaction.state.log.min.isr", "1");
        s.setProperty("share.coordinator.state.topic.min.isr", "1");
        s.setProperty("group.initial.rebalance.delay.ms", "0");
        s.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(8 << 20));
        s.setProperty("num.network.threads", "1");
        s.setProperty("num.io.threads", "2");
        return s;
    }

    private static void format(Path dir) throws Exception {
        Files.createDirectories(dir);
        if (Files.exists(dir.resolve("meta.properties"))) {
            return;
        }
        try (PrintStream quiet = new PrintStream(PrintStream.nullOutputStream())) {
            new Formatter()
                    .setPrintStream(quiet)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setNodeId(NODE_ID)
                    .setClusterId(Uuid.randomUuid().toString())
                    .addDirectory(dir.toString())
                    .setMetadataLogDirectory(dir.toString())
                    .setControllerListenerName("CONTROLLER")
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .run();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    private static void exitWithInput() {
        try (InputStream in = System.in) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println("standard input: " + e);
        }
        System.exit(0);
    }
}
