//! What was sent and answered, one JSON object a line, only ever added to.
//!
//! The first line names the target. Before a request goes out its rows are counted, so that a run that is killed while
//! it waits has not spent less than it sent; answers follow, each with the digest of its row. A line that a kill tore is
//! passed over; its row is asked again and counted again.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vauban_attacks::wrapper::Answer;
use vauban_domain::{Digest, Timestamp};

/// Bytes of a line; one answer of a hundred thousand classes is shorter.
const LINE: u64 = 4 << 20;
/// Format, in the first line.
const VERSION: u64 = 1;

/// Why a journal cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be opened, read or written.
    #[error("cannot use the journal `{path}`: {why}")]
    File {
        /// Path.
        path: String,
        /// What the system says.
        why: String,
    },
    /// Another run writes it.
    #[error("the journal `{0}` is in use by another run; wait for it, or name another file")]
    InUse(String),
    /// It is none, or damaged elsewhere than at its end.
    #[error("`{path}`, line {line}, is no journal of a served model; name another file")]
    Malformed {
        /// Path.
        path: String,
        /// Line, from 1.
        line: usize,
    },
    /// It belongs to another target.
    #[error("the journal `{path}` belongs to another target: its {what}; name another file")]
    Another {
        /// Path.
        path: String,
        /// What differs.
        what: String,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Rows sent, whatever became of them.
    sent: u64,
    answers: HashMap<[u8; 32], Answer>,
}

impl Journal {
    /// Opens or starts the journal of `target`, an object of texts, numbers and lists that says what shapes answers.
    ///
    /// `permitted`, an object with budget and window, is written down for each run: an owner may change it, and what was
    /// sent before counts all the same.
    ///
    /// # Errors
    /// [`JournalError`] when the file is no journal, belongs to another target or is in use.
    pub fn open(
        path: &Path,
        target: &Value,
        permitted: &Value,
        now: Timestamp,
    ) -> Result<Self, JournalError> {
        let failed = |error: std::io::Error| JournalError::File {
            path: path.display().to_string(),
            why: error.to_string(),
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(JournalError::InUse(path.display().to_string()));
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut journal = Self { path: path.to_owned(), file, sent: 0, answers: HashMap::new() };
        let (fresh, torn) = journal.read(target)?;
        let started = if fresh { "started" } else { "resumed" };
        let mut line = String::new();
        if torn {
            line.push('\n');
        }
        if fresh {
            line.push_str(&json!({ "journal": VERSION, "target": target }).to_string());
            line.push('\n');
        }
        line.push_str(&json!({ started: now.to_string(), "scope": permitted }).to_string());
        line.push('\n');
        journal.write(&line)?;
        Ok(journal)
    }

    /// Reads what is there: whether that is nothing, and whether the last line has no end.
    fn read(&mut self, target: &Value) -> Result<(bool, bool), JournalError> {
        let shown = || self.path.display().to_string();
        let failed = |error: std::io::Error| JournalError::File { path: shown(), why: error.to_string() };
        let mut reader = BufReader::new(self.file.try_clone().map_err(failed)?);
        let (mut bytes, mut number, mut broken) = (Vec::new(), 0, None);
        let (mut sent, mut answers, mut torn) = (0_u64, HashMap::new(), false);
        loop {
            bytes.clear();
            let read = reader.by_ref().take(LINE).read_until(b'\n', &mut bytes).map_err(failed)?;
            if read == 0 {
                break;
            }
            number += 1;
            torn = bytes.last() != Some(&b'\n');
            let malformed = |line| JournalError::Malformed { path: shown(), line };
            if torn && read as u64 == LINE {
                return Err(malformed(number));
            }
            let line: Option<Value> = serde_json::from_slice(&bytes).ok().filter(Value::is_object);
            if number == 1 {
                match &line {
                    Some(line) if line.get("journal").and_then(Value::as_u64) == Some(VERSION) => {
                        if let Some(what) = difference(line.get("target").unwrap_or(&Value::Null), target) {
                            return Err(JournalError::Another { path: shown(), what });
                        }
                    }
                    // A start that was killed sent nothing.
                    None if torn && bytes.starts_with(b"{\"journal\"") => {
                        self.file.set_len(0).map_err(failed)?;
                        return Ok((true, false));
                    }
                    _ => return Err(malformed(1)),
                }
                continue;
            }
            let Some(line) = line else {
                // Only a line that a kill tore may be broken: the last one, or one before a new start.
                if let Some(line) = broken.replace(number) {
                    return Err(malformed(line));
                }
                continue;
            };
            if let Some(torn) = broken.take()
                && line.get("resumed").is_none()
            {
                return Err(malformed(torn));
            }
            if let Some(rows) = line.get("sent").and_then(Value::as_u64) {
                sent = sent.saturating_add(rows);
            } else if let Some((row, answer)) = answer(&line) {
                answers.insert(row, answer);
            }
        }
        (self.sent, self.answers) = (sent, answers);
        Ok((number == 0, torn))
    }

    /// Rows sent so far, those without an answer included.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Rows with an answer.
    pub fn answered(&self) -> usize {
        self.answers.len()
    }

    /// The answer to a row, by the digest of its elements.
    pub(super) fn answer(&self, row: &[u8; 32]) -> Option<&Answer> {
        self.answers.get(row)
    }

    /// Counts `rows` that are about to be sent.
    pub(super) fn count(&mut self, rows: u64, now: Timestamp) -> Result<(), JournalError> {
        let line = json!({ "sent": rows, "first": self.sent + 1, "time": now.to_string() });
        self.write(&format!("{line}\n"))?;
        self.sent = self.sent.saturating_add(rows);
        Ok(())
    }

    /// Notes that the rows counted last got no answer.
    pub(super) fn failed(&mut self, why: &str, now: Timestamp) -> Result<(), JournalError> {
        self.write(&format!("{}\n", json!({ "failed": why, "time": now.to_string() })))
    }

    /// Notes the answers to the rows counted last.
    pub(super) fn answers(
        &mut self,
        answers: Vec<([u8; 32], Answer)>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let first = self.sent.saturating_sub(answers.len() as u64) + 1;
        let (mut lines, time) = (String::new(), now.to_string());
        for (query, (row, answer)) in (first..).zip(&answers) {
            let row = Digest::Sha256(*row).hex();
            let line = match answer {
                Answer::Label(label) => json!({ "query": query, "time": time, "row": row, "label": label }),
                Answer::Scores(scores) => {
                    json!({ "query": query, "time": time, "row": row, "scores": scores })
                }
                Answer::Refused => continue,
            };
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
        self.write(&lines)?;
        self.answers.extend(answers);
        Ok(())
    }

    /// Hands lines to the system whole; a kill after that loses none of them.
    fn write(&mut self, lines: &str) -> Result<(), JournalError> {
        self.file.write_all(lines.as_bytes()).and_then(|()| self.file.flush()).map_err(|error| {
            JournalError::File { path: self.path.display().to_string(), why: error.to_string() }
        })
    }
}

/// Row and answer of a line, if it holds them.
fn answer(line: &Value) -> Option<([u8; 32], Answer)> {
    let row = *Digest::parse(line.get("row")?.as_str()?)?.bytes();
    if let Some(label) = line.get("label").and_then(Value::as_u64) {
        return Some((row, Answer::Label(u32::try_from(label).ok()?)));
    }
    let scores = line.get("scores")?.as_array()?;
    let scores: Option<Vec<f32>> = scores.iter().map(|score| Some(score.as_f64()? as f32)).collect();
    Some((row, Answer::Scores(scores?)))
}

/// The first key whose values differ, in words.
fn difference(known: &Value, wanted: &Value) -> Option<String> {
    let (Some(known), Some(wanted)) = (known.as_object(), wanted.as_object()) else {
        return Some("first line names none".to_owned());
    };
    let mut keys: Vec<&String> = known.keys().chain(wanted.keys()).collect();
    keys.sort_unstable();
    let key = keys.into_iter().find(|key| known.get(*key) != wanted.get(*key))?;
    let show = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), Value::to_string);
    Some(format!("`{key}` is {}, here it is {}", show(known.get(key)), show(wanted.get(key))))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a journal is a file")]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(0);

    fn open(path: &Path, target: &Value) -> Result<Journal, JournalError> {
        Journal::open(path, target, &json!({ "budget": 10 }), NOW)
    }

    fn row(number: u8) -> [u8; 32] {
        [number; 32]
    }

    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_journal_remembers_every_row_and_answer_over_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/j.jsonl");
        let target = json!({ "url": "http://a:1/x" });
        let mut journal = open(&path, &target).unwrap();
        journal.count(2, NOW).unwrap();
        let scores = vec![0.1_f32, f32::MIN_POSITIVE, -3.5e7];
        let answers = vec![(row(1), Answer::Label(7)), (row(2), Answer::Scores(scores))];
        journal.answers(answers.clone(), NOW).unwrap();
        journal.count(3, NOW).unwrap();
        drop(journal);
        let journal = open(&path, &target).unwrap();
        assert_eq!((journal.sent(), journal.answered()), (5, 2));
        for (row, answer) in &answers {
            assert_eq!(journal.answer(row), Some(answer));
        }
        assert!(text(&path).contains(r#""query":2"#));
    }

    #[test]
    fn a_torn_last_line_costs_its_row_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        let target = json!({ "url": "http://a:1/x" });
        let mut journal = open(&path, &target).unwrap();
        journal.count(2, NOW).unwrap();
        journal.answers(vec![(row(1), Answer::Label(1)), (row(2), Answer::Label(2))], NOW).unwrap();
        drop(journal);
        let whole = text(&path);
        std::fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        for _ in 0..2 {
            let journal = open(&path, &target).unwrap();
            assert_eq!((journal.sent(), journal.answered()), (2, 1));
        }
        // A start torn in its first line has sent nothing.
        std::fs::write(&path, &whole[..15]).unwrap();
        assert_eq!(open(&path, &target).unwrap().sent(), 0);
        assert!(text(&path).starts_with(&whole[..60]));
    }

    #[test]
    fn other_targets_other_files_and_damage_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j.jsonl");
        let target = json!({ "url": "http://a:1/x", "output": "" });
        let first = open(&path, &target).unwrap();
        assert!(matches!(open(&path, &target), Err(JournalError::InUse(_))));
        drop(first);
        let other = json!({ "url": "http://b:1/x", "output": "" });
        let error = open(&path, &other).unwrap_err().to_string();
        assert!(error.contains("http://a:1/x") && error.contains("http://b:1/x"), "{error}");
        let whole = text(&path);
        std::fs::write(&path, format!("{whole}{{torn\n{{\"sent\":1}}\n")).unwrap();
        assert!(matches!(open(&path, &target), Err(JournalError::Malformed { line: 3, .. })));
        std::fs::write(&path, "a,b\n1,2\n").unwrap();
        assert!(matches!(open(&path, &target), Err(JournalError::Malformed { line: 1, .. })));
        assert_eq!(text(&path), "a,b\n1,2\n");
    }
}
