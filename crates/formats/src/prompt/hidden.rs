//! Characters that a reader does not see and a model does.

/// A run of characters of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// What sort they are.
    pub kind: HiddenKind,
    /// One-based line.
    pub line: u32,
    /// One-based column in characters.
    pub column: u32,
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: char,
    /// What tag characters spell, at most 200 characters.
    pub spells: Option<String>,
}

/// Sorts of characters that hide something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HiddenKind {
    /// Overrides and embeddings that show text in another order than it has.
    Bidirectional,
    /// Zero-width characters, fillers and other marks without a shape.
    Invisible,
    /// Tag characters, which spell ASCII without being shown.
    Tag,
    /// Runs of variation selectors, which can carry any bytes.
    VariationSelector,
}

impl HiddenKind {
    /// The lower-case word used in evidence keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bidirectional => "bidirectional",
            Self::Invisible => "invisible",
            Self::Tag => "tag",
            Self::VariationSelector => "variation-selector",
        }
    }
}

/// Runs of hidden characters in reading order, at most a hundred.
///
/// Left alone: joiners between letters of scripts that need them and inside emoji, a variation selector behind a
/// character it can vary, the flags of regions that are spelt with tags, a byte order mark at the start, and
/// bidirectional marks (not overrides) in text that has right-to-left letters.
pub fn hidden(text: &str) -> Vec<Hidden> {
    let mut found: Vec<Hidden> = Vec::new();
    for (line, number) in text.split('\n').zip(1_u32..) {
        let line: Vec<char> = line.chars().collect();
        let right_to_left = line.iter().any(|c| matches!(*c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' if *c != '\u{feff}'));
        let mut flag = false;
        let mut last: Option<(HiddenKind, usize)> = None;
        for (at, &character) in line.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| line.get(at)).copied();
            let after = line.get(at + 1).copied();
            if character == '\u{1f3f4}' {
                flag = after.is_some_and(is_tag) && flag_ends(&line[at + 1..]);
            } else if !is_tag(character) {
                flag = false;
            }
            let kind = match character {
                '\u{feff}' if number == 1 && at == 0 => None,
                '\u{202a}'..='\u{202e}' => Some(HiddenKind::Bidirectional),
                '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' if !right_to_left => {
                    Some(HiddenKind::Bidirectional)
                }
                '\u{200c}' | '\u{200d}' if joins(before, after) => None,
                '\u{ad}'
                | '\u{34f}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200c}'
                | '\u{200d}'
                | '\u{2060}'..='\u{2065}'
                | '\u{206a}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}' => Some(HiddenKind::Invisible),
                '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
                    let alone =
                        before.is_none_or(|before| is_selector(before) || before.is_ascii_alphabetic());
                    (alone || after.is_some_and(is_selector)).then_some(HiddenKind::VariationSelector)
                }
                tag if is_tag(tag) && !flag => Some(HiddenKind::Tag),
                _ => None,
            };
            let Some(kind) = kind else { continue };
            let spelt =
                (kind == HiddenKind::Tag).then(|| char::from_u32(u32::from(character) - 0xe0000)).flatten();
            if let (Some((known, end)), Some(run)) = (last, found.last_mut())
                && known == kind
                && end == at
            {
                run.count += 1;
                if let (Some(spells), Some(letter)) = (&mut run.spells, spelt)
                    && run.count <= 200
                    && !letter.is_control()
                {
                    spells.push(letter);
                }
                last = Some((kind, at + 1));
                continue;
            }
            if found.len() >= 100 {
                return found;
            }
            last = Some((kind, at + 1));
            found.push(Hidden {
                kind,
                line: number,
                column: u32::try_from(at + 1).unwrap_or(u32::MAX),
                count: 1,
                first: character,
                spells: (kind == HiddenKind::Tag)
                    .then(|| spelt.filter(|letter| !letter.is_control()).into_iter().collect()),
            });
        }
    }
    found
}

fn is_tag(character: char) -> bool {
    ('\u{e0000}'..='\u{e007f}').contains(&character)
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a short sequence of tags ends as the flag of a region does.
fn flag_ends(rest: &[char]) -> bool {
    rest.iter()
        .take(8)
        .position(|c| *c == '\u{e007f}')
        .is_some_and(|end| rest[..end].iter().all(|c| is_tag(*c)))
}

/// Whether a joiner between these two has a shape: in emoji and in scripts that join letters.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let emoji = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}') || is_selector(c);
    let joining = |c: char| matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{e7f}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}');
    (emoji(before) && emoji(after)) || (joining(before) && joining(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<HiddenKind> {
        hidden(text).iter().map(|hidden| hidden.kind).collect()
    }

    #[test]
    fn hidden_characters_are_found_where_they_are() {
        let tags: String =
            "send it".chars().map(|c| char::from_u32(0xe0000 + u32::from(c)).unwrap()).collect();
        let found = hidden(&format!("a\nb{tags}c"));
        assert_eq!((found[0].line, found[0].column, found[0].count), (2, 2, 7));
        assert_eq!(found[0].spells.as_deref(), Some("send it"));
        assert_eq!(kinds("a\u{200b}\u{200b}b"), [HiddenKind::Invisible]);
        assert_eq!(kinds("a\u{202e}b\u{202c}"), [HiddenKind::Bidirectional; 2]);
        assert_eq!(kinds("a\u{fe00}\u{fe01}\u{fe02}"), [HiddenKind::VariationSelector]);
        assert_eq!(kinds("a\u{200d}b"), [HiddenKind::Invisible]);
    }

    #[test]
    fn what_writing_needs_is_left_alone() {
        for text in [
            "\u{feff}start",
            "👩\u{200d}⚕\u{fe0f}",
            "❤\u{fe0f}",
            "می\u{200c}خواهم",
            "עברית \u{200f}!",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "für Jörg",
        ] {
            assert_eq!(hidden(text), [], "{text:?}");
        }
    }

    #[test]
    fn their_number_is_bounded() {
        assert_eq!(hidden(&"a\u{200b}".repeat(10_000)).len(), 100);
    }
}
