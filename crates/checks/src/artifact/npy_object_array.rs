//! NPY files with an object dtype.

use vauban_domain::{Evidence, rule};
use vauban_formats::npy::Npy;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The array holds Python objects.
    pub const RULE: "npy-object-array" {
        family: Artifact,
        severity: Low,
        title: "the array holds Python objects",
        why: "such an array loads only by unpickling, which runs whatever the pickle inside says",
        remedy: "store numbers as numbers, and load with `allow_pickle=False`, which is the default",
        techniques: ["AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "numpy.load with allow_pickle=True, which has not been the default since 1.16.3",
        source: "NumPy documentation of `numpy.load`, allow_pickle",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Npy(check) };

fn check(subject: &Subject<'_, Npy>, report: &mut Report) {
    if subject.facts.objects {
        let message =
            format!("elements are of type `{}`: loading needs `allow_pickle=True`", subject.facts.dtype);
        let evidence = Evidence::new(subject.locator.clone(), "object dtype", subject.facts.dtype.clone());
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
