//! Base64 as RFC 4648, section 4 writes it, and nothing more lenient.

/// The text that stands for `bytes`, with padding and without line breaks.
pub(crate) fn encode(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// The bytes that `text` stands for, if it is exactly what [`encode`] writes for them: one text for one content, so that
/// no two different files carry the same signature.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    vauban_formats::encoded::base64(text.as_bytes()).filter(|bytes| encode(bytes) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_vectors_of_the_standard() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded).as_deref(), Some(plain.as_bytes()));
        }
    }

    #[test]
    fn only_one_text_stands_for_a_content() {
        for other in ["Zh==", "Zg=", "Zg", "Zm9v\n", "Zm-_", " Zm9v"] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}
