//! One small system, as a stranger would draw it in each tool.

use super::*;
use crate::Budget;

/// A model in lines: components with word, zone and facts, flows with data, boundary and facts.
fn told(name: &str, text: &str) -> String {
    let budget = Budget::default();
    let (model, defects) = read(&Input::new(name, text.as_bytes(), &budget));
    let list = |facts: &BTreeMap<String, String>| -> String {
        facts.iter().map(|(key, value)| format!(" {key}={value}")).collect()
    };
    let mut lines = vec![format!("{}: {}", model.tool, model.title)];
    lines.extend(model.components.iter().map(|one| {
        format!("{} = {} ({}) in [{}]{}", one.reference, one.name, one.word, one.zone, list(&one.facts))
    }));
    lines.extend(model.flows.iter().map(|one| {
        format!(
            "{} -> {}: {} over [{}]{}",
            one.from,
            one.to,
            one.data.join("+"),
            one.boundary,
            list(&one.facts)
        )
    }));
    lines.extend(defects.iter().map(|defect| format!("defect {}", defect.code)));
    lines.join("\n")
}

#[track_caller]
fn check(name: &str, text: &str, wanted: &[&str]) {
    assert_eq!(told(name, text), wanted.join("\n"), "{name}");
}

#[test]
fn threagile_links_carry_words_of_the_format_and_zones_are_boundaries() {
    check(
        "threagile.yaml",
        include_str!("goldens/threagile.yaml"),
        &[
            "threagile: Ward chat",
            "tablet = Ward tablet (external_entity) in [] exposure=internet",
            "chat = Chat server (web_application) in [Clinic network] exposure=partner",
            "notes = Ward notes (database) in [Clinic network]",
            "tablet -> chat: Questions+Answers over [Clinic network] authentication=session-id data_direction=both identity=delegated protocol=https",
            "chat -> notes:  over [] authentication=credentials identity=service protocol=jdbc-encrypted",
        ],
    );
}

#[test]
fn open_threat_models_are_read_in_both_dresses() {
    check(
        "otm.yaml",
        include_str!("goldens/otm.yaml"),
        &[
            "otm: Ward chat",
            "tablet = Ward tablet (web_client) in [Internet]",
            "chat = Chat server (web_service) in [Clinic network] exposure=partner",
            "notes = Ward notes (database) in [Clinic network]",
            "tablet -> chat: Questions over [Clinic network] data_direction=both",
            "chat -> notes:  over [] authentication=password",
        ],
    );
    check(
        "otm.json",
        include_str!("goldens/otm.json"),
        &[
            "otm: Ward chat",
            "chat = Chat server (web_service) in [Clinic network]",
            "reader = models/reader.onnx (model) in [Clinic network]",
            "chat -> reader:  over [] protocol=grpc",
        ],
    );
}

#[test]
fn threat_dragon_is_read_in_its_two_formats() {
    check(
        "threat-dragon-1.json",
        include_str!("goldens/threat-dragon-1.json"),
        &[
            "threat-dragon: Ward chat",
            "a = Ward tablet (tm.actor) in []",
            "b = Chat server (tm.process) in []",
            "a -> b: question over [internet] protocol=https",
        ],
    );
    check(
        "threat-dragon-2.json",
        include_str!("goldens/threat-dragon-2.json"),
        &[
            "threat-dragon: Ward chat",
            "a = Ward tablet (tm.actor) in []",
            "b = Chat server (web_application) in [Clinic network]",
            "s = Audit log (log_store) in [Clinic network]",
            "a -> b: question over [Clinic network] data_direction=both protocol=https",
            "b -> s: entry over []",
        ],
    );
}

#[test]
fn pytm_elements_give_their_flows_protocol_and_scheme() {
    check(
        "pytm.json",
        include_str!("goldens/pytm.json"),
        &[
            "pytm: Ward chat",
            "Nurse = Nurse (actor) in [Internet]",
            "Chat server = Chat server (server) in [Clinic network] authentication=OIDC",
            "Language model = Language model (llm) in [Clinic network]",
            "Ward notes = Ward notes (datastore) in [Clinic network]",
            "Nurse -> Chat server: question over [Clinic network] authentication=OIDC protocol=HTTPS",
            "Chat server -> Language model: question over [] protocol=gRPC",
        ],
    );
}

#[test]
fn services_of_a_bill_of_materials_have_flows() {
    check(
        "bom.json",
        include_str!("goldens/cyclonedx.json"),
        &[
            "cyclonedx: Ward chat",
            "m = ward-llm (machine_learning_model) in []",
            "chat = Chat API (service) in [] authentication=none url=https://chat.ward.example",
            "rank = Ranker (service) in []",
            " -> chat: PII over [trust boundary]",
            "chat -> rank: prompts over [trust boundary]",
            "chat -> m:  over []",
        ],
    );
}

#[test]
fn what_is_no_model_is_said_to_be_none() {
    check("a.json", "{\"a\": 1}", &[": ", "defect threat-model-unknown"]);
    check("a.yaml", "- a\n- b\n", &[": ", "defect threat-model-unknown"]);
    check("empty", "", &[": ", "defect threat-model-unknown"]);
    // Components inside one another in a ring end the walk to a zone, not the program.
    check(
        "ring.yaml",
        "otmVersion: 1\ncomponents:\n  - {id: a, name: a, type: x, parent: {component: b}}\n  - {id: b, name: b, type: x, parent: {component: a}}\n",
        &["otm: ", "a = a (x) in []", "b = b (x) in []"],
    );
}
