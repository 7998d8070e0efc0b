//! Numbers and tokens: the same review gives the same ones.

use std::collections::BTreeMap;

/// Space of the names of reviews: a number of our own, drawn once.
const SPACE: [u8; 16] =
    [0x5b, 0x1f, 0x0a, 0x3e, 0x6c, 0x54, 0x4d, 0x0b, 0x9a, 0x77, 0x2e, 0x41, 0xd3, 0x18, 0x86, 0xf2];

/// A UUID of version 5 (RFC 9562, section 5.5) for the item `parts` of the review called `review`.
pub(super) fn uuid(review: &str, parts: &[&str]) -> String {
    let mut name = Vec::new();
    for part in std::iter::once(&review).chain(parts) {
        // The length in front keeps ("a", "bc") apart from ("ab", "c").
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    crate::tree::uuid_5(SPACE, name)
}

/// Names made into tokens (XML's NCName), one token for one name.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    names: BTreeMap<String, String>,
}

impl Tokens {
    /// The token for `name`. Two names that would share one are told apart by a part of their digest.
    pub(super) fn of(&mut self, name: &str) -> String {
        let plain = token(name);
        match self.names.get(&plain) {
            Some(known) if known != name => {
                let digest = vauban_domain::Digest::of(name.as_bytes()).hex();
                let own = format!("{plain}-{}", digest.get(..16).unwrap_or(&digest));
                self.names.insert(own.clone(), name.to_owned());
                own
            }
            Some(_) => plain,
            None => {
                self.names.insert(plain.clone(), name.to_owned());
                plain
            }
        }
    }
}

/// Letters, digits, `.`, `-` and `_`, beginning with a letter or `_`; `@` before an edition becomes `_`, all else `-`.
pub(super) fn token(name: &str) -> String {
    const LONGEST: usize = 120;
    let mut token = String::new();
    for letter in name.chars().take(LONGEST) {
        match letter {
            letter if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_') => {
                token.push(letter)
            }
            '@' => token.push('_'),
            _ => token.push('-'),
        }
    }
    if !token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        token.insert(0, '_');
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_of_version_five_and_tell_items_apart() {
        let one = uuid("r", &["a", "bc"]);
        assert_eq!((one.len(), &one[14..15]), (36, "5"));
        assert!(matches!(&one[19..20], "8" | "9" | "a" | "b"));
        assert_eq!(one, uuid("r", &["a", "bc"]));
        assert_ne!(one, uuid("r", &["ab", "c"]));
        assert_ne!(one, uuid("s", &["a", "bc"]));
    }

    #[test]
    fn names_become_tokens_of_their_own() {
        let mut tokens = Tokens::default();
        assert_eq!(tokens.of("Art.14@2024/1689"), "Art.14_2024-1689");
        assert_eq!(tokens.of("GOVERN 1.1@1.0"), "GOVERN-1.1_1.0");
        let other = tokens.of("GOVERN/1.1@1.0");
        assert!(other.starts_with("GOVERN-1.1_1.0-") && other.len() == 31, "{other}");
        assert_eq!(tokens.of("GOVERN/1.1@1.0"), other);
        assert_eq!(tokens.of("GOVERN 1.1@1.0"), "GOVERN-1.1_1.0");
        assert_eq!([token(""), token("5.2@2023"), token("<é>")], ["_", "_5.2_2023", "_---"]);
    }
}
