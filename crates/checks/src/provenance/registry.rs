//! The registries of the estate, each as a whole: a file store is many files.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, AssetKind, Locator};
use vauban_formats::Facts;
use vauban_formats::mlflow::{MlFlow, Origin, Registered, Version};

use crate::Estate;

/// One registry and where it is.
pub(super) struct Store {
    /// Everything that it says.
    pub(super) facts: MlFlow,
    /// The database, or one file of the store.
    pub(super) path: String,
    /// The asset that it is.
    pub(super) home: AssetId,
}

/// Every registry that was read, by place.
pub(super) fn stores(estate: &Estate<'_>) -> Vec<Store> {
    let mut stores: BTreeMap<String, Store> = BTreeMap::new();
    for file in estate.inventory.files {
        let Facts::MlFlow(facts) = &file.parsed.facts else { continue };
        let key = if facts.origin == Origin::Files { &facts.root } else { &file.path };
        match stores.get_mut(key) {
            Some(store) => store.facts.merge(facts),
            None => {
                let (path, home) = (file.path.clone(), file.home.clone());
                stores.insert(key.clone(), Store { facts: (**facts).clone(), path, home });
            }
        }
    }
    stores.into_values().collect()
}

impl Store {
    /// Versions that were not deleted, with their model and number.
    pub(super) fn versions(&self) -> impl Iterator<Item = (&str, &Registered, u64, &Version)> {
        self.facts.models.iter().flat_map(|(name, model)| {
            let living = model.versions.iter().filter(|(_, version)| !version.is_deleted());
            living.map(move |(number, version)| (name.as_str(), model, *number, version))
        })
    }

    /// The asset of a registered model; the store where the estate knows none.
    pub(super) fn model(&self, estate: &Estate<'_>, name: &str) -> AssetId {
        let id = AssetId::new(AssetKind::Model, &format!("mlflow/{name}"));
        if estate.inventory.asset(&id).is_some() { id } else { self.home.clone() }
    }

    /// The place of a version.
    pub(super) fn place(&self, name: &str, number: u64) -> Locator {
        Locator::file(&self.path).at_key(format!("{name} version {number}"))
    }
}
