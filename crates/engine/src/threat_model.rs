//! Reads the threat models of other tools that the declaration names.

use std::path::{Component, Path};

use anyhow::{Context, bail};
use vauban_connect::Content;
use vauban_connect::inventory::threat_model;
use vauban_domain::{Asset, Declaration, Limit};
use vauban_formats::threat_model::{ThreatModel, read};
use vauban_formats::{Budget, Input};

/// A model with the path that it was declared by.
pub(crate) struct Model {
    path: String,
    model: ThreatModel,
    limits: Vec<Limit>,
}

/// Reads every declared model.
///
/// # Errors
/// When one is not below the root, cannot be read or is of no tool that is known: what was named must not be dropped silently.
pub(crate) fn read_all(root: &Path, declaration: &Declaration) -> anyhow::Result<Vec<Model>> {
    declaration
        .models
        .iter()
        .map(|import| {
            let (path, said_at) = (&import.path, &import.locator);
            let inside = Path::new(path)
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            if !inside {
                bail!("{said_at}: `{path}` is not below the folder under review; name a model that is");
            }
            let content = Content::open(&root.join(path))
                .with_context(|| format!("{said_at}: cannot read the threat model `{path}`"))?;
            let budget = Budget::default();
            let (model, defects) = read(&Input::new(path, &content, &budget));
            if let Some(defect) = defects.iter().find(|defect| defect.code == "threat-model-unknown") {
                bail!("{said_at}: `{path}` {}; name a model that is", defect.detail);
            }
            let limits = defects
                .iter()
                .map(|defect| Limit {
                    place: path.clone(),
                    what: format!("the threat model was not read whole: {}", defect.detail),
                })
                .collect();
            Ok(Model { path: path.clone(), model, limits })
        })
        .collect()
}

/// Adds components and flows of the models to the declaration, matched with what was discovered; returns what could not be
/// taken over.
pub(crate) fn join(models: &[Model], discovered: &[Asset], declaration: &mut Declaration) -> Vec<Limit> {
    let mut limits = Vec::new();
    for one in models {
        let said = threat_model::declared(&one.model, &one.path, discovered);
        declaration.assets.extend(said.assets);
        declaration.flows.extend(said.flows);
        limits.extend(one.limits.iter().cloned());
        limits.extend(said.limits);
    }
    limits
}
