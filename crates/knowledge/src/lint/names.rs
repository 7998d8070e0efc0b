//! When two names are the same name.

/// Lower case, letters and digits only, `ML` and `machine learning` written as `ai`.
pub(crate) fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut kept: Vec<&str> = Vec::with_capacity(words.len());
    for word in words {
        match (kept.last().copied(), word) {
            (Some("machine"), "learning") => {
                kept.pop();
                kept.push("ai");
            }
            (Some("artificial"), "intelligence") => {
                kept.pop();
                kept.push("ai");
            }
            (_, "ml") => kept.push("ai"),
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

/// The same up to spelling: equal, one beginning with the other, or alike in most letters.
pub(super) fn alike(found: &str, expected: &str) -> bool {
    let (found, expected) = (plain(found), plain(expected));
    if found.is_empty() || expected.is_empty() {
        return false;
    }
    let begins = |long: &str, short: &str| short.len() >= 8 && long.starts_with(short);
    found == expected
        || begins(&found, &expected)
        || begins(&expected, &found)
        || strsim::normalized_levenshtein(&found, &expected) >= 0.85
}

/// A shorter form counts too: one holds the other, or most words are shared.
pub(super) fn loosely_alike(found: &str, expected: &str) -> bool {
    if alike(found, expected) {
        return true;
    }
    let (found, expected) = (plain(found), plain(expected));
    let words =
        |name: &str| name.split(' ').filter(|word| word.len() > 3).map(str::to_owned).collect::<Vec<_>>();
    let (left, right) = (words(&found), words(&expected));
    let shared = left.iter().filter(|word| right.contains(word)).count();
    let least = left.len().min(right.len());
    found.contains(&expected) || expected.contains(&found) || (least > 0 && shared * 2 >= least)
}

/// Whether a piece of text reads like a name and not like a sentence: most longer words begin with a capital.
pub(super) fn reads_like_a_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().filter(|word| word.len() > 3).collect();
    let starts_high = |word: &&&str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let capitals = words.iter().filter(starts_high).count();
    !words.is_empty() && words.len() <= 12 && text.len() <= 100 && capitals * 3 >= words.len() * 2
}
