//! Matrix product on slices: the one door to `matrixmultiply`.
//!
//! Its functions take raw pointers; every extent is checked here before they are called, which is why this is the
//! only file of the crate that may hold `unsafe`.
#![allow(unsafe_code)]

/// A matrix in a slice, by strides.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major matrix.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert!(
            rows.checked_mul(columns).is_some_and(|size| size <= data.len()),
            "a matrix lies in its slice"
        );
        Self { data, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The same numbers, rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// `output = alpha * a * b + beta * output`, row-major.
pub(crate) fn multiply(alpha: f32, a: Matrix<'_>, b: Matrix<'_>, beta: f32, output: &mut [f32]) {
    let (rows, inner, columns) = (a.rows, a.columns, b.columns);
    assert_eq!(inner, b.rows, "inner extents agree");
    assert!(
        rows.checked_mul(columns).is_some_and(|size| size <= output.len()),
        "the product lies in its slice"
    );
    if rows == 0 || columns == 0 {
        return;
    }
    // SAFETY: `Matrix::new` proved that every (row, column) of `a` and `b` addresses an element of its slice
    // (transposition only exchanges the two), the assertion above does so for `output`, which is borrowed
    // mutably and so aliases neither; strides fit `isize` because slices do.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            inner,
            columns,
            alpha,
            a.data.as_ptr(),
            a.row_stride.cast_signed(),
            a.column_stride.cast_signed(),
            b.data.as_ptr(),
            b.row_stride.cast_signed(),
            b.column_stride.cast_signed(),
            beta,
            output.as_mut_ptr(),
            columns.cast_signed(),
            1,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_transposes_agree_with_paper() {
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 0.0, -1.0, 2.0, 1.0, 1.0]);
        let mut c = [10.0; 4];
        multiply(1.0, Matrix::new(&a, 2, 3), Matrix::new(&b, 3, 2), 0.0, &mut c);
        assert_eq!(c, [2.0, 7.0, 5.0, 16.0]);
        multiply(2.0, Matrix::new(&a, 3, 2).transposed(), Matrix::new(&b, 3, 2), 1.0, &mut c);
        assert_eq!(c, [2.0 + 2.0 * 3.0, 7.0 + 2.0 * 11.0, 5.0 + 2.0 * 4.0, 16.0 + 2.0 * 14.0]);
    }
}
