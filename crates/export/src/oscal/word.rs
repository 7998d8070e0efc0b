//! Text as OSCAL wants it: prose is Markdown on one line or many, other strings have no line breaks and no space at their ends.

use serde_json::{Value, json};
use vauban_domain::Timestamp;

use super::NAMESPACE;
use crate::markdown::escape;

/// Characters of one text; the whole stands in the JSON v1 document.
const LONGEST: usize = 2_000;

/// One line without control characters; `-` for nothing.
pub(super) fn plain(text: &str) -> String {
    let visible: String =
        text.chars().take(LONGEST).map(|letter| if is_unseen(letter) { ' ' } else { letter }).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "-".to_owned() } else { line }
}

/// One line of Markdown that shows `text` and nothing else.
pub(super) fn prose(text: &str) -> String {
    // The word joiner keeps names from being called on a forge; nobody is called from here.
    escape(&plain(text)).replace('\u{2060}', "")
}

/// A property of ours; none for an empty value.
pub(super) fn property(name: &str, value: &str) -> Option<Value> {
    let said = !value.trim().is_empty();
    said.then(|| json!({"name": name, "ns": NAMESPACE, "value": plain(value)}))
}

/// The time that `text` says, in UTC; none for what is no time of the years 1 to 9999.
pub(super) fn time(text: &str) -> Option<String> {
    let time = Timestamp::parse(text).filter(|time| (1..=9999).contains(&time.date().0));
    time.map(|time| time.to_string())
}

fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_on_one_line() {
        assert_eq!(plain(" a\n\tb\u{202e} "), "a b");
        assert_eq!(plain("\u{1b}"), "-");
        assert_eq!(prose("<b> @team `x`"), "&lt;b&gt; @team \\`x\\`");
        assert_eq!(property("owner", " "), None);
        assert_eq!(time("2026-01-01"), Some("2026-01-01T00:00:00Z".to_owned()));
        assert_eq!((time("soon"), time("0000-01-01")), (None, None));
    }
}
