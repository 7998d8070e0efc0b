//! Dense arrays in row-major order, and the index arithmetic the operators share.

use super::KernelError;

/// More elements than this in one value are refused: a hostile shape must not exhaust the memory.
const MOST_ELEMENTS: usize = 1 << 28;

/// A dense array in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array<T> {
    /// Extents, outermost first; empty for a single value.
    pub shape: Vec<usize>,
    /// Elements.
    pub data: Vec<T>,
}

/// An array of 32-bit floats.
pub type Tensor = Array<f32>;

/// A value that flows along the graph.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Numbers; the only ones that carry gradients.
    Float(Tensor),
    /// Integers, and truth values as 0 and 1.
    Int(Array<i64>),
}

impl Value {
    /// Extents.
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::Float(array) => &array.shape,
            Self::Int(array) => &array.shape,
        }
    }
}

impl<T: Clone> Array<T> {
    /// An array of `shape` filled with `value`.
    ///
    /// # Errors
    /// When the shape has more elements than a value may have.
    pub fn filled(shape: &[usize], value: T) -> Result<Self, KernelError> {
        Ok(Self { shape: shape.to_vec(), data: vec![value; size(shape)?] })
    }

    /// An array made of `data`.
    ///
    /// # Errors
    /// When shape and data disagree.
    pub fn new(shape: Vec<usize>, data: Vec<T>) -> Result<Self, KernelError> {
        if size(&shape)? == data.len() {
            Ok(Self { shape, data })
        } else {
            Err(KernelError(format!("{} values do not fill the shape {shape:?}", data.len())))
        }
    }
}

/// Number of elements of a shape.
pub(crate) fn size(shape: &[usize]) -> Result<usize, KernelError> {
    shape
        .iter()
        .try_fold(1_usize, |product, extent| product.checked_mul(*extent))
        .filter(|size| *size <= MOST_ELEMENTS)
        .ok_or_else(|| KernelError(format!("the shape {shape:?} has more elements than the limit")))
}

/// The axis numbered `axis`, counted from the end if negative.
pub(crate) fn axis(axis: i64, rank: usize) -> Result<usize, KernelError> {
    let wrapped = if axis < 0 { axis.checked_add(rank as i64) } else { Some(axis) };
    wrapped
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|axis| *axis < rank)
        .ok_or_else(|| KernelError(format!("there is no axis {axis} in {rank} dimensions")))
}

/// Row-major strides.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; shape.len()];
    for index in (1..shape.len()).rev() {
        strides[index - 1] = strides[index].saturating_mul(shape[index]);
    }
    strides
}

/// Shape that two arrays take together (numpy broadcasting).
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, KernelError> {
    let rank = a.len().max(b.len());
    let extent = |shape: &[usize], index: usize| {
        (index + shape.len()).checked_sub(rank).map_or(1, |position| shape[position])
    };
    (0..rank)
        .map(|index| match (extent(a, index), extent(b, index)) {
            (left, right) if left == right || right == 1 => Ok(left),
            (1, right) => Ok(right),
            _ => Err(KernelError(format!("the shapes {a:?} and {b:?} do not broadcast"))),
        })
        .collect()
}

/// For each element of `to`, the element of `from` that broadcasting puts there.
pub(crate) fn broadcast_index(from: &[usize], to: &[usize]) -> Result<Vec<usize>, KernelError> {
    let own = strides(from);
    let offset = to.len() - from.len();
    let steps: Vec<usize> = (0..to.len())
        .map(|index| match index.checked_sub(offset) {
            Some(position) if from[position] != 1 => own[position],
            _ => 0,
        })
        .collect();
    walk(to, &steps, 0)
}

/// Positions `start + sum(index * step)` for all indices of `shape` in row-major order.
pub(crate) fn walk(shape: &[usize], steps: &[usize], start: usize) -> Result<Vec<usize>, KernelError> {
    let count = size(shape)?;
    let mut positions = Vec::with_capacity(count);
    let mut index = vec![0; shape.len()];
    let mut position = start;
    for _ in 0..count {
        positions.push(position);
        for dimension in (0..shape.len()).rev() {
            index[dimension] += 1;
            position += steps[dimension];
            if index[dimension] < shape[dimension] {
                break;
            }
            position -= steps[dimension] * shape[dimension];
            index[dimension] = 0;
        }
    }
    Ok(positions)
}

/// Whether an array of shape `from` repeats evenly along `to`, so that element `i` of `to` is `i % len` of `from`.
pub(crate) fn repeats(from: &[usize], to: &[usize]) -> bool {
    let first = from.iter().position(|extent| *extent != 1).unwrap_or(from.len());
    to.ends_with(&from[first..])
}
