//! Arrays as NPY files, version 1.0.

use std::fmt::Write as _;

/// A row-major array of 32-bit floats; `values` must fill `shape`.
pub fn write_f32(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let mut file = header("<f4", shape);
    file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    file
}

/// A row-major array of 64-bit integers; `values` must fill `shape`.
pub fn write_i64(shape: &[usize], values: &[i64]) -> Vec<u8> {
    let mut file = header("<i8", shape);
    file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    file
}

/// Magic, version and the dictionary, padded so that the data starts at a multiple of 64.
fn header(descr: &str, shape: &[usize]) -> Vec<u8> {
    let mut extents = String::new();
    for extent in shape {
        let _ = write!(extents, "{extent}, ");
    }
    let mut text =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}), }}", extents.trim_end());
    let start = super::MAGIC.len() + 4;
    let padding = (start + text.len() + 1).next_multiple_of(64) - start - text.len() - 1;
    text.push_str(&" ".repeat(padding));
    text.push('\n');
    let mut file = super::MAGIC.to_vec();
    file.extend([1, 0]);
    file.extend(u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
    file.extend(text.bytes());
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npy::{read, values, values_f32};

    #[test]
    fn what_is_written_is_read_again() {
        let file = write_f32(&[2, 3], &[0.0, 0.25, -1.5, 3.0, 1e-9, 7.0]);
        let (facts, defects) = read(&file);
        assert_eq!(
            (facts.shape.as_slice(), defects.len(), facts.data_offset % 64),
            ([2, 3].as_slice(), 0, 0)
        );
        assert_eq!(values_f32(&facts, &file).unwrap(), [0.0, 0.25, -1.5, 3.0, 1e-9, 7.0]);
        let file = write_i64(&[2], &[-3, 9]);
        let (facts, _) = read(&file);
        assert_eq!(values(&facts, &file).unwrap(), [-3.0, 9.0]);
        assert_eq!(read(&write_i64(&[], &[5])).0.shape, [] as [u64; 0]);
    }
}
