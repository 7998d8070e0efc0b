//! Records of drills: one JSON object a line, only ever added to, so that an interrupted drill loses nothing.
//!
//! The first line says what is played, the others who did what when. The same types are written and read, and what is torn
//! or strange costs no more than its own line. The contract is ours: [`SCHEMA`].

use serde::Serialize;
use vauban_domain::Timestamp;

use crate::yaml::Node;
use crate::{Defect, Input, Limits, json};

/// Name of the contract in the first line.
pub const SCHEMA: &str = "vauban-drill/v1";
/// End of the names of records.
pub const EXTENSION: &str = ".drill.jsonl";
/// Largest record that is read, in bytes.
pub const LARGEST: usize = 8 << 20;
/// Lines and steps that are read.
const LINES: usize = 20_000;
const STEPS: usize = 500;
/// Values of one line.
const NODES: usize = 20_000;
/// Lines that cannot be read and are told one by one; the rest is counted.
const TOLD: usize = 20;

/// One line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    pub path: String,
    /// Review that it was made from.
    pub review: String,
    /// ATLAS techniques of the path.
    pub techniques: Vec<String>,
    /// Ids of the assets of the path.
    pub assets: Vec<String>,
    /// What is to be done, in order.
    pub steps: Vec<DrillStep>,
}

/// One thing to do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
}

/// Who did what when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
}

impl DrillRecord {
    /// When it began.
    pub fn began(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.start.as_ref()?.at)
    }
}

/// Reads a record. A line that is torn or not of this contract leaves a defect and the lines around it.
pub fn read(input: &Input<'_>) -> (DrillRecord, Vec<Defect>) {
    let (mut record, mut defects) = (DrillRecord::default(), Vec::new());
    if input.bytes.len() > LARGEST {
        let detail = format!("larger than {} MiB, and was not read", LARGEST >> 20);
        return (record, vec![Defect::whole("limit-text", detail)]);
    }
    let limits = &input.budget.limits;
    let limits = Limits { nodes: NODES.min(limits.nodes), ..limits.clone() };
    let (mut offset, mut strange) = (0_u64, 0_usize);
    for (number, bytes) in input.bytes.split(|byte| *byte == b'\n').enumerate() {
        if number >= LINES {
            defects.push(Defect::at(
                "limit-lines",
                offset,
                format!("only the first {LINES} lines were read"),
            ));
            break;
        }
        let at = offset;
        offset += bytes.len() as u64 + 1;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match line(bytes, &limits) {
            Some(DrillLine::Start(start)) if record.start.is_none() && start.schema == SCHEMA => {
                let mut start = *start;
                if start.steps.len() > STEPS {
                    let detail = format!("only the first {STEPS} steps were read");
                    defects.push(Defect::at("limit-steps", at, detail));
                    start.steps.truncate(STEPS);
                }
                record.start = Some(start);
            }
            Some(DrillLine::Did(entry)) if Timestamp::parse(&entry.at).is_some() => {
                record.entries.push(entry);
            }
            Some(DrillLine::Finish { at }) if Timestamp::parse(&at).is_some() => {
                record.finished.get_or_insert(at);
            }
            _ => {
                strange += 1;
                if strange <= TOLD {
                    let detail = format!("line {} is torn or not of this contract", number + 1);
                    defects.push(Defect::at("drill-line", at, detail));
                }
            }
        }
    }
    if strange > TOLD {
        let detail = format!("{} more lines are torn or not of this contract", strange - TOLD);
        defects.push(Defect::whole("drill-lines", detail));
    }
    if record.start.is_none() {
        defects.push(Defect::whole("drill-without-start", "no line says what is played"));
    }
    (record, defects)
}

/// One line; `None` for whatever is not exactly one, also where a key is written twice.
fn line(bytes: &[u8], limits: &Limits) -> Option<DrillLine> {
    let (node, defects) = json::read_text(std::str::from_utf8(bytes).ok()?, limits);
    if !defects.is_empty() {
        return None;
    }
    match node.get("event").quoted_text()? {
        "start" => Some(DrillLine::Start(Box::new(DrillStart {
            schema: text(&node, "schema")?,
            id: text(&node, "id")?,
            at: text(&node, "at")?,
            system: text(&node, "system")?,
            path: text_if_there(&node, "path")?,
            review: text_if_there(&node, "review")?,
            techniques: list(&node, "techniques", |one| one.quoted_text().map(str::to_owned))?,
            assets: list(&node, "assets", |one| one.quoted_text().map(str::to_owned))?,
            steps: list(&node, "steps", step)?,
        }))),
        "did" => Some(DrillLine::Did(DrillEntry {
            step: number(node.get("step"))?,
            at: text(&node, "at")?,
            who: text(&node, "who")?,
            what: text(&node, "what")?,
        })),
        "finish" => Some(DrillLine::Finish { at: text(&node, "at")? }),
        _ => None,
    }
}

fn step(node: &Node) -> Option<DrillStep> {
    let hours = node.get("hours");
    Some(DrillStep {
        number: number(node.get("number"))?,
        phase: text(node, "phase")?,
        who: text(node, "who")?,
        what: text(node, "what")?,
        hours: if hours.is_null() { None } else { Some(number(hours)?) },
    })
}

fn number(node: &Node) -> Option<u32> {
    u32::try_from(node.integer()?).ok()
}

fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).quoted_text().map(str::to_owned)
}

/// A text that may be left out, and must be one where it is not.
fn text_if_there(node: &Node, key: &str) -> Option<String> {
    node.entry(key).map_or_else(|| Some(String::new()), |_| text(node, key))
}

/// A list that may be left out; `None` if one of its items cannot be read.
fn list<T>(node: &Node, key: &str, read: impl Fn(&Node) -> Option<T>) -> Option<Vec<T>> {
    match node.entry(key) {
        None => Some(Vec::new()),
        Some(entry) if entry.node.is_list() => entry.node.items().iter().map(read).collect(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn parse(text: &str) -> (DrillRecord, Vec<String>) {
        let (record, defects) = read(&Input::new("a.drill.jsonl", text.as_bytes(), &Budget::default()));
        (record, defects.into_iter().map(|defect| defect.detail).collect())
    }

    const START: &str =
        r#"{"event":"start","schema":"vauban-drill/v1","id":"d","at":"2026-11-20T08:00:00Z","system":"s"}"#;

    fn entry(number: u32) -> DrillEntry {
        DrillEntry {
            step: number,
            at: "2026-11-20T08:10:00Z".to_owned(),
            who: "Ann \"A\" Lee".to_owned(),
            what: "froze \u{1f9ca}\n\u{202e}\u{0}".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let step = |hours| DrillStep {
            number: 1,
            phase: "contain".to_owned(),
            who: "on call".to_owned(),
            what: "freeze".to_owned(),
            hours,
        };
        let start = DrillStart {
            schema: SCHEMA.to_owned(),
            id: "d".to_owned(),
            at: "2026-11-20T08:00:00Z".to_owned(),
            system: "s".to_owned(),
            path: "p1".to_owned(),
            techniques: vec!["AML.T0018".to_owned()],
            assets: vec!["model:m".to_owned()],
            steps: vec![step(None), step(Some(72))],
            ..DrillStart::default()
        };
        let at = "2026-11-24T08:00:00Z".to_owned();
        let lines = [
            DrillLine::Start(Box::new(start.clone())),
            DrillLine::Did(entry(1)),
            DrillLine::Did(entry(0)),
            DrillLine::Finish { at: at.clone() },
        ];
        let written = lines.map(|line| serde_json::to_string(&line).unwrap()).join("\n");
        let record =
            DrillRecord { start: Some(start), entries: vec![entry(1), entry(0)], finished: Some(at) };
        assert_eq!(parse(&written), (record, Vec::new()));
    }

    #[test]
    fn a_torn_line_loses_only_itself() {
        let did = serde_json::to_string(&DrillLine::Did(entry(1))).unwrap();
        let (record, problems) = parse(&format!("{START}\n{did}\n{{\"event\":\"did\",\"st"));
        assert_eq!(record.entries.len(), 1);
        assert_eq!(problems, ["line 3 is torn or not of this contract"]);
        for text in [
            "",
            "[]",
            "{\"event\":\"start\"}",
            "\u{0}",
            r#"{"event":"finish","at":"soon"}"#,
            &START.replace("v1", "v2"),
            &START.replace("\"s\"", "\"s\",\"id\":\"e\""),
            &START.replace("\"s\"", "3"),
            &START.replace("\"s\"", "\"s\",\"steps\":[1]"),
            &START.replace("\"s\"", "\"s\",\"review\":null"),
        ] {
            let (record, problems) = parse(text);
            assert_eq!(record, DrillRecord::default(), "{text}");
            assert_eq!(problems.last().map(String::as_str), Some("no line says what is played"), "{text}");
        }
    }

    #[test]
    fn what_is_too_much_is_told() {
        assert!(parse(&"\n".repeat(LARGEST + 1)).1[0].starts_with("larger than 8 MiB"));
        assert!(parse(&"\n".repeat(LINES + 1)).1[0].starts_with("only the first 20000 lines"));
        let strange = parse(&format!("{START}\n{}", "{}\n".repeat(100))).1;
        assert_eq!(
            (strange.len(), strange[20].as_str()),
            (21, "80 more lines are torn or not of this contract")
        );
        let step = r#"{"number":1,"phase":"tell","who":"o","what":"w"}"#;
        let steps = vec![step; STEPS + 1].join(",");
        let (record, problems) = parse(&START.replace("\"s\"", &format!("\"s\",\"steps\":[{steps}]")));
        assert_eq!(record.start.unwrap().steps.len(), STEPS);
        assert_eq!(problems, ["only the first 500 steps were read"]);
        // Values by the million, and values inside one another, cost no more than their bound.
        for text in [format!("[{}]", "0,".repeat(1 << 20)), "[".repeat(1 << 20)] {
            assert_eq!(parse(&format!("{START}\n{text}")).1.len(), 1);
        }
    }
}
