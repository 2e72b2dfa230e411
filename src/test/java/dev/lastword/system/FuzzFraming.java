package dev.lastword.system;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Puts requests on the wire, properly in one of several ways, or broken.
final class FuzzFraming {
    /// How many ways there are to break a request.
    private static final int BROKEN = 17;

    /// The first so many of them leave no doubt.
    private static final int SURELY_BROKEN = 8;

    /// The first so many of those are only where the body is read.
    private static final int MALFORMED_CHUNKS = 3;

    /// What a server that takes a body for the next request would do.
    private static final String ANOTHER = "DELETE /topics/one HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final FuzzText text;

    FuzzFraming(FuzzText text) {
        this.text = text;
    }

    /// A proper request, in as many pieces as it is to be written.
    List<byte[]> proper(FuzzDraft draft) {
        byte[] all = text.oneIn(3) ? chunked(draft) : counted(draft);
        int middle = text.upTo(all.length);
        return text.oneIn(4)
                ? List.of(Arrays.copyOf(all, middle), Arrays.copyOfRange(all, middle, all.length))
                : List.of(all);
    }

    private byte[] counted(FuzzDraft draft) {
        String name = text.any(List.of("Content-Length", "content-length", "CONTENT-LENGTH"));
        boolean isTold = draft.body().length > 0 || text.oneIn(2);
        return join(
                draft.head() + (isTold ? name + ": " + draft.body().length + "\r\n" : "") + "\r\n",
                draft.body());
    }

    private byte[] chunked(FuzzDraft draft) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(utf8(draft.head() + "Transfer-Encoding: chunked\r\n\r\n"));
        byte[] body = draft.body();
        for (int from = 0; from < body.length; ) {
            int to = Math.min(body.length, from + 1 + text.upTo(100));
            String extension = text.any(List.of("", "", ";x", ";name=\"value\""));
            out.writeBytes(utf8(Integer.toHexString(to - from) + extension + "\r\n"));
            out.write(body, from, to - from);
            out.writeBytes(utf8("\r\n"));
            from = to;
        }
        out.writeBytes(utf8(text.oneIn(5) ? "0\r\nLast: x\r\n\r\n" : "0\r\n\r\n"));
        return out.toByteArray();
    }

    /// The beginning of a proper request that breaks off within its body.
    byte[] cut(FuzzDraft draft) {
        byte[] all = text.oneIn(2) ? chunked(draft) : counted(draft);
        int rest = 1 + text.upTo(Math.max(1, draft.body().length));
        return Arrays.copyOf(all, all.length - rest);
    }

    /// What is no HTTP, or hardly. It can be told to its end.
    ///
    /// @param isRefused whether it surely is none, and changes nothing
    record Broken(byte[] bytes, boolean isRefused) {}

    Broken broken(FuzzDraft draft) {
        int kind = text.upTo(BROKEN);
        boolean readsBody = draft.body().length > 0 && !draft.method().equals("DELETE");
        boolean isRefused =
                !draft.isOdd()
                        && kind < SURELY_BROKEN
                        && (kind >= MALFORMED_CHUNKS || readsBody)
                        && (kind != 5 || draft.body().length != 1);
        return new Broken(broken(kind, draft), isRefused);
    }

    private static byte[] broken(int kind, FuzzDraft draft) {
        String head = draft.head();
        byte[] body = draft.body();
        String length = "Content-Length: " + body.length + "\r\n";
        String chunked = "Transfer-Encoding: chunked\r\n";
        return switch (kind) {
            case 0 -> join(head + chunked + "\r\nzz\r\n", body);
            case 1 -> join(head + chunked + "\r\n-5\r\n", body);
            case 2 -> join(head + chunked + "\r\nffffffffffffffff\r\n", body);
            case 3 -> join(head + "Content-Length: many\r\n\r\n", body);
            case 4 -> join(head + "Content-Length: -1\r\n\r\n", body);
            case 5 -> join(head + length + "Content-Length: 1\r\n\r\n", body);
            case 6 -> join(head + "Transfer-Encoding: gzip\r\n\r\n" + ANOTHER);
            case 7 -> join(head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + ANOTHER);
            case 8 -> join(head.replace("Host: localhost\r\n", "") + length + "\r\n", body);
            case 9 -> join(head + "Spaced : x\r\n" + length + "\r\n", body);
            case 10 -> join(head + "X: a\r\n folded\r\n" + length + "\r\n", body);
            case 11 -> join(head + "X: a\u0000b\r\n" + length + "\r\n", body);
            case 12 -> join(head + "no colon\r\n" + length + "\r\n", body);
            case 13 -> join(head.replace(" HTTP/1.1", "") + length + "\r\n", body);
            case 14 -> join(head.replace(" HTTP/1.1", " HTTP/1.0") + length + "\r\n", body);
            case 15 -> join(head + "X: " + "x".repeat(80_000) + "\r\n" + length + "\r\n", body);
            default -> join(head + "\u0001: x\r\n" + length + "\r\n", body);
        };
    }

    private static byte[] join(String head, byte... body) {
        byte[] start = utf8(head);
        byte[] all = Arrays.copyOf(start, start.length + body.length);
        System.arraycopy(body, 0, all, start.length, body.length);
        return all;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
