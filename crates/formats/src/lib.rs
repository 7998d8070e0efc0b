//! Parsers: bytes in, facts out.
//!
//! A parser never fails and never judges. What is wrong with the bytes is a [`Defect`], what they mean for
//! security is said in `checks`. Memory, depth and time are bounded by [`Limits`], whatever the bytes say.
//!
//! To add a format: a folder with its parser, a variant of [`Facts`], a line in [`FORMATS`], a fuzz target.

#![forbid(unsafe_code)]

pub mod compression;
pub mod declaration;
mod defect;
pub mod dockerfile;
pub mod dvc;
pub mod flatbuffer;
mod format;
pub mod gguf;
pub mod joblib;
pub mod jinja;
pub mod json;
pub mod kubernetes;
mod limits;
pub mod mcp;
pub mod mlmodel;
pub mod notebook;
pub mod npy;
pub mod onnx;
pub mod otel;
mod parsed;
pub mod pickle;
pub mod prompt;
pub mod protobuf;
pub mod pyproject;
pub mod python;
pub mod rdata;
pub mod requirements;
pub mod safetensors;
pub mod skops;
pub mod table;
pub mod terraform;
pub mod text;
pub mod torch;
pub mod uv_lock;
pub mod yaml;
pub mod zip;

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
    /// An ONNX model.
    Onnx(onnx::Onnx),
    /// Python objects, serialised.
    Pickle(pickle::Pickle),
    /// Source code in Python.
    Python(python::Python),
    /// A stream compressed as a whole.
    Compressed(compression::Compressed),
    /// A model in llama.cpp's format.
    Gguf(gguf::Gguf),
    /// Tensors behind a JSON header.
    Safetensors(safetensors::Safetensors),
    /// A model in PyTorch's zip format.
    Torch(torch::Torch),
    /// An archive.
    Zip(zip::Zip),
    /// Instructions of a container build.
    Dockerfile(dockerfile::Dockerfile),
    /// Objects of a cluster.
    Kubernetes(kubernetes::Kubernetes),
    /// Tool servers of an agent or editor.
    Mcp(mcp::Mcp),
    /// Instructions for a language model.
    Prompt(prompt::Prompt),
    /// Resources of a cloud account.
    Terraform(terraform::Terraform),
    /// A template in Jinja.
    Jinja(jinja::Jinja),
    /// A notebook.
    Notebook(notebook::Notebook),
    /// A pip requirements file.
    Requirements(requirements::Requirements),
    /// A Python project file.
    PyProject(pyproject::PyProject),
    /// A lock file of a Python project.
    UvLock(uv_lock::UvLock),
    /// What DVC tracks.
    Dvc(dvc::Dvc),
    /// A model as MLflow describes it.
    MlModel(mlmodel::MlModel),
    /// Delimited text.
    Table(table::Table),
    /// Text that no other format knows.
    Text(text::Text),
    /// A scikit-learn model as a graph of nodes.
    Skops(skops::Skops),
    /// Objects of R.
    RData(rdata::RData),
    /// No parser knows this content.
    Unknown,
}

/// Every format, in the order in which equally sure ones are preferred: logs before what they are compressed with,
/// text last.
pub const FORMATS: &[Format] = &[
    otel::FORMAT,
    compression::FORMAT,
    dockerfile::FORMAT,
    dvc::FORMAT,
    gguf::FORMAT,
    jinja::FORMAT,
    joblib::FORMAT,
    kubernetes::FORMAT,
    mcp::FORMAT,
    mlmodel::FORMAT,
    notebook::FORMAT,
    npy::FORMAT,
    onnx::FORMAT,
    pickle::FORMAT,
    prompt::FORMAT,
    pyproject::FORMAT,
    python::FORMAT,
    rdata::FORMAT,
    requirements::FORMAT,
    safetensors::FORMAT,
    skops::FORMAT,
    table::FORMAT,
    terraform::FORMAT,
    torch::FORMAT,
    uv_lock::FORMAT,
    zip::FORMAT,
    text::FORMAT,
];
