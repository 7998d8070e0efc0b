//! `vauban scan`.

use vauban_domain::History;
use vauban_engine::Stages;
use vauban_export::v1::{Document, Part};

use crate::arguments::{Common, ScanArguments};
use crate::bars::Bars;
use crate::{Ended, delivery, gate, present, style, text};

/// Checks what is at the path; findings go through the gate.
pub(crate) fn run(common: &Common, arguments: &ScanArguments) -> anyhow::Result<Ended> {
    delivery::check_format(&arguments.output.format)?;
    let bars = Bars::new(common.quiet);
    let request = super::request(&arguments.subject, None, Stages::SCAN, present::now(common)?);
    let reviewed = vauban_engine::review(&request, &bars)?;
    bars.finish();
    let review = &reviewed.review;
    let history = History::new();
    let document = Document::of(review, Part::SCAN, &history);
    delivery::deliver(&document, &arguments.output, text::scan)?;
    if reviewed.understood_files == 0 && review.findings.is_empty() {
        style::talk(&format!(
            "nothing to look at in `{}`: none of {} files is of a kind that Vauban reads",
            arguments.subject.path.display(),
            reviewed.files
        ));
        return Ok(Ended::Nothing);
    }
    Ok(gate::judge(&review.findings, &history, Some(arguments.fail_on)))
}
