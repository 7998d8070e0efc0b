//! Tensors as they are stored: type, shape, and where the values lie.

use std::ops::Range;

use super::facts::{DataType, External, SparseTensor, Tensor, TensorData};
use super::parse::{Parser, data_type, integer};
use crate::Defect;

/// Elements of an integer tensor that is kept.
const SMALL: usize = 16;
/// Texts kept of one tensor and in all, and bytes of each.
const TEXTS_OF_A_TENSOR: usize = 1000;
const TEXTS: usize = 20_000;
const TEXT: usize = 4096;

impl Parser<'_> {
    pub(super) fn tensor(&mut self, range: Range<usize>) -> Tensor {
        let (mut tensor, offset) = (Tensor::default(), range.start as u64);
        let (mut external, mut is_external, mut raw) =
            (External { offset: Some(0), ..External::default() }, false, None);
        let mut typed: Option<(u32, Vec<Range<usize>>)> = None;
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, _) => parser.integers(&field, &mut tensor.dims),
            (2, None) => tensor.dtype = data_type(&field),
            (4..=7 | 10 | 11, _) => match &mut typed {
                Some((number, ranges)) if *number == field.number => ranges.push(field.content),
                Some(_) => {
                    let detail = "values in more than one typed field";
                    parser.defect(Defect::at("onnx-tensor-data", field.offset as u64, detail));
                }
                None => typed = Some((field.number, vec![field.content])),
            },
            (8, _) => tensor.name = parser.text(&field),
            (3, Some(_)) => {
                let detail = "a tensor in segments, which no writer makes and no runtime reads";
                parser.defect(Defect::at("onnx-tensor-data", field.offset as u64, detail));
            }
            (9, Some(range)) => raw = Some(range),
            (13, Some(range)) => {
                let (key, value) = parser.pair(range);
                match key.as_str() {
                    "location" => external.location = value,
                    "offset" => {
                        external.offset = value.trim().parse().ok();
                        parser.number_of(&value, "offset", field.offset);
                    }
                    "length" => {
                        external.length = value.trim().parse().ok();
                        parser.number_of(&value, "length", field.offset);
                    }
                    "checksum" => external.checksum = Some(value),
                    _ => {}
                }
            }
            (14, None) => is_external = integer(&field) == 1,
            _ => {}
        });
        if raw.is_some() && typed.is_some() {
            let detail = format!("tensor `{}` has its values in two places", tensor.name);
            self.defect(Defect::at("onnx-tensor-data", offset, detail));
        }
        // Texts are kept: they are the one kind of value that can be more than a number.
        if let Some((6, ranges)) = &typed {
            for range in ranges.iter().take(TEXTS_OF_A_TENSOR) {
                let bytes = self.bytes.get(range.clone()).unwrap_or_default();
                let text = String::from_utf8_lossy(bytes.get(..TEXT).unwrap_or(bytes)).into_owned();
                if text.len() > 8 && self.texts.len() < TEXTS {
                    self.texts.push((tensor.name.clone(), text));
                }
            }
        }
        tensor.data = if is_external {
            TensorData::External(external)
        } else if let Some(raw) = raw {
            TensorData::Raw(raw)
        } else if let Some((field, ranges)) = typed {
            TensorData::Typed { field, ranges }
        } else {
            TensorData::Absent
        };
        self.check_tensor(&tensor, offset);
        if tensor.dtype == DataType::INT64 && tensor.elements().is_some_and(|elements| elements <= SMALL) {
            tensor.integers = super::tensor::to_i64(&tensor, self.bytes).unwrap_or_default();
        }
        tensor
    }

    /// An offset or length of external data is a number that files can have.
    fn number_of(&mut self, value: &str, what: &str, at: usize) {
        if value.trim().parse::<i64>().is_ok_and(|number| number >= 0) {
            return;
        }
        let detail = format!("external data has the {what} `{}`", value.escape_debug());
        self.defect(Defect::at("onnx-external-data", at as u64, detail));
    }

    fn check_tensor(&mut self, tensor: &Tensor, offset: u64) {
        let Some(elements) = tensor.elements() else {
            let detail = format!("tensor `{}` has impossible dimensions {:?}", tensor.name, tensor.dims);
            return self.defect(Defect::at("onnx-dimensions", offset, detail));
        };
        let stated = tensor
            .dtype
            .bits()
            .and_then(|bits| (elements as u64).checked_mul(bits))
            .map(|bits| bits.div_ceil(8));
        let held = match &tensor.data {
            TensorData::Raw(range) => Some(range.len() as u64),
            TensorData::External(external) => external.length,
            _ => None,
        };
        if let Some(held) = held
            && stated != Some(held)
        {
            let wanted = stated.map_or_else(|| "no known size".to_owned(), |bytes| format!("{bytes} bytes"));
            let detail = format!(
                "tensor `{}` of {} {:?} holds {held} bytes, its type and shape ask for {wanted}",
                tensor.name, tensor.dtype, tensor.dims
            );
            self.defect(Defect::at("onnx-tensor-size", offset, detail));
        }
    }

    pub(super) fn sparse_tensor(&mut self, range: Range<usize>) -> SparseTensor {
        let mut sparse = SparseTensor::default();
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, Some(range)) => sparse.values = parser.tensor(range),
            (2, Some(range)) => sparse.indices = parser.tensor(range),
            (3, _) => parser.integers(&field, &mut sparse.dims),
            _ => {}
        });
        sparse
    }
}
