//! HDF5 files with datasets that are far larger than the file.

use vauban_domain::{Evidence, rule};
use vauban_formats::hdf5::Hdf5;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A dataset asks for far more memory than the file explains.
    pub const RULE: "hdf5-resource-exhaustion" {
        family: Artifact,
        severity: Medium,
        title: "a dataset asks for far more memory than the file explains",
        why: "chunks that were never written take no space in the file and all of it in memory: loading the weights ends the process",
        remedy: "do not load it; get the file again from its publisher",
        techniques: ["AML.T0029@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-789", "CWE-400"],
        owasp: ["LLM10:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: ResourceExhaustion,
        when: Load,
        loaders: "keras.models.load_model before 3.13, h5py",
        source: "CVE-2026-0897",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Hdf5(check) };

/// Bytes beyond which a dataset that is not in the file is a trap.
const LARGE: u64 = 64 << 30;

fn check(subject: &Subject<'_, Hdf5>, report: &mut Report) {
    for dataset in subject
        .facts
        .datasets
        .iter()
        .filter(|dataset| dataset.bytes > LARGE && dataset.stored < dataset.bytes / 4096)
    {
        let message = format!(
            "`{}` of {:?} takes {} bytes in memory and {} in the file",
            dataset.path.escape_debug(),
            dataset.shape,
            dataset.bytes,
            dataset.stored
        );
        let locator = subject.locator.clone().at_key(dataset.path.clone());
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, "dataset too large", dataset.path.clone())],
        );
    }
}
