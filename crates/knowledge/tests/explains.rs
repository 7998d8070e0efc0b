//! `vauban explain` can answer for every id of the knowledge base, and its links lead somewhere.

use vauban_knowledge::Knowledge;

#[test]
fn everything_can_be_explained_and_every_link_followed() {
    let knowledge = Knowledge::builtin();
    let mut ids: Vec<&str> = Vec::new();
    ids.extend(knowledge.atlas.techniques.iter().map(|fact| fact.id.as_str()));
    ids.extend(knowledge.atlas.mitigations.iter().map(|fact| fact.id.as_str()));
    ids.extend(knowledge.atlas.tactics.iter().map(|fact| fact.id.as_str()));
    ids.extend(knowledge.maestro.threats.iter().map(|fact| fact.id.as_str()));
    ids.extend(vauban_domain::Layer::ALL.map(vauban_domain::Layer::id));
    ids.extend(knowledge.controls.iter().map(|fact| fact.id.as_str()));
    ids.extend(knowledge.playbooks.iter().map(|fact| fact.id.as_str()));
    for id in ids {
        let explanation = knowledge.explain(id).unwrap_or_else(|| panic!("{id} cannot be explained"));
        assert!(explanation.title.starts_with(id) && !explanation.paragraphs.is_empty(), "{id}");
        for link in explanation.links {
            let leads_out = matches!(link.relation, "silences" | "seen in");
            assert!(leads_out || knowledge.explain(&link.id).is_some(), "{id} links to {}", link.id);
        }
    }
}

#[test]
fn the_shape_is_the_same_for_editions_and_the_past() {
    let knowledge = Knowledge::builtin();
    let title = |id: &str| knowledge.explain(id).map(|explanation| explanation.title).unwrap_or_default();
    assert_eq!(title("aml.t0018.002@2026.09"), "AML.T0018.002 Manipulate AI Model: Embed Malware");
    assert_eq!(title("AML.T0058"), "AML.T0058 Publish Poisoned Models");
    assert_eq!(title("LLM03:2025"), "LLM03:2025 Supply Chain");
    assert_eq!(title("LLM03"), "LLM03:2026 Excessive Agency");
    assert_eq!(title("L4"), "L4 Deployment and Infrastructure");
    assert_eq!(title("sc-5"), "SC-5@r5 Denial-of-service Protection");
    assert_eq!(knowledge.explain("nothing-of-the-kind"), None);
}
