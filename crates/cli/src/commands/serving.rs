//! An endpoint on the command line, from options to a target.

use anyhow::{Context, bail};
use vauban_domain::{DeclaredTarget, Locator};
use vauban_engine::{DeclarationSource, Live, Request};

use super::attack::full;
use crate::arguments::{AttackArguments, Common};

/// Whether what is to be attacked is an address.
pub(crate) fn is_address(arguments: &AttackArguments) -> bool {
    let path = arguments.subject.path.to_string_lossy();
    path.starts_with("http://") || path.starts_with("https://")
}

/// Permits what the user permits: declared targets with `--live`, and the endpoint that was named.
///
/// # Errors
/// When an endpoint is named without what it takes to attack it.
pub(crate) fn apply(
    common: &Common,
    arguments: &AttackArguments,
    request: &mut Request,
) -> anyhow::Result<()> {
    let serving = &arguments.serving;
    request.live = Live {
        declared: serving.live,
        offline: common.offline,
        environment: super::asking::environment,
        ..Live::default()
    };
    if !is_address(arguments) {
        if serving.protocol.is_some() {
            bail!("--protocol is for an endpoint; give its address, `http://host:port/…`, instead of a path");
        }
        return Ok(());
    }
    let url = arguments.subject.path.to_string_lossy().into_owned();
    if arguments.inputs.is_none() {
        bail!("`{url}` is an endpoint; give --inputs and --labels to attack it with");
    }
    let protocol =
        serving.protocol.clone().with_context(|| format!("say with --protocol how `{url}` is asked"))?;
    let budget = serving
        .budget
        .with_context(|| format!("say with --budget how many rows may be sent to `{url}` in all"))?;
    let journal = match &serving.journal {
        Some(path) => full(path)?,
        None => String::new(),
    };
    let name = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).to_owned();
    request.served = Some(DeclaredTarget {
        name,
        url,
        protocol,
        budget,
        journal,
        requests_per_second: serving.rate,
        batch: serving.batch,
        input: serving.input_name.clone(),
        output: serving.output_name.clone(),
        format: serving.body_format.clone().unwrap_or_default(),
        answers: serving.answers.clone().unwrap_or_default(),
        labels: serving.label_names.clone(),
        classes: serving.classes,
        low: serving.low,
        high: serving.high,
        body: serving.body.clone(),
        pointer: serving.pointer.clone(),
        token_env: serving.token_env.clone(),
        locator: Locator::file("command line"),
        ..DeclaredTarget::default()
    });
    // An address is no folder: there is nothing to walk, and no declaration beside it.
    request.sources.clear();
    request.root = ".".into();
    request.declaration = DeclarationSource::None;
    Ok(())
}
