//! One table of `vauban.toml`: typed look-ups that note what is wrong.

use std::collections::BTreeMap;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vauban_domain::{Locator, LossRange, Timestamp};

use super::{KEYS, Key, Kind, LOSSES, Problem, SECTIONS, nearest};

/// The document and what is wrong with it.
pub(super) struct Reader<'a> {
    lines: Rc<Lines<'a>>,
    path: &'a str,
    pub(super) problems: Vec<Problem>,
}

/// One entry of one section.
pub(super) struct Section<'a> {
    pub(super) name: &'static str,
    table: &'a DeTable<'a>,
    start: usize,
    lines: Rc<Lines<'a>>,
    path: &'a str,
    problems: Vec<Problem>,
}

/// Where the lines of a text start.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// Bytes of a line whose characters are counted; further columns count bytes.
const COUNTED: usize = 4096;

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// Line and column of a byte, from 1.
    fn place(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|before| self.starts.get(before)).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        let column = if before.len() > COUNTED { before.len() } else { before.chars().count() } + 1;
        (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }

    fn problem(&self, offset: usize, what: String, suggestion: Option<String>) -> Problem {
        let (line, column) = self.place(offset);
        Problem { line, column, what, suggestion }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, path: &'a str) -> Self {
        Self { lines: Rc::new(Lines::new(text)), path, problems: Vec::new() }
    }

    /// The document; syntax errors become problems and what could be read is kept.
    pub(super) fn document(&mut self) -> Spanned<DeTable<'a>> {
        let (table, errors) = DeTable::parse_recoverable(self.lines.text);
        for error in errors.iter().take(20) {
            let start = error.span().map_or(0, |span| span.start);
            self.problems.push(self.lines.problem(start, error.message().to_lowercase(), None));
        }
        table
    }

    /// The entries of all sections, unknown keys noted.
    pub(super) fn sections<'b>(&mut self, document: &'b Spanned<DeTable<'a>>) -> Vec<Section<'b>>
    where
        'a: 'b,
    {
        let mut found = Vec::new();
        for (key, value) in document.get_ref().iter() {
            let written = key.get_ref().as_ref();
            let Some((name, repeated, _)) = SECTIONS.iter().find(|(name, ..)| *name == written) else {
                let guess = nearest(written, SECTIONS.iter().map(|(name, ..)| *name));
                let what = format!("unknown section `{written}`");
                self.problems.push(self.lines.problem(key.span().start, what, guess.map(did_you_mean)));
                continue;
            };
            let tables: Vec<(&DeTable<'_>, usize)> = match value.get_ref() {
                DeValue::Table(table) if !repeated => vec![(table, key.span().start)],
                DeValue::Array(items) if *repeated => items
                    .iter()
                    .filter_map(|item| match item.get_ref() {
                        DeValue::Table(table) => Some((table, item.span().start)),
                        _ => None,
                    })
                    .collect(),
                _ => {
                    let right = if *repeated { format!("[[{name}]]") } else { format!("[{name}]") };
                    let what = format!("`{name}` is written as another kind of table");
                    let suggestion = Some(format!("write it as `{right}`"));
                    self.problems.push(self.lines.problem(key.span().start, what, suggestion));
                    continue;
                }
            };
            for (table, start) in tables {
                let section = Section {
                    name,
                    table,
                    start,
                    lines: Rc::clone(&self.lines),
                    path: self.path,
                    problems: Vec::new(),
                };
                found.push(section.checked());
            }
        }
        found
    }

    /// Takes over the problems of a section that has been read.
    pub(super) fn take(&mut self, section: Section<'_>) {
        self.problems.extend(section.problems);
    }
}

fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

impl<'a> Section<'a> {
    fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        let name = self.name;
        KEYS.iter().filter(move |key| key.section == name)
    }

    /// Notes unknown keys and values of the wrong kind.
    fn checked(mut self) -> Self {
        let table = self.table;
        for (key, value) in table.iter() {
            let written = key.get_ref().as_ref();
            match self.keys().find(|known| known.name == written) {
                Some(known) => self.check_kind(known, value),
                // A flow takes any text as a further fact, unless it looks like a slip.
                None if self.name == "flow"
                    && matches!(value.get_ref(), DeValue::String(_))
                    && nearest(written, self.keys().map(|key| key.name)).is_none() => {}
                None => {
                    let guess = nearest(written, self.keys().map(|key| key.name));
                    let known: Vec<&str> = self.keys().map(|key| key.name).collect();
                    let suggestion =
                        guess.map_or_else(|| format!("known keys: {}", known.join(", ")), did_you_mean);
                    let what = format!("unknown key `{written}` in `{}`", self.name);
                    self.note(key.span().start, what, Some(suggestion));
                }
            }
        }
        self
    }

    fn check_kind(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) {
        let start = value.span().start;
        let right = match (key.kind, value.get_ref()) {
            (Kind::Text, DeValue::String(_))
            | (Kind::TextTable | Kind::NumberTable | Kind::Losses, DeValue::Table(_)) => true,
            (Kind::Word(words), DeValue::String(text)) => {
                if !words.contains(&text.as_ref()) {
                    let suggestion = nearest(text, words.iter().copied())
                        .map_or_else(|| format!("use one of {}", words.join(", ")), did_you_mean);
                    self.note(start, format!("unknown {} `{text}`", key.name), Some(suggestion));
                }
                true
            }
            (Kind::Texts, DeValue::Array(items)) => {
                items.iter().all(|item| matches!(item.get_ref(), DeValue::String(_)))
            }
            (Kind::Counts, DeValue::Array(items)) => {
                items.iter().all(|item| count(item.get_ref()).is_some_and(|count| count > 0))
            }
            (Kind::Number, value) => number(value).is_some(),
            (Kind::Amount | Kind::Probability, value) => match number(value) {
                Some(number) => {
                    if number < 0.0 || (key.kind == Kind::Probability && number > 1.0) {
                        let what = format!("`{}` is {number}, which is out of range", key.name);
                        self.note(start, what, Some(key.kind.describe()));
                    }
                    true
                }
                None => false,
            },
            (Kind::Count, DeValue::Integer(written)) => {
                if written.as_str().starts_with('-') {
                    let what = format!("`{}` is {written}, which is out of range", key.name);
                    self.note(start, what, Some(key.kind.describe()));
                }
                true
            }
            (Kind::Date, DeValue::Datetime(_)) => true,
            (Kind::Date, DeValue::String(text)) => {
                if Timestamp::parse(text).is_none() {
                    let what = format!("`{text}` is no date");
                    self.note(start, what, Some("write it as `2026-11-20`".to_owned()));
                }
                true
            }
            _ => false,
        };
        if !right {
            let what = format!("`{}` must be {}", key.name, article(&key.kind.describe()));
            self.note(start, what, None);
        }
    }

    fn note(&mut self, offset: usize, what: String, suggestion: Option<String>) {
        self.problems.push(self.lines.problem(offset, what, suggestion));
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.iter().find(|(known, _)| known.get_ref() == key).map(|(_, value)| value)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The line that names the entry, or its header if none does.
    pub(super) fn locator(&self) -> Locator {
        let named = ["name", "control", "fingerprint", "from", "model", "path"];
        let start = self
            .table
            .iter()
            .filter(|(key, _)| named.contains(&key.get_ref().as_ref()))
            .map(|(key, _)| key.span().start)
            .min()
            .unwrap_or(self.start);
        Locator::file(self.path).at_line(self.lines.place(start).0)
    }

    /// A problem with the value of a key.
    pub(super) fn problem_at_value(&mut self, key: &str, what: String, suggestion: Option<String>) {
        let start = self.value(key).map_or(self.start, |value| value.span().start);
        self.note(start, what, suggestion);
    }

    /// Notes that a key is not there.
    pub(super) fn missing(&mut self, key: &str) {
        if !self.has(key) {
            let what = format!("`{}` has no `{key}`", self.name);
            let kind = self.keys().find(|known| known.name == key).map(|known| known.kind.describe());
            self.note(self.start, what, kind.map(|kind| format!("add `{key} = …` ({kind})")));
        }
    }

    /// Holds a value to a list of known words, unless the list is empty.
    pub(super) fn known(&mut self, key: &str, written: &str, known: &[&str], what: &str) {
        if !known.is_empty() && !known.contains(&written) {
            let suggestion = nearest(written, known.iter().copied()).map(did_you_mean);
            self.problem_at_value(key, format!("unknown {what} `{written}`"), suggestion);
        }
    }

    /// A text that must be there and not empty.
    pub(super) fn required(&mut self, key: &str) -> Option<String> {
        self.missing(key);
        let text = self.text(key);
        if self.has(key) && text.is_empty() && matches!(self.value(key)?.get_ref(), DeValue::String(_)) {
            self.problem_at_value(key, format!("`{key}` is empty"), None);
        }
        (!text.is_empty()).then_some(text)
    }

    pub(super) fn text(&self, key: &str) -> String {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::String(text)) => text.to_string(),
            _ => String::new(),
        }
    }

    /// A text, held to the words of its key; what is not among them is as good as not written.
    pub(super) fn text_or(&self, key: &str, otherwise: &str) -> String {
        let text = self.text(key);
        let allowed = self.keys().find(|known| known.name == key).is_none_or(|known| match known.kind {
            Kind::Word(words) => words.contains(&text.as_str()),
            _ => true,
        });
        if text.is_empty() || !allowed { otherwise.to_owned() } else { text }
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => items
                .iter()
                .filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// A number within the range of its key; missing ones are noted.
    pub(super) fn number(&mut self, key: &str) -> Option<f64> {
        self.missing(key);
        let (least, most) = match self.keys().find(|known| known.name == key)?.kind {
            Kind::Probability => (0.0, 1.0),
            Kind::Number => (f64::MIN, f64::MAX),
            _ => (0.0, f64::MAX),
        };
        number(self.value(key)?.get_ref()).filter(|number| (least..=most).contains(number))
    }

    /// A number that need not be there.
    pub(super) fn amount(&mut self, key: &str) -> Option<f64> {
        if self.has(key) { self.number(key) } else { None }
    }

    pub(super) fn number_or(&mut self, key: &str, otherwise: f64) -> f64 {
        if self.has(key) { self.number(key).unwrap_or(otherwise) } else { otherwise }
    }

    pub(super) fn count(&self, key: &str) -> Option<u64> {
        count(self.value(key)?.get_ref())
    }

    /// Counts of 1 or more; what is none is left out, having been noted.
    pub(super) fn counts(&self, key: &str) -> Vec<u64> {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => items.iter().filter_map(|item| count(item.get_ref())).collect(),
            _ => Vec::new(),
        }
    }

    /// A count that fits in 32 bits.
    pub(super) fn days(&self, key: &str, otherwise: u32) -> u32 {
        self.count(key).and_then(|count| u32::try_from(count).ok()).unwrap_or(otherwise)
    }

    pub(super) fn date(&self, key: &str) -> Option<Timestamp> {
        match self.value(key)?.get_ref() {
            DeValue::Datetime(date) => Timestamp::parse(&date.to_string()),
            DeValue::String(text) => Timestamp::parse(text),
            _ => None,
        }
    }

    fn entries(&self, key: &str) -> Vec<(String, &'a Spanned<DeValue<'a>>)> {
        match self.value(key).map(Spanned::get_ref) {
            Some(DeValue::Table(table)) => {
                table.iter().map(|(key, value)| (key.get_ref().to_string(), value)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn text_table(&mut self, key: &str) -> BTreeMap<String, String> {
        let mut texts = BTreeMap::new();
        for (name, value) in self.entries(key) {
            match value.get_ref() {
                DeValue::String(text) => {
                    texts.insert(name, text.to_string());
                }
                _ => self.note(value.span().start, format!("`{name}` must be a text"), None),
            }
        }
        texts
    }

    pub(super) fn number_table(&mut self, key: &str) -> BTreeMap<String, f64> {
        let mut numbers = BTreeMap::new();
        for (name, value) in self.entries(key) {
            match number(value.get_ref()) {
                Some(number) => {
                    numbers.insert(name, number);
                }
                None => self.note(value.span().start, format!("`{name}` must be a number"), None),
            }
        }
        numbers
    }

    /// The texts of this entry under other keys than these.
    pub(super) fn free_texts(&self, except: &[&str]) -> BTreeMap<String, String> {
        self.table
            .iter()
            .filter(|(key, _)| !except.contains(&key.get_ref().as_ref()))
            .filter_map(|(key, value)| match value.get_ref() {
                DeValue::String(text) => Some((key.get_ref().to_string(), text.to_string())),
                _ => None,
            })
            .collect()
    }

    pub(super) fn losses(&mut self, key: &str) -> BTreeMap<String, LossRange> {
        let mut losses = BTreeMap::new();
        for (kind, value) in self.entries(key) {
            let start = value.span().start;
            if !LOSSES.contains(&kind.as_str()) {
                let suggestion = nearest(&kind, LOSSES.iter().copied())
                    .map_or_else(|| format!("use one of {}", LOSSES.join(", ")), did_you_mean);
                self.note(start, format!("unknown kind of loss `{kind}`"), Some(suggestion));
                continue;
            }
            let DeValue::Table(table) = value.get_ref() else {
                self.note(start, format!("`{kind}` must be a table with `low` and `high`"), None);
                continue;
            };
            let mut ends = BTreeMap::new();
            for (end, value) in table.iter() {
                let name = end.get_ref().as_ref();
                if !matches!(name, "low" | "likely" | "high") {
                    let suggestion = nearest(name, ["low", "likely", "high"]).map(did_you_mean);
                    self.note(end.span().start, format!("unknown key `{name}` in a loss"), suggestion);
                } else if let Some(amount) = number(value.get_ref()).filter(|amount| *amount >= 0.0) {
                    ends.insert(name.to_owned(), amount);
                } else {
                    self.note(value.span().start, format!("`{name}` must be an amount, 0 or more"), None);
                }
            }
            match (ends.get("low"), ends.get("high")) {
                (Some(&low), Some(&high)) if low <= high => {
                    let likely = ends.get("likely").copied();
                    if let Some(likely) = likely.filter(|likely| !(low..=high).contains(likely)) {
                        let what =
                            format!("`likely` of `{kind}` is {likely}, which is not between the two ends");
                        self.note(start, what, Some("give the most likely loss of one event".to_owned()));
                    } else {
                        losses.insert(kind, LossRange { low, likely, high });
                    }
                }
                (Some(_), Some(_)) => {
                    let what = format!("the low end of `{kind}` is above the high end");
                    self.note(start, what, Some("swap them".to_owned()));
                }
                _ => self.note(start, format!("`{kind}` needs `low` and `high`"), None),
            }
        }
        losses
    }
}

fn count(value: &DeValue<'_>) -> Option<u64> {
    match value {
        DeValue::Integer(written) => u64::from_str_radix(written.as_str(), written.radix()).ok(),
        _ => None,
    }
}

fn number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(written) => {
            let negative = written.as_str().starts_with('-');
            let digits = written.as_str().trim_start_matches(['-', '+']);
            let size = u64::from_str_radix(digits, written.radix()).ok()? as f64;
            if negative { -size } else { size }
        }
        DeValue::Float(written) => written.as_str().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// The words with `a` or `an` where they name one thing.
fn article(words: &str) -> String {
    match words.split_whitespace().next() {
        Some("amount," | "ISO") => format!("an {words}"),
        Some("tables") => words.to_owned(),
        _ => format!("a {words}"),
    }
}
