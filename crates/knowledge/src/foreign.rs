//! Which of our rules and ATLAS techniques the rules of other engines stand for.

use serde::Deserialize;

use crate::table::{rows, words};

/// One row: a rule of another engine, or several by a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignRule {
    /// The engine, in lower case; `*` for any.
    pub engine: String,
    /// Its rule, with `*` for any text.
    pub pattern: String,
    /// Ids of our rules, the likeliest first.
    pub rules: Vec<String>,
    /// ATLAS techniques, without edition.
    pub techniques: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    engine: String,
    pattern: String,
    rules: String,
    techniques: String,
}

/// What is compiled in, in the order in which rows are tried.
pub(crate) fn builtin() -> Vec<ForeignRule> {
    rows::<Row>("foreign", include_str!("../data/foreign.csv"))
        .into_iter()
        .map(|row| ForeignRule {
            engine: row.engine,
            pattern: row.pattern,
            rules: words(&row.rules),
            techniques: words(&row.techniques),
        })
        .collect()
}

/// The first row that fits a rule of an engine.
pub fn find<'a>(table: &'a [ForeignRule], engine: &str, rule: &str) -> Option<&'a ForeignRule> {
    table.iter().find(|row| (row.engine == "*" || row.engine == engine) && fits(&row.pattern, rule))
}

/// Whether a text fits a pattern with `*` for any text; letters of either case.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, text, wanted) in [
            ("B301", "b301", true),
            ("B301", "B3011", false),
            ("*-import", "dangerous-import", true),
            ("*pickles-in-*", "python.lang.pickles-in-numpy", true),
            ("s3_*_access", "s3_bucket_public_access", true),
            ("s3_*_access", "s3_access", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern, text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn ids_of_techniques_resolve() {
        let knowledge = crate::Knowledge::builtin();
        for row in &knowledge.foreign {
            for technique in &row.techniques {
                assert!(
                    knowledge.atlas.technique(technique).is_some(),
                    "{technique} of {}/{}",
                    row.engine,
                    row.pattern
                );
            }
        }
        assert_eq!(
            find(&knowledge.foreign, "bandit", "B301").map(|row| row.rules.as_slice()),
            Some(&["code-unsafe-load".to_owned()][..])
        );
    }
}
