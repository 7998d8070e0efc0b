//! How servers want rows and how they answer. One file per protocol.

mod custom;
mod mlflow;
mod sagemaker;
mod tensorflow;
mod v2;

use serde_json::Value;
use vauban_domain::DeclaredTarget;

use super::answer::Row;
use super::client::Call;

pub(super) use v2::Metadata;

/// Words of the protocols, sorted.
pub const PROTOCOLS: &[&str] = &["custom", "mlflow", "sagemaker", "tensorflow", "v2"];

/// One way of asking.
pub(super) trait Protocol: Send + Sync {
    /// The request for some rows, each as long as a sample.
    fn encode(&self, rows: &[&[f32]]) -> Call;

    /// What the server says about each of `expected` rows.
    ///
    /// # Errors
    /// What is wrong with the answer.
    fn decode(&self, body: &str, expected: usize) -> Result<Vec<Row>, String>;

    /// Rows in one request at most, if the protocol says so.
    fn most(&self) -> usize {
        usize::MAX
    }
}

/// The protocol of a declaration, for samples of `shape`.
///
/// # Errors
/// What the declaration lacks.
pub(super) fn protocol(
    target: &DeclaredTarget,
    shape: &[usize],
    metadata: &Metadata,
) -> Result<Box<dyn Protocol>, String> {
    Ok(match target.protocol.as_str() {
        "v2" => Box::new(v2::V2::new(target, shape, metadata)?),
        "mlflow" => Box::new(mlflow::Mlflow::new(target, shape)?),
        "tensorflow" => Box::new(tensorflow::TensorFlow::new(target, shape)),
        "sagemaker" => Box::new(sagemaker::SageMaker::new(target)?),
        "custom" => Box::new(custom::Custom::new(target, shape)?),
        other => return Err(format!("`{other}` is no protocol; use one of {}", PROTOCOLS.join(", "))),
    })
}

/// A call with a JSON body.
fn json_call(body: String) -> Call {
    Call { content_type: "application/json", accept: "application/json", body }
}

/// The body as JSON.
fn parsed(body: &str) -> Result<Value, String> {
    serde_json::from_str(body).map_err(|error| format!("the answer is no JSON: {error}"))
}

/// Elements in a row, or in several, with commas between them.
fn elements(out: &mut String, values: &[f32]) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        // With a point or an exponent: servers take `1` for another type than `1.0`.
        out.push_str(&format!("{value:?}"));
    }
}

/// A row as lists in lists, as `shape` says.
fn nested(out: &mut String, row: &[f32], shape: &[usize]) {
    out.push('[');
    match shape {
        [_, inner @ ..] if !inner.is_empty() => {
            let size = inner.iter().product::<usize>().max(1);
            for (index, part) in row.chunks(size).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                nested(out, part, inner);
            }
        }
        _ => elements(out, row),
    }
    out.push(']');
}

/// A list of rows as lists in lists.
fn nested_rows(rows: &[&[f32]], shape: &[usize]) -> String {
    let mut out = String::from("[");
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        nested(&mut out, row, shape);
    }
    out.push(']');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_nested_as_their_shape_says() {
        let row = [1.0, 2.5, -0.1, 1e-9];
        for (shape, wanted) in [
            (&[4][..], "[[1.0,2.5,-0.1,1e-9]]"),
            (&[2, 2], "[[[1.0,2.5],[-0.1,1e-9]]]"),
            (&[1, 2, 2], "[[[[1.0,2.5],[-0.1,1e-9]]]]"),
            (&[], "[[1.0,2.5,-0.1,1e-9]]"),
        ] {
            let text = nested_rows(&[&row], shape);
            assert_eq!(text, wanted);
            assert!(serde_json::from_str::<Value>(&text).is_ok());
        }
    }
}
