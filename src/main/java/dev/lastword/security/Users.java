package dev.lastword.security;

import dev.lastword.config.InvalidSettingException;
import io.quarkus.elytron.security.common.BcryptUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// The users of a file as `htpasswd -B` writes it, with their grants in a third field, and grants
/// for those who are known by a token or a certificate:
///
/// ```
/// alice:$2y$10$…:admin
/// bob:$2y$10$…:reader,writer@orders-*
/// token:248289761001:writer@orders-*
/// certificate:CN=billing,O=Acme:reader
/// ```
///
/// The name of a user with a password has no colon, so nobody can take the name of another by
/// another way of saying who they are. Without a third field a user has no grants. Empty lines and
/// those that begin with `#` are skipped. The file is read once, at the start.
///
/// A password is checked against its bcrypt hash, which takes milliseconds by design, once; what
/// was right is remembered as a hash under a random salt. Thread-safe.
final class Users {
    /// What the names of those begin with who are known by a token.
    static final String TOKEN = "token:";

    /// What the names of those begin with who are known by a certificate; its subject follows, as
    /// [X500Principal#getName()] writes it.
    static final String CERTIFICATE = "certificate:";

    private static final Pattern HASH = Pattern.compile("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");

    private record User(String hash, Set<String> grants) {}

    private final Map<String, User> users;
    private final Map<String, Set<String>> named;
    private final Map<String, byte[]> verified = new ConcurrentHashMap<>();
    private final byte[] salt = new byte[16];

    private Users(Map<String, User> users, Map<String, Set<String>> named) {
        this.users = Map.copyOf(users);
        this.named = Map.copyOf(named);
        new SecureRandom().nextBytes(salt);
    }

    /// @throws InvalidSettingException if it cannot be read, naming the line
    static Users read(Path file) {
        Map<String, User> users = new HashMap<>();
        Map<String, Set<String>> named = new HashMap<>();
        int number = 0;
        try {
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    String[] fields = line.strip().split(":", -1);
                    boolean hasHash = fields.length > 1 && HASH.matcher(fields[1]).matches();
                    if (!hasHash && (line.startsWith(TOKEN) || line.startsWith(CERTIFICATE))) {
                        addNamed(named, line.strip());
                    } else {
                        add(users, fields, hasHash);
                    }
                }
            }
        } catch (IOException e) {
            throw new InvalidSettingException(
                    "lastword.security.users-file is " + file + ", which cannot be read: " + e);
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(
                    "lastword.security.users-file: line "
                            + number
                            + " of "
                            + file
                            + ": "
                            + e.getMessage()
                            + ".");
        }
        return new Users(users, named);
    }

    private static void add(Map<String, User> users, String[] fields, boolean hasHash) {
        if (fields.length < 2 || fields.length > 3 || fields[0].isEmpty()) {
            throw new IllegalArgumentException("it takes the form name:hash:grant,grant");
        }
        if (!hasHash) {
            throw new IllegalArgumentException(
                    "the password is no bcrypt hash, as htpasswd -B makes it");
        }
        Set<String> grants = parse(fields.length < 3 ? "" : fields[2]);
        if (users.put(fields[0], new User(fields[1], grants)) != null) {
            throw new IllegalArgumentException("there is another line for " + fields[0]);
        }
    }

    /// A name may have colons in it, so the last one ends it.
    private static void addNamed(Map<String, Set<String>> named, String line) {
        int end = line.lastIndexOf(':');
        int start = line.indexOf(':') + 1;
        if (end <= start) {
            throw new IllegalArgumentException(
                    "it takes the form token:name:grant,grant or certificate:subject:grant,grant");
        }
        String name = line.substring(0, end);
        if (name.startsWith(CERTIFICATE)) {
            name = CERTIFICATE + new X500Principal(line.substring(start, end)).getName();
        }
        if (named.put(name, parse(line.substring(end + 1))) != null) {
            throw new IllegalArgumentException("there is another line for " + name);
        }
    }

    private static Set<String> parse(String grants) {
        return Stream.of(grants.split(",", -1))
                .map(String::strip)
                .filter(g -> !g.isEmpty())
                .peek(Grant::parse)
                .collect(Collectors.toUnmodifiableSet());
    }

    boolean hasPasswords() {
        return !users.isEmpty();
    }

    /// The grants of somebody who is known by a token or a certificate, none if there is no line
    /// for them.
    ///
    /// @param name with [#TOKEN] or [#CERTIFICATE] before it
    Set<String> grants(String name) {
        return named.getOrDefault(name, Set.of());
    }

    /// The grants of a user, as they are written, or null if there is no such user or the password
    /// is another one. Takes milliseconds at the first time.
    @Nullable Set<String> grants(String name, char[] password) {
        User user = users.get(name);
        if (user == null) {
            return null;
        }
        String text = new String(password);
        byte[] digest = digest(text);
        byte[] known = verified.get(name);
        if (known != null && MessageDigest.isEqual(known, digest)) {
            return user.grants;
        }
        if (!BcryptUtil.matches(text, user.hash)) {
            return null;
        }
        verified.put(name, digest);
        return user.grants;
    }

    private byte[] digest(String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(salt);
            return sha.digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
