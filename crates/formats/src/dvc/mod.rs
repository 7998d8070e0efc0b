//! DVC files: `*.dvc`, `dvc.yaml`, `dvc.lock`.
//!
//! <https://dvc.org/doc/user-guide/project-structure>

pub mod config;

use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// What DVC tracks and how it is made.
pub const FORMAT: Format = Format {
    name: "dvc",
    extensions: &["dvc"],
    recognise: |input| {
        let named = matches!(input.file_name(), "dvc.yaml" | "dvc.lock") || input.extension() == "dvc";
        if named && !input.head(1024).contains(&0) { Recognised::ByShape } else { Recognised::No }
    },
    parse: |input| {
        let (dvc, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Dvc(dvc), defects, members: Vec::new() }
    },
};

/// What a DVC file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dvc {
    /// Stages of a pipeline; a `.dvc` file is one stage without a name.
    pub stages: Vec<Stage>,
}

/// One step, or the tracking of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stage {
    /// Name; empty in a `.dvc` file.
    pub name: String,
    /// Command.
    pub command: Option<String>,
    /// What it reads.
    pub dependencies: Vec<Tracked>,
    /// What it makes or tracks; metrics and plots are left out.
    pub outputs: Vec<Tracked>,
    /// One-based line.
    pub line: u32,
}

/// A path, with what is recorded of its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracked {
    /// Path or URL as written, relative to the file's folder (or the stage's `wdir`, which is put before it).
    pub path: String,
    /// MD5 in lower-case hexadecimal; ends in `.dir` for folders.
    pub md5: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Where it was imported from.
    pub origin: Option<String>,
    /// One-based line.
    pub line: u32,
}

/// Reads a DVC file.
pub fn parse(input: &Input<'_>) -> (Dvc, Vec<Defect>) {
    let read = yaml::read(input);
    let Some(root) = read.documents.first() else { return (Dvc::default(), read.defects) };
    let stages = match root.get("stages").entries() {
        [] => vec![stage("", root, root.line)],
        stages => stages.iter().map(|entry| stage(&entry.key, &entry.node, entry.line)).collect(),
    };
    (Dvc { stages }, read.defects)
}

fn stage(name: &str, node: &Node, line: u32) -> Stage {
    let folder = node.get("wdir").text().filter(|folder| *folder != ".").unwrap_or_default();
    let list = |key: &str| -> Vec<Tracked> {
        node.get(key)
            .items()
            .iter()
            .map(|item| tracked(item, folder))
            .filter(|item| !item.path.is_empty())
            .collect()
    };
    let (mut dependencies, mut outputs) = (list("deps"), list("outs"));
    // An import names its source as dependency of the one output.
    if let (Some(output), Some(origin)) = (outputs.first_mut(), node.get("deps").items().first()) {
        output.origin = origin.at("repo.url").text().map(str::to_owned);
        if output.origin.is_some() {
            dependencies.clear();
        }
    }
    let command =
        node.get("cmd").one_or_many().iter().filter_map(Node::text).collect::<Vec<_>>().join(" && ");
    Stage {
        name: name.to_owned(),
        command: (!command.is_empty()).then_some(command),
        dependencies,
        outputs,
        line,
    }
}

/// `path`, `path: {cache: false}`, or `{path: …, md5: …, size: …}`.
fn tracked(item: &Node, folder: &str) -> Tracked {
    let path = item
        .text()
        .or_else(|| item.get("path").text())
        .or_else(|| {
            item.entries().first().filter(|entry| entry.node.is_map()).map(|entry| entry.key.as_str())
        })
        .unwrap_or_default();
    let path =
        if folder.is_empty() || path.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    Tracked {
        path,
        md5: item.get("md5").text().map(str::to_lowercase),
        size: item.get("size").integer().and_then(|size| u64::try_from(size).ok()),
        origin: None,
        line: item.line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn read(name: &str, text: &str) -> Dvc {
        let (dvc, defects) = parse(&Input::new(name, text.as_bytes(), &Budget::default()));
        assert_eq!(defects, []);
        dvc
    }

    #[test]
    fn a_tracked_file_is_read() {
        let dvc = read("a.csv.dvc", "outs:\n- md5: ABC\n  size: 12\n  hash: md5\n  path: a.csv\n");
        let output = &dvc.stages[0].outputs[0];
        assert_eq!(
            (output.path.as_str(), output.md5.as_deref(), output.size),
            ("a.csv", Some("abc"), Some(12))
        );
    }

    #[test]
    fn a_pipeline_is_read() {
        let dvc = read(
            "dvc.yaml",
            "stages:\n  train:\n    cmd: python t.py\n    wdir: src\n    deps:\n    - a.csv\n    outs:\n    - m.onnx:\n        cache: false\n    - n.pkl\n",
        );
        let stage = &dvc.stages[0];
        assert_eq!(
            (stage.name.as_str(), stage.command.as_deref(), stage.line),
            ("train", Some("python t.py"), 2)
        );
        assert_eq!(stage.dependencies[0].path, "src/a.csv");
        assert_eq!(
            stage.outputs.iter().map(|o| o.path.as_str()).collect::<Vec<_>>(),
            ["src/m.onnx", "src/n.pkl"]
        );
    }
}
