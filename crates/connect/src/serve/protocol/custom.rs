//! Any endpoint that takes and answers JSON: a body with a place for the rows, and a pointer to the answers (RFC 6901).

use serde_json::Value;
use vauban_domain::DeclaredTarget;

use super::{Protocol, json_call, nested, nested_rows, parsed};
use crate::serve::answer::{Row, row, rows};
use crate::serve::client::Call;

/// Stands for a list of rows.
const ROWS: &str = "$inputs";
/// Stands for one row; then each request asks for one.
const ROW: &str = "$input";

pub(super) struct Custom {
    before: String,
    after: String,
    single: bool,
    /// Extents of one sample.
    shape: Vec<usize>,
    pointer: String,
    output: String,
    labels: Vec<String>,
}

impl Custom {
    pub(super) fn new(target: &DeclaredTarget, shape: &[usize]) -> Result<Self, String> {
        let single = !target.body.contains(ROWS);
        let place = if single { ROW } else { ROWS };
        let Some((before, after)) = target.body.split_once(place) else {
            let what = "custom needs `body`, the JSON to send, with $inputs where the list of rows goes, or $input \
                        where one row goes";
            return Err(what.to_owned());
        };
        if after.contains(ROW) {
            return Err("`body` has more than one place for rows".to_owned());
        }
        if let Err(error) = serde_json::from_str::<Value>(&format!("{before}[]{after}")) {
            return Err(format!("`body` is no JSON with {place} as a list: {error}"));
        }
        if !target.pointer.is_empty() && !target.pointer.starts_with('/') {
            return Err(format!("`{}` is no JSON pointer; write it as `/outputs/scores`", target.pointer));
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            single,
            shape: shape.to_vec(),
            pointer: target.pointer.clone(),
            output: target.output.clone(),
            labels: target.labels.clone(),
        })
    }
}

impl Protocol for Custom {
    fn encode(&self, asked: &[&[f32]]) -> Call {
        let values = match asked {
            [one] if self.single => {
                let mut text = String::new();
                nested(&mut text, one, &self.shape);
                text
            }
            rows => nested_rows(rows, &self.shape),
        };
        json_call(format!("{}{values}{}", self.before, self.after))
    }

    fn decode(&self, body: &str, expected: usize) -> Result<Vec<Row>, String> {
        let value = parsed(body)?;
        let found = value.pointer(&self.pointer).ok_or_else(|| {
            let shown = crate::serve::answer::short(&value);
            format!("the answer has nothing at `{}`: {shown}", self.pointer)
        })?;
        if self.single {
            return Ok(vec![row(found, &self.output, &self.labels)?]);
        }
        rows(found, expected, &self.output, &self.labels)
    }

    fn most(&self) -> usize {
        if self.single { 1 } else { usize::MAX }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(body: &str, pointer: &str) -> Result<Custom, String> {
        let (body, pointer) = (body.to_owned(), pointer.to_owned());
        Custom::new(&DeclaredTarget { body, pointer, ..DeclaredTarget::default() }, &[2])
    }

    #[test]
    fn rows_go_where_the_body_says() {
        let many = custom(r#"{"data": $inputs, "k": 3}"#, "/result").unwrap();
        let call = many.encode(&[&[0.5, 1.0], &[0.0, 2.0]]);
        assert_eq!(call.body, r#"{"data": [[0.5,1.0],[0.0,2.0]], "k": 3}"#);
        let wanted = vec![Row::Word("a".to_owned()), Row::Word("b".to_owned())];
        assert_eq!(many.decode(r#"{"result": ["a", "b"]}"#, 2), Ok(wanted));
        assert!(many.decode(r#"{"else": 1}"#, 2).is_err());
        let one = custom(r#"{"x": $input}"#, "/p/scores").unwrap();
        assert_eq!((one.most(), one.encode(&[&[0.5, 1.0]]).body.as_str()), (1, r#"{"x": [0.5,1.0]}"#));
        let read = one.decode(r#"{"p": {"scores": [0.25, 0.75]}}"#, 1);
        assert_eq!(read, Ok(vec![Row::Numbers(vec![0.25, 0.75])]));
    }

    #[test]
    fn bodies_without_a_place_are_refused() {
        for (body, pointer) in
            [("{}", ""), ("", ""), ("{$inputs}", ""), ("[$inputs, $inputs]", ""), ("$inputs", "x")]
        {
            assert!(custom(body, pointer).is_err(), "{body}");
        }
    }
}
