//! `/invocations` of an MLflow scoring server (<https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally>).

use serde_json::{Value, json};
use vauban_domain::DeclaredTarget;

use super::{Protocol, json_call, nested_rows, parsed};
use crate::serve::answer::{Row, rows};
use crate::serve::client::Call;

pub(super) struct Mlflow {
    /// `inputs`, `instances` or `dataframe_split`.
    format: String,
    columns: Vec<String>,
    /// Extents of one sample.
    shape: Vec<usize>,
    output: String,
    labels: Vec<String>,
}

impl Mlflow {
    pub(super) fn new(target: &DeclaredTarget, shape: &[usize]) -> Result<Self, String> {
        let format = match target.format.as_str() {
            "" if target.columns.is_empty() => "inputs",
            "" => "dataframe_split",
            format @ ("inputs" | "instances" | "dataframe_split") => format,
            other => {
                return Err(format!(
                    "`{other}` is no format of mlflow; use inputs, instances or dataframe_split"
                ));
            }
        };
        let width: usize = shape.iter().product();
        if format == "dataframe_split" && !target.columns.is_empty() && target.columns.len() != width {
            return Err(format!("{} columns are declared for rows of {width} values", target.columns.len()));
        }
        Ok(Self {
            format: format.to_owned(),
            columns: target.columns.clone(),
            shape: shape.to_vec(),
            output: target.output.clone(),
            labels: target.labels.clone(),
        })
    }
}

impl Protocol for Mlflow {
    fn encode(&self, asked: &[&[f32]]) -> Call {
        if self.format != "dataframe_split" {
            return json_call(format!("{{\"{}\":{}}}", self.format, nested_rows(asked, &self.shape)));
        }
        let data = nested_rows(asked, &[]);
        if self.columns.is_empty() {
            return json_call(format!("{{\"dataframe_split\":{{\"data\":{data}}}}}"));
        }
        json_call(format!("{{\"dataframe_split\":{{\"columns\":{},\"data\":{data}}}}}", json!(self.columns)))
    }

    fn decode(&self, body: &str, expected: usize) -> Result<Vec<Row>, String> {
        let value = parsed(body)?;
        // Servers before MLflow 2 answer with the bare list.
        let answers = if value.is_array() { Some(&value) } else { value.get("predictions") };
        let answers = answers.ok_or("the answer has no `predictions`")?;
        match answers {
            // A model that answers with several tensors.
            Value::Object(tensors) if self.output.is_empty() && tensors.len() > 1 => {
                let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
                Err(format!("the model answers with {}; name one with `output`", names.join(", ")))
            }
            Value::Object(tensors) => {
                let tensor = match self.output.as_str() {
                    "" => tensors.values().next(),
                    name => tensors.get(name),
                };
                rows(tensor.ok_or("there is no such output")?, expected, "", &self.labels)
            }
            list => rows(list, expected, &self.output, &self.labels),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mlflow(format: &str, columns: &[&str]) -> Result<Mlflow, String> {
        let columns = columns.iter().map(|name| (*name).to_owned()).collect();
        Mlflow::new(&DeclaredTarget { format: format.to_owned(), columns, ..DeclaredTarget::default() }, &[2])
    }

    #[test]
    fn rows_go_as_tensors_or_data_frames() {
        for (format, columns, body) in [
            ("", &[][..], r#"{"inputs":[[0.5,1.0]]}"#),
            ("instances", &[], r#"{"instances":[[0.5,1.0]]}"#),
            ("", &["a", "b"], r#"{"dataframe_split":{"columns":["a","b"],"data":[[0.5,1.0]]}}"#),
            ("dataframe_split", &[], r#"{"dataframe_split":{"data":[[0.5,1.0]]}}"#),
        ] {
            assert_eq!(mlflow(format, columns).unwrap().encode(&[&[0.5, 1.0]]).body, body);
        }
        assert!(mlflow("", &["a"]).is_err());
        assert!(mlflow("csv", &[]).is_err());
    }

    #[test]
    fn predictions_are_labels_scores_or_columns() {
        let mlflow = mlflow("", &[]).unwrap();
        for (body, wanted) in [
            (r#"{"predictions":[[0.25,0.75]]}"#, Row::Numbers(vec![0.25, 0.75])),
            (r#"{"predictions":[{"0":0.25,"1":0.75}]}"#, Row::Numbers(vec![0.25, 0.75])),
            (r#"{"predictions":{"p":[[0.25,0.75]]}}"#, Row::Numbers(vec![0.25, 0.75])),
            (r#"{"predictions":["cat"]}"#, Row::Word("cat".to_owned())),
            ("[3]", Row::Number(3.0)),
        ] {
            assert_eq!(mlflow.decode(body, 1), Ok(vec![wanted]), "{body}");
        }
        for body in [r#"{"predictions":[1,2]}"#, r#"{"error":"x"}"#, r#"{"predictions":{"a":[1],"b":[2]}}"#] {
            assert!(mlflow.decode(body, 1).is_err(), "{body}");
        }
    }
}
