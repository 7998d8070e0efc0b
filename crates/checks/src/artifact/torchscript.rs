//! What the sources of a compiled PyTorch model do: by the names of what they call, which cannot be computed.

use vauban_domain::Evidence;
use vauban_formats::torch::Torch;
use vauban_formats::torchscript::{Operation, Place, Script};

use crate::{Report, Subject};

/// What a line of TorchScript amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Python, or a way back into it.
    Python,
    /// Opens files.
    Files,
    /// Reaches other machines.
    Network,
    /// Calls what PyTorch itself does not have.
    Unknown,
    /// Takes time or memory without end.
    Exhaustion,
}

/// One thing that the sources do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed<'a> {
    /// What it amounts to.
    pub(super) does: Does,
    /// By which name.
    pub(super) name: &'a str,
    /// On which line.
    pub(super) place: &'a Place,
}

/// Namespaces of operators and classes that PyTorch and libraries of its own project register.
///
/// Source: `TORCH_LIBRARY` in PyTorch's `aten/src/ATen/native` and `torch/csrc`, torchvision, torchaudio, torchtext.
const NAMESPACES: &[&str] = &[
    "_caffe2",
    "_nnapi",
    "_quantized",
    "aten",
    "attr",
    "auto_functionalized",
    "c10d",
    "c10d_functional",
    "cuda",
    "dnnl_utils",
    "export",
    "fbgemm",
    "higher_order",
    "image",
    "inductor",
    "io",
    "metal",
    "metal_prepack",
    "mkl",
    "mkldnn",
    "mkldnn_prepacked",
    "mklml",
    "mps",
    "nnapi",
    "onednn",
    "prepacked",
    "prim",
    "prims",
    "profiler",
    "quantized",
    "quantized_decomposed",
    "rnn",
    "sparse",
    "static_runtime",
    "tensorrt",
    "torch_cluster",
    "torch_scatter",
    "torch_sparse",
    "torch_spline_conv",
    "torchaudio",
    "torchtext",
    "torchvision",
    "vulkan",
    "vulkan_prepack",
    "xnnpack",
];

/// Whether a namespace of operators is PyTorch's own.
pub(super) fn is_known_namespace(namespace: &str) -> bool {
    NAMESPACES.contains(&namespace)
}

/// Functions of Python that TorchScript does not have.
const PYTHON: &[&str] = &[
    "__import__",
    "breakpoint",
    "compile",
    "delattr",
    "eval",
    "exec",
    "execfile",
    "globals",
    "input",
    "locals",
    "open",
    "setattr",
    "vars",
];

/// Last parts of the names of operators that open files.
const FILES: &[&str] = &[
    "_load_parameters",
    "_save_parameters",
    "from_file",
    "load",
    "load_library",
    "read_file",
    "save",
    "tofile",
    "write_file",
    "decode_video",
    "read_video",
];

/// Elements of a tensor that no machine has memory for.
const ELEMENTS: u64 = 1 << 40;

/// What the sources do that a calculation does not.
pub(super) fn does(script: &Script) -> Vec<Deed<'_>> {
    let mut deeds = Vec::new();
    let mut add = |does, name, place| deeds.push(Deed { does, name, place });
    for place in &script.imports {
        add(Does::Python, place.text.as_str(), place);
    }
    for place in &script.endless {
        add(Does::Exhaustion, place.text.as_str(), place);
    }
    for operation in &script.operations {
        if let Some(does) = judge(operation) {
            add(does, operation.name.as_str(), &operation.place);
        }
    }
    deeds
}

fn judge(operation: &Operation) -> Option<Does> {
    let name = operation.name.as_str();
    if name.starts_with('^') || PYTHON.contains(&name) {
        return Some(Does::Python);
    }
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let last = name.rsplit('.').next().unwrap_or(name);
    match first {
        "os" | "sys" | "subprocess" | "builtins" | "__builtins__" | "importlib" | "shutil" | "socket"
        | "pickle" | "ctypes" => Some(Does::Python),
        "torch" | "ops" => {
            let namespace = rest.split('.').next().unwrap_or(rest);
            let below = if first == "ops" { namespace } else { "aten" };
            if rest.contains("rpc")
                || matches!(namespace, "distributed" | "c10d" | "_c10d_functional" | "hub")
            {
                return Some(Does::Network);
            }
            if FILES.contains(&last) && below != "image" {
                return Some(Does::Files);
            }
            if rest.starts_with("ops.load_library") || rest.starts_with("classes.load_library") {
                return Some(Does::Files);
            }
            if first == "ops" && rest.contains('.') && !is_known_namespace(namespace) {
                return Some(Does::Unknown);
            }
            (operation.largest >= ELEMENTS).then_some(Does::Exhaustion)
        }
        "__torch__" => {
            let namespace = rest.strip_prefix("torch.classes.")?.split('.').next()?;
            (!is_known_namespace(namespace)).then_some(Does::Unknown)
        }
        _ => None,
    }
}

/// Reports one thing that the sources do.
pub(super) fn tell(subject: &Subject<'_, Torch>, report: &mut Report, deed: &Deed<'_>) {
    let place = deed.place;
    let verb = match deed.does {
        Does::Python => "holds",
        Does::Exhaustion => "does without end",
        _ => "calls",
    };
    let message =
        format!("{} line {} {verb} `{}`", place.member.escape_debug(), place.line, deed.name.escape_debug());
    let evidence = Evidence::new(subject.locator.clone(), deed.name, place.text.clone());
    report.find(&subject.asset.id, message, vec![evidence]);
}
