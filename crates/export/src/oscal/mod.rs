//! OSCAL 1.2.1: what was assessed with which result, and what is done about it until when.
//!
//! Both documents speak of the same observations and risks, under the same numbers, so that an item of the plan can be followed
//! to the assessment that it came from. OSCAL knows two states of an objective; of ours only `satisfied` is its `satisfied`.

mod assessment_results;
mod identity;
mod observation;
mod parts;
mod poam;
mod risk;
mod word;

pub(crate) use assessment_results::EXPORTER as ASSESSMENT_RESULTS;
pub(crate) use poam::EXPORTER as POAM;

/// The edition of OSCAL that is written.
const OSCAL_VERSION: &str = "1.2.1";

/// Namespace of the properties that are ours.
const NAMESPACE: &str = "https://github.com/vauban-security/vauban/ns/oscal";
