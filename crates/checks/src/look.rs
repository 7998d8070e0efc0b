//! What checks can look at: one variant per kind of subject.

use vauban_domain::Locator;
use vauban_formats::Facts;
use vauban_formats::ollama::Ollama;

use crate::{Estate, Report, Subject};

/// The function of a check, typed by its subject.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Look {
    /// Any file or member, whatever its format.
    Any(fn(&Subject<'_, Facts>, &mut Report)),
    /// Any container with named members: ZIP and formats that are ZIP, tar, 7z.
    Archive(fn(&Subject<'_, [vauban_formats::Listed<'_>]>, &mut Report)),
    /// Any model or data file, whatever its format.
    Artifact(fn(&Subject<'_, Facts>, &mut Report)),
    /// A program.
    Executable(fn(&Subject<'_, vauban_formats::executable::Executable>, &mut Report)),
    /// Objects of Java, serialised.
    Java(fn(&Subject<'_, vauban_formats::java::Java>, &mut Report)),
    /// Metadata of a saved Spark ML stage.
    Spark(fn(&Subject<'_, vauban_formats::spark::Spark>, &mut Report)),
    /// Variables of MATLAB.
    Mat(fn(&Subject<'_, vauban_formats::mat::Mat>, &mut Report)),
    /// A model compiled for one runtime.
    Engine(fn(&Subject<'_, vauban_formats::engine::Engine>, &mut Report)),
    /// Python source: a file, or each code cell of a notebook.
    Code(fn(&Subject<'_, vauban_formats::python::Python>, &mut Report)),
    /// The packages that a requirements or project file names.
    Dependencies(fn(&Subject<'_, [vauban_formats::requirements::Requirement]>, &mut Report)),
    /// A lock file, or what an installed package says of itself.
    Lock(fn(&Subject<'_, vauban_formats::lock::Lock>, &mut Report)),
    /// What a project says about the packages it needs.
    Manifest(fn(&Subject<'_, vauban_formats::manifest::Manifest>, &mut Report)),
    /// Whatever names packages or the places they come from: requirements, manifests, locks, settings of installers.
    Packages(fn(&Subject<'_, Facts>, &mut Report)),
    /// The package indexes that a requirements or project file, or the settings of an installer, name.
    Indexes(fn(&Subject<'_, [vauban_formats::requirements::Index]>, &mut Report)),
    /// A model as MLflow describes it.
    MlModel(fn(&Subject<'_, vauban_formats::mlmodel::MlModel>, &mut Report)),
    /// What a TorchServe archive says of itself.
    ModelArchive(fn(&Subject<'_, vauban_formats::model_archive::ModelArchive>, &mut Report)),
    /// A notebook.
    Notebook(fn(&Subject<'_, vauban_formats::notebook::Notebook>, &mut Report)),
    /// A pip requirements file.
    Requirements(fn(&Subject<'_, vauban_formats::requirements::Requirements>, &mut Report)),
    /// Delimited text.
    Table(fn(&Subject<'_, vauban_formats::table::Table>, &mut Report)),
    /// Text in which credentials may stand: sources, notebooks, any text without a format of its own.
    Text(fn(&Subject<'_, str>, &mut Report)),
    /// The whole estate.
    Estate(fn(&Estate<'_>, &mut Report)),
    /// A model in llama.cpp's format.
    Gguf(fn(&Subject<'_, vauban_formats::gguf::Gguf>, &mut Report)),
    /// A configuration of a model repository.
    HuggingFace(fn(&Subject<'_, vauban_formats::hugging_face::HuggingFace>, &mut Report)),
    /// A template in Jinja.
    Jinja(fn(&Subject<'_, vauban_formats::jinja::Jinja>, &mut Report)),
    /// One NumPy array.
    Npy(fn(&Subject<'_, vauban_formats::npy::Npy>, &mut Report)),
    /// A manifest of a container image.
    Oci(fn(&Subject<'_, vauban_formats::oci::Oci>, &mut Report)),
    /// An ONNX model.
    Onnx(fn(&Subject<'_, vauban_formats::onnx::Onnx>, &mut Report)),
    /// Arrays in groups, with attributes.
    Hdf5(fn(&Subject<'_, vauban_formats::hdf5::Hdf5>, &mut Report)),
    /// A Keras configuration.
    Keras(fn(&Subject<'_, vauban_formats::keras::Keras>, &mut Report)),
    /// A TensorFlow graph.
    TensorFlow(fn(&Subject<'_, vauban_formats::tensorflow::TensorFlow>, &mut Report)),
    /// The index of a TensorFlow checkpoint.
    Checkpoint(fn(&Subject<'_, vauban_formats::tensorflow::checkpoint::Checkpoint>, &mut Report)),
    /// A TensorFlow.js model.
    Tfjs(fn(&Subject<'_, vauban_formats::tensorflow::tfjs::Tfjs>, &mut Report)),
    /// A TensorFlow Lite model.
    Tflite(fn(&Subject<'_, vauban_formats::tflite::Tflite>, &mut Report)),
    /// A Core ML model.
    Coreml(fn(&Subject<'_, vauban_formats::coreml::Coreml>, &mut Report)),
    /// A PaddlePaddle program.
    Paddle(fn(&Subject<'_, vauban_formats::paddle::Paddle>, &mut Report)),
    /// An MXNet model.
    Mxnet(fn(&Subject<'_, vauban_formats::mxnet::Mxnet>, &mut Report)),
    /// A model of Microsoft Cognitive Toolkit.
    Cntk(fn(&Subject<'_, vauban_formats::cntk::Cntk>, &mut Report)),
    /// Python objects, serialised.
    Pickle(fn(&Subject<'_, vauban_formats::pickle::Pickle>, &mut Report)),
    /// A container build.
    Dockerfile(fn(&Subject<'_, vauban_formats::dockerfile::Dockerfile>, &mut Report)),
    /// Configuration that names Python objects to build.
    Instantiation(fn(&Subject<'_, vauban_formats::instantiation::Instantiation>, &mut Report)),
    /// Cluster manifests.
    Kubernetes(fn(&Subject<'_, vauban_formats::kubernetes::Kubernetes>, &mut Report)),
    /// An agent, its settings or what a builder exported of it.
    Agent(fn(&Subject<'_, vauban_formats::agent::Agent>, &mut Report)),
    /// What an agent's client is told to allow and to run, in settings, beside servers or before a skill.
    AgentSettings(fn(&Subject<'_, vauban_formats::agent::settings::Settings>, &mut Report)),
    /// Tool servers of an agent.
    Mcp(fn(&Subject<'_, vauban_formats::mcp::Mcp>, &mut Report)),
    /// How Ollama makes or stores a model.
    Ollama(fn(&Subject<'_, vauban_formats::ollama::Ollama>, &mut Report)),
    /// How Triton loads a model.
    Triton(fn(&Subject<'_, vauban_formats::triton::Triton>, &mut Report)),
    /// Instructions for a language model.
    Prompt(fn(&Subject<'_, vauban_formats::prompt::Prompt>, &mut Report)),
    /// A program for ExecuTorch.
    ExecuTorch(fn(&Subject<'_, vauban_formats::executorch::ExecuTorch>, &mut Report)),
    /// Objects of Lua's Torch.
    Torch7(fn(&Subject<'_, vauban_formats::torch7::Torch7>, &mut Report)),
    /// A model in PyTorch's zip format.
    Torch(fn(&Subject<'_, vauban_formats::torch::Torch>, &mut Report)),
    /// Source code in Python.
    Python(fn(&Subject<'_, vauban_formats::python::Python>, &mut Report)),
    /// Source code in any language that is read: Python, notebooks, JavaScript.
    Source(fn(&Subject<'_, Facts>, &mut Report)),
    /// Source code in JavaScript or TypeScript.
    Script(fn(&Subject<'_, vauban_formats::script::Script>, &mut Report)),
    /// Jobs of continuous integration.
    Ci(fn(&Subject<'_, vauban_formats::ci::Ci>, &mut Report)),
    /// Services that run together.
    Compose(fn(&Subject<'_, vauban_formats::compose::Compose>, &mut Report)),
    /// Tensors behind a JSON header.
    Safetensors(fn(&Subject<'_, vauban_formats::safetensors::Safetensors>, &mut Report)),
    /// A container build, services of a compose file, cluster manifests or the configuration of a server.
    Container(fn(&Subject<'_, Facts>, &mut Report)),
    /// Prompts, tool servers and agents: what a language model is told.
    Instruction(fn(&Subject<'_, Facts>, &mut Report)),
    /// What a host answered. The look says whether the rule is about what answers there.
    Recording(fn(&Subject<'_, vauban_formats::recording::Recording>, &mut Report) -> bool),
    /// Where a server is started, or what one answered. The look says whether the rule is about it.
    Server(fn(&Subject<'_, Facts>, &mut Report) -> bool),
    /// A graph of nodes as skops stores it.
    Skops(fn(&Subject<'_, vauban_formats::skops::Skops>, &mut Report)),
    /// Objects of R.
    RData(fn(&Subject<'_, vauban_formats::rdata::RData>, &mut Report)),
    /// Columns in Arrow.
    Arrow(fn(&Subject<'_, vauban_formats::arrow::Arrow>, &mut Report)),
    /// A table in Parquet.
    Parquet(fn(&Subject<'_, vauban_formats::parquet::Parquet>, &mut Report)),
    /// A document with what it declares: any XML, also of models.
    Xml(fn(&Subject<'_, vauban_formats::xml::Xml>, &mut Report)),
    /// A model in PMML.
    Pmml(fn(&Subject<'_, vauban_formats::pmml::Pmml>, &mut Report)),
    /// A model of OpenVINO.
    OpenVino(fn(&Subject<'_, vauban_formats::openvino::OpenVino>, &mut Report)),
    /// Parameters in MessagePack.
    Msgpack(fn(&Subject<'_, vauban_formats::msgpack::Msgpack>, &mut Report)),
    /// Metadata of a checkpoint.
    Orbax(fn(&Subject<'_, vauban_formats::orbax::Orbax>, &mut Report)),
}

impl Look {
    /// Looks at one input if it is of the right kind; false if it is not.
    pub(crate) fn at(self, subject: &Subject<'_, Facts>, report: &mut Report) -> bool {
        /// Runs `look` on the facts inside one variant of [`Facts`].
        macro_rules! typed {
            ($look:expr, $variant:ident) => {{
                let Facts::$variant(facts) = subject.facts else { return false };
                $look(&subject.with(facts), report);
                true
            }};
        }
        match self {
            Self::Any(look) => {
                look(subject, report);
                true
            }
            Self::Archive(look) => {
                let Some(listed) = vauban_formats::listed(subject.facts) else { return false };
                look(&subject.with(listed.as_slice()), report);
                true
            }
            Self::Artifact(look) => {
                let artifact = matches!(
                    subject.facts,
                    Facts::Compressed(_)
                        | Facts::Gguf(_)
                        | Facts::Marshal(_)
                        | Facts::Executable(_)
                        | Facts::Java(_)
                        | Facts::Spark(_)
                        | Facts::Mat(_)
                        | Facts::Engine(_)
                        | Facts::Npy(_)
                        | Facts::Oci(_)
                        | Facts::Onnx(_)
                        | Facts::Ollama(_)
                        | Facts::Pickle(_)
                        | Facts::Safetensors(_)
                        | Facts::SevenZip(_)
                        | Facts::Tar(_)
                        | Facts::ExecuTorch(_)
                        | Facts::Torch(_)
                        | Facts::Torch7(_)
                        | Facts::Triton(_)
                        | Facts::Skops(_)
                        | Facts::Hdf5(_)
                        | Facts::RData(_)
                        | Facts::Keras(_)
                        | Facts::Xgboost(_)
                        | Facts::Lightgbm(_)
                        | Facts::Catboost(_)
                        | Facts::TensorFlow(_)
                        | Facts::Checkpoint(_)
                        | Facts::Tfjs(_)
                        | Facts::Arrow(_)
                        | Facts::Parquet(_)
                        | Facts::Pmml(_)
                        | Facts::OpenVino(_)
                        | Facts::Tflite(_)
                        | Facts::Coreml(_)
                        | Facts::Paddle(_)
                        | Facts::Mxnet(_)
                        | Facts::Cntk(_)
                        | Facts::Msgpack(_)
                        | Facts::Orbax(_)
                        | Facts::Zip(_)
                ) || subject.parsed.format == "unread";
                if artifact {
                    look(subject, report);
                }
                artifact
            }
            Self::Dockerfile(look) => typed!(look, Dockerfile),
            Self::Instantiation(look) => typed!(look, Instantiation),
            Self::Kubernetes(look) => typed!(look, Kubernetes),
            Self::Agent(look) => typed!(look, Agent),
            Self::AgentSettings(look) => {
                let settings = match subject.facts {
                    Facts::Agent(agent) => &agent.settings,
                    Facts::Mcp(mcp) => &mcp.settings,
                    Facts::Prompt(prompt) => match &prompt.front {
                        Some(front) => &front.settings,
                        None => return false,
                    },
                    _ => return false,
                };
                look(&subject.with(settings), report);
                true
            }
            Self::Mcp(look) => typed!(look, Mcp),
            Self::Ollama(look) => typed!(look, Ollama),
            Self::Prompt(look) => typed!(look, Prompt),
            Self::Python(look) => typed!(look, Python),
            Self::Safetensors(look) => typed!(look, Safetensors),
            Self::Source(look) => {
                let applies =
                    matches!(subject.facts, Facts::Notebook(_) | Facts::Python(_) | Facts::Script(_));
                if applies {
                    look(subject, report);
                }
                applies
            }
            Self::Script(look) => typed!(look, Script),
            Self::Ci(look) => typed!(look, Ci),
            Self::Compose(look) => typed!(look, Compose),
            Self::ExecuTorch(look) => typed!(look, ExecuTorch),
            Self::Torch(look) => typed!(look, Torch),
            Self::Torch7(look) => typed!(look, Torch7),
            Self::Code(look) => match subject.facts {
                Facts::Python(python) => {
                    look(&subject.with(python), report);
                    true
                }
                Facts::Notebook(notebook) => {
                    for cell in &notebook.cells {
                        let locator = subject.locator.clone().at_key(format!("cells[{}]", cell.index));
                        look(&subject.with(&cell.python).at(&locator), report);
                    }
                    true
                }
                _ => false,
            },
            Self::Dependencies(look) => {
                let read;
                let requirements = match subject.facts {
                    Facts::Manifest(manifest) => &manifest.requirements,
                    Facts::Requirements(file) => &file.requirements,
                    Facts::Python(python) if subject.locator.path.ends_with("setup.py") => {
                        let Some(manifest) = vauban_formats::manifest::of_setup_py(python) else {
                            return false;
                        };
                        read = manifest;
                        &read.requirements
                    }
                    _ => return false,
                };
                // What was read here lives shorter than the file.
                let subject: &Subject<'_, Facts> = subject;
                look(&subject.with(requirements.as_slice()), report);
                true
            }
            Self::Indexes(look) => {
                let indexes = match subject.facts {
                    Facts::Manifest(manifest) => &manifest.indexes,
                    Facts::Requirements(file) => &file.indexes,
                    Facts::Installer(installer) => &installer.indexes,
                    _ => return false,
                };
                look(&subject.with(indexes.as_slice()), report);
                true
            }
            Self::Lock(look) => typed!(look, Lock),
            Self::Manifest(look) => typed!(look, Manifest),
            Self::Packages(look) => {
                let applies = matches!(
                    subject.facts,
                    Facts::Requirements(_) | Facts::Manifest(_) | Facts::Lock(_) | Facts::Installer(_)
                );
                if applies {
                    look(subject, report);
                }
                applies
            }
            Self::MlModel(look) => typed!(look, MlModel),
            Self::ModelArchive(look) => typed!(look, ModelArchive),
            Self::Notebook(look) => typed!(look, Notebook),
            Self::Requirements(look) => typed!(look, Requirements),
            Self::Table(look) => typed!(look, Table),
            Self::Triton(look) => typed!(look, Triton),
            Self::Text(look) => passages(subject, |subject| look(subject, report)),
            Self::Container(look) => {
                let applies = matches!(
                    subject.facts,
                    Facts::Compose(_) | Facts::Dockerfile(_) | Facts::Kubernetes(_) | Facts::Serving(_)
                );
                if applies {
                    look(subject, report);
                }
                applies
            }
            Self::Recording(look) => {
                let Facts::Recording(recording) = subject.facts else { return false };
                look(&subject.with(recording), report)
            }
            Self::Server(look) => look(subject, report),
            Self::Instruction(look) => {
                let applies = matches!(subject.facts, Facts::Agent(_) | Facts::Mcp(_) | Facts::Prompt(_));
                if applies {
                    look(subject, report);
                }
                applies
            }
            Self::Estate(_) => false,
            Self::Gguf(look) => typed!(look, Gguf),
            Self::HuggingFace(look) => typed!(look, HuggingFace),
            Self::Jinja(look) => typed!(look, Jinja),
            Self::Npy(look) => typed!(look, Npy),
            Self::Oci(look) => typed!(look, Oci),
            Self::Onnx(look) => typed!(look, Onnx),
            Self::Hdf5(look) => typed!(look, Hdf5),
            Self::Keras(look) => typed!(look, Keras),
            Self::Executable(look) => typed!(look, Executable),
            Self::Java(look) => typed!(look, Java),
            Self::Spark(look) => typed!(look, Spark),
            Self::TensorFlow(look) => typed!(look, TensorFlow),
            Self::Checkpoint(look) => typed!(look, Checkpoint),
            Self::Tfjs(look) => typed!(look, Tfjs),
            Self::Mat(look) => typed!(look, Mat),
            Self::Tflite(look) => typed!(look, Tflite),
            Self::Coreml(look) => typed!(look, Coreml),
            Self::Paddle(look) => typed!(look, Paddle),
            Self::Mxnet(look) => typed!(look, Mxnet),
            Self::Cntk(look) => typed!(look, Cntk),
            Self::Engine(look) => typed!(look, Engine),
            Self::Pickle(look) => typed!(look, Pickle),
            Self::Orbax(look) => typed!(look, Orbax),
            Self::Msgpack(look) => typed!(look, Msgpack),
            Self::OpenVino(look) => typed!(look, OpenVino),
            Self::Pmml(look) => typed!(look, Pmml),
            Self::Xml(look) => {
                let xml = match subject.facts {
                    Facts::OpenVino(model) => &model.xml,
                    Facts::Pmml(model) => &model.xml,
                    Facts::Xml(xml) => xml,
                    _ => return false,
                };
                look(&subject.with(xml), report);
                true
            }
            Self::Parquet(look) => typed!(look, Parquet),
            Self::Arrow(look) => typed!(look, Arrow),
            Self::RData(look) => typed!(look, RData),
            Self::Skops(look) => typed!(look, Skops),
        }
    }
}

/// Shows every piece of text of an input; false if it has none.
fn passages(subject: &Subject<'_, Facts>, mut see: impl FnMut(&Subject<'_, str>)) -> bool {
    match subject.facts {
        Facts::Text(text) => see(&subject.with(text.text.as_str())),
        Facts::Cloud(cloud) => see(&subject.with(cloud.text.as_str())),
        Facts::Terraform(code) => see(&subject.with(code.text.as_str())),
        Facts::Recording(recording) => {
            for exchange in recording.answers() {
                let locator = subject.locator.clone().at_line(exchange.line).at_key(exchange.path.as_str());
                // The mark of a page to come is called a token and is no secret.
                let body = exchange.body.replace("page_token", "page_mark");
                see(&subject.with(body.as_str()).at(&locator));
            }
        }
        Facts::Agent(agent) => see(&subject.with(agent.source.as_str())),
        // Credentials in prompts of applications have a rule of their own.
        Facts::Prompt(prompt) if prompt.kind != vauban_formats::prompt::Kind::Prompt => {
            see(&subject.with(prompt.text.as_str()));
        }
        Facts::Xml(xml) => see(&subject.with(xml.text.as_str())),
        Facts::HuggingFace(config) => see(&subject.with(config.source.as_str())),
        Facts::Jinja(jinja) => see(&subject.with(jinja.text.as_str())),
        Facts::Python(python) => see(&subject.with(python.source.as_str())),
        Facts::Script(script) => see(&subject.with(script.source.as_str())),
        Facts::Ci(ci) => see(&subject.with(ci.source.as_str())),
        Facts::Compose(compose) => see(&subject.with(compose.source.as_str())),
        Facts::Serving(file) => {
            for setting in &file.settings {
                let key = setting.key.rsplit('.').next().unwrap_or_default();
                let locator = subject.locator.clone().at_line(setting.line);
                see(&subject.with(format!("{key}: \"{}\"", setting.value).as_str()).at(&locator));
            }
        }
        Facts::Ollama(Ollama::Modelfile(file)) => {
            for told in file.told() {
                let locator = subject.locator.clone().at_line(told.line);
                see(&subject.with(told.value.as_str()).at(&locator));
            }
        }
        Facts::Notebook(notebook) => {
            for cell in &notebook.cells {
                let locator = subject.locator.clone().at_key(format!("cells[{}]", cell.index));
                see(&subject.with(cell.source.as_str()).at(&locator));
            }
        }
        Facts::Manifest(manifest) => see(&subject.with(manifest.source.as_str())),
        Facts::Installer(installer) => see(&subject.with(installer.source.as_str())),
        // Of a lock only addresses can hold a secret, in front of their host.
        Facts::Lock(lock) => {
            for package in lock.packages.iter().filter(|package| package.address.contains('@')) {
                let locator = subject.locator.clone().at_line(package.line);
                see(&subject.with(package.address.as_str()).at(&locator));
            }
        }
        Facts::Requirements(file) => {
            for index in &file.indexes {
                let locator = subject.locator.clone().at_line(index.line);
                see(&subject.with(index.url.as_str()).at(&locator));
            }
            for requirement in &file.requirements {
                let locator = subject.locator.clone().at_line(requirement.line);
                see(&subject.with(requirement.url.as_deref().unwrap_or_default()).at(&locator));
            }
        }
        _ => return false,
    }
    true
}

/// The line of a passage, counted from 0; a passage that is one line of its file keeps that line.
pub(crate) fn line_of(locator: &Locator, index: usize) -> Locator {
    match locator.line {
        Some(_) => locator.clone(),
        None => locator.clone().at_line(u32::try_from(index + 1).unwrap_or(u32::MAX)),
    }
}

impl<'a, T: ?Sized> Subject<'a, T> {
    /// The same facts at another place.
    pub(crate) fn at<'b>(&self, locator: &'b Locator) -> Subject<'b, T>
    where
        'a: 'b,
    {
        Subject {
            facts: self.facts,
            parsed: self.parsed,
            defects: self.defects,
            locator,
            asset: self.asset,
            assets_here: self.assets_here,
            knowledge: self.knowledge,
        }
    }

    /// The same place with facts of another type.
    pub fn with<U: ?Sized>(&self, facts: &'a U) -> Subject<'a, U> {
        Subject {
            facts,
            parsed: self.parsed,
            defects: self.defects,
            locator: self.locator,
            asset: self.asset,
            assets_here: self.assets_here,
            knowledge: self.knowledge,
        }
    }
}
