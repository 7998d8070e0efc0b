//! Configuration of what serves models, features and vectors: TorchServe, MLServer, LiteLLM, vLLM, Ray Serve, BentoML, Feast,
//! Qdrant, Milvus, Weaviate.
//!
//! Each product is told by its file's name and keys that only it has. Settings are the scalars of the file, by path.

pub mod command;

use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

use command::Named;

/// The format.
pub const FORMAT: Format =
    Format { name: "serving", extensions: &["json", "properties", "yaml", "yml"], recognise, parse };

/// The facts of one configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// Whose configuration it is.
    pub product: Product,
    /// Every scalar, in the order written.
    pub settings: Vec<Setting>,
    /// Models that it names.
    pub models: Vec<Named>,
}

/// What reads the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// BentoML's `bentofile.yaml`.
    BentoMl,
    /// Feast's `feature_store.yaml`.
    Feast,
    /// The configuration of the LiteLLM proxy.
    LiteLlm,
    /// `milvus.yaml`.
    Milvus,
    /// MLServer's `settings.json` and `model-settings.json`.
    MlServer,
    /// Qdrant's `config.yaml`.
    Qdrant,
    /// A Ray Serve configuration.
    RayServe,
    /// TorchServe's `config.properties`.
    TorchServe,
    /// Arguments of vLLM as a file.
    Vllm,
}

impl Product {
    /// The product's name as ids write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BentoMl => "bentoml",
            Self::Feast => "feast",
            Self::LiteLlm => "litellm",
            Self::Milvus => "milvus",
            Self::MlServer => "mlserver",
            Self::Qdrant => "qdrant",
            Self::RayServe => "ray-serve",
            Self::TorchServe => "torchserve",
            Self::Vllm => "vllm",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Path of keys, `online_store.type`, `model_list[0].model_name`.
    pub key: String,
    /// Value as text.
    pub value: String,
    /// One-based line.
    pub line: u32,
}

impl Serving {
    /// The setting at this path.
    pub fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.key == key)
    }

    /// The value at this path.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.setting(key).map(|setting| setting.value.as_str())
    }

    /// Whether TorchServe's management interface listens on all addresses.
    pub fn is_managed_from_anywhere(&self) -> bool {
        self.value("management_address").is_some_and(|address| {
            let host = address.split("://").nth(1).unwrap_or(address);
            ["0.0.0.0", "[::]", "*"].iter().any(|every| host.starts_with(every))
        })
    }

    /// Settings whose path ends with this key.
    pub fn ending<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.settings.iter().filter(move |setting| setting.key.rsplit('.').next() == Some(key))
    }
}

fn product(input: &Input<'_>) -> Option<Product> {
    let extension = input.extension();
    if !matches!(extension.as_str(), "json" | "properties" | "yaml" | "yml") {
        return None;
    }
    let name = input.file_name();
    let head = String::from_utf8_lossy(input.head(1 << 14));
    let starts = |key: &str| head.lines().any(|line| line.starts_with(key));
    match extension.as_str() {
        "properties" => {
            let keys =
                ["inference_address", "management_address", "model_store", "load_models", "allowed_urls"];
            (keys.iter().filter(|key| starts(key)).count() >= 2).then_some(Product::TorchServe)
        }
        "json" => {
            let settings = name == "model-settings.json" && head.contains("\"implementation\"");
            let server =
                name == "settings.json" && head.contains("\"http_port\"") && head.contains("\"debug\"");
            (settings || server).then_some(Product::MlServer)
        }
        _ => match name {
            "feature_store.yaml" | "feature_store.yml" if starts("project:") => Some(Product::Feast),
            "bentofile.yaml" | "bentofile.yml" if starts("service:") => Some(Product::BentoMl),
            "milvus.yaml" if starts("etcd:") && starts("common:") => Some(Product::Milvus),
            _ if starts("model_list:") && head.contains("litellm_params:") => Some(Product::LiteLlm),
            _ if starts("applications:") && head.contains("import_path:") => Some(Product::RayServe),
            _ if starts("service:") && starts("storage:") && head.contains("http_port:") => {
                Some(Product::Qdrant)
            }
            _ if starts("model:")
                && [
                    "tensor-parallel-size:",
                    "max-model-len:",
                    "gpu-memory-utilization:",
                    "served-model-name:",
                ]
                .iter()
                .any(|key| starts(key)) =>
            {
                Some(Product::Vllm)
            }
            _ => None,
        },
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    if product(input).is_some() { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let product = product(input).unwrap_or(Product::TorchServe);
    let most = input.budget.limits.records;
    let (mut settings, mut defects) = match product {
        Product::TorchServe => (properties(&String::from_utf8_lossy(input.bytes)), Vec::new()),
        _ => {
            let read = yaml::read(input);
            (read.documents.first().map(scalars).unwrap_or_default(), read.defects)
        }
    };
    if settings.len() > most {
        settings.truncate(most);
        defects.push(Defect::whole("limit-records", format!("more than {most} settings")));
    }
    let models = models(product, &settings);
    Parsed {
        format: FORMAT.name,
        facts: Facts::Serving(Serving { product, settings, models }),
        defects,
        members: Vec::new(),
    }
}

/// Every scalar below a node.
fn scalars(root: &Node) -> Vec<Setting> {
    let mut settings = Vec::new();
    root.visit_scalars(|path, node| {
        let value = node.text().map(str::to_owned).unwrap_or_default();
        settings.push(Setting { key: path.to_owned(), value, line: node.line });
    });
    settings
}

/// `key=value` lines of Java properties; a backslash at the end goes on.
fn properties(text: &str) -> Vec<Setting> {
    let mut settings = Vec::new();
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((line, written)) = lines.next() {
        let mut whole = written.trim().to_owned();
        if whole.starts_with(['#', '!']) {
            continue;
        }
        while whole.ends_with('\\') {
            whole.pop();
            let Some((_, next)) = lines.next() else { break };
            whole.push_str(next.trim());
        }
        if let Some((key, value)) = whole.split_once(['=', ':']) {
            settings.push(Setting { key: key.trim().to_owned(), value: value.trim().to_owned(), line });
        }
    }
    settings
}

fn models(product: Product, settings: &[Setting]) -> Vec<Named> {
    let named = |setting: &Setting, revision: Option<String>| Named {
        reference: setting.value.clone(),
        revision,
        line: setting.line,
    };
    let ends = |setting: &Setting, key: &str| setting.key == key || setting.key.ends_with(&format!(".{key}"));
    match product {
        Product::LiteLlm => settings
            .iter()
            .filter(|setting| ends(setting, "litellm_params.model"))
            .map(|setting| named(setting, None))
            .collect(),
        Product::Vllm => {
            let revision = settings.iter().find(|setting| setting.key == "revision");
            let revision = revision.map(|setting| setting.value.clone());
            settings
                .iter()
                .filter(|setting| setting.key == "model")
                .map(|setting| named(setting, revision.clone()))
                .collect()
        }
        Product::MlServer => settings
            .iter()
            .filter(|setting| ends(setting, "parameters.uri"))
            .map(|setting| named(setting, None))
            .collect(),
        Product::RayServe => settings
            .iter()
            .filter(|setting| ["model_id", "model_source", "model"].iter().any(|key| ends(setting, key)))
            .map(|setting| named(setting, None))
            .collect(),
        Product::TorchServe => settings
            .iter()
            .filter(|setting| setting.key == "load_models" && setting.value != "all")
            .flat_map(|setting| {
                setting.value.split(',').map(|archive| Named {
                    reference: archive.rsplit('=').next().unwrap_or(archive).trim().to_owned(),
                    revision: None,
                    line: setting.line,
                })
            })
            .filter(|named| !named.reference.is_empty())
            .collect(),
        Product::BentoMl | Product::Feast | Product::Milvus | Product::Qdrant => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn of(name: &str, text: &str) -> Option<Serving> {
        let budget = Budget::default();
        let input = Input::new(name, text.as_bytes(), &budget);
        if recognise(&input) == Recognised::No {
            return None;
        }
        match parse(&input).facts {
            Facts::Serving(serving) => Some(serving),
            _ => None,
        }
    }

    #[test]
    fn configurations_are_told_by_their_keys() {
        let torch = of(
            "config.properties",
            "# c\ninference_address=http://0.0.0.0:8080\nmanagement_address=http://0.0.0.0:8081\nload_models=\\\n a.mar, b=c.mar\n",
        )
        .unwrap();
        assert_eq!(torch.product, Product::TorchServe);
        assert_eq!(torch.setting("management_address").unwrap().line, 3);
        let models: Vec<&str> = torch.models.iter().map(|named| named.reference.as_str()).collect();
        assert_eq!(models, ["a.mar", "c.mar"]);

        let gateway = of(
            "config.yaml",
            "model_list:\n  - model_name: chat\n    litellm_params:\n      model: azure/gpt-4o\n      api_key: os.environ/KEY\n",
        )
        .unwrap();
        assert_eq!((gateway.product, gateway.models.len()), (Product::LiteLlm, 1));
        assert_eq!(gateway.models[0].line, 4);
        assert_eq!(gateway.ending("api_key").count(), 1);

        let server = of("v.yaml", "model: a/b\nrevision: r\nmax-model-len: 10\n").unwrap();
        assert_eq!(server.models[0].revision.as_deref(), Some("r"));
        assert!(of("feature_store.yaml", "project: p\nregistry: s3://b/r.db\n").is_some());
        for (name, text) in [
            ("config.yaml", "service: x\nstorage: y\n"),
            ("log.properties", "log4j.rootLogger=INFO\n"),
            ("settings.json", "{\"editor\": 1}"),
            ("model.yaml", "model: a/b\nepochs: 3\n"),
        ] {
            assert!(of(name, text).is_none(), "{name}");
        }
    }
}
