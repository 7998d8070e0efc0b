//! Instructions to a language model that nobody who installs it would agree to.
//!
//! Judged by sentence: each entry is a set of words that must all stand in one. Shared by templates and by prompts that
//! model files carry. Phrasing after OWASP LLM01:2025 and public corpora of injected instructions.

use vauban_formats::encoded::base64;

/// Words that together, in one sentence, are an instruction against the user or the operator.
const HOSTILE: &[&[&str]] = &[
    &["ignore", "previous", "instruction"],
    &["ignore", "prior", "instruction"],
    &["ignore", "above", "instruction"],
    &["ignore", "all", "instruction"],
    &["ignore", "the instructions"],
    &["ignore", "your instructions"],
    &["no safety"],
    &["ignore", "safety"],
    &["disregard", "instruction"],
    &["disregard", "safety"],
    &["disregard", "previous"],
    &["forget", "previous", "instruction"],
    &["forget", "all", "instruction"],
    &["override", "safety"],
    &["override", "previous", "instruction"],
    &["bypass", "safety"],
    &["bypass", "filter"],
    &["bypass", "guideline"],
    &["bypass", "restriction"],
    &["disable", "safety"],
    &["without", "safety", "restriction"],
    &["without", "telling", "user"],
    &["without", "informing", "user"],
    &["without", "mentioning", "user"],
    &["without the user", "knowing"],
    &["do not", "tell", "the user"],
    &["don't", "tell", "the user"],
    &["never", "tell", "the user"],
    &["do not", "inform", "the user"],
    &["do not", "alert", "the user"],
    &["do not", "disclose", "instruction"],
    &["do not", "mention", "instruction"],
    &["do not", "reveal", "instruction"],
    &["never", "reveal", "instruction"],
    &["never", "mention", "instruction"],
    &["never", "disclose", "instruction"],
    &["secretly"],
    &["covertly"],
    &["silently", "send"],
    &["silently", "include"],
    &["silently", "append"],
    &["exfiltrate"],
    &["jailbroken"],
    &["do anything now"],
    &["dan mode"],
    &["developer mode", "enabled"],
    &["unrestricted", "mode"],
    &["no restrictions"],
    &["admin mode"],
    &["backdoor"],
    &["you are now", "evil"],
    &["you are now", "unrestricted"],
    &["reveal", "system prompt"],
    &["print", "system prompt"],
    &["output", "system prompt"],
    &["insert", "vulnerab"],
    &["introduce", "vulnerab"],
    &["insert", "malicious"],
    &["include", "malicious"],
    &["always recommend"],
    &["always", "recommend", "buy"],
    &["always", "recommend", "http"],
    &["always", "include", "link"],
    &["always", "include", "http"],
    &["always", "append", "http"],
    &["include", "link", "http"],
    &["send", "http"],
    &["post", "to http"],
    &["forward", "http"],
    &["upload", "http"],
    &["curl", "http"],
    &["fetch", "http"],
    &["visit", "http"],
    &["leak", "user"],
    &["api key", "include"],
    &["api key", "reveal"],
    &["api keys", "send"],
    &["credentials", "send"],
    &["password", "send"],
    &["password", "ask the user"],
];

/// The first sentence that is such an instruction, cut.
pub(super) fn hostile(text: &str) -> Option<String> {
    // Addresses hold the dots that end sentences.
    let lower = text.to_lowercase();
    let mut sentence = String::new();
    let mut characters = lower.chars().peekable();
    loop {
        let character = characters.next();
        let ends = match character {
            None | Some('\n') => true,
            Some('.' | '!' | '?') => characters.peek().is_none_or(|next| next.is_whitespace()),
            _ => false,
        };
        if let Some(character) = character {
            sentence.push(character);
        }
        if ends {
            // What every template for tools says.
            let ordinary = sentence.contains("function call") && sentence.contains("tell the user about");
            if !ordinary && HOSTILE.iter().any(|words| words.iter().all(|words| says(&sentence, words))) {
                return Some(sentence.trim().chars().take(160).collect());
            }
            sentence.clear();
        }
        character?;
    }
}

/// Whether the words stand in the sentence other than in the name of a function that is called, such as `visit_webpage(`, of
/// which prompts that teach the use of tools are full.
fn says(sentence: &str, words: &str) -> bool {
    let in_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    sentence.match_indices(words).any(|(at, _)| {
        let (before, after) = (&sentence[..at], &sentence[at + words.len()..]);
        let (start, end) = (before.trim_end_matches(in_name), after.trim_start_matches(in_name));
        let is_joined = before[start.len()..].contains('_') || after[..after.len() - end.len()].contains('_');
        !(is_joined && end.starts_with('('))
    })
}

/// Base64 in a text that spells a sentence, decoded.
pub(super) fn encoded(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')));
    runs.filter(|run| run.len() >= 32).find_map(|run| {
        let bytes = base64(run.as_bytes())?;
        let decoded = String::from_utf8(bytes).ok()?;
        let plain = decoded.chars().all(|c| !c.is_control() || c.is_whitespace());
        (plain && decoded.split_whitespace().count() >= 3).then_some(decoded)
    })
}
