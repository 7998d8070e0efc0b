//! Whose code a source file holds: a model's, a package's build, or any other, told by names of files and classes.
//!
//! Source: the loaders' conventions for names of files and classes.

use vauban_formats::python::{Flow, ScopeKind};

/// Starts of names of files that hold the code of models.
const STARTS: &[&str] = &[
    "configuration_",
    "custom_",
    "feature_extraction_",
    "handler.",
    "handler_",
    "image_processing_",
    "modeling_",
    "pipeline",
    "processing_",
    "tokenization_",
];
/// Names of files that hold the code of models.
const NAMES: &[&str] = &[
    "__init__.py",
    "conftest.py",
    "generate.py",
    "hubconf.py",
    "inference.py",
    "model.py",
    "predict.py",
    "sitecustomize.py",
    "usercustomize.py",
];
/// Ends of names of classes that models derive from.
const BASES: &[&str] = &[
    "BaseHandler",
    "DiffusionPipeline",
    "ImageProcessingMixin",
    "PreTrainedModel",
    "PreTrainedTokenizer",
    "PreTrainedTokenizerFast",
    "PretrainedConfig",
    "PreTrainedConfig",
    "ProcessorMixin",
    "PythonModel",
    "TritonPythonModel",
    "LightningModule",
];

/// Whose code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Runs when a model is loaded or used.
    Model,
    /// Runs when a package is built; starting programs is ordinary.
    Setup,
    /// Any other source.
    Plain,
}

/// Whose code it is, from its name, what it is inside of and what it defines.
pub(super) fn place(path: &str, member: Option<&str>, flow: &Flow) -> Place {
    let name = member.unwrap_or(path).rsplit(['/', '\\', '!']).next().unwrap_or_default();
    let packaged = [".whl", ".egg", ".gz", ".bz2", ".xz", ".conda"].iter().any(|end| path.ends_with(end));
    // A word of its own: `model.py` and `v2-model.py`, not `train_model.py`.
    let begins = |at: usize| !name[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let named = NAMES.iter().any(|end| name.ends_with(end) && begins(name.len() - end.len()))
        || STARTS.iter().any(|start| name.find(start).is_some_and(begins))
        || [".pth", "_handler.py", "_pipeline.py"].iter().any(|end| name.ends_with(end));
    let defines = flow.scopes.iter().any(|scope| {
        scope.kind == ScopeKind::Class
            && (scope.name == "TritonPythonModel"
                || scope.bases.iter().any(|base| {
                    let last = base.rsplit('.').next().unwrap_or(base);
                    BASES.contains(&last) || matches!(base.as_str(), "torch.nn.Module" | "nn.Module")
                }))
    });
    if name.ends_with("setup.py") && begins(name.len() - "setup.py".len()) {
        return Place::Setup;
    }
    if named || defines || member.is_some() && !packaged { Place::Model } else { Place::Plain }
}
