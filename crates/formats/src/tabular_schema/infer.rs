//! A draft of a schema from data: what was seen, for a person to correct.

use super::{Column, Cost, Direction, Kind, TabularSchema};

/// Distinct values up to which whole numbers in several binary columns are looked at as a one-hot group.
const GROUP: usize = 512;

/// Drafts a schema from `rows` of `names.len()` values each, row by row: ranges as seen, whole numbers as integers, 0 and 1
/// as binary, and runs of neighbouring binary columns of which exactly one is 1 in every row as one-hot groups.
///
/// What it cannot see is left at the usual: every column is mutable in both directions, and there are no relations. Values
/// that are not finite are passed over.
pub fn infer(names: &[String], rows: &[f32]) -> TabularSchema {
    let width = names.len();
    let table = || rows.chunks_exact(width.max(1));
    let mut columns: Vec<Column> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let values =
                || table().filter_map(move |row| row.get(at).copied()).filter(|value| value.is_finite());
            let (low, high) = values().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
            let kind = if values().all(|value| value == 0.0 || value == 1.0) {
                Kind::Binary
            } else if values().all(|value| value.fract() == 0.0) {
                Kind::Integer
            } else {
                Kind::Continuous
            };
            if kind == Kind::Binary || low > high {
                Column::new(name, Kind::Binary)
            } else {
                Column::new(name, kind).range(f64::from(low), f64::from(high))
            }
        })
        .collect();
    let mut start = 0;
    while start < width {
        let binary =
            columns[start..].iter().take(GROUP).take_while(|column| column.kind == Kind::Binary).count();
        let one = |length: usize| {
            table().all(|row| row[start..start + length].iter().filter(|value| **value == 1.0).count() == 1)
        };
        // The longest run first; two columns are a group too.
        let length = if table().next().is_none() { 0 } else { longest(binary, one) };
        if length > 1 {
            let group = stem(&names[start..start + length]);
            columns[start..start + length].iter_mut().for_each(|column| column.group = Some(group.clone()));
        }
        start += length.max(1);
    }
    TabularSchema { columns, relations: Vec::new() }
}

/// The shortest run of at least two that holds: a longer one can only hold with columns that are never 1, which are taken
/// along.
fn longest(binary: usize, one: impl Fn(usize) -> bool) -> usize {
    let Some(shortest) = (2..=binary).find(|length| one(*length)) else { return 0 };
    (shortest..=binary).take_while(|length| one(*length)).last().unwrap_or(0)
}

/// What the names of a group have in common at the beginning, or the first name.
fn stem(names: &[String]) -> String {
    let Some(first) = names.first() else { return String::new() };
    let common = names.iter().fold(first.chars().count(), |common, name| {
        common.min(first.chars().zip(name.chars()).take_while(|(a, b)| a == b).count())
    });
    let stem: String = first.chars().take(common).collect();
    let stem = stem.trim_end_matches(['_', '=', ' ', '.', ':', '-']);
    if stem.is_empty() { first.clone() } else { stem.to_owned() }
}

/// The schema as a file that [`super::read`] reads.
pub fn render(schema: &TabularSchema) -> String {
    let mut out =
        String::from("# a draft from data: correct ranges, say what cannot be changed, add relations\n");
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    for column in &schema.columns {
        out.push_str(&format!(
            "\n[[column]]\nname = {}\ntype = \"{}\"\n",
            quoted(&column.name),
            column.kind.as_str()
        ));
        if let Some(group) = &column.group {
            out.push_str(&format!("group = {}\n", quoted(group)));
        }
        for (key, value) in [("low", column.low), ("high", column.high)] {
            if value.is_finite() && column.kind != Kind::Binary && column.codes.is_empty() {
                out.push_str(&format!("{key} = {value:?}\n"));
            }
        }
        if !column.codes.is_empty() {
            out.push_str(&format!("codes = {:?}\n", column.codes));
        }
        if !column.texts.is_empty() {
            let texts: Vec<String> = column.texts.iter().map(|text| quoted(text)).collect();
            out.push_str(&format!("texts = [{}]\n", texts.join(", ")));
        }
        if !column.mutable {
            out.push_str("mutable = false\n");
        }
        if column.direction != Direction::Any {
            out.push_str(&format!("direction = \"{}\"\n", column.direction.as_str()));
        }
        if let Some(step) = column.step {
            out.push_str(&format!("step = {step:?}\n"));
        }
        match column.cost {
            Cost::Range => {}
            Cost::Unit(cost) => out.push_str(&format!("cost = {cost:?}\n")),
            Cost::Flat(cost) => out.push_str(&format!("flat_cost = {cost:?}\n")),
        }
    }
    for relation in &schema.relations {
        out.push_str(&format!("\n[[relation]]\nholds = {}\n", quoted(&relation.holds)));
        out.push_str(&format!("tolerance = {:?}\n", relation.tolerance));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tabular_schema::read;

    #[test]
    fn a_draft_says_what_was_seen_and_reads_back() {
        let names: Vec<String> = ["age", "rate", "job=a", "job=b", "job=c", "owner"]
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let rows = [
            30.0, 0.5, 1.0, 0.0, 0.0, 1.0, //
            41.0, 0.25, 0.0, 1.0, 0.0, 1.0, //
            55.0, 0.125, 0.0, 0.0, 1.0, 0.0,
        ];
        let schema = infer(&names, &rows);
        let kinds: Vec<Kind> = schema.columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds[..2], [Kind::Integer, Kind::Continuous]);
        assert_eq!((schema.columns[0].low, schema.columns[0].high), (30.0, 55.0));
        let groups: Vec<Option<&str>> = schema.columns.iter().map(|column| column.group.as_deref()).collect();
        assert_eq!(groups, [None, None, Some("job"), Some("job"), Some("job"), None]);
        let (back, problems) = read(&render(&schema));
        assert_eq!(problems, []);
        let unlined = |mut schema: TabularSchema| {
            schema.columns.iter_mut().for_each(|column| column.line = 0);
            schema
        };
        assert_eq!(unlined(back), schema);
    }

    #[test]
    fn no_rows_and_odd_values_give_a_draft_too() {
        assert_eq!(infer(&[], &[]).columns.len(), 0);
        let schema = infer(&["a".to_owned()], &[f32::NAN, f32::INFINITY]);
        assert_eq!(schema.columns[0].kind, Kind::Binary);
    }
}
