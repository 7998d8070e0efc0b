//! The row format of TensorFlow Serving's REST interface (<https://www.tensorflow.org/tfx/serving/api_rest>).

use vauban_domain::DeclaredTarget;

use super::{Protocol, json_call, nested, parsed};
use crate::serve::answer::{Row, rows};
use crate::serve::client::Call;

pub(super) struct TensorFlow {
    /// Extents of one sample.
    shape: Vec<usize>,
    /// Name of the input, for models with named ones; empty otherwise.
    input: String,
    output: String,
    labels: Vec<String>,
}

impl TensorFlow {
    pub(super) fn new(target: &DeclaredTarget, shape: &[usize]) -> Self {
        let (input, output) = (target.input.clone(), target.output.clone());
        Self { shape: shape.to_vec(), input, output, labels: target.labels.clone() }
    }
}

impl Protocol for TensorFlow {
    fn encode(&self, asked: &[&[f32]]) -> Call {
        let mut body = String::from("{\"instances\":[");
        for (index, row) in asked.iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            if self.input.is_empty() {
                nested(&mut body, row, &self.shape);
            } else {
                body.push_str(&format!("{{{}:", serde_json::json!(self.input)));
                nested(&mut body, row, &self.shape);
                body.push('}');
            }
        }
        body.push_str("]}");
        json_call(body)
    }

    fn decode(&self, body: &str, expected: usize) -> Result<Vec<Row>, String> {
        let value = parsed(body)?;
        let answers = value.get("predictions").ok_or("the answer has no `predictions`")?;
        rows(answers, expected, &self.output, &self.labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_nested_and_named_where_the_model_names_them() {
        let mut target = DeclaredTarget::default();
        let plain = TensorFlow::new(&target, &[2, 1]);
        assert_eq!(plain.encode(&[&[0.5, 1.0]]).body, r#"{"instances":[[[0.5],[1.0]]]}"#);
        target.input = "x".to_owned();
        let named = TensorFlow::new(&target, &[2]);
        let body = named.encode(&[&[0.5, 1.0], &[0.0, 0.0]]).body;
        assert_eq!(body, r#"{"instances":[{"x":[0.5,1.0]},{"x":[0.0,0.0]}]}"#);
    }

    #[test]
    fn predictions_of_several_outputs_are_picked_by_name() {
        let target = DeclaredTarget { output: "p".to_owned(), ..DeclaredTarget::default() };
        let answer = r#"{"predictions":[{"p":[0.25,0.75],"classes":1}]}"#;
        let wanted = Ok(vec![Row::Numbers(vec![0.25, 0.75])]);
        assert_eq!(TensorFlow::new(&target, &[2]).decode(answer, 1), wanted);
        let plain = TensorFlow::new(&DeclaredTarget::default(), &[2]);
        assert_eq!(plain.decode(r#"{"predictions":[[0.25,0.75]]}"#, 1), wanted);
        assert!(plain.decode(r#"{"error":"Could not find"}"#, 1).is_err());
    }
}
