//! `go.sum`: hashes of modules. <https://go.dev/ref/mod#go-sum-files>
//!
//! It also holds versions that were only looked at while choosing; what is built stands in `go.mod`.

use std::collections::BTreeMap;

use super::{Lock, Text};
use crate::{Defect, Ecosystem};

pub(super) fn go_sum(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let mut lock = Lock::new(Ecosystem::Go, "go-sum");
    let mut at: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (index, line) in text.text.lines().enumerate() {
        let mut words = line.split_whitespace();
        let (Some(module), Some(version), Some(hash)) = (words.next(), words.next(), words.next()) else {
            if !line.trim().is_empty() && defects.is_empty() {
                defects
                    .push(Defect::whole("go-sum-line", format!("line {} is no hash of a module", index + 1)));
            }
            continue;
        };
        if version.ends_with("/go.mod") || lock.packages.len() > text.limits.records {
            continue;
        }
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let place = *at.entry((module, version)).or_insert(lock.packages.len());
        if place == lock.packages.len() {
            let package = lock.package(module, version, line);
            lock.packages.push(package);
        }
        if let Some(package) = lock.packages.get_mut(place) {
            package.hashes.push(hash.to_owned());
        }
    }
    lock
}
