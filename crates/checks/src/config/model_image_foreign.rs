//! A model or training job runs in an image that no registry of the cloud account holds.

use vauban_domain::rule;

use crate::clouds::{IMAGES, Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A model or training job runs in an image that no registry of the cloud account holds.
    pub const RULE: "model-image-foreign" {
        family: Config,
        severity: Medium,
        title: "model runs in an image of a foreign registry",
        why: "whoever controls the registry decides what runs beside the model, with the rights of its role",
        remedy: "copy the image into a registry of your own, check it, and name it by digest",
        techniques: ["AML.T0010.004@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-1357", "CWE-494"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02", "L4.1@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path) in IMAGES {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            let foreign = it.blocks(path).into_iter().find(|image| image.text().is_some_and(is_foreign));
            let said = match foreign {
                None => Verdict::Right,
                Some(image) => Verdict::Wrong {
                    place: place(it, image.line),
                    what: image.text_or_empty().to_owned(),
                    message: format!("`{}` runs in `{}`", it.name, image.text_or_empty()),
                },
            };
            estate.clouds.judge(stack, it, report, said);
        }
    }
}

/// Whether an image is in no registry of AWS.
fn is_foreign(image: &str) -> bool {
    let known = image.contains(".dkr.ecr.") && image.contains(".amazonaws.com");
    !known && !image.is_empty() && !image.contains(['$', '{'])
}
