//! Weights of a model replaced in a copy of its file; every other byte stays as it was.
//!
//! A tensor keeps its type and shape, so its bytes keep their place: nothing has to be encoded anew, and what a
//! signature, a reviewer or `diff` looks at besides the weights is the same.

use std::collections::BTreeMap;

use super::facts::{DataType, Onnx, TensorData};

/// Why weights cannot be replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// No initialiser, or more than one, has this name.
    #[error("{count} initialisers are named `{name}`, one is needed")]
    Name {
        /// The name.
        name: String,
        /// How many have it.
        count: usize,
    },
    /// It lies in another file, or holds another type than 32-bit floats.
    #[error("the initialiser `{name}` cannot be replaced: {why}")]
    Place {
        /// Its name.
        name: String,
        /// What is in the way.
        why: String,
    },
    /// Another number of values than the file holds.
    #[error("the initialiser `{name}` holds {held} values, {given} were given")]
    Size {
        /// Its name.
        name: String,
        /// Values in the file.
        held: usize,
        /// Values given.
        given: usize,
    },
}

/// The file `bytes`, parsed as `onnx`, with the values of the named initialisers of the main graph replaced.
///
/// # Errors
/// [`WriteError`] for names that are not there once, for external data, for other types than 32-bit floats and for
/// another number of values.
pub fn replace_weights(
    onnx: &Onnx,
    bytes: &[u8],
    weights: &BTreeMap<String, Vec<f32>>,
) -> Result<Vec<u8>, WriteError> {
    let initialisers = onnx.graph.as_ref().map_or(&[][..], |graph| &graph.initialisers);
    let mut written = bytes.to_vec();
    for (name, values) in weights {
        let mut named = initialisers.iter().filter(|tensor| tensor.name == *name);
        let (Some(tensor), None) = (named.next(), named.next()) else {
            let count = initialisers.iter().filter(|tensor| tensor.name == *name).count();
            return Err(WriteError::Name { name: name.clone(), count });
        };
        let place = |why: &str| WriteError::Place { name: name.clone(), why: why.to_owned() };
        if tensor.dtype != DataType::FLOAT {
            return Err(place(&format!("it holds {}, not 32-bit floats", tensor.dtype)));
        }
        let ranges = match &tensor.data {
            TensorData::Raw(range) => vec![range.clone()],
            TensorData::Typed { field: 4, ranges } => ranges.clone(),
            TensorData::Typed { .. } => return Err(place("its values lie in a field of another type")),
            TensorData::External(external) => {
                return Err(place(&format!("its values lie in the file `{}`", external.location)));
            }
            TensorData::Absent => return Err(place("the file holds no values of it")),
        };
        let held = ranges.iter().map(|range| range.len() / 4).sum();
        if held != values.len() || ranges.iter().any(|range| !range.len().is_multiple_of(4)) {
            return Err(WriteError::Size { name: name.clone(), held, given: values.len() });
        }
        let mut left = values.iter();
        for range in ranges {
            let run = written.get_mut(range).ok_or_else(|| place("it lies outside the file"))?;
            for (four, value) in run.as_chunks_mut::<4>().0.iter_mut().zip(left.by_ref()) {
                *four = value.to_le_bytes();
            }
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use crate::onnx::{parse, tensor::to_f32};

    /// A message field.
    fn part(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    /// A model with one tensor of two values; `data` are its data fields.
    fn model(data: &[u8]) -> Vec<u8> {
        let tensor = [&[1 << 3, 2, 2 << 3, 1], &part(8, b"w")[..], data].concat();
        [&[1 << 3, 9], &part(7, &part(5, &tensor))[..], &part(2, b"maker")].concat()
    }

    fn floats(values: [f32; 2]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn replaced(file: &[u8], values: &[f32]) -> Result<Vec<u8>, WriteError> {
        let (onnx, _) = parse(file, &Limits::default());
        replace_weights(&onnx, file, &BTreeMap::from([("w".to_owned(), values.to_vec())]))
    }

    #[test]
    fn weights_are_replaced_wherever_they_lie_and_nothing_else_is() {
        let single = |value: f32| [&[4 << 3 | 5][..], &value.to_le_bytes()].concat();
        for (old, new) in [
            (part(9, &floats([1.0, 2.0])), part(9, &floats([-3.5, 4.0]))),
            (part(4, &floats([1.0, 2.0])), part(4, &floats([-3.5, 4.0]))),
            ([single(1.0), single(2.0)].concat(), [single(-3.5), single(4.0)].concat()),
        ] {
            let written = replaced(&model(&old), &[-3.5, 4.0]).unwrap();
            assert_eq!(written, model(&new));
            let (onnx, defects) = parse(&written, &Limits::default());
            assert_eq!(defects, []);
            let tensor = &onnx.graph.as_ref().unwrap().initialisers[0];
            assert_eq!(to_f32(tensor, &written).unwrap(), [-3.5, 4.0]);
        }
    }

    #[test]
    fn what_cannot_be_replaced_is_refused() {
        let file = model(&part(9, &floats([1.0, 2.0])));
        assert_eq!(
            replaced(&file, &[1.0]).unwrap_err().to_string(),
            "the initialiser `w` holds 2 values, 1 were given"
        );
        let external = [part(13, &[part(1, b"location"), part(2, b"w.bin")].concat()), vec![14 << 3, 1]];
        let error = replaced(&model(&external.concat()), &[1.0, 2.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the initialiser `w` cannot be replaced: its values lie in the file `w.bin`"
        );
        let (onnx, _) = parse(&file, &Limits::default());
        let other = BTreeMap::from([("v".to_owned(), vec![1.0])]);
        assert!(matches!(replace_weights(&onnx, &file, &other), Err(WriteError::Name { count: 0, .. })));
    }
}
