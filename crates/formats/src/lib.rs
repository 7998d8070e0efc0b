//! Parsers: bytes in, facts out.
//!
//! A parser never fails and never judges. What is wrong with the bytes is a [`Defect`], what they mean for
//! security is said in `checks`. Memory, depth and time are bounded by [`Limits`], whatever the bytes say.
//!
//! To add a format: a folder with its parser, a variant of [`Facts`], a line in [`FORMATS`], a fuzz target.

#![forbid(unsafe_code)]

pub mod agent;
pub mod arrow;
pub mod bom;
mod budget;
pub mod card;
pub mod catboost;
pub mod ci;
pub mod cloud;
pub mod cntk;
pub mod compose;
pub mod compression;
pub mod coreml;
pub mod dataset;
pub mod declaration;
mod defect;
pub mod dockerfile;
pub mod drill;
pub mod dvc;
mod ecosystem;
pub mod encoded;
pub mod engine;
pub mod executable;
pub mod executorch;
pub mod flatbuffer;
pub mod foreign;
mod format;
pub mod gguf;
pub mod hdf5;
pub mod hugging_face;
mod ini;
pub mod installer;
pub mod instantiation;
pub mod java;
pub mod jinja;
pub mod joblib;
pub mod json;
pub mod keras;
pub mod kubernetes;
pub mod lfs;
pub mod lightgbm;
mod limits;
mod listing;
pub mod lock;
pub mod manifest;
pub mod marshal;
pub mod mat;
pub mod mcp;
pub mod mlflow;
pub mod mlmodel;
pub mod model_archive;
pub mod msgpack;
pub mod mxnet;
pub mod notebook;
pub mod npy;
pub mod objects;
pub mod oci;
pub mod ollama;
pub mod onnx;
pub mod openvino;
pub mod orbax;
pub mod otel;
pub mod paddle;
pub mod parquet;
mod parsed;
mod payload;
pub mod pickle;
pub mod pmml;
mod polyglot;
pub mod prompt;
pub mod protobuf;
pub mod python;
pub mod questionnaire;
pub mod rdata;
pub mod recording;
pub mod requirements;
pub mod safetensors;
pub mod script;
mod search;
pub mod serving;
pub mod seven_zip;
pub mod sklearn_trees;
pub mod skops;
pub mod spark;
pub mod sqlite;
pub mod table;
pub mod tabular_schema;
pub mod tar;
pub mod tensorflow;
pub mod terraform;
pub mod text;
pub mod text_proto;
pub mod tflite;
pub mod threat_model;
pub mod toml_tree;
pub mod torch;
pub mod torch7;
pub mod torchscript;
pub mod tree_nodes;
pub mod triton;
pub mod vnnlib;
mod weights;
pub mod xgboost;
pub mod xml;
pub mod yaml;
pub mod zip;

pub use budget::{Budget, Held};
pub use defect::Defect;
pub use ecosystem::Ecosystem;
pub use format::{Format, Input, Recognised, identify, parse};
pub use limits::Limits;
pub use listing::{Listed, listed, zip_of};
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
    /// How Ollama makes or stores a model.
    Ollama(ollama::Ollama),
    /// How Triton loads a model.
    Triton(triton::Triton),
    /// Configuration that names Python objects to build.
    Instantiation(instantiation::Instantiation),
    /// Compiled Python code.
    Marshal(marshal::Marshal),
    /// Python objects, serialised.
    Pickle(pickle::Pickle),
    /// Source code in Python.
    Python(python::Python),
    /// Source code in JavaScript or TypeScript.
    Script(script::Script),
    /// Jobs of continuous integration.
    Ci(ci::Ci),
    /// Services that run together.
    Compose(compose::Compose),
    /// A stream compressed as a whole.
    Compressed(compression::Compressed),
    /// A bill of materials.
    Bom(Box<bom::Bom>),
    /// A program.
    Executable(executable::Executable),
    /// A model in llama.cpp's format.
    Gguf(gguf::Gguf),
    /// A manifest of a container image.
    Oci(oci::Oci),
    /// Tensors behind a JSON header.
    Safetensors(safetensors::Safetensors),
    /// Configuration of what serves models, features or vectors.
    Serving(serving::Serving),
    /// A 7z archive.
    SevenZip(seven_zip::SevenZip),
    /// An archive of files with their names and links.
    Tar(tar::Tar),
    /// Objects of Lua's Torch.
    Torch7(torch7::Torch7),
    /// A program for ExecuTorch.
    ExecuTorch(executorch::ExecuTorch),
    /// A model in PyTorch's zip format.
    Torch(torch::Torch),
    /// An archive.
    Zip(zip::Zip),
    /// Instructions of a container build.
    Dockerfile(dockerfile::Dockerfile),
    /// Objects of a cluster.
    Kubernetes(kubernetes::Kubernetes),
    /// An agent, its settings or what a builder exported of it.
    Agent(agent::Agent),
    /// Tool servers of an agent or editor.
    Mcp(mcp::Mcp),
    /// Resources of a cloud account, as plans, templates and answers tell of them.
    Cloud(cloud::Cloud),
    /// Instructions for a language model.
    Prompt(prompt::Prompt),
    /// Code that makes resources of a cloud account.
    Terraform(terraform::Terraform),
    /// A configuration of a model repository as Hugging Face has them.
    HuggingFace(hugging_face::HuggingFace),
    /// A template in Jinja.
    Jinja(jinja::Jinja),
    /// What a TorchServe archive says of itself.
    ModelArchive(model_archive::ModelArchive),
    /// A notebook.
    Notebook(notebook::Notebook),
    /// A pip requirements file.
    Requirements(requirements::Requirements),
    /// What a project says about the packages it needs, in any ecosystem.
    Manifest(manifest::Manifest),
    /// Exact packages: a lock file of any ecosystem, or what an installed package says of itself.
    Lock(lock::Lock),
    /// How an installer finds packages.
    Installer(installer::Installer),
    /// What DVC tracks.
    Dvc(dvc::Dvc),
    /// A model as MLflow describes it.
    MlModel(mlmodel::MlModel),
    /// What MLflow keeps.
    MlFlow(Box<mlflow::MlFlow>),
    /// A database in SQLite's format.
    Sqlite(sqlite::Sqlite),
    /// Delimited text.
    Table(table::Table),
    /// Arrays in groups, with attributes.
    Hdf5(hdf5::Hdf5),
    /// A Keras configuration.
    Keras(keras::Keras),
    /// A TensorFlow graph.
    TensorFlow(tensorflow::TensorFlow),
    /// The index of a TensorFlow checkpoint.
    Checkpoint(tensorflow::checkpoint::Checkpoint),
    /// A TensorFlow.js model.
    Tfjs(tensorflow::tfjs::Tfjs),
    /// A TensorFlow Lite model.
    Tflite(tflite::Tflite),
    /// A Core ML model.
    Coreml(coreml::Coreml),
    /// A PaddlePaddle program.
    Paddle(paddle::Paddle),
    /// An MXNet model.
    Mxnet(mxnet::Mxnet),
    /// A model of Microsoft Cognitive Toolkit.
    Cntk(cntk::Cntk),
    /// Text that no other format knows.
    Text(text::Text),
    /// A scikit-learn model as a graph of nodes.
    Skops(skops::Skops),
    /// Objects of R.
    RData(rdata::RData),
    /// A boosted model of XGBoost.
    Xgboost(xgboost::Xgboost),
    /// A boosted model of LightGBM.
    Lightgbm(lightgbm::Lightgbm),
    /// A boosted model of CatBoost.
    Catboost(catboost::Catboost),
    /// Objects of Java, serialised.
    Java(java::Java),
    /// Metadata of a saved Spark ML stage.
    Spark(spark::Spark),
    /// Columns in Arrow.
    Arrow(arrow::Arrow),
    /// A table in Parquet.
    Parquet(parquet::Parquet),
    /// Variables of MATLAB.
    Mat(mat::Mat),
    /// A document with a document type declaration.
    Xml(xml::Xml),
    /// A model in PMML.
    Pmml(pmml::Pmml),
    /// A model of OpenVINO.
    OpenVino(openvino::OpenVino),
    /// A model compiled for one runtime.
    Engine(engine::Engine),
    /// Parameters in MessagePack.
    Msgpack(msgpack::Msgpack),
    /// Metadata of a checkpoint or of an array in it.
    Orbax(orbax::Orbax),
    /// What a host answered when it was asked.
    Recording(recording::Recording),
    /// No parser knows this content.
    Unknown,
}

/// Every format, in the order in which equally sure ones are preferred: logs before what they are compressed with,
/// text last.
pub const FORMATS: &[Format] = &[
    otel::FORMAT,
    agent::FORMAT,
    arrow::FORMAT,
    bom::FORMAT,
    catboost::FORMAT,
    ci::FORMAT,
    cloud::FORMAT,
    cntk::FORMAT,
    compose::FORMAT,
    compression::FORMAT,
    coreml::FORMAT,
    dockerfile::FORMAT,
    dvc::FORMAT,
    engine::FORMAT,
    executable::FORMAT,
    gguf::FORMAT,
    hdf5::FORMAT,
    java::FORMAT,
    hugging_face::FORMAT,
    installer::FORMAT,
    jinja::FORMAT,
    joblib::FORMAT,
    keras::FORMAT,
    kubernetes::FORMAT,
    lightgbm::FORMAT,
    lock::FORMAT,
    manifest::FORMAT,
    marshal::FORMAT,
    mat::FORMAT,
    mcp::FORMAT,
    mlflow::FORMAT,
    mlmodel::FORMAT,
    model_archive::FORMAT,
    msgpack::FORMAT,
    notebook::FORMAT,
    npy::FORMAT,
    oci::FORMAT,
    ollama::FORMAT,
    onnx::FORMAT,
    openvino::FORMAT,
    orbax::FORMAT,
    parquet::FORMAT,
    pickle::FORMAT,
    pmml::FORMAT,
    prompt::FORMAT,
    python::FORMAT,
    rdata::FORMAT,
    recording::FORMAT,
    requirements::FORMAT,
    safetensors::FORMAT,
    script::FORMAT,
    serving::FORMAT,
    seven_zip::FORMAT,
    skops::FORMAT,
    spark::FORMAT,
    sqlite::FORMAT,
    table::FORMAT,
    tar::FORMAT,
    terraform::FORMAT,
    torch7::FORMAT,
    torch::FORMAT,
    executorch::FORMAT,
    triton::FORMAT,
    xgboost::FORMAT,
    xml::FORMAT,
    zip::FORMAT,
    instantiation::FORMAT,
    mxnet::FORMAT,
    paddle::FORMAT,
    tensorflow::FORMAT,
    tensorflow::checkpoint::FORMAT,
    tensorflow::tfjs::FORMAT,
    tflite::FORMAT,
    text::FORMAT,
];
