//! What stands where a secret would, and is none.

/// Parts that only values made up for documentation have, in lower case.
const MARKS: &[&str] = &[
    "...",
    "***",
    "<",
    ">",
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "example",
    "fill-in",
    "fillme",
    "foobar",
    "insert",
    "placeholder",
    "redacted",
    "replace",
    "todo",
    "xxxx",
    "your-",
    "your_",
    "yourapi",
    "yourkey",
    "yourpass",
    "yoursecret",
    "yourtoken",
    "…",
];
/// Whole values that everyone writes when they write nothing, in lower case.
const USUAL: &[&str] = &[
    "12345678",
    "123456789",
    "1234567890",
    "admin",
    "admin123",
    "default",
    "guest",
    "hunter2",
    "minioadmin",
    "mypassword",
    "mysecret",
    "none",
    "null",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "password1",
    "password123",
    "postgres",
    "pwd",
    "repo",
    "root",
    "secret",
    "secret123",
    "string",
    "test",
    "test123",
    "test1234",
    "testing",
    "testpass",
    "testpassword",
    "token",
    "undefined",
    "user",
    "username",
];

/// Whether a value refers to where the secret is, or is a word that stands for one.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_lowercase();
    is_reference(value)
        || USUAL.contains(&lower.as_str())
        || MARKS.iter().any(|mark| lower.contains(mark))
        || repeats(value)
        || counts_up(&lower)
}

/// `${NAME}`, `$NAME`, `{{ name }}`, `{name}`, `%(name)s`, `%s`, `os.environ…`, `vault:…`.
fn is_reference(value: &str) -> bool {
    const STARTS: &[&str] = &[
        "$",
        "%",
        "@",
        "arn:",
        "env:",
        "env(",
        "getenv",
        "keyvault:",
        "op://",
        "os.",
        "process.env",
        "ref+",
        "secretref:",
        "ssm:",
        "vault:",
        "!",
    ];
    STARTS.iter().any(|start| value.starts_with(start)) || (value.contains('{') && value.contains('}'))
}

/// Six times the same character in a row.
fn repeats(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.windows(6).any(|run| run.iter().all(|byte| *byte == run[0]))
}

/// Runs of eight characters of which each is the next of the one before, `12345678`, `abcdefgh`.
fn counts_up(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.windows(8).any(|run| run.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_told_from_values() {
        for value in [
            "changeme",
            "<token>",
            "${DB_PASSWORD}",
            "$TOKEN",
            "{{ vault }}",
            "your-api-key",
            "xxxxxxxx",
            "%(pw)s",
            "AAAAAAAAAA",
            "sk-1234567890",
            "password",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["harbor-7Qm2-not-real", "tr0ub4dor&3", "S3cr3t!Pass"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
