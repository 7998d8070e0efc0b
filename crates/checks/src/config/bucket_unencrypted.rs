//! Buckets without a stated encryption.

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::Facts;

use crate::owner::owner_in;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A bucket states no encryption.
    pub const RULE: "bucket-unencrypted" {
        family: Config,
        severity: Medium,
        title: "bucket without configured encryption",
        why: "models and training data rest without a key that the owner controls: whoever gets at the storage, or at a copy of it, reads them",
        remedy: "add a server-side encryption configuration with a key of your own",
        techniques: ["AML.T0035@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

const CONFIGURATION: &str = "aws_s3_bucket_server_side_encryption_configuration";

/// A module may spread over several files, so all files of a folder are looked at together.
fn check(estate: &Estate<'_>, report: &mut Report) {
    let files = &estate.inventory.files;
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    for file in files.iter() {
        let Facts::Terraform(terraform) = &file.parsed.facts else { continue };
        for bucket in
            terraform.resources("aws_s3_bucket").filter(|block| block.resource_type() == "aws_s3_bucket")
        {
            let asset = owner_in(estate.inventory, file, &bucket.address());
            report.looked_at(&asset);
            let inline = bucket.nested("server_side_encryption_configuration").next().is_some();
            let beside =
                files.iter().filter(|other| folder(&other.path) == folder(&file.path)).any(|other| {
                    let Facts::Terraform(other) = &other.parsed.facts else { return false };
                    other
                        .resources(CONFIGURATION)
                        .any(|block| other.refers_to(block.body.get("bucket"), bucket))
                });
            if !inline && !beside {
                let place = Locator::file(&file.path).at_line(bucket.line);
                let evidence =
                    Evidence::new(place, bucket.address(), format!("resource {}", bucket.address()));
                let message = format!("nothing configures encryption of `{}`", bucket.address());
                report.find(&asset, message, vec![evidence]);
            }
        }
    }
}
