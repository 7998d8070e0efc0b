//! Everything that leaves Vauban as a file: JSON v1, and the formats of the field made from it.
//!
//! Every exporter is a function of [`v1::Document`], so that a saved document can be rendered in any format later.

#![forbid(unsafe_code)]

mod bill;
mod bom_diff;
mod cacao;
mod csv;
mod cyclonedx;
mod exporter;
mod html;
mod json;
mod junit;
mod markdown;
mod navigator;
mod procurement;
mod response_book;
mod sarif;
pub mod score;
mod sigma;
mod spdx;
mod summary;
pub mod tabletop;
mod tickets;
pub mod training_summary;
mod tree;
pub mod v1;
mod vendor_questionnaire;

pub use bom_diff::{BomDiff, Change, bom_diff};
pub use exporter::{ExportError, Exporter, FORMATS, find};
