//! Decoding of a tensor's values, on request and never beyond what the file holds.

use std::ops::Range;

use super::facts::{DataType, Tensor, TensorData};
use crate::protobuf::packed_varints;

/// Why the values of a tensor cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They lie in another file.
    #[error("tensor `{name}` keeps its values in the file `{location}`; load that file too")]
    External {
        /// Name of the tensor.
        name: String,
        /// Where they lie.
        location: String,
    },
    /// The element type has no meaning as numbers here.
    #[error("tensor `{name}` holds {dtype}, which is not read as numbers")]
    Type {
        /// Name of the tensor.
        name: String,
        /// Its element type.
        dtype: DataType,
    },
    /// The file holds another number of values than the shape asks for.
    #[error("tensor `{name}` holds {held} values where its shape asks for {stated}")]
    Size {
        /// Name of the tensor.
        name: String,
        /// Values in the file.
        held: usize,
        /// Values the shape asks for.
        stated: usize,
    },
}

/// The values of `tensor` as 32-bit floats; `bytes` are those of the whole file.
///
/// # Errors
/// [`DecodeError`] for external data, text and sizes that do not agree.
pub fn to_f32(tensor: &Tensor, bytes: &[u8]) -> Result<Vec<f32>, DecodeError> {
    decode(tensor, bytes, |number| match number {
        Number::Float(value) => value as f32,
        Number::Int(value) => value as f32,
    })
}

/// The values of `tensor` as 64-bit floats; `bytes` are those of the whole file.
///
/// # Errors
/// As [`to_f32`].
pub fn to_f64(tensor: &Tensor, bytes: &[u8]) -> Result<Vec<f64>, DecodeError> {
    decode(tensor, bytes, |number| match number {
        Number::Float(value) => value,
        Number::Int(value) => value as f64,
    })
}

/// The values of `tensor` as 64-bit integers (fractions cut); `bytes` are those of the whole file.
///
/// # Errors
/// As [`to_f32`].
pub fn to_i64(tensor: &Tensor, bytes: &[u8]) -> Result<Vec<i64>, DecodeError> {
    decode(tensor, bytes, |number| match number {
        Number::Float(value) => value as i64,
        Number::Int(value) => value,
    })
}

/// The values of `tensor` as truth values (anything but zero is true); `bytes` are those of the whole file.
///
/// # Errors
/// As [`to_f32`].
pub fn to_bool(tensor: &Tensor, bytes: &[u8]) -> Result<Vec<bool>, DecodeError> {
    decode(tensor, bytes, |number| match number {
        Number::Float(value) => value != 0.0,
        Number::Int(value) => value != 0,
    })
}

#[derive(Clone, Copy)]
enum Number {
    Float(f64),
    Int(i64),
}

fn decode<T>(tensor: &Tensor, bytes: &[u8], convert: impl Fn(Number) -> T) -> Result<Vec<T>, DecodeError> {
    let name = || tensor.name.clone();
    let unreadable = || DecodeError::Type { name: name(), dtype: tensor.dtype };
    let mut values = Vec::new();
    match &tensor.data {
        TensorData::Absent => {}
        TensorData::External(external) => {
            return Err(DecodeError::External { name: name(), location: external.location.clone() });
        }
        TensorData::Raw(range) => {
            let raw = bytes.get(range.clone()).unwrap_or_default();
            let bits = tensor.dtype.bits().filter(|bits| bits % 8 == 0).ok_or_else(unreadable)?;
            let width = usize::try_from(bits / 8).map_err(|_| unreadable())?;
            values.reserve_exact(raw.len() / width);
            for chunk in raw.chunks_exact(width) {
                values.push(convert(number(tensor.dtype, chunk).ok_or_else(unreadable)?));
            }
        }
        TensorData::Typed { field, ranges } => {
            for range in ranges {
                typed(*field, tensor.dtype, bytes, range.clone(), &mut |number| values.push(convert(number)))
                    .ok_or_else(unreadable)?;
            }
        }
    }
    match tensor.elements() {
        Some(stated) if stated == values.len() => Ok(values),
        stated => {
            Err(DecodeError::Size { name: name(), held: values.len(), stated: stated.unwrap_or(usize::MAX) })
        }
    }
}

/// One little-endian element of raw data.
fn number(dtype: DataType, bytes: &[u8]) -> Option<Number> {
    let unsigned = bytes.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    Some(match dtype.0 {
        1 => Number::Float(f64::from(f32::from_bits(unsigned as u32))),
        2 | 4 | 12 | 13 => Number::Int(unsigned.cast_signed()),
        3 => Number::Int(i64::from((unsigned as u8).cast_signed())),
        5 => Number::Int(i64::from((unsigned as u16).cast_signed())),
        6 => Number::Int(i64::from((unsigned as u32).cast_signed())),
        7 => Number::Int(unsigned.cast_signed()),
        9 => Number::Int(i64::from(unsigned != 0)),
        10 => Number::Float(f64::from(half(unsigned as u16))),
        11 => Number::Float(f64::from_bits(unsigned)),
        16 => Number::Float(f64::from(f32::from_bits((unsigned as u32) << 16))),
        _ => return None,
    })
}

/// The values of one run of a typed field.
fn typed(
    field: u32,
    dtype: DataType,
    bytes: &[u8],
    range: Range<usize>,
    see: &mut dyn FnMut(Number),
) -> Option<()> {
    let run = bytes.get(range.clone())?;
    match field {
        4 => run
            .as_chunks::<4>()
            .0
            .iter()
            .for_each(|four| see(Number::Float(f64::from(f32::from_le_bytes(*four))))),
        10 => run.as_chunks::<8>().0.iter().for_each(|eight| see(Number::Float(f64::from_le_bytes(*eight)))),
        5 | 7 | 11 => {
            for value in packed_varints(bytes, range) {
                let value = value.ok()?;
                // Half floats travel as their bits in `int32_data`.
                see(match dtype.0 {
                    10 => Number::Float(f64::from(half(value as u16))),
                    16 => Number::Float(f64::from(f32::from_bits((value as u32) << 16))),
                    _ => Number::Int(value.cast_signed()),
                });
            }
        }
        _ => return None,
    }
    Some(())
}

/// IEEE 754 binary16.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2.0_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2.0_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(dtype: DataType, dims: &[i64], bytes: &[u8]) -> Tensor {
        Tensor {
            name: "t".to_owned(),
            dtype,
            dims: dims.to_vec(),
            data: TensorData::Raw(0..bytes.len()),
            ..Tensor::default()
        }
    }

    #[test]
    fn raw_values_of_every_width_are_read() {
        let check = |dtype, dims: &[i64], bytes: &[u8], expected: &[f64]| {
            assert_eq!(to_f64(&raw(dtype, dims, bytes), bytes).unwrap(), expected, "{dtype}");
        };
        check(DataType::FLOAT, &[1], &1.5_f32.to_le_bytes(), &[1.5]);
        check(DataType::DOUBLE, &[1], &(-0.1_f64).to_le_bytes(), &[-0.1]);
        check(DataType::INT8, &[2], &[0xff, 1], &[-1.0, 1.0]);
        check(DataType::INT32, &[1], &(-7_i32).to_le_bytes(), &[-7.0]);
        check(DataType::FLOAT16, &[3], &[0, 0x3c, 0, 0xc0, 1, 0], &[1.0, -2.0, 2.0_f64.powi(-24)]);
        check(DataType::BFLOAT16, &[1], &[0x80, 0x3f], &[1.0]);
        check(DataType::BOOL, &[2], &[0, 1], &[0.0, 1.0]);
    }

    #[test]
    fn sizes_that_do_not_agree_are_refused() {
        let error = to_f32(&raw(DataType::FLOAT, &[3], &[0; 8]), &[0; 8]).unwrap_err();
        assert_eq!(error.to_string(), "tensor `t` holds 2 values where its shape asks for 3");
        assert!(to_f32(&raw(DataType::FLOAT, &[-1], &[]), &[]).is_err());
        assert!(to_f32(&raw(DataType::STRING, &[1], &[1]), &[1]).is_err());
    }
}
