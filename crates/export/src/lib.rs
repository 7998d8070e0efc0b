//! Everything that leaves Vauban as a file: JSON v1, and the formats of the field made from it.
//!
//! Every exporter is a function of [`v1::Document`], so that a saved document can be rendered in any format later.

#![forbid(unsafe_code)]

mod annex_iv;
mod bill;
mod bom_diff;
mod csv;
mod cyclonedx;
mod evidence_bundle;
mod evidence_index;
mod exporter;
mod html;
mod json;
mod junit;
mod markdown;
mod navigator;
mod oscal;
mod sarif;
pub mod score;
mod spdx;
mod statement_of_applicability;
mod summary;
pub mod training_summary;
mod tree;
pub mod v1;
mod vendor_questionnaire;
mod xlsx;
mod zip;

pub use bom_diff::{BomDiff, Change, bom_diff};
pub use exporter::{ExportError, Exporter, FORMATS, find};
