//! Whether a value given to a name is a secret in the open, rather than a reference or a placeholder.

use crate::secret::is_placeholder;

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

/// Whether `name` is the name of a secret and `value` is one, written out.
pub(crate) fn is_secret_literal(name: &str, value: &str) -> bool {
    is_secret_name(name) && is_literal(value)
}

/// Whether `name` is the name of a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    SECRET_NAMES.iter().any(|part| plain.contains(part))
        && !OTHER_ENDS.iter().any(|end| plain.ends_with(end))
        && !plain.ends_with("tokens")
        && !plain.contains("tokeniz")
}

/// Whether a value is written out: no reference, no placeholder, no path, no switch.
pub(crate) fn is_literal(value: &str) -> bool {
    let value = value.trim();
    value.len() >= 6
        && !value.contains("$(")
        && !value.starts_with('/')
        && !is_placeholder(value)
        && !matches!(value.to_lowercase().as_str(), "disabled" | "enabled" | "optional" | "required")
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
