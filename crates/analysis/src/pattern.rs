//! Globs as in `vauban.toml`: `*` within a part, `**` across parts, `?` one character.

/// Whether `pattern` matches all of `text`. Time grows with the product of both lengths, never faster.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    // `reached[i]`: the pattern so far matches the first `i` characters.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let across = pattern[at] == '*' && pattern.get(at + 1) == Some(&'*');
        let mut next = vec![false; text.len() + 1];
        if pattern[at] == '*' {
            let mut running = false;
            for (index, slot) in next.iter_mut().enumerate() {
                running |= reached[index];
                *slot = running;
                // Between `index` and `index + 1` stands this character; a single star does not pass a slash.
                if !across && text.get(index) == Some(&'/') {
                    running = false;
                }
            }
        } else {
            for (index, character) in text.iter().enumerate() {
                next[index + 1] = reached[index] && (pattern[at] == '?' || pattern[at] == *character);
            }
        }
        at += if across { 2 } else { 1 };
        // `**/` also matches no part at all.
        if across && pattern.get(at) == Some(&'/') {
            let mut after = vec![false; text.len() + 1];
            for (index, slot) in after.iter_mut().enumerate() {
                *slot = reached[index] || (index > 0 && text[index - 1] == '/' && next[index - 1]);
            }
            next = after;
            at += 1;
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stay_within_their_part_unless_doubled() {
        for (pattern, text, expected) in [
            ("models/*.onnx", "models/a.onnx", true),
            ("models/*.onnx", "models/old/a.onnx", false),
            ("models/**", "models/old/a.onnx", true),
            ("**/a.onnx", "a.onnx", true),
            ("**/a.onnx", "x/y/a.onnx", true),
            ("**/a.onnx", "x/ya.onnx", false),
            ("model:*", "model:a.onnx", true),
            ("model:**", "model:models/a.onnx", true),
            ("m?del", "model", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "a-b-b-c", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        assert!(!matches(&"*a".repeat(200), &"b".repeat(2000)));
    }
}
