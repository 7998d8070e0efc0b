//! Commands that show one part of a review: inventory, detect, exercise, gap, threats, cascades, risk, plan,
//! placement, actions, vendors.

use vauban_domain::History;
use vauban_engine::Stages;
use vauban_export::v1::{Document, Part};

use crate::arguments::{Common, PartArguments};
use crate::bars::Bars;
use crate::cache::FileCache;
use crate::delivery::TextView;
use crate::{Ended, delivery, present, text};

/// What one of these commands runs and shows.
pub(crate) struct PartCommand {
    stages: Stages,
    parts: &'static [Part],
    view: TextView,
}

/// `vauban inventory`.
pub(crate) const INVENTORY: PartCommand =
    PartCommand { stages: Stages::INVENTORY, parts: Part::INVENTORY, view: text::inventory };
/// `vauban detect`.
pub(crate) const DETECT: PartCommand =
    PartCommand { stages: Stages::DETECT, parts: &[Part::Findings, Part::Outcomes], view: text::detections };
/// `vauban exercise`.
pub(crate) const EXERCISE: PartCommand =
    PartCommand { stages: Stages::EXERCISE, parts: &[Part::Measurements], view: text::exercises };
/// `vauban gap`.
pub(crate) const GAP: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Assets, Part::Coverage], view: text::coverage };
/// `vauban threats`.
pub(crate) const THREATS: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Assets, Part::Threats], view: text::threats };
/// `vauban risk`.
pub(crate) const RISK: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Risk], view: text::risk };
/// `vauban plan`.
pub(crate) const PLAN: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Plan], view: text::plan };
/// `vauban placement`.
pub(crate) const PLACEMENT: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Placement], view: text::placement };
/// `vauban cascades`.
pub(crate) const CASCADES: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Cascades], view: text::cascades };
/// `vauban actions`.
pub(crate) const ACTIONS: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Actions], view: text::actions };
/// `vauban vendors`.
pub(crate) const VENDORS: PartCommand =
    PartCommand { stages: Stages::REVIEW, parts: &[Part::Vendors], view: text::vendors };

/// Makes or reads a review and shows one part of it; `cache` is of use to an inventory only.
pub(crate) fn run(
    common: &Common,
    arguments: &PartArguments,
    command: &PartCommand,
    cache: Option<&FileCache>,
) -> anyhow::Result<Ended> {
    delivery::check_format(&arguments.output.format)?;
    let (document, files) = match &arguments.from {
        Some(path) => (super::read_document(path)?, usize::MAX),
        None => {
            let bars = Bars::new(common.quiet);
            let mut request = super::request(
                &arguments.subject,
                Some(&arguments.numbers),
                command.stages,
                present::now(common)?,
            );
            super::asking::apply(common, &arguments.asking, &mut request)?;
            if command.stages.check {
                request.advisories = Some(present::advisories(common)?);
            }
            if command.parts.contains(&Part::Risk)
                && let Some(mut store) = present::store_if_there(common)?
            {
                request.forecasts = super::forecasts::stored(&mut store, &request.subject, request.now)?;
            }
            let cache = cache.map(|cache| cache as &dyn vauban_engine::Cache);
            let reviewed = vauban_engine::review_with(&request, cache, &bars)?;
            bars.finish();
            super::asking::finish(common, &arguments.asking, &reviewed)?;
            let mut document = Document::of(&reviewed.review, command.parts, &History::new());
            if let (Some(svg), true) = (&reviewed.lanes, document.threats.is_some()) {
                document = document.with_lanes(svg.clone());
            }
            (document, reviewed.understood_files)
        }
    };
    delivery::deliver(&document, &arguments.output, command.view)?;
    Ok(if files == 0 { Ended::Nothing } else { Ended::Clean })
}
