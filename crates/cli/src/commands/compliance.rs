//! `vauban compliance`: how requirements of frameworks stand.

use anyhow::bail;
use vauban_domain::History;
use vauban_engine::Stages;
use vauban_export::v1::{Document, Part};
use vauban_formats::declaration::nearest;
use vauban_knowledge::Knowledge;

use crate::arguments::{Common, ComplianceArguments};
use crate::bars::Bars;
use crate::{Ended, delivery, present, text};

/// Makes or reads a review and shows its requirements.
pub(crate) fn run(common: &Common, arguments: &ComplianceArguments) -> anyhow::Result<Ended> {
    let part = &arguments.part;
    delivery::check_format(&part.output.format)?;
    for name in &arguments.framework {
        known(name)?;
    }
    let (mut document, files) = match &part.from {
        Some(path) => (super::read_document(path)?, usize::MAX),
        None => {
            let bars = Bars::new(common.quiet);
            let mut request =
                super::request(&part.subject, Some(&part.numbers), Stages::REVIEW, present::now(common)?);
            super::asking::apply(common, &part.asking, &mut request)?;
            request.advisories = Some(present::advisories(common)?);
            request.frameworks.clone_from(&arguments.framework);
            // Only a store that is named is asked for the review before: this command leaves nothing behind.
            if common.store.is_some() {
                let mut store = present::store(common)?;
                request.earlier = super::review::earlier(&mut store, &request.subject, request.now)?;
            }
            let reviewed = vauban_engine::review_with(&request, None, &bars)?;
            bars.finish();
            super::asking::finish(common, &part.asking, &reviewed)?;
            let document = Document::of(&reviewed.review, &[Part::Compliance], &History::new());
            (document, reviewed.understood_files)
        }
    };
    if let (Some(assessed), false) = (&mut document.compliance, arguments.framework.is_empty()) {
        let here: Vec<String> =
            assessed.iter().map(|one| format!("{}@{}", one.framework, one.edition)).collect();
        assessed.retain(|one| {
            Knowledge::builtin().requirements.sets.iter().any(|set| {
                let named = arguments
                    .framework
                    .iter()
                    .filter_map(|name| Knowledge::builtin().requirements.named(name));
                set.framework == one.framework
                    && set.edition == one.edition
                    && named.into_iter().any(|named| named == set)
            })
        });
        if assessed.is_empty() {
            bail!("this review did not assess it; it assessed {}", here.join(", "));
        }
    }
    delivery::deliver(&document, &part.output, |document| text::compliance(document, arguments.all))?;
    Ok(if files == 0 { Ended::Nothing } else { Ended::Clean })
}

fn known(name: &str) -> anyhow::Result<()> {
    let requirements = &Knowledge::builtin().requirements;
    if requirements.named(name).is_some() {
        return Ok(());
    }
    let names = requirements.names();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => bail!("there is no framework `{name}`; did you mean `{near}`?"),
        None => bail!("there is no framework `{name}`; there are {}", names.join(", ")),
    }
}
