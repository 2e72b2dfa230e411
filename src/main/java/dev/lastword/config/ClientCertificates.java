package dev.lastword.config;

/// What is expected of a caller that connects by TLS.
public enum ClientCertificates {
    /// Nothing; a certificate is not asked for.
    NONE,
    /// A certificate is asked for. Who has none can say who they are in another way.
    REQUEST,
    /// There is no connection without one.
    REQUIRED
}
