//! Rules about the licences of models and data.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use vauban_checks::{Inventory, Looks, check_estate};
use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, Declaration, Layer, Locator, Relation, RelationKind, Timestamp,
};
use vauban_knowledge::Knowledge;

fn asset(kind: AssetKind, name: &str, attributes: &[(&str, &str)]) -> Asset {
    let locator = Locator::file(format!("{name}/README.md"));
    let asset = Asset::new(kind, "model", Layer::FoundationModels, name, Confidence::Verified, locator);
    attributes.iter().fold(asset, |asset, (key, value)| asset.with(key, *value))
}

fn relation(from: &Asset, kind: RelationKind, to: &Asset) -> Relation {
    Relation::new(from.id.clone(), kind, to.id.clone(), Confidence::Declared, Locator::file("card"))
}

fn look(mut assets: Vec<Asset>, relations: &[Relation]) -> Looks {
    assets.sort_by(|one, other| one.id.cmp(&other.id));
    let declaration = Declaration::default();
    let inventory =
        Inventory { assets: &assets, relations, declaration: &declaration, files: &[], now: Timestamp(0) };
    check_estate(&inventory, &AssetId::new(AssetKind::Pipeline, "whole"), Knowledge::builtin())
}

/// Messages of one rule.
fn said(rule: &str, assets: Vec<Asset>, relations: &[Relation]) -> Vec<String> {
    let found = look(assets, relations).findings.into_iter().filter(|finding| finding.rule == rule);
    found.map(|finding| finding.message).collect()
}

#[test]
fn bad_licence_non_commercial_says_what_makes_the_use_commercial() {
    let rule = "licence-non-commercial";
    let model = asset(AssetKind::Model, "reader", &[("licence", "cc-by-nc-4.0"), ("use", "commercial")]);
    assert_eq!(
        said(rule, vec![model], &[]),
        [
            "`reader` is under cc-by-nc-4.0, which permits no commercial use, and vauban.toml says that its use is commercial"
        ]
    );
    let data = asset(AssetKind::Dataset, "letters", &[("licence", "CC-BY-NC-SA-4.0")]);
    let base = asset(AssetKind::Model, "base", &[]);
    let tuned = asset(AssetKind::Model, "tuned", &[]);
    let api = asset(AssetKind::Endpoint, "api", &[]);
    let relations = [
        relation(&api, RelationKind::Serves, &tuned),
        relation(&tuned, RelationKind::DerivedFrom, &base),
        relation(&base, RelationKind::TrainedOn, &data),
    ];
    assert_eq!(
        said(rule, vec![data, base, tuned, api], &relations),
        [
            "`letters` is under CC-BY-NC-SA-4.0, which permits no commercial use, and `api` answers with `tuned`, which was made from it"
        ]
    );
}

#[test]
fn good_licence_non_commercial_spares_research_and_what_nobody_serves() {
    let rule = "licence-non-commercial";
    for attributes in [
        &[("licence", "cc-by-nc-4.0")][..],
        &[("licence", "cc-by-nc-4.0"), ("use", "research")],
        &[("licence", "apache-2.0"), ("use", "commercial")],
        &[("licence", "llama3.1"), ("use", "commercial")],
        &[("licence", "our own"), ("use", "commercial")],
        &[],
    ] {
        assert_eq!(
            said(rule, vec![asset(AssetKind::Model, "m", attributes)], &[]),
            [""; 0],
            "{attributes:?}"
        );
    }
}

#[test]
fn bad_and_good_licence_missing() {
    let rule = "licence-missing";
    let missing = asset(AssetKind::Model, "owner/m", &[("source", "huggingface")]);
    assert_eq!(said(rule, vec![missing.clone()], &[]).len(), 1);
    let mut named = missing.clone();
    named.confidence = Confidence::Inferred;
    for good in [named, missing.with("licence", "mit"), asset(AssetKind::Model, "ours", &[])] {
        assert_eq!(said(rule, vec![good], &[]), [""; 0]);
    }
}

#[test]
fn bad_and_good_licence_conflict() {
    let rule = "licence-conflict";
    let conflict = |ours: &str, base: &str| {
        let ours = asset(AssetKind::Model, "ours", &[("licence", ours)]);
        let base = asset(AssetKind::Model, "base", &[("licence", base)]);
        let relations = [relation(&ours, RelationKind::DerivedFrom, &base)];
        said(rule, vec![ours, base], &relations)
    };
    for (ours, base) in
        [("apache-2.0", "cc-by-nc-4.0"), ("mit", "gemma"), ("apache-2.0", "llama3"), ("gemma", "mrl")]
    {
        assert_eq!(conflict(ours, base).len(), 1, "{ours} {base}");
    }
    for (ours, base) in [
        ("apache-2.0", "mit"),
        ("cc-by-nc-4.0", "mit"),
        ("gemma", "gemma"),
        ("llama3.1", "llama3"),
        ("mit", "other"),
        ("ours", "mrl"),
    ] {
        assert_eq!(conflict(ours, base), [""; 0], "{ours} {base}");
    }
}

#[test]
fn bad_and_good_licence_use_restricted() {
    let rule = "licence-use-restricted";
    let said = |licence: &str| said(rule, vec![asset(AssetKind::Model, "m", &[("licence", licence)])], &[]);
    assert!(said("llama3.1")[0].contains("700 million"));
    assert!(said("openrail++")[0].contains("some kinds of use are forbidden"));
    for licence in ["apache-2.0", "cc-by-4.0", "other", "our own"] {
        assert_eq!(said(licence), [""; 0], "{licence}");
    }
}
