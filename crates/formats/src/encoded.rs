//! Texts that stand for bytes or for other text, the ways that Python's standard library writes them.
//!
//! RFC 4648; both alphabets of Base64 are taken, line breaks and padding anywhere, as lenient decoders do.

/// The bytes that a Base64 text stands for; `None` if it has a character that Base64 has not.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    digits(text, 6, |byte| {
        Some(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        })
    })
}

/// The bytes that a Base32 text stands for; `None` if it has a character that Base32 has not.
pub fn base32(text: &[u8]) -> Option<Vec<u8>> {
    digits(text, 5, |byte| {
        Some(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        })
    })
}

/// The bytes that hexadecimal digits stand for, blanks between them passed over; `None` if something else is among
/// them. An odd last digit is left out.
pub fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits(&text, 4, |byte| char::from(byte).to_digit(16).map(|digit| digit as u8))
}

/// Latin letters moved by thirteen places.
pub fn rot13(text: &str) -> String {
    let turn = |char: char, first: u8| char::from((char as u8 - first + 13) % 26 + first);
    text.chars()
        .map(|char| match char {
            'a'..='z' => turn(char, b'a'),
            'A'..='Z' => turn(char, b'A'),
            other => other,
        })
        .collect()
}

/// Joins digits of `bits` bits to bytes; bits left over at the end are dropped.
fn digits(text: &[u8], bits: u32, value: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 8 * bits as usize);
    let (mut held, mut count) = (0_u32, 0_u32);
    for byte in text.iter().filter(|byte| !matches!(byte, b'\n' | b'\r' | b'=')) {
        held = held << bits | u32::from(value(*byte)?);
        count += bits;
        if count >= 8 {
            count -= 8;
            out.push((held >> count & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_writes_is_read() {
        assert_eq!(base64(b"aGVs\nbG8=\n").as_deref(), Some(&b"hello"[..]));
        assert_eq!(base64(b"4wEA").as_deref(), Some(&[0xe3, 1, 0][..]));
        assert_eq!(base64(b"lambda x"), None);
        assert_eq!(base32(b"NBSWY3DP").as_deref(), Some(&b"hello"[..]));
        assert_eq!(hexadecimal(b"68 65 6c 6C 6f").as_deref(), Some(&b"hello"[..]));
        assert_eq!(hexadecimal(b"xx"), None);
        assert_eq!(rot13("bf.flfgrz"), "os.system");
    }
}
