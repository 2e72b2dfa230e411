package dev.lastword.config;

/// A setting with which the service cannot start. The message is one line that names the setting,
/// its value and what would be right.
public final class InvalidSettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidSettingException(String message) {
        super(message);
    }
}
