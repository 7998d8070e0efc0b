//! The Open Inference Protocol, version 2, over REST, as KServe, Triton and MLServer speak it
//! (<https://github.com/kserve/open-inference-protocol>).

use serde_json::{Value, json};
use vauban_domain::DeclaredTarget;

use super::{Protocol, elements, json_call, parsed};
use crate::serve::answer::Row;
use crate::serve::client::Call;

/// What a server tells about its model before it is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::serve) struct Metadata {
    inputs: Vec<Tensor>,
    outputs: Vec<Tensor>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Tensor {
    name: String,
    datatype: String,
    /// Extents, the batch first; `None` where one is open.
    shape: Vec<Option<usize>>,
}

impl Metadata {
    /// Reads a `metadata_model_response`; what is not told is left open.
    pub(in crate::serve) fn read(body: &str) -> Result<Self, String> {
        let value = parsed(body)?;
        let tensors = |key: &str| -> Vec<Tensor> {
            let list = value.get(key).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(tensor).collect()
        };
        Ok(Self { inputs: tensors("inputs"), outputs: tensors("outputs") })
    }

    /// Extents of one sample, where the server tells all of them.
    pub(in crate::serve) fn sample(&self, input: &str) -> Option<Vec<usize>> {
        let known = self.inputs.iter().find(|known| input.is_empty() || known.name == input)?;
        known.shape.get(1..)?.iter().copied().collect()
    }
}

fn tensor(value: &Value) -> Option<Tensor> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let extents = value.get("shape").and_then(Value::as_array);
    let extent = |value: &Value| value.as_u64().and_then(|size| usize::try_from(size).ok());
    Some(Tensor {
        name: text("name")?,
        datatype: text("datatype").unwrap_or_default(),
        shape: extents.into_iter().flatten().map(extent).collect(),
    })
}

pub(super) struct V2 {
    input: String,
    datatype: String,
    /// Extents of one sample.
    shape: Vec<usize>,
    /// The output to ask for; empty for all that the server gives.
    output: String,
}

impl V2 {
    pub(super) fn new(target: &DeclaredTarget, shape: &[usize], metadata: &Metadata) -> Result<Self, String> {
        let names = |tensors: &[Tensor]| {
            tensors.iter().map(|tensor| tensor.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let known = metadata.inputs.iter().find(|known| known.name == target.input);
        let input = match (target.input.as_str(), known, metadata.inputs.as_slice()) {
            ("", _, [only]) => Some(only),
            ("", _, []) => None,
            ("", _, several) => {
                return Err(format!(
                    "the model takes {} inputs: {}; a row goes into one, name it with `input`",
                    several.len(),
                    names(several)
                ));
            }
            (_, Some(known), _) => Some(known),
            // A server that tells of no inputs, as MLServer often does, may have this one all the same.
            (_, None, []) => None,
            (wanted, None, several) => {
                return Err(format!("the model has no input `{wanted}`, it has {}", names(several)));
            }
        };
        let outputs = &metadata.outputs;
        if !target.output.is_empty()
            && !outputs.is_empty()
            && outputs.iter().all(|known| known.name != target.output)
        {
            return Err(format!("the model has no output `{}`, it has {}", target.output, names(outputs)));
        }
        let told = input.map_or("", |input| input.datatype.as_str());
        let datatype = match (target.datatype.as_str(), told) {
            ("", told @ ("FP32" | "FP64" | "FP16")) => told,
            ("", "") => "FP32",
            ("", told) => {
                return Err(format!(
                    "the model takes {told}; attacks change numbers with a fraction, FP32 or FP64"
                ));
            }
            (declared, _) => declared,
        };
        Ok(Self {
            input: match (target.input.as_str(), input) {
                ("", Some(input)) => input.name.clone(),
                ("", None) => "input-0".to_owned(),
                (declared, _) => declared.to_owned(),
            },
            datatype: datatype.to_owned(),
            shape: shape.to_vec(),
            output: target.output.clone(),
        })
    }
}

impl Protocol for V2 {
    fn encode(&self, rows: &[&[f32]]) -> Call {
        let shape: Vec<usize> = [&[rows.len()], self.shape.as_slice()].concat();
        let outputs = match self.output.as_str() {
            "" => String::new(),
            name => format!(",\"outputs\":{}", json!([{ "name": name }])),
        };
        let mut body = format!(
            "{{\"inputs\":[{{\"name\":{},\"shape\":{},\"datatype\":{},\"data\":[",
            json!(self.input),
            json!(shape),
            json!(self.datatype)
        );
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                body.push(',');
            }
            elements(&mut body, row);
        }
        body.push_str(&format!("]}}]{outputs}}}"));
        json_call(body)
    }

    fn decode(&self, body: &str, expected: usize) -> Result<Vec<Row>, String> {
        let value = parsed(body)?;
        let outputs = value.get("outputs").and_then(Value::as_array).ok_or("the answer has no `outputs`")?;
        let name = |output: &Value| output.get("name").and_then(Value::as_str).unwrap_or("?").to_owned();
        let names = || outputs.iter().map(name).collect::<Vec<_>>().join(", ");
        if !self.output.is_empty() {
            let output = outputs.iter().find(|output| name(output) == self.output);
            return tensor_rows(
                output.ok_or_else(|| format!("there is no output `{}`, only {}", self.output, names()))?,
                expected,
            );
        }
        // Of several outputs the last one with scores says most; labels stand beside them.
        let read: Vec<Vec<Row>> =
            outputs.iter().map(|output| tensor_rows(output, expected)).collect::<Result<_, _>>()?;
        let scores = read.iter().rposition(|rows| matches!(rows.first(), Some(Row::Numbers(_))));
        read.into_iter().nth(scores.unwrap_or(0)).ok_or_else(|| "the answer has no outputs".to_owned())
    }
}

/// A tensor cut into one part per row.
fn tensor_rows(output: &Value, expected: usize) -> Result<Vec<Row>, String> {
    let data = output.get("data").and_then(Value::as_array).ok_or("an output has no `data`")?;
    let mut flat = Vec::new();
    flatten(data, &mut flat);
    if expected == 0 || flat.is_empty() || !flat.len().is_multiple_of(expected) {
        return Err(format!("an output holds {} values for {expected} rows", flat.len()));
    }
    let wrong = "an output holds what is neither number nor text";
    flat.chunks(flat.len() / expected)
        .map(|row| match row {
            [Value::String(word)] => Ok(Row::Word(word.clone())),
            [one] => one.as_f64().map(Row::Number).ok_or_else(|| wrong.to_owned()),
            several => {
                let numbers: Option<Vec<f64>> = several.iter().map(|value| value.as_f64()).collect();
                numbers.map(Row::Numbers).ok_or_else(|| wrong.to_owned())
            }
        })
        .collect()
}

/// Values of lists in lists; depth is bounded by the parser.
fn flatten<'a>(values: &'a [Value], flat: &mut Vec<&'a Value>) {
    for value in values {
        match value {
            Value::Array(inner) => flatten(inner, flat),
            value => flat.push(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(input: &str, output: &str) -> DeclaredTarget {
        DeclaredTarget { input: input.to_owned(), output: output.to_owned(), ..DeclaredTarget::default() }
    }

    const METADATA: &str = r#"{"name":"m","inputs":[{"name":"x","datatype":"FP64","shape":[-1,1,2]}],
        "outputs":[{"name":"label","datatype":"INT64","shape":[-1]},{"name":"p","datatype":"FP32","shape":[-1,2]}]}"#;

    #[test]
    fn requests_name_input_shape_and_output() {
        let metadata = Metadata::read(METADATA).unwrap();
        assert_eq!(metadata.sample(""), Some(vec![1, 2]));
        let v2 = V2::new(&target("", "p"), &[1, 2], &metadata).unwrap();
        let body = v2.encode(&[&[0.5, 1.0], &[0.0, 0.25]]).body;
        assert_eq!(
            body,
            r#"{"inputs":[{"name":"x","shape":[2,1,2],"datatype":"FP64","data":[0.5,1.0,0.0,0.25]}],"outputs":[{"name":"p"}]}"#
        );
        let silent = V2::new(&target("", ""), &[2], &Metadata::default()).unwrap();
        assert!(
            silent
                .encode(&[&[0.5, 1.0]])
                .body
                .contains(r#""name":"input-0","shape":[1,2],"datatype":"FP32""#)
        );
        assert!(V2::new(&target("y", ""), &[1, 2], &metadata).is_err());
        assert!(V2::new(&target("", "q"), &[1, 2], &metadata).is_err());
    }

    #[test]
    fn scores_are_taken_before_labels_unless_one_is_named() {
        let answer = r#"{"outputs":[{"name":"label","shape":[2],"datatype":"INT64","data":[1,0]},
            {"name":"p","shape":[2,2],"datatype":"FP32","data":[[0.25,0.75],[0.5,0.5]]}]}"#;
        let any = V2::new(&target("", ""), &[2], &Metadata::default()).unwrap();
        let scores = vec![Row::Numbers(vec![0.25, 0.75]), Row::Numbers(vec![0.5, 0.5])];
        assert_eq!(any.decode(answer, 2), Ok(scores));
        let named = V2::new(&target("", "label"), &[2], &Metadata::default()).unwrap();
        assert_eq!(named.decode(answer, 2), Ok(vec![Row::Number(1.0), Row::Number(0.0)]));
        for broken in ["", "{}", r#"{"outputs":[]}"#, r#"{"outputs":[{"data":[1,2,3]}]}"#] {
            assert!(any.decode(broken, 2).is_err(), "{broken}");
        }
    }
}
