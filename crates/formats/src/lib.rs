//! Parsers: bytes in, facts out.
//!
//! A parser never fails and never judges. What is wrong with the bytes is a [`Defect`], what they mean for
//! security is said in `checks`. Memory, depth and time are bounded by [`Limits`], whatever the bytes say.
//!
//! To add a format: a folder with its parser, a variant of [`Facts`], a line in [`FORMATS`], a fuzz target.

#![forbid(unsafe_code)]

mod defect;
mod format;
mod limits;
pub mod npy;
pub mod onnx;
pub mod otel;
mod parsed;
pub mod pickle;
pub mod protobuf;
pub mod python;
pub mod yaml;

pub use defect::Defect;
pub use format::{Budget, Format, Input, Recognised, identify, parse};
pub use limits::Limits;
pub use parsed::{Member, Parsed};

/// The facts of one input, by format.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Facts {
    /// Events of an inference log.
    Otel(otel::Otel),
    /// One NumPy array.
    Npy(npy::Npy),
    /// Python objects, serialised.
    Pickle(pickle::Pickle),
    /// Source code in Python.
    Python(python::Python),
    /// No parser knows this content.
    Unknown,
}

/// Every format, in the order in which equally sure ones are preferred.
pub const FORMATS: &[Format] = &[
    npy::FORMAT,
    otel::FORMAT,
    pickle::FORMAT,
    python::FORMAT,
];
