//! Metadata of saved Spark ML stages: one line of JSON that says which class reads the rest of the folder.
//!
//! Source: `DefaultParamsWriter` of Spark (`mllib/src/main/scala/org/apache/spark/ml/util/ReadWrite.scala`) and
//! `python/pyspark/ml/util.py`.

use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// How metadata of Spark ML are found and read.
pub const FORMAT: Format = Format {
    name: "spark",
    extensions: &[],
    recognise,
    parse: |input| {
        let (facts, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Spark(facts), defects, members: Vec::new() }
    },
};

/// A saved stage of a pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spark {
    /// Class that reads it: of Scala, or of Python with its module.
    pub class: String,
    /// Version of Spark that wrote it.
    pub version: String,
    /// Name of the stage, part of its folder's name.
    pub uid: String,
    /// Plain parameters: path in the JSON and value.
    pub parameters: Vec<(String, String)>,
}

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(2048);
    let has = |word: &[u8]| holds(head, word);
    if head.trim_ascii_start().first() == Some(&b'{')
        && has(b"\"class\"")
        && (has(b"\"sparkVersion\"") || has(b"\"paramMap\"") && has(b"\"uid\""))
    {
        Recognised::ByShape
    } else {
        Recognised::No
    }
}

/// Reads the metadata.
pub fn parse(input: &Input<'_>) -> (Spark, Vec<Defect>) {
    let text = String::from_utf8_lossy(input.head(input.budget.limits.text_bytes.min(8 << 20)));
    // A part file may hold several lines; the first is the stage.
    let (root, defects) =
        json::read_text(text.trim().lines().next().unwrap_or_default(), &input.budget.limits);
    let (root, defects) = if root.is_map() && defects.is_empty() {
        (root, defects)
    } else {
        json::read_text(&text, &input.budget.limits)
    };
    let mut parameters = Vec::new();
    for part in ["paramMap", "defaultParamMap"] {
        root.get(part).visit_scalars(|path, node| {
            if parameters.len() < 4096 {
                parameters.push((path.to_owned(), node.text_or_empty().to_owned()));
            }
        });
    }
    let text = |key: &str| root.get(key).text_or_empty().to_owned();
    let facts = Spark { class: text("class"), version: text("sparkVersion"), uid: text("uid"), parameters };
    (facts, defects.into_iter().filter(Defect::is_limit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn class_and_parameters_are_read() {
        let text = br#"{"class":"org.apache.spark.ml.feature.SQLTransformer","timestamp":1,"sparkVersion":"3.5.0","uid":"sql_1","paramMap":{"statement":"SELECT 1"},"defaultParamMap":{}}"#;
        let budget = Budget::default();
        let input = Input::new("model/metadata/part-00000", text, &budget);
        assert_eq!(recognise(&input), Recognised::ByShape);
        let (facts, defects) = parse(&input);
        assert_eq!(defects, []);
        assert_eq!(facts.class, "org.apache.spark.ml.feature.SQLTransformer");
        assert_eq!(facts.parameters, [("statement".to_owned(), "SELECT 1".to_owned())]);
    }
}
