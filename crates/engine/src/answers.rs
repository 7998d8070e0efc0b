//! Answers of third parties: the questionnaire that was sent comes back as CSV or JSON, filled in.
//!
//! Nothing in it stops a review: what cannot be used is a stated limit, and the question stays unanswered.

use std::path::{Component, Path};

use serde::Deserialize;
use serde_json::Value;
use vauban_analysis::VendorAnswer;
use vauban_connect::Content;
use vauban_domain::{Declaration, Limit, Locator, Timestamp, Vendor};
use vauban_knowledge::Knowledge;

/// Largest file of answers, in bytes.
const LARGEST: usize = 4 << 20;
/// Rows that are read, and characters of what a vendor shows.
const ROWS: usize = 5_000;
const SHOWN: usize = 1_000;
/// Problems of one file that are told.
const TOLD: usize = 20;

/// One row as it stands in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Row {
    vendor: String,
    id: String,
    control: String,
    answer: String,
    evidence: String,
    answered: String,
}

/// The answers that vendors of the declaration gave, by vendor, control and time; what is wrong becomes a limit.
pub(crate) fn read(
    root: &Path,
    declaration: &Declaration,
    now: Timestamp,
    knowledge: &Knowledge,
    limits: &mut Vec<Limit>,
) -> Vec<VendorAnswer> {
    let mut answers = Vec::new();
    for vendor in declaration.vendors.iter().filter(|vendor| !vendor.answers.is_empty()) {
        let mut problems = Vec::new();
        match content(root, &vendor.answers) {
            Ok(bytes) => answers.extend(parse(&bytes, vendor, now, knowledge, &mut problems)),
            Err(why) => problems.push(why),
        }
        let more = problems.len().saturating_sub(TOLD);
        problems.truncate(TOLD);
        if more > 0 {
            problems.push(format!("{more} more rows cannot be used"));
        }
        limits.extend(problems.into_iter().map(|what| Limit { place: vendor.answers.clone(), what }));
    }
    answers.sort_by(|one, other| {
        (&one.vendor, &one.control, one.answered, &one.answer).cmp(&(
            &other.vendor,
            &other.control,
            other.answered,
            &other.answer,
        ))
    });
    answers
}

fn content(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    let inside =
        Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !inside {
        return Err("the answers are not below the folder under review; name a file that is".to_owned());
    }
    let content =
        Content::open(&root.join(path)).map_err(|error| format!("the answers cannot be read: {error}"))?;
    if content.len() > LARGEST {
        return Err(format!("the answers are larger than {} MiB and were not read", LARGEST >> 20));
    }
    Ok(content.to_vec())
}

fn parse(
    bytes: &[u8],
    vendor: &Vendor,
    now: Timestamp,
    knowledge: &Knowledge,
    problems: &mut Vec<String>,
) -> Vec<VendorAnswer> {
    let rows = rows(bytes, problems);
    let mut answers = Vec::new();
    let mut own = 0_usize;
    for (number, row) in rows.iter().enumerate() {
        let number = number + 1;
        let (named, control) = match cell(&row.id).rsplit_once('/') {
            Some((named, control)) => (named.to_owned(), control.to_owned()),
            None => (String::new(), String::new()),
        };
        let named = if row.vendor.trim().is_empty() { named } else { cell(&row.vendor) };
        // One questionnaire may hold the questions to every vendor; a file without names is this vendor's.
        if !named.is_empty() && named != vendor.name {
            continue;
        }
        own += 1;
        let control = if row.control.trim().is_empty() { control } else { cell(&row.control) };
        let word = row.answer.trim().to_lowercase();
        if word.is_empty() {
            continue;
        }
        let word = match word.as_str() {
            "yes" | "y" => "yes",
            "no" | "n" => "no",
            "partly" | "partially" | "partial" => "partly",
            "not-applicable" | "not applicable" | "n/a" => "not-applicable",
            _ => {
                let shown: String = word.chars().take(40).collect();
                problems.push(format!(
                    "answer {number} is `{shown}`; it counts as unanswered until it is yes, no, partly or not applicable"
                ));
                continue;
            }
        };
        if knowledge.control(&control).is_none() {
            let shown: String = control.chars().take(60).collect();
            problems.push(format!("answer {number} is about `{shown}`, which is no control of the library"));
            continue;
        }
        let day = cell(&row.answered);
        let answered = match Timestamp::parse(&day) {
            Some(answered) if answered > now => {
                problems.push(format!("answer {number} is dated in the future; it counts as unanswered"));
                continue;
            }
            Some(answered) => answered,
            None => match vendor.assessed.filter(|_| day.is_empty()) {
                Some(assessed) => assessed,
                None => {
                    problems.push(format!(
                        "answer {number} has no date that can be read, so that nobody knows how old it is; fill in \
                         `answered` as 2026-11-20"
                    ));
                    continue;
                }
            },
        };
        answers.push(VendorAnswer {
            vendor: vendor.name.clone(),
            control,
            answer: word.to_owned(),
            evidence: cell(&row.evidence).chars().take(SHOWN).collect(),
            answered,
            locator: Locator::file(&*vendor.answers),
        });
    }
    if own == 0 {
        problems.push(format!("no row is about `{}`", vendor.name));
    }
    answers
}

/// What a cell says. The questionnaire puts an apostrophe in front of what a spreadsheet would run; it comes off again.
fn cell(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('\'');
    let guarded = inner.filter(|rest| rest.trim_start().starts_with(['=', '+', '-', '@', '|', '%']));
    guarded.unwrap_or(text).to_owned()
}

/// The rows of a table or of a JSON list, by what the content looks like.
fn rows(bytes: &[u8], problems: &mut Vec<String>) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'[' | b'{')) {
        return json_rows(bytes, problems);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = reader.byte_headers().map(|row| row.iter().any(|cell| cell == b"answer")).unwrap_or(false);
    if !columns {
        problems.push("the table has no column `answer`; send the export `vendor-questionnaire`".to_owned());
        return Vec::new();
    }
    let mut rows = Vec::new();
    for (number, row) in reader.deserialize::<Row>().enumerate() {
        if number == ROWS {
            problems.push(format!("only the first {ROWS} rows were read"));
            break;
        }
        match row {
            Ok(row) => rows.push(row),
            Err(_) => problems.push(format!("row {} cannot be read", number + 1)),
        }
    }
    rows
}

fn json_rows(bytes: &[u8], problems: &mut Vec<String>) -> Vec<Row> {
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => {
            problems.push(format!("the answers are no JSON: {error}"));
            return Vec::new();
        }
    };
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("answers") {
            Some(Value::Array(list)) => list,
            _ => {
                problems.push("the answers have no list `answers`".to_owned());
                return Vec::new();
            }
        },
        _ => Vec::new(),
    };
    if list.len() > ROWS {
        problems.push(format!("only the first {ROWS} answers were read"));
    }
    let mut rows = Vec::new();
    for (number, item) in list.into_iter().take(ROWS).enumerate() {
        match serde_json::from_value(item) {
            Ok(row) => rows.push(row),
            Err(_) => problems.push(format!("answer {} cannot be read", number + 1)),
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let vendor = Vendor {
            name: "=Acme".to_owned(),
            answers: "answers.csv".to_owned(),
            assessed: Timestamp::parse("2026-01-02"),
            ..Vendor::default()
        };
        let now = Timestamp::parse("2026-11-20").unwrap();
        let mut problems = Vec::new();
        let answers = parse(text.as_bytes(), &vendor, now, Knowledge::builtin(), &mut problems);
        let lines = answers.iter().map(|one| {
            format!("{} {} {} {}", one.control, one.answer, one.evidence, &one.answered.to_string()[..10])
        });
        lines.chain(problems).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_questionnaire_comes_back_with_its_apostrophes_and_other_vendors() {
        let text = "vendor,id,control,question,answer,evidence,answered\r\n\
                    \"'=Acme\",\"'=Acme/model-signing\",model-signing,Do you?,Yes,\"'-report.pdf\",2026-10-01\r\n\
                    Other,Other/model-signing,model-signing,Do you?,no,,2026-10-01\r\n\
                    \"'=Acme\",\"'=Acme/rate-limit\",rate-limit,Do you?,,,\r\n\
                    \"'=Acme\",\"'=Acme/rate-limit\",,Do you?,n/a,,\r\n";
        assert_eq!(
            told(text),
            "model-signing yes -report.pdf 2026-10-01\nrate-limit not-applicable  2026-01-02"
        );
        let json =
            r#"{"answers": [{"control": "model-signing", "answer": "partially", "answered": "2026-10-01"}]}"#;
        assert_eq!(told(json), "model-signing partly  2026-10-01");
    }

    #[test]
    fn what_cannot_be_used_is_told_and_never_an_answer() {
        for (text, problem) in [
            ("a,b\n1,2\n", "no column `answer`"),
            ("control,answer,answered\nmodel-signing,sure,2026-10-01\n", "answer 1 is `sure`"),
            ("control,answer,answered\nnonsense,yes,2026-10-01\n", "no control of the library"),
            ("control,answer,answered\nmodel-signing,yes,2027-10-01\n", "in the future"),
            ("control,answer,answered\nmodel-signing,yes,soon\n", "no date that can be read"),
            ("vendor,control,answer\nOther,model-signing,yes\n", "no row is about"),
            ("{\"answers\": 3}", "no list `answers`"),
            ("[{\"control\": 3}]", "answer 1 cannot be read"),
            ("[", "no JSON"),
        ] {
            let told = told(text);
            assert!(told.contains(problem), "{text}: {told}");
            assert!(!told.contains("model-signing yes"), "{told}");
        }
    }
}
