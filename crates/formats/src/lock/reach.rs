//! Which packages are direct, and which only development needs, by following what needs what.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lock, Source};

/// Marks every package of `lock` that comes from elsewhere: direct if the project names it, for development only if no
/// path from what the product needs leads to it. Versions of one name are not told apart.
pub(super) fn mark(lock: &mut Lock, product: &BTreeSet<String>, development: &BTreeSet<String>) {
    let needed: BTreeSet<String> = {
        let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in lock.packages.iter().filter(|package| package.source != Source::Path) {
            let name = package.alias.as_deref().unwrap_or(&package.name);
            for key in [name, &package.name] {
                needs.entry(key).or_default().extend(package.dependencies.iter().map(String::as_str));
            }
        }
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = product.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if reached.insert(name) {
                open.extend(needs.get(name).into_iter().flatten());
            }
        }
        reached.into_iter().map(str::to_owned).collect()
    };
    for package in lock.packages.iter_mut().filter(|package| package.source != Source::Path) {
        let is_in = |names: &BTreeSet<String>| {
            names.contains(&package.name) || package.alias.as_ref().is_some_and(|alias| names.contains(alias))
        };
        let (direct, of_product) = (is_in(product) || is_in(development), is_in(&needed));
        package.direct = Some(direct);
        package.development = !of_product && !development.is_empty();
    }
}
