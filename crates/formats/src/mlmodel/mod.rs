//! `MLmodel`: MLflow's description of a model in a registry or artifact folder.
//!
//! <https://mlflow.org/docs/latest/ml/model/#model-format>

use crate::yaml;
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// MLflow model descriptions.
pub const FORMAT: Format = Format {
    name: "mlmodel",
    extensions: &[],
    recognise: |input| {
        let head = input.head(4096);
        let named = input.file_name().ends_with("MLmodel");
        let yaml = named || matches!(input.extension().as_str(), "" | "yaml" | "yml");
        if !yaml || head.contains(&0) {
            return Recognised::No;
        }
        let text = String::from_utf8_lossy(head);
        let shape = text.contains("flavors:")
            && (text.contains("mlflow_version:") || text.contains("loader_module:"));
        if named || shape { Recognised::ByShape } else { Recognised::No }
    },
    parse: |input| {
        let (model, defects) = parse(input);
        // A description that also asks for Python objects is read as its loader would be made to read it.
        let (asked, _) = crate::instantiation::parse(input);
        let members = if asked.targets.is_empty() {
            Vec::new()
        } else {
            let facts = Facts::Instantiation(asked);
            let parsed = Parsed { format: "instantiation", facts, defects: Vec::new(), members: Vec::new() };
            vec![Member { name: "objects".to_owned(), size: input.bytes.len() as u64, parsed }]
        };
        Parsed { format: FORMAT.name, facts: Facts::MlModel(model), defects, members }
    },
};

/// What MLflow knows of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MlModel {
    /// Ways to load it.
    pub flavors: Vec<Flavor>,
    /// Name of the folder in its run.
    pub artifact_path: Option<String>,
    /// Run that made it.
    pub run_id: Option<String>,
    /// Unique id.
    pub model_uuid: Option<String>,
    /// Version of MLflow that wrote it.
    pub mlflow_version: Option<String>,
    /// Size of the folder in bytes.
    pub model_size_bytes: Option<u64>,
    /// Time of creation as written.
    pub created: Option<String>,
    /// Inputs of the signature as JSON text.
    pub inputs: Option<String>,
    /// Outputs of the signature as JSON text.
    pub outputs: Option<String>,
}

/// One way to load the model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flavor {
    /// Name, `sklearn`.
    pub name: String,
    /// Its plain settings, in stored order: `pickled_model`, `sklearn_version` ...
    pub settings: Vec<(String, String)>,
    /// One-based line.
    pub line: u32,
}

impl Flavor {
    /// A setting.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

impl MlModel {
    /// Files of the model beside the description, each once, in stored order.
    pub fn files(&self) -> Vec<&str> {
        const KEYS: [&str; 5] = ["data", "pickled_model", "model_path", "model_data", "artifact_path"];
        let mut files: Vec<&str> = Vec::new();
        for file in self.flavors.iter().flat_map(|flavor| KEYS.iter().filter_map(|key| flavor.get(key))) {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files
    }
}

/// Reads a model description.
pub fn parse(input: &Input<'_>) -> (MlModel, Vec<Defect>) {
    let read = yaml::read(input);
    let Some(root) = read.documents.first() else { return (MlModel::default(), read.defects) };
    let text = |path: &str| root.at(path).text().map(str::to_owned);
    let flavors = root.get("flavors").entries().iter().map(|flavor| Flavor {
        name: flavor.key.clone(),
        settings: flavor
            .node
            .entries()
            .iter()
            .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned())))
            .collect(),
        line: flavor.line,
    });
    let model = MlModel {
        flavors: flavors.collect(),
        artifact_path: text("artifact_path"),
        run_id: text("run_id"),
        model_uuid: text("model_uuid"),
        mlflow_version: text("mlflow_version"),
        model_size_bytes: root.get("model_size_bytes").integer().and_then(|size| u64::try_from(size).ok()),
        created: text("utc_time_created"),
        inputs: text("signature.inputs"),
        outputs: text("signature.outputs"),
    };
    (model, read.defects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn flavors_and_files_are_read() {
        let text = "artifact_path: triage\nflavors:\n  python_function:\n    model_path: model.pkl\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    sklearn_version: 1.3.2\nrun_id: abc\nsignature:\n  inputs: '[]'\n";
        let (model, defects) = parse(&Input::new("x/MLmodel", text.as_bytes(), &Budget::default()));
        assert_eq!(defects, []);
        assert_eq!(model.files(), ["model.pkl"]);
        assert_eq!(model.flavors[1].get("sklearn_version"), Some("1.3.2"));
        assert_eq!((model.run_id.as_deref(), model.inputs.as_deref()), (Some("abc"), Some("[]")));
    }
}
