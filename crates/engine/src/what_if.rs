//! The same estate with controls added or components removed.

use anyhow::bail;
use vauban_analysis::Supposed;
use vauban_domain::{Asset, Review};
use vauban_formats::declaration::Pattern;
use vauban_knowledge::Knowledge;

use crate::{Progress, Request, Reviewed, review};

/// What to suppose about an estate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Controls to take as seen in place.
    pub add: Vec<Supposed>,
    /// Systems, asset ids or patterns of components to leave out.
    pub remove: Vec<String>,
}

/// The review that `reviewed` would have been under `change`: nothing is looked at again, everything that follows from
/// the facts is worked out anew with the same seed, so that both sides draw the same random numbers.
///
/// # Errors
/// When a control is not in the library, or nothing fits what is to be removed.
pub fn what_if(
    reviewed: &Reviewed,
    change: &Change,
    request: &Request,
    progress: &dyn Progress,
) -> anyhow::Result<Review> {
    let mut after = reviewed.review.clone();
    let adapted = review::adapted(request, &after.declaration);
    let knowledge = adapted.as_ref().unwrap_or(Knowledge::builtin());
    for supposed in &change.add {
        if knowledge.control(&supposed.control).is_none() {
            let known: Vec<&str> = knowledge.controls.iter().map(|control| control.id.as_str()).collect();
            bail!("the library has no control `{}`; it has {}", supposed.control, known.join(", "));
        }
        let at = |asset: &&Asset| supposed.at.is_empty() || meant(&supposed.at, asset);
        if after.assets.iter().find(at).is_none() {
            bail!("no asset is called or fits `{}`; `vauban inventory` lists them", supposed.at);
        }
    }
    for pattern in &change.remove {
        let gone: Vec<_> =
            after.assets.iter().filter(|asset| meant(pattern, asset)).map(|asset| asset.id.clone()).collect();
        if gone.is_empty() {
            bail!("no asset is called or fits `{pattern}`; `vauban inventory` lists them");
        }
        after.assets.retain(|asset| !gone.contains(&asset.id));
        after.relations.retain(|relation| !gone.contains(&relation.from) && !gone.contains(&relation.to));
        after.findings.retain(|finding| !gone.contains(&finding.asset));
        after.outcomes.retain(|outcome| !gone.contains(&outcome.asset));
        after.measurements.retain(|measurement| !gone.contains(&measurement.asset));
        after.exercises.retain(|exercise| !gone.contains(&exercise.asset));
    }
    let known = (reviewed.detections.as_slice(), &reviewed.brought);
    review::analyse(&mut after, known, &change.add, request, knowledge, progress);
    Ok(after)
}

/// Whether the pattern names the asset, or the system it belongs to.
fn meant(pattern: &str, asset: &Asset) -> bool {
    asset.system.as_deref() == Some(pattern) || {
        let pattern = Pattern::new(pattern);
        pattern.is_name_of(asset) || pattern.matches(asset)
    }
}
