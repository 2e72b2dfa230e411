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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The users of a file as `htpasswd -B` writes it, with their grants in a third field:
///
/// ```
/// alice:$2y$10$…:admin
/// bob:$2y$10$…:reader,writer@orders-*
/// ```
///
/// Without a third field a user has no grants. Empty lines and those that begin with `#` are
/// skipped. The file is read once, at the start.
///
/// A password is checked against its bcrypt hash, which takes milliseconds by design, once; what
/// was right is remembered as a hash under a random salt. Thread-safe.
final class Users {
    private record User(String hash, Set<String> grants) {}

    private final Map<String, User> users;
    private final Map<String, byte[]> verified = new ConcurrentHashMap<>();
    private final byte[] salt = new byte[16];

    private Users(Map<String, User> users) {
        this.users = Map.copyOf(users);
        new SecureRandom().nextBytes(salt);
    }

    /// @throws InvalidSettingException if it cannot be read, naming the line
    static Users read(Path file) {
        Map<String, User> users = new HashMap<>();
        int number = 0;
        try {
            for (String line : Files.readAllLines(file)) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    add(users, line.strip());
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
        return new Users(users);
    }

    private static void add(Map<String, User> users, String line) {
        String[] fields = line.split(":", -1);
        if (fields.length < 2 || fields.length > 3 || fields[0].isEmpty()) {
            throw new IllegalArgumentException("it takes the form name:hash:grant,grant");
        }
        if (!fields[1].matches("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}")) {
            throw new IllegalArgumentException(
                    "the password is no bcrypt hash, as htpasswd -B makes it");
        }
        String grants = fields.length < 3 ? "" : fields[2];
        Set<String> parsed =
                Stream.of(grants.split(",", -1))
                        .map(String::strip)
                        .filter(g -> !g.isEmpty())
                        .peek(Grant::parse)
                        .collect(Collectors.toUnmodifiableSet());
        if (users.put(fields[0], new User(fields[1], parsed)) != null) {
            throw new IllegalArgumentException("there is another line for " + fields[0]);
        }
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
