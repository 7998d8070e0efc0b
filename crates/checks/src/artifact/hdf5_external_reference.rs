//! HDF5 files whose links or data lead into other files.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::hdf5::{Hdf5, Target};

use super::tensorflow_acts::{Spot, spot};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Data of the file lies in other files of the host.
    pub const RULE: "hdf5-external-reference" {
        family: Artifact,
        severity: High,
        title: "data of the file lies in other files of the host",
        why: "the library opens whatever path is stored, so that weights become the content of any file of the host, and the model's outputs give it away",
        remedy: "do not load it; ask for a file that holds its data itself",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-22"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: FileRead,
        when: Load,
        loaders: "h5py, keras.models.load_model before 3.13, pandas.read_hdf",
        source: "CVE-2026-1669, HDF5 File Format Specification, external data files, external links, virtual datasets",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Hdf5(check) };

fn check(subject: &Subject<'_, Hdf5>, report: &mut Report) {
    let mut tell = |severity, path: &str, what: &str, file: &str| {
        let shown: String = file.escape_debug().take(200).collect();
        let message = format!("`{}` {what} `{shown}`", path.escape_debug());
        let evidence = Evidence::new(subject.locator.clone().at_key(path), format!("{what} {file}"), shown);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    };
    // A neighbour in the same folder is how large measurements are kept in parts.
    let severity = |file: &str, beside| if spot(file) == Spot::Inside { beside } else { Severity::High };
    for link in subject.facts.links.iter().take(1000) {
        match &link.target {
            Target::External { file, .. } => {
                tell(severity(file, Severity::Low), &link.path, "is a link into", file)
            }
            Target::User(kind) => {
                tell(
                    Severity::Medium,
                    &link.path,
                    "is a link that a plugin resolves, of kind",
                    &kind.to_string(),
                );
            }
            Target::Soft(_) => {}
        }
    }
    for dataset in &subject.facts.datasets {
        for file in dataset.external.iter().take(16) {
            tell(severity(file, Severity::Medium), &dataset.path, "has its bytes in", file);
        }
        for file in dataset.sources.iter().filter(|file| *file != ".").take(16) {
            tell(severity(file, Severity::Low), &dataset.path, "is put together from", file);
        }
    }
}
