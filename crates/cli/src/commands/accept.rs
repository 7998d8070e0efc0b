//! `vauban accept`.

use anyhow::{Context, bail};
use vauban_domain::{Fingerprint, Timestamp};

use crate::arguments::{AcceptArguments, Common};
use crate::{Ended, present, style};

/// Records that a finding is lived with.
pub(crate) fn run(common: &Common, arguments: &AcceptArguments) -> anyhow::Result<Ended> {
    let fingerprint = Fingerprint::parse(&arguments.fingerprint).with_context(|| {
        format!(
            "`{}` is no fingerprint; it has sixteen hexadecimal digits, as in every report",
            arguments.fingerprint
        )
    })?;
    let until = Timestamp::parse(&arguments.until)
        .with_context(|| format!("`{}` is no date; write it as 2027-03-31", arguments.until))?;
    let now = present::now(common)?;
    if until <= now {
        bail!("{} has passed; accept until a date to come", arguments.until);
    }
    if arguments.reason.trim().is_empty() {
        bail!("the reason is empty; say why the finding is acceptable");
    }
    present::store(common)?.accept(&fingerprint, &arguments.reason, until, &arguments.by, now)?;
    style::talk(&format!("accepted {fingerprint} until {until}; reviews show it as accepted until then"));
    Ok(Ended::Clean)
}
