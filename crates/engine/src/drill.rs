//! Records of drills: one JSON object a line, only ever added to, so that an interrupted drill loses nothing.
//!
//! The first line says what is played, the others who did what when. Reading never fails: what is torn or strange is told.

use std::path::Path;

use serde::{Deserialize, Serialize};
use vauban_analysis::DrillProof;
use vauban_connect::Content;
use vauban_domain::{AssetId, Limit, Locator, Timestamp};

/// Name of the contract in the first line.
pub const SCHEMA: &str = "vauban-drill/v1";
/// End of the names of records, and the folder they are looked for in.
pub const EXTENSION: &str = ".drill.jsonl";
const FOLDER: &str = "drills";
/// Largest record in bytes, and lines and steps that are read.
const LARGEST: usize = 8 << 20;
const LINES: usize = 20_000;
const STEPS: usize = 500;

/// One line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum DrillLine {
    /// What is played; the first line.
    Start(Box<DrillStart>),
    /// Somebody did something.
    Did(DrillEntry),
    /// The drill is over.
    Finish {
        /// When, RFC 3339 in UTC.
        at: String,
    },
}

/// What is played.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillStart {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name of the drill.
    pub id: String,
    /// When it began, RFC 3339 in UTC.
    pub at: String,
    /// System of `vauban.toml`.
    pub system: String,
    /// Attack path that is played; empty when none is known.
    #[serde(default)]
    pub path: String,
    /// Review that it was made from.
    #[serde(default)]
    pub review: String,
    /// ATLAS techniques of the path.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// Ids of the assets of the path.
    #[serde(default)]
    pub assets: Vec<String>,
    /// What is to be done, in order.
    #[serde(default)]
    pub steps: Vec<DrillStep>,
}

/// One thing to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillStep {
    /// From 1.
    pub number: u32,
    /// `call`, `contain`, `keep`, `recover` or `tell`.
    pub phase: String,
    /// Who should do it.
    pub who: String,
    /// What.
    pub what: String,
    /// Hours from the start within which it must be done, if there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
}

/// Who did what when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillEntry {
    /// Step it belongs to; 0 for none.
    pub step: u32,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
}

/// A record as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DrillRecord {
    /// The first line; `None` when there is none that can be read.
    pub start: Option<DrillStart>,
    /// In the order of the file.
    pub entries: Vec<DrillEntry>,
    /// When it was finished, if it was.
    pub finished: Option<String>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// How one step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// The step.
    pub step: DrillStep,
    /// Seconds from the start to the first entry; `None` when there is none.
    pub seconds: Option<i64>,
    /// Whether it came after its limit, or its limit passed without it.
    pub late: bool,
}

impl DrillRecord {
    /// Reads a record.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut record = Self::default();
        if bytes.len() > LARGEST {
            record.problems.push(format!("larger than {} MiB, and was not read", LARGEST >> 20));
            return record;
        }
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if number >= LINES {
                record.problems.push(format!("only the first {LINES} lines were read"));
                break;
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice::<DrillLine>(line) {
                Ok(DrillLine::Start(start)) if record.start.is_none() && start.schema == SCHEMA => {
                    let mut start = *start;
                    start.steps.truncate(STEPS);
                    record.start = Some(start);
                }
                Ok(DrillLine::Did(entry)) if Timestamp::parse(&entry.at).is_some() => {
                    record.entries.push(entry);
                }
                Ok(DrillLine::Finish { at }) if Timestamp::parse(&at).is_some() => {
                    record.finished.get_or_insert(at);
                }
                _ => record.problems.push(format!("line {} is torn or not of this contract", number + 1)),
            }
        }
        if record.start.is_none() {
            record.problems.push("no line says what is played".to_owned());
        }
        record
    }

    /// When it began.
    pub fn began(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.start.as_ref()?.at)
    }

    /// How every step went at `now`, in order. An open drill has time left; a finished one has not.
    pub fn results(&self, now: Timestamp) -> Vec<StepResult> {
        let (Some(start), Some(began)) = (&self.start, self.began()) else { return Vec::new() };
        let end = self.finished.as_deref().and_then(Timestamp::parse);
        let results = start.steps.iter().map(|step| {
            let times = self.entries.iter().filter(|entry| entry.step == step.number);
            let first = times.filter_map(|entry| Timestamp::parse(&entry.at)).min();
            let seconds = first.map(|first| first.0.saturating_sub(began.0));
            let late = step.hours.is_some_and(|hours| {
                let limit = i64::from(hours) * 3_600;
                seconds.map_or_else(
                    || end.is_some() || now.0.saturating_sub(began.0) > limit,
                    |seconds| seconds > limit,
                )
            });
            StepResult { step: step.clone(), seconds, late }
        });
        results.collect()
    }

    /// What a finished drill proves; `None` while it is open or when nothing was written down.
    fn proof(&self, path: &str) -> Option<DrillProof> {
        let start = self.start.as_ref()?;
        let finished = Timestamp::parse(self.finished.as_deref()?)?;
        let began = self.began()?;
        // A record that ends before it begins, or in which nobody did anything, proves nothing.
        if finished < began || self.entries.is_empty() {
            return None;
        }
        let results = self.results(finished);
        let missed = |one: &&StepResult| one.step.phase == "contain" && one.seconds.is_none();
        let missed = results.iter().filter(missed).count();
        Some(DrillProof {
            id: start.id.clone(),
            techniques: start.techniques.iter().map(|id| id.clone().into()).collect(),
            assets: start.assets.iter().filter_map(|id| AssetId::parse(id)).collect(),
            finished,
            missed,
            locator: Locator::file(path),
        })
    }
}

/// Finished drills among `paths`, those in a folder `drills`; what cannot be used is a limit.
pub(crate) fn found<'a>(
    root: &Path,
    paths: impl Iterator<Item = &'a str>,
    limits: &mut Vec<Limit>,
) -> Vec<DrillProof> {
    let mut drills = Vec::new();
    let in_folder =
        |path: &&str| path.ends_with(EXTENSION) && path.rsplit('/').skip(1).any(|folder| folder == FOLDER);
    for path in paths.filter(in_folder) {
        let mut limit = |what: String| limits.push(Limit { place: path.to_owned(), what });
        let content = match Content::open(&root.join(path)) {
            Ok(content) => content,
            Err(error) => {
                limit(format!("the drill cannot be read: {error}"));
                continue;
            }
        };
        let record = DrillRecord::parse(&content);
        if let Some(problem) = record.problems.first() {
            limit(format!("in this record of a drill, {problem}"));
        }
        match record.proof(path) {
            Some(proof) => drills.push(proof),
            None => limit(
                "this drill is not finished, or nobody did anything in it; it proves nothing".to_owned(),
            ),
        }
    }
    drills.sort_by(|one, other| (one.finished, &one.id).cmp(&(other.finished, &other.id)));
    drills
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{"event":"start","schema":"vauban-drill/v1","id":"d","at":"2026-11-20T08:00:00Z","system":"s","techniques":["AML.T0018"],"assets":["model:m"],"steps":[{"number":1,"phase":"contain","who":"o","what":"freeze"},{"number":2,"phase":"tell","who":"o","what":"authority","hours":72}]}"#;

    fn record(lines: &[&str]) -> DrillRecord {
        DrillRecord::parse(format!("{START}\n{}", lines.join("\n")).as_bytes())
    }

    fn did(step: u32, at: &str) -> String {
        format!(r#"{{"event":"did","step":{step},"at":"{at}","who":"Ann","what":"done"}}"#)
    }

    #[test]
    fn times_misses_and_limits_are_told() {
        let finish = r#"{"event":"finish","at":"2026-11-24T08:00:00Z"}"#;
        let told = |record: &DrillRecord| -> Vec<(Option<i64>, bool)> {
            let now = Timestamp::parse("2026-11-20T09:00:00Z").unwrap();
            record.results(now).iter().map(|one| (one.seconds, one.late)).collect()
        };
        let open = record(&[&did(1, "2026-11-20T08:10:00Z")]);
        assert_eq!(told(&open), [(Some(600), false), (None, false)]);
        assert!(open.proof("p").is_none(), "an open drill proves nothing");
        let late = record(&[&did(1, "2026-11-20T08:10:00Z"), &did(2, "2026-11-23T08:00:01Z"), finish]);
        assert_eq!(told(&late), [(Some(600), false), (Some(259_201), true)]);
        assert_eq!(late.proof("p").unwrap().missed, 0);
        let missed = record(&[&did(0, "2026-11-20T08:10:00Z"), finish]);
        assert_eq!(told(&missed), [(None, false), (None, true)]);
        assert_eq!(missed.proof("p").unwrap().missed, 1);
        assert!(record(&[finish]).proof("p").is_none(), "nobody did anything");
    }

    #[test]
    fn a_torn_line_loses_only_itself() {
        let first = did(1, "2026-11-20T08:10:00Z");
        let torn = record(&[&first, r#"{"event":"did","st"#]);
        assert_eq!((torn.entries.len(), torn.problems.len()), (1, 1));
        for text in ["", "[]", "{\"event\":\"start\"}", "\u{0}", r#"{"event":"finish","at":"soon"}"#] {
            let record = DrillRecord::parse(text.as_bytes());
            assert!(record.start.is_none() && record.proof("p").is_none() && !record.problems.is_empty());
        }
    }
}
