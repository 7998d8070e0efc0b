//! Finds credentials in a line of text. Shared with the checks of notebook outputs.

use vauban_knowledge::Knowledge;
use vauban_knowledge::secrets::tokens;

use super::placeholder::is_placeholder;

/// A credential in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// What it is, for people: `token of Hugging Face`.
    pub(crate) what: String,
    /// Stable word for it, `huggingface-token`.
    pub(crate) id: String,
    /// The credential, masked.
    pub(crate) excerpt: String,
}

/// Lines longer than this are data, not text; a minified file is looked at up to here.
const LONGEST_LINE: usize = 20_000;

/// The part of a line that is looked at.
pub(crate) fn bounded(line: &str) -> &str {
    let end = (0..=LONGEST_LINE.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    line.get(..end).unwrap_or(line)
}

/// First characters of a secret and how long it is.
pub(crate) fn masked(secret: &str) -> String {
    let count = secret.chars().count();
    let shown: String = secret.chars().take((count / 8).min(4)).collect();
    format!("{shown}… ({count} characters)")
}

/// Tokens of known providers in a line.
pub(crate) fn provider_tokens(line: &str, knowledge: &Knowledge) -> Vec<Hit> {
    tokens(&knowledge.secrets, bounded(line))
        .into_iter()
        .filter(|(shape, hit)| {
            !is_placeholder(hit.text) && (shape.id != "json-web-token" || is_web_token(hit.text))
        })
        .map(|(shape, hit)| Hit {
            what: format!("token of {}", shape.provider),
            id: shape.id.clone(),
            excerpt: masked(hit.text),
        })
        .collect()
}

/// Three parts, the first two of which are JSON objects in base64 (they begin with `{"`).
fn is_web_token(text: &str) -> bool {
    let parts: Vec<&str> = text.trim_end_matches('.').split('.').collect();
    parts.len() == 3 && parts[0].starts_with("eyJ") && parts[1].starts_with("eyJ") && parts[2].len() >= 16
}

/// Addresses with user and password in a line.
pub(crate) fn connection_strings(line: &str) -> Vec<Hit> {
    let line = bounded(line);
    let mut hits = Vec::new();
    for (at, _) in line.match_indices("://") {
        let scheme = line[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).next();
        let Some(scheme) = scheme.filter(|scheme| scheme.starts_with(|c: char| c.is_ascii_alphabetic()))
        else {
            continue;
        };
        let rest = &line[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || "\"'`<>/?#,)".contains(c)).unwrap_or(rest.len());
        let Some((who, host)) = rest[..end].rsplit_once('@') else { continue };
        let Some((user, password)) = who.split_once(':') else { continue };
        // Brackets mean "optional" in documentation; a real address has them escaped.
        let optional = password.contains(['[', ']']);
        if host.is_empty() || optional || password.len() < 4 || is_placeholder(password) || password == user {
            continue;
        }
        hits.push(Hit {
            what: format!("password of `{user}` at `{host}`"),
            id: format!("{scheme}://{user}@{host}"),
            excerpt: format!("{scheme}://{user}:{}@{host}", masked(password)),
        });
    }
    hits
}

/// Lines on which private keys begin, with the line number from 1 and what the header calls them.
pub(crate) fn private_keys(text: &str) -> Vec<(u32, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut keys = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let line = bounded(line);
        let Some(at) = line.find("-----BEGIN ") else { continue };
        let Some((kind, after)) = line[at + 11..].split_once("-----") else { continue };
        if !kind.ends_with("PRIVATE KEY") && !kind.ends_with("PRIVATE KEY BLOCK") {
            continue;
        }
        // The body stands on the next lines, or behind an escaped line break on the same one.
        let inline = after.trim_start_matches(['\\', 'n', 'r', '"', '\'']);
        let mut body = std::iter::once(inline).chain(lines.iter().skip(index + 1).take(6).copied());
        if body.any(is_key_body) {
            keys.push((u32::try_from(index + 1).unwrap_or(u32::MAX), kind.to_lowercase()));
        }
    }
    keys
}

/// At least 24 characters of base64.
fn is_key_body(line: &str) -> bool {
    let line = line.trim().trim_matches(['"', '\'', ',', '+']).trim();
    let run = line.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte)).count();
    run >= 24 && !is_placeholder(&line[..run])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_and_samples_are_not() {
        let knowledge = Knowledge::builtin();
        let body = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3hJ5";
        let line = format!("HF = \"{}_{}\"", "hf", &body[..34]);
        let hits = provider_tokens(&line, knowledge);
        assert_eq!(hits[0].id, "huggingface-token");
        assert!(!hits[0].excerpt.contains(&body[..10]));
        for line in [
            format!("AKIA{}", "IOSFODNN7EXAMPLE"),
            "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_owned(),
            "sk-...".to_owned(),
        ] {
            assert_eq!(provider_tokens(&line, knowledge), [], "{line}");
        }
    }

    #[test]
    fn passwords_in_addresses_are_found_unless_made_up() {
        let found = |line: &str| connection_strings(line).into_iter().map(|hit| hit.id).collect::<Vec<_>>();
        assert_eq!(
            found("url = 'postgresql://bob:k7-Lm2.q@db.clinic.test:5432/x'"),
            ["postgresql://bob@db.clinic.test:5432"]
        );
        for line in [
            "postgres://user:password@localhost/db",
            "postgres://bob:${PW}@db/x",
            "https://user:<token>@host",
            "redis://localhost:6379",
            "http://host:8080/a@b",
            "mailto:bob@x.example",
            "f'postgres://{user}:{password}@{host}'",
            "amqp://guest:guest@rabbit",
        ] {
            assert!(found(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_header_without_a_body_is_no_key() {
        let header = concat!("-----BEGIN RSA PRIV", "ATE KEY-----");
        assert_eq!(private_keys(&format!("{header}\nMIIEowIBAAKCAQEAt0WlQ3fX9aK8\n")).len(), 1);
        assert_eq!(private_keys(&format!("{header}\\nMIIEowIBAAKCAQEAt0WlQ3fX9aK8\\n")).len(), 1);
        assert_eq!(private_keys(&format!("{header}\n...\n")).len(), 0);
        assert_eq!(private_keys(&format!("if '{header}' in text:\n    pass\n")).len(), 0);
        assert_eq!(private_keys("-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEAt0WlQ3fX9aK8\n").len(), 0);
    }
}
