//! Everything that leaves Vauban as a file: JSON v1, and the formats of the field made from it.
//!
//! Every exporter is a function of [`v1::Document`], so that a saved document can be rendered in any format later.

#![forbid(unsafe_code)]

mod annex_iv;
mod attack_flow;
mod base64;
mod bill;
mod bom_diff;
mod cacao;
mod coverage_csv;
mod csv;
mod cyclonedx;
mod dot;
pub mod due;
mod evidence_bundle;
mod evidence_index;
mod exporter;
mod html;
mod icalendar;
mod json;
mod junit;
mod markdown;
mod mermaid;
mod navigator;
mod oscal;
mod otm;
mod procurement;
mod pytm;
mod response_book;
pub mod review_diff;
mod sarif;
pub mod score;
mod sigma;
pub mod signature;
mod spdx;
mod statement_of_applicability;
mod stix;
mod summary;
pub mod tabletop;
mod threagile;
mod threat_dragon;
mod threat_model;
mod tickets;
pub mod training_summary;
mod tree;
mod uuid;
pub mod v1;
mod vendor_questionnaire;
mod xlsx;
mod yaml;
mod zip;

pub use bom_diff::{BomDiff, Change, bom_diff};
pub use exporter::{ExportError, Exporter, FORMATS, find};
