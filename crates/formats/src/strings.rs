//! Readable stretches of binary files, for formats whose structure is nobody's to know.

/// Characters that make a stretch.
const SHORTEST: usize = 6;
/// Bytes looked at, from the start and before the end.
const HEAD: usize = 4 << 20;
const TAIL: usize = 1 << 20;
/// Stretches kept, and characters of each.
const MOST: usize = 20_000;
const LONGEST: usize = 4096;

/// Stretches of printable ASCII with their offsets, also where each character is followed by a zero byte.
pub(crate) fn strings(bytes: &[u8]) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let tail = bytes.len().saturating_sub(TAIL).max(head.len());
    collect(head, 0, &mut found);
    collect(bytes.get(tail..).unwrap_or_default(), tail, &mut found);
    found
}

fn collect(bytes: &[u8], offset: usize, found: &mut Vec<(u64, String)>) {
    let is_text = |byte: &u8| matches!(byte, 0x20..=0x7e | b'\n' | b'\r' | b'\t');
    let mut at = 0;
    while at < bytes.len() && found.len() < MOST {
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().take(LONGEST).take_while(|byte| is_text(byte)).count();
        if length >= SHORTEST {
            let text = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
            found.push(((offset + at) as u64, text));
            at += length;
            continue;
        }
        // Two bytes to a character, as Windows writes it.
        let wide = rest
            .as_chunks::<2>()
            .0
            .iter()
            .take(LONGEST)
            .take_while(|[low, high]| *high == 0 && is_text(low))
            .count();
        if wide >= SHORTEST {
            let text = rest.as_chunks::<2>().0.iter().take(wide).map(|[low, _]| char::from(*low)).collect();
            found.push(((offset + at) as u64, text));
            at += 2 * wide;
            continue;
        }
        at += length.max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn narrow_and_wide_texts_are_found() {
        let bytes =
            [b"\x00\x01short\x00longer text\xff".as_slice(), b"w\0i\0d\0e\0 \0t\0e\0x\0t\0\x00\x00\x01"]
                .concat();
        let texts: Vec<String> = strings(&bytes).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["longer text", "wide text"]);
    }
}
