//! The first keys of a JSON text, without reading it: what a format is recognised by.

/// Bytes that are looked at.
const HEAD: usize = 256 << 10;
/// Keys kept.
const KEYS: usize = 128;

/// Keys of the object at the top, and of the objects right below it.
#[derive(Debug, Default)]
pub(super) struct Outline<'a> {
    /// Keys of the top object; of the first object of a list at the top.
    pub(super) top: Vec<&'a [u8]>,
    /// Keys of the objects that are its values or in lists that are.
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
    let top = usize::from(outline.list) + 1;
    // Whether each bracket that is open near the top is that of a list.
    let mut lists = [false; 5];
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if let Some(list) = lists.get_mut(depth) {
                    *list = *byte == b'[';
                }
            }
            b'}' | b']' => {
                if depth == top {
                    break;
                }
                depth = depth.saturating_sub(1);
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
                let in_object = lists.get(depth) == Some(&false);
                let under = depth == top + 1 || depth == top + 2 && lists.get(top + 1) == Some(&true);
                if in_object && (depth == top || under) {
                    let after = bytes.get(at + 1..).unwrap_or_default();
                    let colon = after.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                    let text = bytes.get(start..at).unwrap_or_default();
                    let keys = if depth == top { &mut outline.top } else { &mut outline.below };
                    if colon && keys.len() < KEYS && !keys.contains(&text) {
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
        assert_eq!(seen.below, [&b"b"[..], b"c", b"e"]);
        let list = outline(br#"[{"id": "x", "p": {"q": 1}}, {"r": 2}]"#).unwrap();
        assert!(list.list && list.has("id") && list.has_below("q") && !list.has("r"));
        assert!(outline(b"a: 1").is_none());
        assert!(outline(b"").is_none());
        for text in ["{", "{\"", "{\"\\", "[[[[", "}}}}"] {
            let _ = outline(text.as_bytes());
        }
    }
}
