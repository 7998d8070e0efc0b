//! Answers of third parties: the questionnaire that was sent comes back as a table or a JSON list, filled in.
//!
//! The columns are those of the export `vendor-questionnaire`, in any order and with others among them; CSV as in RFC 4180,
//! leniently. What an answer is worth is said elsewhere.

use crate::yaml::{Node, text_of};
use crate::{Defect, Input, Limits, json};

/// Largest file of answers, in bytes.
const LARGEST: usize = 4 << 20;
/// Rows that are read, and characters of what a vendor shows.
const ROWS: usize = 5_000;
const SHOWN: usize = 1_000;
/// Values of a file in JSON.
const NODES: usize = 400_000;

/// One row, its cells trimmed and without what guards them from spreadsheets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Its place in the file, from 1.
    pub number: usize,
    /// Who answers; empty if the file does not say.
    pub vendor: String,
    /// Control that is asked about.
    pub control: String,
    /// The answer as it was written; empty for none.
    pub answer: String,
    /// What the vendor shows for it, cut.
    pub evidence: String,
    /// When it was answered, as it was written.
    pub answered: String,
}

/// What is read of a row, in the order of [`row`].
const COLUMNS: [&str; 6] = ["vendor", "id", "control", "answer", "evidence", "answered"];

/// Reads the answers. A row that cannot be read leaves a defect and the rows around it.
pub fn read(input: &Input<'_>) -> (Vec<Row>, Vec<Defect>) {
    if input.bytes.len() > LARGEST {
        let detail = format!("the answers are larger than {} MiB and were not read", LARGEST >> 20);
        return (Vec::new(), vec![Defect::whole("limit-text", detail)]);
    }
    let bytes = input.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input.bytes);
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'[' | b'{')) { list(bytes, &input.budget.limits) } else { table(bytes) }
}

fn table(bytes: &[u8]) -> (Vec<Row>, Vec<Defect>) {
    let (mut rows, mut defects) = (Vec::new(), Vec::new());
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let columns = match reader.byte_headers().map(columns) {
        Ok(Ok(columns)) => columns,
        Ok(Err(defect)) => return (rows, vec![defect]),
        Err(error) => return (rows, vec![Defect::whole("questionnaire-columns", error.to_string())]),
    };
    for (number, record) in reader.records().enumerate() {
        if number == ROWS {
            let detail = format!("only the first {ROWS} rows were read");
            defects.push(Defect::whole("limit-rows", detail));
            break;
        }
        let number = number + 1;
        match record {
            Ok(record) => {
                let cells =
                    columns.map(|place| place.and_then(|place| record.get(place)).unwrap_or_default());
                rows.push(row(number, cells));
            }
            Err(_) => {
                defects.push(Defect::whole("questionnaire-row", format!("row {number} cannot be read")));
            }
        }
    }
    (rows, defects)
}

/// Where in a row each of [`COLUMNS`] stands.
fn columns(header: &csv::ByteRecord) -> Result<[Option<usize>; 6], Defect> {
    let places = |column: &'static str| (0..).zip(header).filter(move |(_, name)| *name == column.as_bytes());
    let wrong = |detail: String| Err(Defect::whole("questionnaire-columns", detail));
    if let Some(twice) = COLUMNS.into_iter().find(|column| places(column).nth(1).is_some()) {
        return wrong(format!("the table has two columns `{twice}`, and none of it was read"));
    }
    if places("answer").next().is_none() {
        return wrong("the table has no column `answer`; send the export `vendor-questionnaire`".to_owned());
    }
    Ok(COLUMNS.map(|column| places(column).next().map(|(place, _)| place)))
}

/// A list of answers, or an object with one under `answers`. Of a text that is broken or says a thing twice nothing is read.
fn list(bytes: &[u8], limits: &Limits) -> (Vec<Row>, Vec<Defect>) {
    let (text, mut defects) = text_of(bytes, limits);
    let (root, found) = json::read_text(&text, &Limits { nodes: NODES.min(limits.nodes), ..limits.clone() });
    defects.extend(found);
    if let Some(defect) = defects.first_mut() {
        defect.detail = format!("the answers are no JSON that can be read: {}", defect.detail);
        defects.truncate(1);
        return (Vec::new(), defects);
    }
    let list = if root.is_map() { root.get("answers") } else { &root };
    if !list.is_list() {
        let detail = "the answers have no list `answers`";
        return (Vec::new(), vec![Defect::whole("questionnaire-columns", detail)]);
    }
    let mut rows = Vec::new();
    if list.items().len() > ROWS {
        defects.push(Defect::whole("limit-rows", format!("only the first {ROWS} answers were read")));
    }
    for (number, item) in (1..).zip(list.items().iter().take(ROWS)) {
        match cells(item) {
            Some(cells) => rows.push(row(number, cells)),
            None => {
                let detail = format!("answer {number} cannot be read");
                defects.push(Defect::whole("questionnaire-row", detail));
            }
        }
    }
    (rows, defects)
}

/// The cells of an object, empty where it says nothing; `None` where it says anything but text.
fn cells(item: &Node) -> Option<[&str; 6]> {
    if !item.is_map() {
        return None;
    }
    let mut cells = [""; 6];
    for (cell, column) in cells.iter_mut().zip(COLUMNS) {
        if let Some(entry) = item.entry(column) {
            *cell = entry.node.quoted_text()?;
        }
    }
    Some(cells)
}

/// A row of its cells; the id `vendor/control` says what columns of their own leave out.
fn row(number: usize, cells: [&str; 6]) -> Row {
    let [vendor, id, control, answer, evidence, answered] = cells.map(unguarded);
    let (named, about) = id.rsplit_once('/').unwrap_or_default();
    let or = |own: &str, other: &str| if own.is_empty() { other.to_owned() } else { own.to_owned() };
    Row {
        number,
        vendor: or(vendor, named),
        control: or(control, about),
        answer: answer.to_owned(),
        evidence: evidence.chars().take(SHOWN).collect(),
        answered: answered.to_owned(),
    }
}

/// What a cell says. The questionnaire puts an apostrophe in front of what a spreadsheet would run; it comes off again.
fn unguarded(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('\'');
    let guarded = inner.filter(|rest| rest.trim_start().starts_with(['=', '+', '-', '@', '|', '%']));
    guarded.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn parse(bytes: &[u8]) -> (Vec<Row>, Vec<String>) {
        let (rows, defects) = read(&Input::new("answers", bytes, &Budget::default()));
        (rows, defects.into_iter().map(|defect| defect.detail).collect())
    }

    fn told(text: &str) -> String {
        let (rows, problems) = parse(text.as_bytes());
        let lines = rows.iter().map(|row| {
            let Row { number, vendor, control, answer, evidence, answered } = row;
            format!("{number} {vendor}|{control}|{answer}|{evidence}|{answered}")
        });
        lines.chain(problems).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_table_and_a_list_say_the_same() {
        let table = "\u{feff}vendor,id,control,question,answer,evidence,answered\r\n\
                     \"'=Acme\",\"'=Acme/model-signing\",model-signing,Do you?, Yes ,\"'-report, 2.pdf\",2026-10-01\r\n\
                     ,\"'=A/B/rate-limit\",,Do you?,'tis,,\r\n\
                     Other\r\n";
        let list = r#"{"answers": [
            {"vendor": "'=Acme", "control": "model-signing", "answer": " Yes ", "evidence": "'-report, 2.pdf", "answered": "2026-10-01"},
            {"id": "'=A/B/rate-limit", "question": ["Do you?"], "answer": "'tis"},
            {"vendor": "Other"}
        ]}"#;
        let said =
            "1 =Acme|model-signing|Yes|-report, 2.pdf|2026-10-01\n2 =A/B|rate-limit|'tis||\n3 Other||||";
        assert_eq!(told(table), said);
        assert_eq!(told(list), said);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_never_a_row() {
        for (text, problem) in [
            ("", "the table has no column `answer`; send the export `vendor-questionnaire`"),
            ("a,b\n1,2\n", "the table has no column `answer`; send the export `vendor-questionnaire`"),
            ("answer,id,answer\nyes,a/b,no\n", "the table has two columns `answer`, and none of it was read"),
            ("{\"answers\": 3}", "the answers have no list `answers`"),
            ("{\"answer\": []}", "the answers have no list `answers`"),
            ("[{\"control\": 3}]", "answer 1 cannot be read"),
            ("[[\"a\", \"b\"]]", "answer 1 cannot be read"),
            ("[{\"answer\": null}]", "answer 1 cannot be read"),
            ("[", "the answers are no JSON that can be read: line 1: the text ends inside a value"),
            (
                "[{\"answer\": \"no\",\n\"answer\": \"yes\"}]",
                "the answers are no JSON that can be read: line 2: the key `answer` is written twice",
            ),
        ] {
            assert_eq!(told(text), problem, "{text}");
        }
        let (rows, problems) = parse(b"answer,question\nyes,\xff\nno,\n");
        assert_eq!(problems, ["row 1 cannot be read"]);
        assert_eq!((rows.len(), rows[0].number, rows[0].answer.as_str()), (1, 2, "no"));
        assert_eq!(parse(b"[{\"answer\": \"\xff\"}]").0, []);
    }

    #[test]
    fn what_is_too_much_is_told() {
        assert!(told(&" ".repeat(LARGEST + 1)).starts_with("the answers are larger than 4 MiB"));
        let (rows, problems) = parse(format!("answer\n{}", "yes\n".repeat(ROWS + 1)).as_bytes());
        assert_eq!(
            (rows.len(), &problems[..]),
            (ROWS, &["only the first 5000 rows were read".to_owned()][..])
        );
        let (rows, problems) = parse(format!("[{}{{}}]", "{},".repeat(ROWS)).as_bytes());
        assert_eq!(
            (rows.len(), &problems[..]),
            (ROWS, &["only the first 5000 answers were read".to_owned()][..])
        );
        let (rows, _) = parse(format!("answer,evidence\nyes,{}\n", "é".repeat(2_000)).as_bytes());
        assert_eq!(rows[0].evidence.chars().count(), SHOWN);
        for text in [format!("[{}", "0,".repeat(1 << 20)), "[".repeat(1 << 20), ",".repeat(1 << 20)] {
            assert_eq!((parse(text.as_bytes()).0.len(), parse(text.as_bytes()).1.len()), (0, 1));
        }
    }
}
