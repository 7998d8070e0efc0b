//! Hosts that commands ask, from options to a request, and their recordings from a review to files.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use vauban_engine::{Live, Recorded, Request, Reviewed, Source};
use vauban_knowledge::Knowledge;

use crate::arguments::{Asking, Common};
use crate::{delivery, style};

/// Adds the hosts that were named to a request.
///
/// # Errors
/// When a port is none.
pub(crate) fn apply(common: &Common, asking: &Asking, request: &mut Request) -> anyhow::Result<()> {
    let mut ports = Vec::new();
    for written in &asking.ports {
        match written.as_str() {
            "usual" => ports.extend(Knowledge::builtin().fingerprints.usual_ports()),
            number => match number.trim().parse::<u16>() {
                Ok(port) if port > 0 => ports.push(port),
                _ => bail!("`{number}` is no port; write `usual` or numbers such as `5000,8265`"),
            },
        }
    }
    ports.sort_unstable();
    ports.dedup();
    let (files, hosts): (Vec<&String>, Vec<&String>) =
        asking.host.iter().partition(|host| Path::new(host).is_file());
    request.sources.extend(
        files
            .into_iter()
            .map(|file| Source::Path { path: PathBuf::from(file), name: file.replace('\\', "/") }),
    );
    request.live = Live {
        hosts: hosts.into_iter().cloned().collect(),
        ports,
        declared: asking.live,
        offline: common.offline,
        environment,
    };
    Ok(())
}

/// The environment holds credentials of declared sources; it is read where the user runs the command, nowhere else.
#[expect(clippy::disallowed_methods, reason = "the environment is read in `cli`")]
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Writes recordings where they were asked for and says what was not asked or not answered.
///
/// # Errors
/// When a recording cannot be written.
pub(crate) fn finish(common: &Common, asking: &Asking, reviewed: &Reviewed) -> anyhow::Result<()> {
    if let Some(folder) = &asking.record {
        std::fs::create_dir_all(folder).with_context(|| {
            format!("cannot make the folder `{}`; choose another with --record", folder.display())
        })?;
        for recorded in &reviewed.recorded {
            delivery::write(&folder.join(file_name(recorded)), &recorded.bytes)?;
        }
    }
    if !common.quiet {
        let asked = |place: &str| place.contains("://") || asking.host.iter().any(|host| host == place);
        for limit in reviewed.review.limits.iter().filter(|limit| asked(&limit.place)) {
            style::talk(&format!("{}: {}", limit.place, limit.what));
        }
    }
    Ok(())
}

/// `10.0.0.5_5000.recording.json`.
fn file_name(recorded: &Recorded) -> String {
    let bare = recorded.base.split_once("://").map_or(recorded.base.as_str(), |(_, rest)| rest);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' };
    format!("{}.recording.json", bare.chars().map(plain).collect::<String>().trim_matches('.'))
}
