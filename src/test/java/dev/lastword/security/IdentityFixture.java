package dev.lastword.security;

import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// An identity provider on loopback and an authority for certificates, both made anew, and a
/// service that is told to believe them.
public class IdentityFixture implements QuarkusTestResourceLifecycleManager {
    /// Where the keys are: of [#TOKEN_KEY] and of the stores that [#store(String)] reads.
    private static final String FOLDER = "test.lastword.identities";

    /// What the provider calls itself.
    private static final String ISSUER = "test.lastword.issuer";

    static final String TOKEN_KEY = "token.key";
    static final String PASSWORD = "password";

    private HttpServer provider;

    static Path folder() {
        return Path.of(System.getProperty(FOLDER));
    }

    static String issuer() {
        return System.getProperty(ISSUER);
    }

    /// A store of a key and its certificates: `billing`, `unnamed` or, from another authority,
    /// `stranger`; or `trust`, of the certificate that the server's is issued by.
    static KeyStore store(String name) {
        try {
            return KeyStore.getInstance(
                    folder().resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Map<String, String> start() {
        try {
            Path folder = Files.createTempDirectory(Path.of("target"), "identities");
            System.setProperty(FOLDER, folder.toAbsolutePath().toString());
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            Files.write(folder.resolve(TOKEN_KEY), pair.getPrivate().getEncoded());
            provide((RSAPublicKey) pair.getPublic());
            certify();
            Path users =
                    Files.write(
                            folder.resolve("users"),
                            List.of(
                                    "root:" + UsersTest.SECRET + ":admin",
                                    "token:system:serviceaccount:shop:till:reader@open-*",
                                    "certificate:CN=billing, O=Acme:writer@open-*"));
            return Map.of(
                    "lastword.security.users-file",
                    users.toAbsolutePath().toString(),
                    "lastword.security.client-certificates",
                    "request",
                    // at any level no token is told
                    "quarkus.log.category.\"io.quarkus.oidc\".level",
                    "DEBUG",
                    "quarkus.oidc.tenant-enabled",
                    "true",
                    "quarkus.oidc.auth-server-url",
                    issuer(),
                    "quarkus.tls.key-store.p12.path",
                    path("server"),
                    "quarkus.tls.key-store.p12.password",
                    PASSWORD,
                    "quarkus.tls.trust-store.p12.path",
                    path("trust"),
                    "quarkus.tls.trust-store.p12.password",
                    PASSWORD,
                    "quarkus.http.test-ssl-port",
                    "0");
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String path(String store) {
        return folder().resolve(store + ".p12").toString();
    }

    private void provide(RSAPublicKey key) throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String issuer = "http://127.0.0.1:" + provider.getAddress().getPort();
        System.setProperty(ISSUER, issuer);
        answer(
                "/.well-known/openid-configuration",
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer, issuer));
        answer(
                "/keys",
                """
                {"keys":[{"kty":"RSA","kid":"test","use":"sig","alg":"RS256","n":"%s","e":"%s"}]}\
                """
                        .formatted(number(key.getModulus()), number(key.getPublicExponent())));
        provider.start();
    }

    private void answer(String path, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        provider.createContext(
                path,
                exchange -> {
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    exchange.sendResponseHeaders(200, body.length);
                    try (OutputStream out = exchange.getResponseBody()) {
                        out.write(body);
                    }
                });
    }

    private static String number(BigInteger n) {
        byte[] bytes = n.toByteArray();
        int sign = bytes[0] == 0 ? 1 : 0;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Arrays.copyOfRange(bytes, sign, bytes.length));
    }

    private static void certify() throws IOException, GeneralSecurityException {
        keytool("authority", "CN=Authority", "-ext", "bc:c");
        keytool("server", "CN=server", "-signer", "authority", "-ext", "san=ip:127.0.0.1");
        keytool("billing", "CN=billing,O=Acme", "-signer", "authority");
        keytool("unnamed", "CN=unnamed,O=Acme", "-signer", "authority");
        // By its name another authority looks like ours, so that a client shows what it issued.
        keytool("forger", "CN=Authority", "-ext", "bc:c");
        keytool("stranger", "CN=billing,O=Acme", "-signer", "forger");
        KeyStore all = store("all");
        for (String name : List.of("server", "billing", "unnamed", "stranger")) {
            KeyStore one = empty();
            one.setKeyEntry(
                    name,
                    all.getKey(name, PASSWORD.toCharArray()),
                    PASSWORD.toCharArray(),
                    all.getCertificateChain(name));
            write(one, name);
        }
        KeyStore trust = empty();
        trust.setCertificateEntry("authority", all.getCertificate("authority"));
        write(trust, "trust");
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static void write(KeyStore store, String name)
            throws IOException, GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(folder().resolve(name + ".p12"))) {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    /// Makes a key and a certificate in the store `all`.
    private static void keytool(String alias, String subject, String... more) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                path("all"),
                                "-storepass",
                                PASSWORD,
                                "-alias",
                                alias,
                                "-dname",
                                subject));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String told = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(told);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void stop() {
        if (provider != null) {
            provider.stop(0);
        }
        System.clearProperty(FOLDER);
        System.clearProperty(ISSUER);
    }
}
