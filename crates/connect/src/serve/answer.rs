//! What answers mean: scores for each class, one probability, or a label.

use serde_json::Value;
use vauban_attacks::target::winner;
use vauban_attacks::wrapper::Answer;
use vauban_domain::DeclaredTarget;

/// What a server says about one row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    /// A number for each class.
    Numbers(Vec<f64>),
    /// One number: a label, or a probability.
    Number(f64),
    /// The name of a class.
    Word(String),
}

impl Row {
    /// What the server must have said for this answer.
    pub(super) fn of(answer: &Answer, target: &DeclaredTarget) -> Self {
        match answer {
            Answer::Scores(scores) if target.answers == "probability" => {
                Self::Number(scores.get(1).copied().map_or(0.0, f64::from))
            }
            Answer::Scores(scores) => Self::Numbers(scores.iter().copied().map(f64::from).collect()),
            answer => match target.labels.get(label(answer) as usize) {
                Some(name) => Self::Word(name.clone()),
                None => Self::Number(f64::from(label(answer))),
            },
        }
    }
}

/// Keys under which servers put answers of one row, best first.
const KEYS: &[&str] =
    &["probabilities", "scores", "score", "predictions", "predicted_label", "label", "class", "prediction"];

/// The answers in a list, one for each of `expected` rows.
///
/// Objects are looked into under `output`, else under the usual keys, else their values are taken for the classes in
/// the order of `names`.
pub(super) fn rows(
    value: &Value,
    expected: usize,
    output: &str,
    names: &[String],
) -> Result<Vec<Row>, String> {
    let items = value.as_array().ok_or_else(|| format!("{} is no list of answers", short(value)))?;
    if items.len() != expected {
        return Err(format!("{} answers came for {expected} rows", items.len()));
    }
    items.iter().map(|item| row(item, output, names)).collect()
}

/// The answer for one row.
pub(super) fn row(value: &Value, output: &str, names: &[String]) -> Result<Row, String> {
    let wrong = || format!("{} is no label and no list of scores", short(value));
    match value {
        Value::Number(number) => number.as_f64().map(Row::Number).ok_or_else(wrong),
        Value::String(word) => Ok(Row::Word(word.clone())),
        Value::Bool(yes) => Ok(Row::Number(f64::from(u8::from(*yes)))),
        Value::Array(items) if items.len() == 1 => row(&items[0], output, names),
        Value::Array(items) => {
            items.iter().map(Value::as_f64).collect::<Option<_>>().map(Row::Numbers).ok_or_else(wrong)
        }
        Value::Object(fields) => {
            if !output.is_empty() {
                let known = || fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let inner = fields.get(output);
                let inner = inner.ok_or_else(|| format!("there is no `{output}` among {}", known()))?;
                return row(inner, "", names);
            }
            if let Some(columns) = columns(fields, names) {
                return Ok(Row::Numbers(columns));
            }
            // A list of scores says more than a label, a label more than one score of unknown meaning.
            let lists = KEYS.iter().filter(|key| fields.get(**key).is_some_and(Value::is_array));
            let labels = KEYS.iter().rev().filter(|key| fields.contains_key(**key));
            let key = lists.chain(labels).next().ok_or_else(|| {
                format!("{} has no key that is known; name one with `output`", short(value))
            })?;
            row(&fields[*key], "", names)
        }
        Value::Null => Err(wrong()),
    }
}

/// One column for each class, in the order of the names or of their numbers.
fn columns(fields: &serde_json::Map<String, Value>, names: &[String]) -> Option<Vec<f64>> {
    if fields.len() < 2 {
        return None;
    }
    if !names.is_empty() {
        return names.iter().map(|name| fields.get(name)?.as_f64()).collect();
    }
    let numbered: Option<Vec<(u64, f64)>> =
        fields.iter().map(|(name, value)| Some((name.parse().ok()?, value.as_f64()?))).collect();
    let mut numbered = numbered?;
    numbered.sort_by_key(|(number, _)| *number);
    Some(numbered.into_iter().map(|(_, value)| value).collect())
}

/// How to take what a server says about a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    kind: Kind,
    classes: usize,
    names: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scores,
    Probability,
    Labels,
}

impl Meaning {
    /// What the declaration says, else what the first answer shows. `labels` is the number of classes that the samples
    /// have at least.
    pub(super) fn settle(target: &DeclaredTarget, first: &Row, labels: usize) -> Result<Self, String> {
        let names = target.labels.clone();
        let kind = match (target.answers.as_str(), first) {
            ("scores", Row::Numbers(_)) | ("" | "auto", Row::Numbers(_)) => Kind::Scores,
            ("probability", Row::Number(_)) => Kind::Probability,
            ("labels", Row::Numbers(_)) => {
                return Err("the model answers with scores; declare `answers = \"scores\"`".to_owned());
            }
            ("labels", _) | ("" | "auto", Row::Word(_)) => Kind::Labels,
            ("" | "auto", Row::Number(number)) if number.fract() == 0.0 => Kind::Labels,
            ("" | "auto", Row::Number(number)) => {
                return Err(format!(
                    "the model answers {number}, one number that is no label; declare `answers = \"probability\"` \
                     if it is the probability of class 1"
                ));
            }
            (declared, _) => {
                return Err(format!("`answers` is `{declared}`, the model answers otherwise: {first:?}"));
            }
        };
        let declared = target.classes as usize;
        let classes = match (kind, first) {
            (Kind::Scores, Row::Numbers(scores)) => scores.len(),
            (Kind::Probability, _) => 2,
            _ if declared > 0 => declared,
            _ if !names.is_empty() => names.len(),
            _ => labels,
        };
        if declared > 0 && declared != classes {
            return Err(format!("{declared} classes are declared, the model answers for {classes}"));
        }
        if !names.is_empty() && names.len() != classes {
            return Err(format!("{} labels are declared for {classes} classes", names.len()));
        }
        if classes < 2 {
            return Err("a classifier has two classes or more; declare `classes`".to_owned());
        }
        if let (Kind::Labels, Row::Word(word)) = (kind, first)
            && names.is_empty()
            && word.parse::<u32>().is_err()
        {
            return Err(format!(
                "the model answers `{word}`; declare `labels`, the names of the classes in the order of their numbers"
            ));
        }
        Ok(Self { kind, classes, names })
    }

    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    pub(super) fn gives_scores(&self) -> bool {
        self.kind != Kind::Labels
    }

    /// The answer in the terms of attacks.
    pub(super) fn answer(&self, row: &Row) -> Result<Answer, String> {
        match (self.kind, row) {
            (Kind::Scores, Row::Numbers(scores)) if scores.len() == self.classes => {
                let scores: Vec<f32> = scores.iter().map(|score| *score as f32).collect();
                if scores.iter().any(|score| !score.is_finite()) {
                    return Err("a score is not finite".to_owned());
                }
                Ok(Answer::Scores(scores))
            }
            (Kind::Probability, Row::Number(one)) if (0.0..=1.0).contains(one) => {
                Ok(Answer::Scores(vec![(1.0 - one) as f32, *one as f32]))
            }
            (Kind::Labels, Row::Number(number)) => self.label(*number),
            (Kind::Labels, Row::Word(word)) => match self.names.iter().position(|name| name == word) {
                Some(label) => self.label(label as f64),
                None if self.names.is_empty() => {
                    self.label(word.parse().map_err(|_| format!("`{word}` is no number of a class"))?)
                }
                None => Err(format!("`{word}` is none of the declared labels")),
            },
            _ => Err(format!("the answers change their form: {row:?}")),
        }
    }

    fn label(&self, number: f64) -> Result<Answer, String> {
        if number.fract() != 0.0 || !(0.0..self.classes as f64).contains(&number) {
            return Err(format!("{number} is none of the {} classes; declare `classes`", self.classes));
        }
        Ok(Answer::Label(number as u32))
    }
}

/// The winning class of an answer.
pub(super) fn label(answer: &Answer) -> u32 {
    match answer {
        Answer::Label(label) => *label,
        Answer::Scores(scores) => winner(scores),
        Answer::Refused => 0,
    }
}

/// The start of a value, on one line.
pub(super) fn short(value: &Value) -> String {
    printable(&value.to_string(), 80)
}

/// The start of what a server wrote, without what a terminal would act on.
pub(super) fn printable(text: &str, most: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = plain.take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn servers_put_answers_in_many_forms() {
        let numbers = |list: &[f64]| Row::Numbers(list.to_vec());
        for (value, output, names, wanted) in [
            (json!([0.25, 0.75]), "", &[][..], numbers(&[0.25, 0.75])),
            (json!([3]), "", &[], Row::Number(3.0)),
            (json!("cat"), "", &[], Row::Word("cat".to_owned())),
            (json!({"score": 0.9, "predicted_label": 1}), "", &[], Row::Number(1.0)),
            (json!({"score": [0.1, 0.9], "predicted_label": 1}), "", &[], numbers(&[0.1, 0.9])),
            (json!({"score": 0.9, "predicted_label": 1}), "score", &[], Row::Number(0.9)),
            (json!({"10": 0.3, "2": 0.2, "1": 0.1}), "", &[], numbers(&[0.1, 0.2, 0.3])),
            (json!({"dog": 0.3, "cat": 0.7}), "", &["cat", "dog"], numbers(&[0.7, 0.3])),
        ] {
            assert_eq!(row(&value, output, &texts(names)), Ok(wanted), "{value}");
        }
        for value in [json!(null), json!([[1, 2], [3]]), json!({"a": {}}), json!([])] {
            let read = row(&value, "", &[]);
            assert!(read.is_err() || read == Ok(Row::Numbers(Vec::new())), "{value}: {read:?}");
        }
        assert!(rows(&json!([1, 2]), 3, "", &[]).is_err());
        assert!(rows(&json!({"a": 1}), 1, "", &[]).is_err());
    }

    #[test]
    fn the_first_answer_settles_what_the_model_grants() {
        let target = |answers: &str, labels: &[&str], classes| DeclaredTarget {
            answers: answers.to_owned(),
            labels: texts(labels),
            classes,
            ..DeclaredTarget::default()
        };
        let scores = Meaning::settle(&target("", &[], 0), &Row::Numbers(vec![0.1, 0.9]), 2).unwrap();
        assert!(scores.gives_scores());
        assert_eq!(scores.answer(&Row::Numbers(vec![0.5, 0.5])), Ok(Answer::Scores(vec![0.5, 0.5])));
        assert!(scores.answer(&Row::Numbers(vec![0.5])).is_err());
        assert!(scores.answer(&Row::Numbers(vec![0.5, f64::NAN])).is_err());
        let words =
            Meaning::settle(&target("", &["cat", "dog"], 0), &Row::Word("dog".to_owned()), 2).unwrap();
        assert!(!words.gives_scores());
        assert_eq!(words.answer(&Row::Word("dog".to_owned())), Ok(Answer::Label(1)));
        assert!(words.answer(&Row::Word("cow".to_owned())).is_err());
        let one = Meaning::settle(&target("probability", &[], 0), &Row::Number(1.0), 2).unwrap();
        assert_eq!(one.answer(&Row::Number(0.25)), Ok(Answer::Scores(vec![0.75, 0.25])));
        for (target, first) in [
            (target("", &[], 0), Row::Number(0.7)),
            (target("", &[], 0), Row::Word("cat".to_owned())),
            (target("", &[], 3), Row::Numbers(vec![0.1, 0.9])),
            (target("labels", &[], 0), Row::Numbers(vec![0.1, 0.9])),
            (target("scores", &[], 0), Row::Number(1.0)),
        ] {
            assert!(Meaning::settle(&target, &first, 2).is_err(), "{first:?}");
        }
    }
}
