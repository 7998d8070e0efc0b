//! A model or training job names its image without version and digest.

use vauban_domain::rule;

use crate::clouds::{IMAGES, Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A model or training job names its image without version and digest.
    pub const RULE: "model-image-unpinned" {
        family: Config,
        severity: Medium,
        title: "image of a model is not pinned",
        why: "the next start may run another image than the one that was tested, and nobody is asked",
        remedy: "name the image by digest",
        techniques: ["AML.T0010.004@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-1357", "CWE-494"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02", "L4.1@2025-02"],
        source: "https://docs.docker.com/dhi/core-concepts/digests/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path) in IMAGES {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            // A package keeps the digest beside the name.
            let pinned = it.has("inference_specification.containers.image_digest") == Some(true);
            let images = it.blocks(path);
            let loose = images.into_iter().find(|image| !pinned && image.text().is_some_and(is_loose));
            let said = match loose {
                None => Verdict::Right,
                Some(image) => Verdict::Wrong {
                    place: place(it, image.line),
                    what: image.text_or_empty().to_owned(),
                    message: format!(
                        "`{}` runs in `{}`, whatever that is by then",
                        it.name,
                        image.text_or_empty()
                    ),
                },
            };
            estate.clouds.judge(stack, it, report, said);
        }
    }
}

/// Whether an image has no digest and no tag but `latest`.
fn is_loose(image: &str) -> bool {
    if image.is_empty() || image.contains(['$', '{']) || image.contains("@sha256:") {
        return false;
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}
