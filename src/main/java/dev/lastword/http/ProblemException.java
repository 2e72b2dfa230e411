package dev.lastword.http;

import java.util.LinkedHashMap;
import java.util.Map;

/// Ends a request with a problem document (RFC 9457). Thrown where the fault is found; [Problems]
/// writes it.
///
/// It is an answer and not a defect: it carries no stack trace and is not logged. Not thread-safe;
/// fill it before it is thrown.
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String slug;
    private final transient Map<String, Object> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /// @param status the HTTP status, 400 to 599
    /// @param slug names the kind of problem in lower case with hyphens; `/problems/<slug>` is its
    ///   `type`, and with the hyphens taken out its `title`
    /// @param detail what is wrong here and what to do about it, for a person
    public ProblemException(int status, String slug, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.slug = slug;
    }

    /// Adds a member to the document.
    ///
    /// @param value text, number or boolean
    public ProblemException with(String member, Object value) {
        members.put(member, value);
        return this;
    }

    /// Tells the client when to try again.
    public ProblemException retryAfter(int seconds) {
        return header("Retry-After", Integer.toString(seconds));
    }

    /// Adds a header to the response.
    public ProblemException header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public int status() {
        return status;
    }

    public String slug() {
        return slug;
    }

    public String detail() {
        return String.valueOf(getMessage());
    }

    public Map<String, Object> members() {
        return members;
    }

    public Map<String, String> headers() {
        return headers;
    }
}
