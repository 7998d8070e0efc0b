//! Which assets the words of a declaration mean.

use vauban_domain::{AssetId, AssetKind, Locator};
use vauban_formats::declaration::Pattern;

use crate::Inventory;

/// The asset that findings about the declaration itself belong to.
pub(super) fn home(inventory: &Inventory<'_>, locator: &Locator) -> AssetId {
    match inventory.file(&locator.path) {
        Some(file) => file.home.clone(),
        None => AssetId::new(AssetKind::Pipeline, &locator.path),
    }
}

/// The assets that a system's name, an id or a path pattern means.
pub(super) fn named<'a>(inventory: &'a Inventory<'_>, text: &str) -> Vec<&'a AssetId> {
    let is_system = inventory.declaration.systems.iter().any(|system| system.name == text);
    let pattern = Pattern::new(text);
    inventory
        .assets
        .iter()
        .filter(
            |asset| if is_system { asset.system.as_deref() == Some(text) } else { pattern.matches(asset) },
        )
        .map(|asset| &asset.id)
        .collect()
}
