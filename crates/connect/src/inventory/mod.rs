//! From the facts of files to assets and relations: one mapper per kind of file.

mod agent;
mod bom;
mod ci;
mod cloud;
mod collector;
mod compose;
mod dataset;
pub mod declared;
mod dependencies;
mod dockerfile;
mod dvc;
mod estate;
mod hugging_face;
mod identity;
mod join;
mod kubernetes;
mod mcp;
mod mlflow;
mod mlmodel;
mod model_file;
mod notebook;
mod package;
mod places;
mod prompt;
mod python;
mod record;
mod script;
mod sdk;
mod service;
mod serving;
mod store;
pub mod threat_model;

pub use collector::{Collector, Seen};
pub use estate::Estate;

/// Turns the facts of one kind of file into assets and relations.
///
/// A mapper that recognises its file adds assets to the collector and names the one the file belongs to
/// ([`Collector::home`]); others leave the collector alone.
pub type Mapper = fn(&Seen<'_>, &mut Collector);

/// Every mapper, by name.
const MAPPERS: &[Mapper] = &[
    agent::map,
    bom::map,
    ci::map,
    cloud::map,
    compose::map,
    dataset::map,
    dependencies::map,
    dockerfile::map,
    dvc::map,
    hugging_face::croissant,
    hugging_face::map,
    kubernetes::map,
    mcp::map,
    mlflow::map,
    mlmodel::map,
    model_file::map,
    notebook::map,
    prompt::map,
    python::map,
    script::map,
    service::map,
    serving::map,
    store::map,
];

/// Assets and relations of one file.
pub fn map(seen: &Seen<'_>) -> Collector {
    let mut collector = Collector::new(seen);
    for mapper in MAPPERS {
        mapper(seen, &mut collector);
    }
    collector
}
