//! `config.pbtxt`: how Triton Inference Server loads a model.
//!
//! <https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html>

use crate::text_proto::{read_text, values};
use crate::yaml::text_of;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// The format.
pub const FORMAT: Format = Format {
    name: "triton",
    extensions: &["pbtxt"],
    recognise,
    parse: |input| {
        let (facts, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Triton(facts), defects, members: Vec::new() }
    },
};

/// The facts of one configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Triton {
    /// Name of the model.
    pub name: String,
    /// `backend`, or what `platform` stands for; empty where Triton guesses by the files.
    pub backend: String,
    /// Files that the server opens or loads, with what for.
    pub files: Vec<File>,
    /// `parameters`, in the order written, with lines.
    pub parameters: Vec<(String, String, u32)>,
    /// Steps of an ensemble: names of other models.
    pub steps: Vec<String>,
}

/// What a file is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// The model itself.
    Model,
    /// Operators: a native library that is loaded into the server.
    Operators,
    /// The backend's own library.
    Runtime,
    /// Input of a warm-up request.
    WarmUp,
    /// Names of classes.
    Labels,
}

/// A file that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path as written.
    pub path: String,
    /// What for.
    pub used_for: Use,
    /// One-based line.
    pub line: u32,
}

/// Fields of which such a configuration has at least two.
const MARKS: &[&str] = &[
    "backend",
    "default_model_filename",
    "dynamic_batching",
    "ensemble_scheduling",
    "instance_group",
    "max_batch_size",
    "model_operations",
    "model_warmup",
    "parameters",
    "platform",
    "version_policy",
];

fn recognise(input: &Input<'_>) -> Recognised {
    let named = input.file_name() == "config.pbtxt" || input.extension() == "pbtxt";
    let head = input.head(64 << 10);
    if head.contains(&0) || !(named || input.extension().is_empty() || input.extension() == "txt") {
        return Recognised::No;
    }
    let text = String::from_utf8_lossy(head);
    let marks = MARKS.iter().filter(|mark| {
        text.lines().any(|line| {
            line.trim_start()
                .strip_prefix(**mark)
                .is_some_and(|rest| rest.trim_start().starts_with([':', '{', '[']))
        })
    });
    match marks.count() {
        0 if input.file_name() == "config.pbtxt" => Recognised::ByName,
        0 => Recognised::No,
        1 if !named => Recognised::No,
        _ => Recognised::ByShape,
    }
}

/// Reads a configuration.
pub fn parse(input: &Input<'_>) -> (Triton, Vec<Defect>) {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let (root, found) = read_text(&text, &input.budget.limits);
    defects.extend(found);
    let text = |field: &str| root.get(field).text_or_empty().to_owned();
    let mut files = Vec::new();
    let mut file = |node: &crate::yaml::Node, used_for| {
        if let Some(path) = node.text().filter(|path| !path.is_empty()) {
            files.push(File { path: path.to_owned(), used_for, line: node.line });
        }
    };
    file(root.get("default_model_filename"), Use::Model);
    for entry in values(&root, "cc_model_filenames") {
        file(entry.get("value"), Use::Model);
    }
    file(root.get("runtime"), Use::Runtime);
    for operations in values(&root, "model_operations") {
        values(operations, "op_library_filename").for_each(|node| file(node, Use::Operators));
    }
    for output in values(&root, "output") {
        file(output.get("label_filename"), Use::Labels);
    }
    for warm_up in values(&root, "model_warmup") {
        for entry in values(warm_up, "inputs") {
            file(entry.get("value").get("input_data_file"), Use::WarmUp);
        }
    }
    let steps = values(&root, "ensemble_scheduling")
        .flat_map(|scheduling| values(scheduling, "step"))
        .map(|step| step.get("model_name").text_or_empty().to_owned())
        .collect();
    let parameters = values(&root, "parameters")
        .map(|parameter| {
            let value = parameter.get("value");
            let value = value.text().unwrap_or_else(|| value.get("string_value").text_or_empty());
            (parameter.get("key").text_or_empty().to_owned(), value.to_owned(), parameter.line)
        })
        .collect();
    let backend = match (text("backend"), text("platform")) {
        (backend, platform) if backend.is_empty() => platform,
        (backend, _) => backend,
    };
    (Triton { name: text("name"), backend, files, parameters, steps }, defects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Budget, Limits};

    #[test]
    fn files_and_parameters_are_read() {
        let text = "name: \"triage\"\nbackend: \"python\"\nmax_batch_size: 8\ninput [{ name: \"x\" data_type: TYPE_FP32 dims: [4] }]\noutput [{ name: \"y\" label_filename: \"labels.txt\" }]\nmodel_operations { op_library_filename: [\"/opt/ops.so\"] }\nparameters: { key: \"EXECUTION_ENV_PATH\", value: { string_value: \"/tmp/env.tar.gz\" } }\nmodel_warmup [{ name: \"w\" inputs { key: \"x\" value: { input_data_file: \"../x\" } } }]\n";
        let budget = Budget::new(Limits::default());
        let parsed = crate::parse(&Input::new("triage/config.pbtxt", text.as_bytes(), &budget));
        let Facts::Triton(triton) = parsed.facts else { panic!("{} is no configuration", parsed.format) };
        assert_eq!(parsed.defects, []);
        assert_eq!((triton.name.as_str(), triton.backend.as_str()), ("triage", "python"));
        let files: Vec<_> = triton.files.iter().map(|file| (file.path.as_str(), file.used_for)).collect();
        assert_eq!(
            files,
            [("/opt/ops.so", Use::Operators), ("labels.txt", Use::Labels), ("../x", Use::WarmUp)]
        );
        assert_eq!(triton.parameters, [("EXECUTION_ENV_PATH".into(), "/tmp/env.tar.gz".into(), 7)]);
    }

    #[test]
    fn a_graph_in_text_is_another_matter() {
        let budget = Budget::new(Limits::default());
        let graph = "node { name: \"x\" op: \"Placeholder\" }\nversions { producer: 1 }\n";
        assert_eq!(recognise(&Input::new("graph.pbtxt", graph.as_bytes(), &budget)), Recognised::No);
    }
}
