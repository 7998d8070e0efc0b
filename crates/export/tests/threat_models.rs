//! Models for other tools: the same components and flows in each, hostile names in none of their syntax.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "every test file uses its own part")]
mod sample;

use std::collections::BTreeSet;

use serde_json::Value;
use vauban_domain::{Confidence, Locator, Relation, RelationKind};
use vauban_export::v1::Document;

/// The sample with a flow from a hostile name to an endpoint.
fn document() -> Document {
    let mut review = sample::review();
    let ends: Vec<_> = review.assets.iter().map(|asset| asset.id.clone()).collect();
    for to in ends.iter().skip(1) {
        let locator = Locator::file("vauban.toml");
        let mut flow =
            Relation::new(ends[0].clone(), RelationKind::SendsTo, to.clone(), Confidence::Declared, locator);
        flow.attributes.insert("protocol".to_owned(), "https".to_owned());
        flow.attributes.insert("data".to_owned(), "health, \"x\"] --> y".to_owned());
        review.relations.push(flow);
    }
    Document::from(&review)
}

fn text(format: &str) -> String {
    let exporter = vauban_export::find(format).unwrap();
    String::from_utf8((exporter.write)(&document()).unwrap()).unwrap()
}

fn json(format: &str) -> Value {
    serde_json::from_str(&text(format)).unwrap()
}

fn names(value: &Value, list: &str, key: &str) -> BTreeSet<String> {
    let items = value.pointer(list).unwrap().as_array().unwrap();
    items.iter().filter_map(|item| Some(item.pointer(key)?.as_str()?.to_owned())).collect()
}

#[test]
fn every_model_has_the_same_components_and_flows() {
    let otm = json("otm");
    let wanted = names(&otm, "/components", "/id");
    assert!(wanted.len() > 3 && !wanted.iter().any(|id| id.starts_with("package:")), "{wanted:?}");
    assert_eq!(names(&json("pytm"), "/elements", "/name"), wanted);
    let dragon = json("threat-dragon");
    let cells = dragon.pointer("/detail/diagrams/0/cells").unwrap().as_array().unwrap();
    let of = |shapes: &[&str]| -> Vec<&Value> {
        cells.iter().filter(|cell| shapes.contains(&cell["shape"].as_str().unwrap())).collect()
    };
    let drawn: BTreeSet<String> = of(&["actor", "process", "store"])
        .iter()
        .map(|cell| cell["data"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(drawn, wanted);
    let flows = otm["dataflows"].as_array().unwrap().len();
    assert_eq!(of(&["flow"]).len(), flows);
    assert_eq!(json("pytm")["flows"].as_array().unwrap().len(), flows);
    assert_eq!(text("threagile").matches(" target: ").count(), flows);
}

#[test]
fn pictures_are_not_broken_by_names() {
    let mermaid = text("mermaid");
    for line in mermaid.lines() {
        let quotes = line.matches('"').count();
        assert!(quotes == 0 || quotes == 2, "{line}");
    }
    assert!(!mermaid.contains("<script>") && mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    for line in text("dot").lines() {
        assert_eq!(line.replace("\\\\", "").replace("\\\"", "").matches('"').count() % 2, 0, "{line}");
    }
}

#[test]
fn stix_objects_are_found_again_and_numbered_the_same_every_time() {
    for format in ["stix", "attack-flow"] {
        let bundle = json(format);
        assert_eq!(bundle, json(format), "{format}");
        let objects = bundle["objects"].as_array().unwrap();
        let ids: BTreeSet<&str> = objects.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), objects.len(), "{format}");
        for one in objects {
            let (kind, uuid) = one["id"].as_str().unwrap().split_once("--").unwrap();
            assert_eq!(one["type"], kind);
            assert_eq!(uuid.len(), 36);
            for key in ["source_ref", "target_ref", "created_by_ref", "technique_ref"] {
                assert!(one[key].is_null() || ids.contains(one[key].as_str().unwrap()), "{one}");
            }
        }
        let patterns = objects.iter().filter(|one| one["type"] == "attack-pattern");
        for pattern in patterns {
            assert_eq!(pattern["external_references"][0]["source_name"], "mitre-atlas");
            assert!(pattern["external_references"][0]["external_id"].as_str().unwrap().starts_with("AML.T"));
        }
    }
}

#[test]
fn a_heat_map_shows_techniques_that_nobody_judged_and_reads_without_colour() {
    let page = text("heatmap");
    let atlas = &vauban_knowledge::Knowledge::builtin().atlas;
    for technique in &atlas.techniques {
        assert!(page.contains(&format!(">{}</span>", technique.id)), "{}", technique.id);
    }
    assert!(page.contains("class=\"unjudged\"") && page.contains("aria-label=\"not judged\">."));
    assert!(page.contains("aria-label=\"blind\">B</b>"), "blind cells have a letter");
    assert!(!page.contains("<script"));
}

#[test]
fn layers_name_the_format_that_each_navigator_reads() {
    assert_eq!(json("navigator")["versions"]["layer"], "4.5");
    let older = json("navigator-4.3");
    assert_eq!(older["versions"]["layer"], "4.3");
    assert!(older["selectSubtechniquesWithParent"].is_null());
}

#[test]
fn a_large_estate_is_cut_to_what_can_be_shown_and_says_so() {
    let mut review = sample::review();
    let endpoint = review.assets[0].clone();
    for number in 0..500 {
        let mut asset = endpoint.clone();
        asset.name = format!("extra-{number}");
        asset.id = vauban_domain::AssetId::new(asset.kind, &asset.name);
        review.assets.push(asset);
    }
    review.assets.sort_by(|one, other| one.id.cmp(&other.id));
    let busy = sample::review().threats[0].asset.clone();
    let document = Document::from(&review);
    let written = |format: &str| {
        String::from_utf8((vauban_export::find(format).unwrap().write)(&document).unwrap()).unwrap()
    };
    let mermaid = written("mermaid");
    assert!(mermaid.contains("left out: "), "{mermaid}");
    assert_eq!(mermaid.lines().filter(|line| line.contains(":::")).count(), 120);
    let dragon: Value = serde_json::from_str(&written("threat-dragon")).unwrap();
    assert!(dragon["summary"]["description"].as_str().unwrap().contains("components: those on attack paths"));
    let drawn = names(&dragon, "/detail/diagrams/0/cells", "/data/name");
    assert!(drawn.contains(busy.as_str()), "what threats are at is kept: {drawn:?}");
    // All of them fit where the model is a document.
    assert!(names(&serde_json::from_str(&written("otm")).unwrap(), "/components", "/id").len() > 500);
}
