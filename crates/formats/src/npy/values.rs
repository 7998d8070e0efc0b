//! The numbers of an array.

use thiserror::Error;

use super::{Element, Npy};

/// Why an array cannot be had as numbers.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValuesError {
    /// Elements are no real numbers.
    #[error("elements of type `{0}` are no real numbers; use bool, i1 to i8, u1 to u8, f2, f4 or f8")]
    Type(String),
    /// Fewer bytes than the shape needs.
    #[error("the data is shorter than its shape says; fetch the file again")]
    Short,
}

/// The elements as `f64`, in stored order (row-major unless [`Npy::fortran_order`]).
///
/// `bytes` is the whole file. 64-bit integers beyond 2^53 are rounded.
///
/// # Errors
/// If elements are no real numbers, or the data is short.
pub fn values(npy: &Npy, bytes: &[u8]) -> Result<Vec<f64>, ValuesError> {
    convert(npy, bytes, |value| value)
}

/// The elements as `f32`, otherwise like [`values`].
///
/// # Errors
/// If elements are no real numbers, or the data is short.
pub fn values_f32(npy: &Npy, bytes: &[u8]) -> Result<Vec<f32>, ValuesError> {
    convert(npy, bytes, |value| value as f32)
}

fn convert<T>(npy: &Npy, bytes: &[u8], cast: impl Fn(f64) -> T) -> Result<Vec<T>, ValuesError> {
    let wrong = || ValuesError::Type(npy.dtype.clone());
    let element = npy.element.filter(|_| !npy.objects).ok_or_else(wrong)?;
    let decode = decoder(element).ok_or_else(wrong)?;
    let length = npy.elements().and_then(|elements| elements.checked_mul(element.bytes));
    let length = length.and_then(|length| usize::try_from(length).ok()).ok_or(ValuesError::Short)?;
    let data = usize::try_from(npy.data_offset)
        .ok()
        .and_then(|start| bytes.get(start..))
        .ok_or(ValuesError::Short)?;
    let data = data.get(..length).ok_or(ValuesError::Short)?;
    Ok(data.chunks_exact(element.bytes as usize).map(|chunk| cast(decode(chunk))).collect())
}

/// How one element of a type becomes a number.
fn decoder(element: Element) -> Option<fn(&[u8]) -> f64> {
    macro_rules! read {
        ($type:ty) => {
            if element.big_endian {
                |chunk: &[u8]| chunk.try_into().map_or(f64::NAN, |bytes| <$type>::from_be_bytes(bytes) as f64)
            } else {
                |chunk: &[u8]| chunk.try_into().map_or(f64::NAN, |bytes| <$type>::from_le_bytes(bytes) as f64)
            }
        };
    }
    Some(match (element.kind, element.bytes) {
        ('b' | '?', 1) => |chunk: &[u8]| f64::from(u8::from(chunk.first().is_some_and(|byte| *byte != 0))),
        ('u', 1) => read!(u8),
        ('u', 2) => read!(u16),
        ('u', 4) => read!(u32),
        ('u', 8) => read!(u64),
        ('i', 1) => read!(i8),
        ('i', 2) => read!(i16),
        ('i', 4) => read!(i32),
        ('i', 8) => read!(i64),
        ('f', 2) if element.big_endian => |chunk: &[u8]| half(chunk.try_into().map_or(0, u16::from_be_bytes)),
        ('f', 2) => |chunk: &[u8]| half(chunk.try_into().map_or(0, u16::from_le_bytes)),
        ('f', 4) => read!(f32),
        ('f', 8) => read!(f64),
        _ => return None,
    })
}

/// An IEEE 754 half as a double.
fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * f64::powi(2.0, -14),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction) * f64::powi(2.0, exponent - 15),
    }
}
