package dev.lastword.security;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/// A token as the identity provider of [IdentityFixture] issues it, with what a test changes.
///
/// @param more members of the claims, each with a comma before it
record Token(String issuer, String audience, String subject, Instant until, String more) {
    static Token of(String subject) {
        return new Token(
                IdentityFixture.issuer(), "lastword", subject, Instant.now().plusSeconds(600), "");
    }

    Token withIssuer(String other) {
        return new Token(other, audience, subject, until, more);
    }

    Token withAudience(String other) {
        return new Token(issuer, other, subject, until, more);
    }

    Token until(Instant end) {
        return new Token(issuer, audience, subject, end, more);
    }

    Token with(String claim, String json) {
        return new Token(issuer, audience, subject, until, more + ",\"" + claim + "\":" + json);
    }

    String signed() {
        try {
            byte[] key =
                    Files.readAllBytes(IdentityFixture.folder().resolve(IdentityFixture.TOKEN_KEY));
            return signedWith(
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key)));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String signedByAnother() {
        try {
            return signedWith(KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    String unsigned() {
        return encoded("{\"alg\":\"none\"}") + "." + encoded(claims()) + ".";
    }

    private String signedWith(PrivateKey key) throws GeneralSecurityException {
        String content = encoded("{\"alg\":\"RS256\",\"kid\":\"test\"}") + "." + encoded(claims());
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(key);
        signature.update(content.getBytes(StandardCharsets.US_ASCII));
        return content + "." + encoded(signature.sign());
    }

    private String claims() {
        return "{\"iss\":\"%s\",\"aud\":\"%s\"%s,\"iat\":%d,\"exp\":%d%s}"
                .formatted(
                        issuer,
                        audience,
                        subject.isEmpty() ? "" : ",\"sub\":\"" + subject + "\"",
                        until.getEpochSecond() - 600,
                        until.getEpochSecond(),
                        more);
    }

    private static String encoded(String text) {
        return encoded(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
