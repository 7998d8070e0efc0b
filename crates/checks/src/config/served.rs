//! What model servers are told, wherever it is written: in a manifest, a compose file or a configuration of their own.

use vauban_domain::AssetId;
use vauban_formats::Facts;
use vauban_formats::serving::Product;
use vauban_formats::serving::command::{self, Command};

use crate::Subject;
use crate::owner::owner;

/// One server of a file.
pub(super) struct Server {
    /// Name that survives re-ordering.
    pub(super) key: String,
    /// The asset that it is.
    pub(super) asset: AssetId,
    /// What it is told.
    pub(super) command: Command,
}

/// Every server in a file; none for formats that start none.
pub(super) fn servers(subject: &Subject<'_, Facts>) -> Option<Vec<Server>> {
    Some(match subject.facts {
        Facts::Kubernetes(file) => file
            .objects
            .iter()
            .map(|object| Server {
                key: object.title(),
                asset: owner(subject, &object.title()),
                command: object.served(),
            })
            .collect(),
        Facts::Compose(file) => file
            .services
            .iter()
            .map(|service| {
                let words = service.command.iter().map(|word| (word.as_str(), service.line));
                let environment = service.environment.iter().filter_map(|variable| {
                    Some((variable.name.as_str(), variable.value.as_deref()?, variable.line))
                });
                let command = command::read(words, environment);
                Server { key: service.name.clone(), asset: owner(subject, &service.name), command }
            })
            .collect(),
        Facts::Serving(file) if file.product == Product::Vllm => {
            let on = |key: &str| file.setting(key).filter(|setting| setting.value == "true");
            let command = Command {
                models: file.models.clone(),
                trusts_code: on("trust-remote-code").map(|setting| setting.line),
                words: Vec::new(),
            };
            vec![Server { key: "vllm".to_owned(), asset: subject.asset.id.clone(), command }]
        }
        _ => return None,
    })
}
