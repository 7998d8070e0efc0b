//! Any other small text: configuration, scripts, notes. The last resort, for checks that look at lines.

use md5::{Digest as _, Md5};

use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// Text that no other format knows. Last in [`crate::FORMATS`].
pub const FORMAT: Format = Format {
    name: "text",
    extensions: &[
        "bash",
        "cfg",
        "conf",
        "crt",
        "css",
        "env",
        "go",
        "html",
        "ini",
        "java",
        "js",
        "json",
        "jsonl",
        "jsx",
        "key",
        "log",
        "md",
        "pem",
        "properties",
        "ps1",
        "r",
        "rb",
        "rs",
        "rst",
        "sh",
        "sql",
        "toml",
        "ts",
        "tsx",
        "txt",
        "xml",
        "yaml",
        "yml",
        "zsh",
    ],
    recognise,
    parse: |input| {
        let (text, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Text(text), defects, members: Vec::new() }
    },
};

/// Bytes that are kept; text larger than this is data.
const LARGEST: usize = 4 << 20;
/// Bytes that decide whether content is text.
const HEAD: usize = 8 << 10;

/// A text with what identifies its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text, at most four mebibytes; bytes that are no UTF-8 are replaced.
    pub text: String,
    /// MD5 of all bytes in lower-case hexadecimal, as DVC records it.
    pub md5: String,
}

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(HEAD);
    // The head may end inside a character.
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && head.len() < input.bytes.len(),
    };
    if !input.bytes.is_empty() && whole && !head.contains(&0) { Recognised::ByName } else { Recognised::No }
}

/// Keeps the text.
pub fn parse(input: &Input<'_>) -> (Text, Vec<Defect>) {
    let largest = LARGEST.min(input.budget.limits.text_bytes);
    let mut defects = Vec::new();
    if input.bytes.len() > largest {
        let detail = format!("text of {} bytes; the first {largest} were read", input.bytes.len());
        defects.push(Defect::whole("limit-text", detail));
    }
    let text = String::from_utf8_lossy(input.head(largest)).into_owned();
    (Text { text, md5: md5_hex(input.bytes) }, defects)
}

/// As much of a text as is kept for checks that look at lines.
pub(crate) fn beginning(input: &Input<'_>) -> String {
    String::from_utf8_lossy(input.head(LARGEST.min(input.budget.limits.text_bytes))).into_owned()
}

/// MD5 in lower-case hexadecimal: no protection, only what DVC and old manifests record.
pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, FORMATS};

    fn recognised(bytes: &[u8]) -> Recognised {
        recognise(&Input::new("notes", bytes, &Budget::default()))
    }

    #[test]
    fn text_is_told_from_binary_content() {
        assert_eq!(recognised("a = 1 # ä\n".as_bytes()), Recognised::ByName);
        assert_eq!(recognised(b"\x80\x02}q\x00."), Recognised::No);
        assert_eq!(recognised(b"PK\x03\x04\x00"), Recognised::No);
        assert_eq!(recognised(b""), Recognised::No);
        let cut_in_a_character = ["a".repeat(HEAD - 1).as_bytes(), "ä".as_bytes()].concat();
        assert_eq!(recognised(&cut_in_a_character), Recognised::ByName);
    }

    #[test]
    fn text_comes_last() {
        assert_eq!(FORMATS.last().map(|format| format.name), Some("text"));
    }

    #[test]
    fn the_digest_is_the_one_dvc_writes() {
        assert_eq!(md5_hex(b"abc"), "900150983cd24fb0d6963f7d28e17f72");
    }
}
