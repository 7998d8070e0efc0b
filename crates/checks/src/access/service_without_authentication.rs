//! `service-without-authentication`.

use vauban_domain::{Asset, AssetKind, Evidence, Locator, Severity, rule};
use vauban_formats::Facts;
use vauban_knowledge::fingerprints::Gives;

use super::service;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A vector store, registry, dashboard or tracker that is reachable from outside asks nobody who they are.
    pub const RULE: "service-without-authentication" {
        family: Access,
        severity: High,
        title: "service that keeps or runs models and data asks nobody who they are",
        why: "whoever reaches it reads, changes or deletes what it keeps: embeddings, models, experiments; some run jobs for whoever asks",
        remedy: "turn on the product's own authentication, or put a gateway that signs users in before it and close the port",
        techniques: ["AML.T0132@2026.09", "AML.T0035@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0005@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI03:2026", "LLM08:2025"],
        threats: ["L2.2@2025-02", "L4.2@2025-02"],
        source: "the security pages of each product; CVE-2023-48022 for Ray",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// What a product is for, where strangers must not be let in.
const ROLES: &[&str] = &[
    "agents",
    "chat",
    "cluster",
    "features",
    "gateway",
    "labels",
    "monitor",
    "registry",
    "storage",
    "traces",
    "vectors",
    "workflows",
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    // Boards, label tools and stores that were asked; other services that were have rules of their own.
    for file in estate.inventory.files {
        if let Facts::Recording(recording) = &file.parsed.facts {
            let (place, asset) = (Locator::file(&file.path), &file.home);
            let (knowledge, severity) = (estate.knowledge, Severity::Medium);
            if service::judge(recording, Gives::Other, &place, asset, knowledge, report, severity) {
                report.looked_at(asset);
            }
        }
    }
    for asset in estate.inventory.assets {
        // What answers with a model is judged by `endpoint-without-authentication`; compose files and running services
        // have rules of their own.
        let judged = asset.attribute("platform") == Some("kubernetes")
            && asset.attribute("role").is_some_and(|role| ROLES.contains(&role))
            && matches!(asset.kind, AssetKind::Endpoint | AssetKind::Infrastructure);
        let Some(authentication) = asset.attribute("authentication").filter(|_| judged) else { continue };
        report.looked_at(&asset.id);
        if authentication != "none" || !is_reachable(asset) {
            continue;
        }
        let Some(place) = asset.locators.first() else { continue };
        let product = asset.attribute("product").unwrap_or(&asset.component);
        let message = format!("{product} `{}` answers whoever reaches it", asset.name);
        let excerpt = format!("{product}, exposure: {}", asset.attribute("exposure").unwrap_or_default());
        report.find(&asset.id, message, vec![Evidence::new(place.clone(), product, excerpt)]);
    }
}

/// Whether others than its neighbours reach it.
fn is_reachable(asset: &Asset) -> bool {
    matches!(asset.attribute("exposure"), Some("internet" | "network" | "public"))
}
