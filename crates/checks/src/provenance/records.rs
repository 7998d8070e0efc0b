//! Digests that files of the estate record about other files.

use vauban_domain::Digest;
use vauban_formats::Facts;
use vauban_formats::dvc::Tracked;

use crate::{Estate, File};

/// Folder of a path; empty at the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// `folder/written` with `.` and `..` resolved; a path that leaves the root keeps what is left of it.
pub(super) fn join(folder: &str, written: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Outputs that DVC files track: the file, the output, and its path below the root.
pub(super) fn dvc_outputs<'a>(estate: &Estate<'a>) -> impl Iterator<Item = (&'a File, &'a Tracked, String)> {
    estate.inventory.files.iter().flat_map(|file| {
        let stages = match &file.parsed.facts {
            Facts::Dvc(dvc) => dvc.stages.as_slice(),
            _ => &[],
        };
        let outputs = stages.iter().flat_map(|stage| &stage.outputs);
        outputs.map(move |output| (file, output, join(folder(&file.path), &output.path)))
    })
}

/// Whether a file's name says that it is about provenance or digests.
pub(super) fn is_note(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with("provenance") || name.contains("sha256") || name.starts_with("checksums")
}

/// SHA-256 digests of a note, each with the file named on its line, or on one of the five lines before, and the line.
pub(super) fn noted_digests(text: &str) -> Vec<(String, Digest, u32)> {
    let mut found = Vec::new();
    let mut last_name: Option<(String, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let words = || {
            line.split(|c: char| c.is_whitespace() || "`\"'|,;()[]{}*=".contains(c)).filter(|w| !w.is_empty())
        };
        let digest = words().map(|word| word.trim_end_matches([':', '.'])).find_map(Digest::parse);
        let named = words().map(|word| word.trim_end_matches(':')).find(|word| is_file_name(word));
        if let Some(name) = named {
            last_name = Some((name.trim_start_matches("./").to_owned(), index));
        }
        if let (Some(digest), Some((name, at))) = (digest, &last_name)
            && index - at <= 5
        {
            found.push((name.clone(), digest, u32::try_from(index + 1).unwrap_or(u32::MAX)));
        }
    }
    found
}

/// A word with an extension that is neither an address nor a number.
fn is_file_name(word: &str) -> bool {
    let Some((stem, extension)) = name(word).rsplit_once('.') else { return false };
    let letters = extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    let plain =
        extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) && (1..=12).contains(&extension.len());
    !stem.is_empty() && letters && plain && !word.contains("://") && Digest::parse(word).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_from_tables_lists_and_keys() {
        let (a, b) = ("ab".repeat(32), "cd".repeat(32));
        let read = |text: String| {
            noted_digests(&text).into_iter().map(|(n, d, l)| (n, d.hex(), l)).collect::<Vec<_>>()
        };
        assert_eq!(
            read(format!("| File | SHA-256 |\n|---|---|\n| `x.csv` | `{a}` |")),
            [("x.csv".into(), a.clone(), 3)]
        );
        assert_eq!(
            read(format!("{a}  ./x.csv\n{b} *y.npy\n")),
            [("x.csv".into(), a.clone(), 1), ("y.npy".into(), b.clone(), 2)]
        );
        assert_eq!(
            read(format!("path = \"x.csv\"\nsize = 3\nsha256 = \"{a}\"\n")),
            [("x.csv".into(), a.clone(), 3)]
        );
        assert_eq!(read(format!("see https://a.example/x.csv\n{a}\n")), []);
    }

    #[test]
    fn paths_are_joined() {
        assert_eq!(join("a/b", "../c.csv"), "a/c.csv");
        assert_eq!(join("", "./c.csv"), "c.csv");
    }
}
