//! Base64 as Python writes it: with line breaks, padding optional.

/// The bytes that `text` stands for; `None` if it is no Base64 as a whole.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut value) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0_u32);
    for byte in text.trim_end().trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => return None,
        };
        value = value << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((value >> bits & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn what_python_writes_is_read() {
        assert_eq!(decode("aGVsbG8=\n").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode("4wEA").as_deref(), Some(&[0xe3, 1, 0][..]));
        assert_eq!(decode("lambda x: x"), None);
    }
}
