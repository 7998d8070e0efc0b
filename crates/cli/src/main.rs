//! The `vauban` command: talks to people, decides nothing.

#![forbid(unsafe_code)]

mod arguments;
mod bars;
mod cache;
mod commands;
mod delivery;
mod gate;
mod present;
mod style;
mod supposition;
mod text;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command};

/// How a command that did its job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Nothing at or above the gate.
    Clean,
    /// Something at or above the gate.
    Gated,
    /// Nothing to look at.
    Nothing,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    style::choose(arguments.common.color);
    if let Some(threads) = arguments.common.threads
        && let Err(error) = vauban_engine::use_threads(threads)
    {
        style::error(&error);
        return ExitCode::from(2);
    }
    match run(&arguments) {
        Ok(Ended::Clean) => ExitCode::SUCCESS,
        Ok(Ended::Gated) => ExitCode::from(1),
        Ok(Ended::Nothing) => ExitCode::from(3),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            style::error(&error);
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Review(review) => commands::review::run(common, review),
        Command::Scan(scan) => commands::scan::run(common, scan),
        Command::Inventory(inventory) => {
            let cache = cache::FileCache::of(&inventory.cache, "inventory", true);
            let inventoried =
                commands::part::run(common, &inventory.part, &commands::part::INVENTORY, cache.as_ref());
            if let Some(cache) = cache {
                cache.prune();
            }
            inventoried
        }
        Command::Attack(attack) => commands::attack::run(common, attack),
        Command::Harden(harden) => commands::harden::run(common, harden),
        Command::Detect(part) => commands::part::run(common, part, &commands::part::DETECT, None),
        Command::Exercise(part) => commands::part::run(common, part, &commands::part::EXERCISE, None),
        Command::Gap(part) => commands::part::run(common, part, &commands::part::GAP, None),
        Command::Threats(part) => commands::part::run(common, part, &commands::part::THREATS, None),
        Command::Risk(part) => commands::part::run(common, part, &commands::part::RISK, None),
        Command::Plan(part) => commands::part::run(common, part, &commands::part::PLAN, None),
        Command::Placement(part) => commands::part::run(common, part, &commands::part::PLACEMENT, None),
        Command::WhatIf(arguments) => commands::what_if::run(common, arguments),
        Command::Cascades(part) => commands::part::run(common, part, &commands::part::CASCADES, None),
        Command::Actions(part) => commands::part::run(common, part, &commands::part::ACTIONS, None),
        Command::Vendors(part) => commands::part::run(common, part, &commands::part::VENDORS, None),
        Command::Compliance(arguments) => commands::compliance::run(common, arguments),
        Command::Drill(drill) => commands::drill::run(common, &drill.command),
        Command::Report(report) => commands::report::run(common, report),
        Command::Bom(bom) => commands::bom::run(common, bom),
        Command::Schedule(schedule) => commands::schedule::run(common, schedule),
        Command::Sign(sign) => commands::sign::run(common, sign),
        Command::Verify(verify) => commands::verify::run(common, verify),
        Command::Diff(diff) => commands::diff::run(common, diff),
        Command::Knowledge(knowledge) => commands::knowledge::run(&knowledge.command),
        Command::Db(db) => commands::db::run(common, &db.command),
        Command::Rules(rules) => commands::rules::run(rules),
        Command::Explain(explain) => commands::explain::run(explain),
        Command::Accept(accept) => commands::accept::run(common, accept),
        Command::Init(init) => commands::init::run(common, init),
        Command::Completions(completions) => commands::completions::run(completions),
    }
}

/// A reader that went away (`| head`) is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
