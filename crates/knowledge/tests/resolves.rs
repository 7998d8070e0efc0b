//! What is compiled in is whole: ATLAS points at itself, controls say what they cost. Ids are held by `lint::shipped`.

use std::collections::BTreeSet;

use vauban_knowledge::Knowledge;

fn check(owner: &str, ids: &[String], exists: impl Fn(&str) -> bool) {
    for id in ids {
        assert!(exists(id), "{owner} names {id}, which does not exist at the edition in use");
    }
}

#[test]
fn atlas_points_at_itself() {
    let atlas = &Knowledge::builtin().atlas;
    for technique in &atlas.techniques {
        check(&technique.id, &technique.tactics, |id| atlas.tactic(id).is_some());
        check(&technique.id, &technique.mitigations, |id| atlas.mitigation(id).is_some());
        if let Some(parent) = &technique.parent {
            assert!(atlas.technique(parent).is_some_and(|found| found.parent.is_none()), "{}", technique.id);
        }
        assert!(technique.maturity.is_some() && !technique.platforms.is_empty(), "{}", technique.id);
        assert!(!technique.tactics.is_empty(), "{}", technique.id);
    }
    for study in &atlas.case_studies {
        for step in &study.steps {
            assert!(atlas.technique(&step.technique).is_some(), "{}: {step:?}", study.id);
            assert!(atlas.tactic(&step.tactic).is_some(), "{}: {step:?}", study.id);
        }
    }
}

#[test]
fn links_between_mitigations_and_techniques_are_as_many_as_upstream_counts() {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(include_str!("../data/atlas/mitigations.csv").as_bytes());
    for row in reader.records() {
        let row = row.expect("a readable row");
        let mitigation = Knowledge::builtin().atlas.mitigation(&row[0]).expect("present");
        assert_eq!(mitigation.techniques.len().to_string(), row[5], "{}", mitigation.id);
    }
}

#[test]
fn everything_in_atlas_has_a_short_description_of_our_own() {
    let atlas = &Knowledge::builtin().atlas;
    let summaries = atlas
        .techniques
        .iter()
        .map(|fact| (&fact.id, &fact.summary))
        .chain(atlas.mitigations.iter().map(|fact| (&fact.id, &fact.summary)))
        .chain(atlas.tactics.iter().map(|fact| (&fact.id, &fact.summary)));
    let mut seen = BTreeSet::new();
    for (id, summary) in summaries {
        assert!((25..=220).contains(&summary.len()), "{id}: `{summary}`");
        assert!(seen.insert(summary), "{id} says what another entry says: `{summary}`");
    }
}

#[test]
fn every_kind_of_asset_is_a_component() {
    let maestro = &Knowledge::builtin().maestro;
    for kind in vauban_domain::AssetKind::ALL {
        assert!(maestro.layer_of(vauban_knowledge::default_component(kind)).is_some(), "{kind}");
    }
}

#[test]
fn controls_say_what_they_do_and_what_they_cost() {
    let knowledge = Knowledge::builtin();
    assert!(knowledge.controls.len() >= 35);
    for control in &knowledge.controls {
        let owner = &control.id;
        let share = control.effectiveness;
        assert!(share.low < share.mode && share.mode < share.high, "{owner}");
        assert!(control.cost_low < control.cost_high, "{owner}");
        assert!((0.0..0.5).contains(&control.utility_cost), "{owner}");
        assert!(!control.aspects.is_empty() && !control.techniques.is_empty(), "{owner}");
    }
    let ids: BTreeSet<&str> = knowledge.controls.iter().map(|control| control.id.as_str()).collect();
    assert_eq!(ids.len(), knowledge.controls.len(), "control ids are unique");
    for playbook in &knowledge.playbooks {
        let used = knowledge.controls.iter().any(|control| control.playbook == playbook.id);
        assert!(used, "no control leads to playbook {}", playbook.id);
    }
}

#[test]
fn places_stand_in_the_order_of_techniques() {
    let knowledge = Knowledge::builtin();
    let placed = knowledge.technique_places.iter().map(|place| &place.technique);
    assert!(placed.eq(knowledge.atlas.techniques.iter().map(|technique| &technique.id)));
}
