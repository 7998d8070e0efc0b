//! `/invocations` of a container as Amazon SageMaker runs them: CSV or JSON in, `predictions` or CSV out
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html>).

use serde_json::Value;
use vauban_domain::DeclaredTarget;

use super::{Protocol, elements};
use crate::serve::answer::{Row, row, rows};
use crate::serve::client::Call;

pub(super) struct SageMaker {
    csv: bool,
    output: String,
    labels: Vec<String>,
}

impl SageMaker {
    pub(super) fn new(target: &DeclaredTarget) -> Result<Self, String> {
        let csv = match target.format.as_str() {
            "" | "csv" => true,
            "json" => false,
            other => return Err(format!("`{other}` is no format of sagemaker; use csv or json")),
        };
        Ok(Self { csv, output: target.output.clone(), labels: target.labels.clone() })
    }
}

impl Protocol for SageMaker {
    fn encode(&self, asked: &[&[f32]]) -> Call {
        let mut body = String::new();
        if self.csv {
            for row in asked {
                elements(&mut body, row);
                body.push('\n');
            }
            return Call { content_type: "text/csv", accept: "application/json, text/csv;q=0.5", body };
        }
        body.push_str("{\"instances\":[");
        for (index, row) in asked.iter().enumerate() {
            body.push_str(if index > 0 { ",{\"features\":[" } else { "{\"features\":[" });
            elements(&mut body, row);
            body.push_str("]}");
        }
        body.push_str("]}");
        super::json_call(body)
    }

    fn decode(&self, body: &str, expected: usize) -> Result<Vec<Row>, String> {
        match serde_json::from_str::<Value>(body) {
            Ok(value @ Value::Array(_)) => rows(&value, expected, &self.output, &self.labels),
            Ok(Value::Object(fields)) => {
                let answers = fields.get("predictions").ok_or("the answer has no `predictions`")?;
                rows(answers, expected, &self.output, &self.labels)
            }
            // One number alone is JSON, too.
            _ => separated(body, expected),
        }
    }
}

/// One line for each row; or, as some containers do, all labels on one line.
fn separated(body: &str, expected: usize) -> Result<Vec<Row>, String> {
    let cells = |line: &str| -> Vec<Value> {
        let cells = line.split([',', ';']).map(str::trim);
        cells.map(|cell| cell.parse::<f64>().map_or_else(|_| Value::from(cell), Value::from)).collect()
    };
    let lines: Vec<&str> = body.lines().filter(|line| !line.trim().is_empty()).collect();
    if let ([only], true) = (lines.as_slice(), expected > 1) {
        let values = cells(only);
        if values.len() != expected {
            return Err(format!("{} values came for {expected} rows", values.len()));
        }
        return values.iter().map(|value| row(value, "", &[])).collect();
    }
    if lines.len() != expected {
        return Err(format!("{} lines came for {expected} rows", lines.len()));
    }
    lines.into_iter().map(|line| row(&Value::Array(cells(line)), "", &[])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(format: &str) -> SageMaker {
        SageMaker::new(&DeclaredTarget { format: format.to_owned(), ..DeclaredTarget::default() }).unwrap()
    }

    #[test]
    fn rows_go_as_csv_or_as_features() {
        let rows: [&[f32]; 2] = [&[0.5, 1.0], &[0.0, 2.0]];
        let call = container("").encode(&rows);
        assert_eq!((call.content_type, call.body.as_str()), ("text/csv", "0.5,1.0\n0.0,2.0\n"));
        let body = container("json").encode(&rows).body;
        assert_eq!(body, r#"{"instances":[{"features":[0.5,1.0]},{"features":[0.0,2.0]}]}"#);
        let wrong = DeclaredTarget { format: "xml".to_owned(), ..DeclaredTarget::default() };
        assert!(SageMaker::new(&wrong).is_err());
    }

    #[test]
    fn answers_are_predictions_or_lines() {
        for (body, wanted) in [
            (r#"{"predictions":[{"score":0.9,"predicted_label":1},{"score":0.2,"predicted_label":0}]}"#, 1.0),
            ("1\n0\n", 1.0),
            ("1,0", 1.0),
        ] {
            let read = container("").decode(body, 2);
            assert_eq!(read, Ok(vec![Row::Number(wanted), Row::Number(0.0)]), "{body}");
        }
        let scores = container("").decode("0.25,0.75\n0.5,0.5\n", 2).unwrap();
        assert_eq!(scores[0], Row::Numbers(vec![0.25, 0.75]));
        assert_eq!(container("").decode("0.7", 1), Ok(vec![Row::Number(0.7)]));
        assert!(container("").decode("1\n2\n3\n", 2).is_err());
    }
}
