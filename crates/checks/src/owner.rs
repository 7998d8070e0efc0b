//! Which asset a part of a file is.

use vauban_domain::{Asset, AssetId, AssetKind};

use crate::{File, Inventory, Subject};

/// The asset seen in this file at `key` (`Deployment/form-reader`, `aws_s3_bucket.models`), or the file's own.
pub(crate) fn owner<T: ?Sized>(subject: &Subject<'_, T>, key: &str) -> AssetId {
    let here = subject
        .assets_here
        .iter()
        .filter(|asset| is_at(asset, &subject.locator.path, key))
        .min_by_key(|asset| is_ingredient(asset));
    here.map_or(&subject.asset.id, |asset| &asset.id).clone()
}

/// The same for estate checks.
pub(crate) fn owner_in(inventory: &Inventory<'_>, file: &File, key: &str) -> AssetId {
    inventory
        .assets
        .iter()
        .filter(|asset| is_at(asset, &file.path, key))
        .min_by_key(|asset| is_ingredient(asset))
        .map_or(&file.home, |asset| &asset.id)
        .clone()
}

fn is_at(asset: &Asset, path: &str, key: &str) -> bool {
    asset.locators.iter().any(|place| place.path == path && place.key.as_deref() == Some(key))
}

/// Whether the asset only goes into what stands at the same place: the package of a server, the image of a workload.
fn is_ingredient(asset: &Asset) -> bool {
    asset.kind == AssetKind::Package || asset.component == "container_image"
}
