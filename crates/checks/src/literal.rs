//! Whether a value given to a name is a secret in the open, rather than a reference or a placeholder.

/// Parts of names that hold secrets, without separators.
const SECRET_NAMES: &[&str] = &[
    "accesskey",
    "accesstoken",
    "apikey",
    "apitoken",
    "authtoken",
    "bearer",
    "clientsecret",
    "credential",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
];

/// Ends of names that only sound like one: where it lies, what it is called, how many there are.
const OTHER_ENDS: &[&str] = &[
    "count", "dir", "enabled", "endpoint", "expiry", "file", "id", "length", "limit", "name", "path", "ref",
    "ttl", "type", "uri", "url",
];

/// Values that stand for a secret to be filled in.
const PLACEHOLDERS: &[&str] = &[
    "change_me",
    "change-me",
    "changeme",
    "dummy",
    "fixme",
    "placeholder",
    "redacted",
    "replace",
    "todo",
    "xxxx",
    "your-",
    "your_",
];

/// Whether `name` is the name of a secret and `value` is one, written out.
pub(crate) fn is_secret_literal(name: &str, value: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let named = SECRET_NAMES.iter().any(|part| plain.contains(part))
        && !OTHER_ENDS.iter().any(|end| plain.ends_with(end))
        && !plain.ends_with("tokens")
        && !plain.contains("tokeniz");
    named && is_literal(value)
}

/// Whether a value is written out: no reference, no placeholder, no switch.
pub(crate) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_lowercase();
    value.len() >= 6
        && !value.contains("${")
        && !value.contains("$(")
        && !value.contains("{{")
        && !value.starts_with(['$', '<', '/', '%'])
        && !PLACEHOLDERS.iter().any(|placeholder| lower.contains(placeholder))
        && !value.chars().all(|c| c == '*' || c == 'x' || c == '.')
        && !matches!(lower.as_str(), "disabled" | "enabled" | "optional" | "required")
}

/// The first characters of a secret, so that its owner knows which one it is.
pub(crate) fn masked(secret: &str) -> String {
    let shown: String = secret.chars().take(3).collect();
    format!("{shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_placeholders_are_no_secrets() {
        for (name, value, wanted) in [
            ("DB_PASSWORD", concat!("hunter", "2hunter2"), true),
            ("MAIL_API_TOKEN", "a-literal-one", true),
            ("DB_PASSWORD", "${DB_PASSWORD}", false),
            ("DB_PASSWORD", "changeme", false),
            ("DB_PASSWORD_FILE", "somewhere-else", false),
            ("MAX_TOKENS", "1000000", false),
            ("TOKENIZER_MODEL", "some-model-name", false),
            ("LOG_LEVEL", "information", false),
            ("API_KEY", "<your key>", false),
        ] {
            assert_eq!(is_secret_literal(name, value), wanted, "{name}={value}");
        }
    }
}
