//! Which asset a part of a file is.

use vauban_domain::{Asset, AssetId};

use crate::{File, Inventory, Subject};

/// The asset seen in this file at `key` (`Deployment/form-reader`, `aws_s3_bucket.models`), or the file's own.
pub(crate) fn owner<T: ?Sized>(subject: &Subject<'_, T>, key: &str) -> AssetId {
    let here = subject.assets_here.iter().find(|asset| is_at(asset, &subject.locator.path, key));
    here.map_or(&subject.asset.id, |asset| &asset.id).clone()
}

/// The same for estate checks.
pub(crate) fn owner_in(inventory: &Inventory<'_>, file: &File, key: &str) -> AssetId {
    inventory
        .assets
        .iter()
        .find(|asset| is_at(asset, &file.path, key))
        .map_or(&file.home, |asset| &asset.id)
        .clone()
}

fn is_at(asset: &Asset, path: &str, key: &str) -> bool {
    asset.locators.iter().any(|place| place.path == path && place.key.as_deref() == Some(key))
}
