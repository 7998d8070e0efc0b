//! `vauban init`.

use anyhow::{Context, bail};
use vauban_engine::{Request, Stages};

use crate::arguments::{Common, InitArguments};
use crate::bars::Bars;
use crate::{Ended, delivery, present, style};

/// Looks at the folder and writes a declaration to start from.
pub(crate) fn run(common: &Common, arguments: &InitArguments) -> anyhow::Result<Ended> {
    let path = arguments.path.join("vauban.toml");
    if path.exists() && !arguments.force && !arguments.stdout {
        bail!("`{}` exists; --force replaces it, --stdout prints a new one", path.display());
    }
    let bars = Bars::new(common.quiet);
    // A declaration that is about to be replaced need not be right: nothing is declared.
    let request = Request {
        subject: super::subject_name(&arguments.path),
        stages: Stages::INVENTORY,
        now: present::now(common)?,
        ..Request::scan(&arguments.path)
    };
    let reviewed = vauban_engine::review(&request, &bars)?;
    bars.finish();
    let text = vauban_formats::declaration::template(&reviewed.review.subject, &reviewed.review.assets);
    if arguments.stdout {
        delivery::print(text.as_bytes())?;
    } else {
        delivery::write(&path, text.as_bytes()).context("cannot write the declaration")?;
        style::talk(&format!(
            "wrote {}; fill in owners, losses and claims, then run `vauban review`",
            path.display()
        ));
    }
    Ok(if reviewed.understood_files == 0 { Ended::Nothing } else { Ended::Clean })
}
