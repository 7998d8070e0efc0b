//! Matrix products: `Gemm` and `MatMul`.

use super::super::kernel::{Backward, Context, InputGradients, Inputs, Kernel, KernelError};
use super::super::tensor::{Tensor, Value, broadcast, broadcast_index, size};
use super::super::{Matrix, multiply};
use super::Prepared;

/// `alpha * A * B + beta * C`, with A and B possibly transposed.
struct Gemm {
    alpha: f32,
    beta: f32,
    transpose_a: bool,
    transpose_b: bool,
}

fn matrix(tensor: &Tensor, transposed: bool) -> Result<Matrix<'_>, KernelError> {
    let [rows, columns] = tensor.shape[..] else {
        return Err(KernelError(format!("a matrix is needed, not the shape {:?}", tensor.shape)));
    };
    let matrix = Matrix::new(&tensor.data, rows, columns);
    Ok(if transposed { matrix.transposed() } else { matrix })
}

impl Gemm {
    /// Rows, inner extent and columns of the product.
    fn extents(&self, a: &Tensor, b: &Tensor) -> Result<(usize, usize, usize), KernelError> {
        let ([a0, a1], [b0, b1]) = (&a.shape[..], &b.shape[..]) else {
            return Err(KernelError(format!("two matrices are needed, not {:?} and {:?}", a.shape, b.shape)));
        };
        let (rows, inner) = if self.transpose_a { (*a1, *a0) } else { (*a0, *a1) };
        let (other, columns) = if self.transpose_b { (*b1, *b0) } else { (*b0, *b1) };
        if inner != other {
            return Err(KernelError(format!("the inner extents {inner} and {other} differ")));
        }
        Ok((rows, inner, columns))
    }
}

impl Kernel for Gemm {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (a, b, c) = (inputs.float(0)?, inputs.float(1)?, inputs.optional_float(2)?);
        let (rows, _, columns) = self.extents(a, b)?;
        let shape = vec![rows, columns];
        let mut data = Vec::with_capacity(size(&shape)?);
        match c {
            None => data.resize(rows * columns, 0.0),
            Some(c) if c.data.len() == columns && c.shape.last() == Some(&columns) => {
                (0..rows).for_each(|_| data.extend_from_slice(&c.data));
            }
            Some(c) => {
                if broadcast(&c.shape, &shape)? != shape {
                    return Err(KernelError(format!("the addend {:?} does not fit {shape:?}", c.shape)));
                }
                data.extend(broadcast_index(&c.shape, &shape)?.iter().map(|index| c.data[*index]));
            }
        }
        let (a, b) = (matrix(a, self.transpose_a)?, matrix(b, self.transpose_b)?);
        multiply(self.alpha, a, b, self.beta, &mut data);
        Ok(vec![Value::Float(Tensor { shape, data })])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let (a, b) = (pass.inputs.float(0)?, pass.inputs.float(1)?);
        let product = Matrix::new(&above.data, above.shape[0], above.shape[1]);
        let mut gradients = vec![None; pass.wanted.len()];
        if pass.wants(0) {
            let mut gradient = Tensor::filled(&a.shape, 0.0)?;
            let b = matrix(b, self.transpose_b)?;
            if self.transpose_a {
                multiply(self.alpha, b, product.transposed(), 0.0, &mut gradient.data);
            } else {
                multiply(self.alpha, product, b.transposed(), 0.0, &mut gradient.data);
            }
            gradients[0] = Some(gradient);
        }
        if pass.wants(1) {
            let mut gradient = Tensor::filled(&b.shape, 0.0)?;
            let a = matrix(a, self.transpose_a)?;
            if self.transpose_b {
                multiply(self.alpha, product.transposed(), a, 0.0, &mut gradient.data);
            } else {
                multiply(self.alpha, a.transposed(), product, 0.0, &mut gradient.data);
            }
            gradients[1] = Some(gradient);
        }
        if pass.wants(2) {
            let c = pass.inputs.float(2)?;
            let mut gradient = Tensor::filled(&c.shape, 0.0)?;
            for (index, value) in broadcast_index(&c.shape, &above.shape)?.iter().zip(&above.data) {
                gradient.data[*index] += self.beta * value;
            }
            gradients[2] = Some(gradient);
        }
        Ok(gradients)
    }
}

pub(crate) fn gemm(context: &Context<'_>) -> Prepared {
    Ok(Box::new(Gemm {
        alpha: context.float("alpha", 1.0),
        beta: context.float("beta", 1.0),
        transpose_a: context.int("transA", 0) != 0,
        transpose_b: context.int("transB", 0) != 0,
    }))
}

/// Matrix product over the last two axes, the others broadcast (numpy's `matmul`).
struct MatMul;

/// How a product of stacks is made of products of matrices.
struct Stacks {
    rows: usize,
    inner: usize,
    columns: usize,
    /// Matrix number of each operand for each matrix of the result.
    pairs: Vec<(usize, usize)>,
    shape: Vec<usize>,
}

impl Stacks {
    fn new(a: &[usize], b: &[usize]) -> Result<Self, KernelError> {
        if a.is_empty() || b.is_empty() {
            return Err(KernelError("a single number is no matrix".to_owned()));
        }
        let (row_vector, column_vector) = (a.len() == 1, b.len() == 1);
        let a = if row_vector { vec![1, a[0]] } else { a.to_vec() };
        let b = if column_vector { vec![b[0], 1] } else { b.to_vec() };
        let ((a_stack, a_own), (b_stack, b_own)) = (a.split_at(a.len() - 2), b.split_at(b.len() - 2));
        let (rows, inner, columns) = (a_own[0], a_own[1], b_own[1]);
        if inner != b_own[0] {
            return Err(KernelError(format!("the inner extents {inner} and {} differ", b_own[0])));
        }
        // One stack of rows against a single matrix is one large product.
        if b_stack.is_empty() && !row_vector {
            let mut shape = a[..a.len() - 1].to_vec();
            if !column_vector {
                shape.push(columns);
            }
            let rows = size(&a[..a.len() - 1])?;
            return Ok(Self { rows, inner, columns, pairs: vec![(0, 0)], shape });
        }
        let mut shape = broadcast(a_stack, b_stack)?;
        let pairs =
            broadcast_index(a_stack, &shape)?.into_iter().zip(broadcast_index(b_stack, &shape)?).collect();
        if !row_vector {
            shape.push(rows);
        }
        if !column_vector {
            shape.push(columns);
        }
        Ok(Self { rows, inner, columns, pairs, shape })
    }

    fn left<'a>(&self, data: &'a [f32], number: usize) -> Matrix<'a> {
        Matrix::new(&data[number * self.rows * self.inner..], self.rows, self.inner)
    }

    fn right<'a>(&self, data: &'a [f32], number: usize) -> Matrix<'a> {
        Matrix::new(&data[number * self.inner * self.columns..], self.inner, self.columns)
    }
}

impl Kernel for MatMul {
    fn forward(&self, inputs: &Inputs<'_>) -> Result<Vec<Value>, KernelError> {
        let (a, b) = (inputs.float(0)?, inputs.float(1)?);
        let stacks = Stacks::new(&a.shape, &b.shape)?;
        let mut product = Tensor::filled(&stacks.shape, 0.0)?;
        let length = (stacks.rows * stacks.columns).max(1);
        for ((left, right), output) in stacks.pairs.iter().zip(product.data.chunks_exact_mut(length)) {
            multiply(1.0, stacks.left(&a.data, *left), stacks.right(&b.data, *right), 0.0, output);
        }
        Ok(vec![Value::Float(product)])
    }

    fn backward(&self, mut pass: Backward<'_>) -> Result<InputGradients, KernelError> {
        let above = pass.gradient()?;
        let (a, b) = (pass.inputs.float(0)?, pass.inputs.float(1)?);
        let stacks = Stacks::new(&a.shape, &b.shape)?;
        let mut gradients = vec![None, None];
        let products = above.data.chunks_exact((stacks.rows * stacks.columns).max(1));
        let products: Vec<Matrix<'_>> =
            products.map(|data| Matrix::new(data, stacks.rows, stacks.columns)).collect();
        if pass.wants(0) {
            let mut gradient = Tensor::filled(&a.shape, 0.0)?;
            for ((left, right), product) in stacks.pairs.iter().zip(&products) {
                let output = &mut gradient.data[left * stacks.rows * stacks.inner..];
                multiply(1.0, *product, stacks.right(&b.data, *right).transposed(), 1.0, output);
            }
            gradients[0] = Some(gradient);
        }
        if pass.wants(1) {
            let mut gradient = Tensor::filled(&b.shape, 0.0)?;
            for ((left, right), product) in stacks.pairs.iter().zip(&products) {
                let output = &mut gradient.data[right * stacks.inner * stacks.columns..];
                multiply(1.0, stacks.left(&a.data, *left).transposed(), *product, 1.0, output);
            }
            gradients[1] = Some(gradient);
        }
        Ok(gradients)
    }
}

pub(crate) fn matmul(_: &Context<'_>) -> Prepared {
    Ok(Box::new(MatMul))
}
