//! The first keys of a JSON text, without reading it: what a format is recognised by.

/// Bytes that are looked at.
const HEAD: usize = 256 << 10;
/// Keys kept.
const KEYS: usize = 64;

/// Keys of the object at the top, and of the first object inside it.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    /// Keys of the top object; of the first object of a list at the top.
    pub(super) top: Vec<&'a [u8]>,
    /// Keys of the first object below it.
    pub(super) below: Vec<&'a [u8]>,
    /// Whether a list is at the top.
    pub(super) list: bool,
}

impl Outline<'_> {
    pub(super) fn has(&self, key: &str) -> bool {
        self.top.contains(&key.as_bytes())
    }

    pub(super) fn has_below(&self, key: &str) -> bool {
        self.below.contains(&key.as_bytes())
    }
}

/// Reads the outline; `None` if the text is no JSON object or list of objects.
pub(super) fn outline(bytes: &[u8]) -> Option<Outline<'_>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.get(..HEAD).unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    let mut outline = Outline { list: *first == b'[', ..Outline::default() };
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    let top = if outline.list { 2 } else { 1 };
    let (mut depth, mut at, mut below_done, mut top_done) = (0_u32, 0, false, false);
    let mut objects = 0_u32;
    let mut below_depth = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => {
                depth += 1;
                objects += 1;
                if objects == 2 {
                    below_depth = depth;
                }
            }
            b'[' => depth += 1,
            b'}' | b']' => {
                if *byte == b'}' && depth == top {
                    top_done = true;
                }
                if *byte == b'}' && below_depth > 0 && depth == below_depth {
                    below_done = true;
                }
                depth = depth.saturating_sub(1);
                if top_done {
                    break;
                }
            }
            b'"' => {
                let start = at + 1;
                at = start;
                while let Some(byte) = bytes.get(at) {
                    match byte {
                        b'\\' => at += 2,
                        b'"' => break,
                        _ => at += 1,
                    }
                }
                let wanted = depth == top || depth == below_depth && !below_done;
                if wanted {
                    let after = bytes.get(at + 1..).unwrap_or_default();
                    let colon = after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                    let text = bytes.get(start..at).unwrap_or_default();
                    let keys = if depth == top { &mut outline.top } else { &mut outline.below };
                    if colon && keys.len() < KEYS {
                        keys.push(text);
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    Some(outline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_two_levels_are_seen() {
        let seen = outline(br#" {"a": [1, {"b": 1, "c": {"d": 2}}, {"e": 1}], "f\"": "x"} "#).unwrap();
        assert_eq!(seen.top, [&b"a"[..], b"f\\\""]);
        assert_eq!(seen.below, [&b"b"[..], b"c"]);
        let list = outline(br#"[{"id": "x", "p": {"q": 1}}, {"r": 2}]"#).unwrap();
        assert!(list.list && list.has("id") && list.has_below("q") && !list.has("r"));
        assert!(outline(b"a: 1").is_none());
        assert!(outline(b"").is_none());
        for text in ["{", "{\"", "{\"\\", "[[[[", "}}}}"] {
            let _ = outline(text.as_bytes());
        }
    }
}
