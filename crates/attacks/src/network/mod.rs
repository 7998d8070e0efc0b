//! A neural network from an ONNX graph: forward, and backward by reverse mode.
//!
//! The set of operators is closed (see [`operators`]); one outside it is an error that names it. Arithmetic is
//! 32-bit and single-threaded, so that a batch gives the same bits wherever it runs; callers spread batches.

mod execute;
mod gemm;
mod kernel;
mod load;
pub mod operators;
mod tensor;

pub use execute::Tape;
pub(crate) use gemm::{Matrix, multiply};
pub use kernel::{Backward, Context, Flow, InputGradients, Inputs, Kernel, KernelError};
pub(crate) use load::Step;
pub use load::{LoadError, Network};
pub(crate) use tensor::size;
pub use tensor::{Array, Tensor, Value};
