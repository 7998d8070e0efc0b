//! Reads a schema, with every mistake shown where it was made.

use super::{Column, Cost, Direction, Kind, Relation, TabularSchema};
use crate::declaration::{Problem, nearest};
use crate::yaml::{Entry, Node};
use crate::{Limits, toml_tree};

/// Keys of a column and of a relation.
pub const KEYS: [&[&str]; 2] = [
    &[
        "codes",
        "cost",
        "direction",
        "flat_cost",
        "group",
        "high",
        "low",
        "mutable",
        "name",
        "step",
        "texts",
        "type",
    ],
    &["holds", "tolerance"],
];

/// Columns and relations that are read at most.
const MOST: usize = 20_000;

/// Reads a schema; what can be understood is understood.
pub fn read(text: &str) -> (TabularSchema, Vec<Problem>) {
    let (root, defects) = toml_tree::read_text(text, &Limits::default());
    let mut reader = Reader { problems: Vec::new() };
    for defect in defects {
        let before = text.as_bytes().iter().take(defect.offset.unwrap_or(0) as usize);
        let line = 1 + before.filter(|byte| **byte == b'\n').count() as u32;
        reader.problem(line, defect.detail, None);
    }
    let mut schema = TabularSchema::default();
    for entry in root.entries() {
        match entry.key.as_str() {
            "column" => {
                for node in reader.list(entry) {
                    schema.columns.extend(reader.column(node, &schema.columns));
                }
            }
            "relation" => {
                for node in reader.list(entry) {
                    schema.relations.extend(reader.relation(node));
                }
            }
            other => reader.unknown(entry.line, other, &["column", "relation"]),
        }
    }
    if schema.columns.is_empty() && reader.problems.is_empty() {
        reader.problem(
            1,
            "no column is described".to_owned(),
            Some("add a `[[column]]` per input".to_owned()),
        );
    }
    reader.problems.sort();
    reader.problems.dedup();
    (schema, reader.problems)
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, line: u32, what: String, suggestion: Option<String>) {
        self.problems.push(Problem { line, column: 1, what, suggestion });
    }

    fn unknown(&mut self, line: u32, key: &str, known: &[&str]) {
        let suggestion = nearest(key, known.iter().copied())
            .map(|near| format!("did you mean `{near}`"))
            .or_else(|| Some(format!("there are {}", known.join(", "))));
        self.problem(line, format!("`{key}` is no key here"), suggestion);
    }

    fn list<'a>(&mut self, entry: &'a Entry) -> &'a [Node] {
        if !entry.node.is_list() {
            let key = &entry.key;
            self.problem(entry.line, format!("`{key}` is no list"), Some(format!("write `[[{key}]]`")));
        }
        let items = entry.node.items();
        if items.len() > MOST {
            self.problem(entry.line, format!("{} of `{}`; {MOST} are read", items.len(), entry.key), None);
        }
        items.get(..MOST).unwrap_or(items)
    }

    fn keys(&mut self, node: &Node, known: &[&str]) {
        for entry in node.entries().iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            self.unknown(entry.line, &entry.key, known);
        }
    }

    fn number(&mut self, node: &Node, key: &str) -> Option<f64> {
        let entry = node.entry(key)?;
        let number = entry.node.number();
        if number.is_none() {
            self.problem(entry.line, format!("`{key}` is no finite number"), None);
        }
        number
    }

    fn word<T: Copy>(&mut self, node: &Node, key: &str, all: &[T], name: fn(T) -> &'static str) -> Option<T> {
        let entry = node.entry(key)?;
        let written = entry.node.text_or_empty();
        let found = all.iter().copied().find(|one| name(*one) == written);
        if found.is_none() {
            let known: Vec<&str> = all.iter().map(|one| name(*one)).collect();
            self.problem(
                entry.line,
                format!("`{written}` is no {key}"),
                Some(format!("use {}", known.join(", "))),
            );
        }
        found
    }

    fn column(&mut self, node: &Node, before: &[Column]) -> Option<Column> {
        self.keys(node, KEYS[0]);
        let group = node.entry("group").and_then(|entry| entry.node.text()).map(str::to_owned);
        let usual = if group.is_some() { Kind::Binary } else { Kind::Continuous };
        let kind = self.word(node, "type", &Kind::ALL, Kind::as_str).unwrap_or(usual);
        let mut column = Column::new(node.get("name").text_or_empty(), kind);
        column.line = node.line;
        if column.name.is_empty() {
            self.problem(
                node.line,
                "a column without a name".to_owned(),
                Some("add `name = \"…\"`".to_owned()),
            );
            return None;
        }
        if let Some(other) = before.iter().find(|other| other.name == column.name) {
            let what = format!("two columns are called `{}`, the other on line {}", column.name, other.line);
            self.problem(node.line, what, Some("give each its own name".to_owned()));
        }
        if group.is_some() && kind != Kind::Binary {
            self.problem(node.line, format!("`{}` is in a one-hot group and not binary", column.name), None);
        }
        column.group = group;
        column.low = self.number(node, "low").unwrap_or(column.low);
        column.high = self.number(node, "high").unwrap_or(column.high);
        if column.low > column.high {
            let what =
                format!("`{}` has a low of {} above its high of {}", column.name, column.low, column.high);
            self.problem(node.line, what, Some("swap `low` and `high`".to_owned()));
        }
        if let Some(entry) = node.entry("mutable") {
            match entry.node.truth() {
                Some(mutable) => column.mutable = mutable,
                None => self.problem(entry.line, "`mutable` is neither true nor false".to_owned(), None),
            }
        }
        column.direction =
            self.word(node, "direction", &Direction::ALL, Direction::as_str).unwrap_or(Direction::Any);
        column.step = self.number(node, "step");
        if column.step.is_some_and(|step| step <= 0.0) {
            self.problem(node.line, format!("the step of `{}` is not above 0", column.name), None);
            column.step = None;
        }
        column.cost = self.cost(node);
        self.codes(node, &mut column);
        Some(column)
    }

    fn cost(&mut self, node: &Node) -> Cost {
        let cost = match (self.number(node, "cost"), self.number(node, "flat_cost")) {
            (Some(_), Some(_)) => {
                self.problem(
                    node.line,
                    "both `cost` and `flat_cost`".to_owned(),
                    Some("keep one".to_owned()),
                );
                return Cost::Range;
            }
            (Some(cost), None) => Cost::Unit(cost),
            (None, Some(cost)) => Cost::Flat(cost),
            (None, None) => return Cost::Range,
        };
        if let Cost::Unit(number) | Cost::Flat(number) = cost
            && number < 0.0
        {
            self.problem(node.line, format!("a cost of {number} is below 0"), None);
            return Cost::Range;
        }
        cost
    }

    fn codes(&mut self, node: &Node, column: &mut Column) {
        let texts = node.get("texts").items();
        column.texts = texts.iter().map(|item| item.text_or_empty().to_owned()).collect();
        let codes = node.get("codes").items();
        column.codes = codes.iter().filter_map(Node::number).collect();
        if column.codes.len() < codes.len() {
            self.problem(node.line, format!("a code of `{}` is no number", column.name), None);
        }
        if codes.is_empty() && !texts.is_empty() {
            column.codes = (0..texts.len()).map(|code| code as f64).collect();
        }
        if !column.codes.is_sorted_by(|a, b| a < b) {
            self.problem(node.line, format!("the codes of `{}` do not ascend", column.name), None);
            column.codes.sort_by(f64::total_cmp);
            column.codes.dedup();
        }
        if !texts.is_empty() && texts.len() != column.codes.len() {
            let what =
                format!("`{}` has {} texts for {} codes", column.name, texts.len(), column.codes.len());
            self.problem(node.line, what, Some("give one text per code".to_owned()));
            column.texts.clear();
        }
        if let (Some(low), Some(high)) = (column.codes.first(), column.codes.last()) {
            (column.low, column.high) = (*low, *high);
        }
    }

    fn relation(&mut self, node: &Node) -> Option<Relation> {
        self.keys(node, KEYS[1]);
        let holds = node.get("holds").text_or_empty();
        if holds.trim().is_empty() {
            let suggestion = Some("add `holds = \"a <= b\"`".to_owned());
            self.problem(node.line, "a relation that says nothing".to_owned(), suggestion);
            return None;
        }
        let mut relation = Relation::new(holds);
        relation.line = node.entry("holds").map_or(node.line, |entry| entry.line);
        if let Some(tolerance) = self.number(node, "tolerance") {
            if (0.0..1.0).contains(&tolerance) {
                relation.tolerance = tolerance;
            } else {
                let what = format!("a tolerance of {tolerance} is not between 0 and 1");
                self.problem(node.line, what, None);
            }
        }
        Some(relation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_read_and_mistakes_name_their_line() {
        let (schema, problems) = read(
            "[[column]]\nname = \"amount\"\nlow = 0\nhigh = 9.5\ndirection = \"up\"\ncost = 2\n\n[[column]]\n\
             name = \"job\"\ntype = \"categorical\"\ntexts = [\"a\", \"b\"]\nflat_cost = 1\n\n\
             [[relation]]\nholds = \"amount <= 9\"\ntolerance = 0.5\n",
        );
        assert_eq!(problems, []);
        assert_eq!(schema.columns[0].direction, Direction::Up);
        assert_eq!(schema.columns[0].cost, Cost::Unit(2.0));
        assert_eq!((schema.columns[1].codes.as_slice(), schema.columns[1].high), (&[0.0, 1.0][..], 1.0));
        assert_eq!(schema.relations[0].line, 15);

        let (_, problems) =
            read("[[column]]\nname = \"a\"\ntyp = \"integer\"\nlow = 2\nhigh = 1\n[[colum]]\n");
        let found: Vec<(u32, &str)> = problems.iter().map(|p| (p.line, p.what.as_str())).collect();
        assert_eq!(
            found,
            [
                (1, "`a` has a low of 2 above its high of 1"),
                (3, "`typ` is no key here"),
                (6, "`colum` is no key here")
            ]
        );
        assert_eq!(problems[1].suggestion.as_deref(), Some("did you mean `type`"));
        assert_eq!(read("a = ").1[0].line, 1);
        assert_eq!(read("").1[0].what, "no column is described");
    }
}
