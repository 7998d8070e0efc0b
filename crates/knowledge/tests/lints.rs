//! Wrong, renamed, moved and misnamed ids are found in any mapping, and right ones are left alone.

use vauban_knowledge::lint::{Kind, lint};

/// `line key id problem`, one per line.
fn found(text: &str, kind: Kind) -> String {
    let problems = lint(text, kind);
    let lines = problems.iter().map(|problem| {
        format!(
            "{} | {} | {} | {}\n",
            problem.locator(),
            problem.id,
            problem.problem.as_str(),
            problem.suggestion
        )
    });
    lines.collect()
}

fn check(text: &str, expected: &str) {
    assert_eq!(found(text, Kind::Auto).trim(), expected.trim(), "in:\n{text}");
}

#[test]
fn right_ids_are_left_alone() {
    check(
        "
- {id: AML.T0018.002, name: Embed Malware}
- {id: AML.T0018.002, name: 'Manipulate AI Model: Embed Malware'}
- 'AML.T0051.001: LLM Prompt Injection: Indirect'
- AML.M0013 (Code Signing)
- LLM03:2025 Supply Chain
- LLM03:2026 Excessive Agency
- 'LLM06: Sensitive Information Disclosure'
- CWE-79 Cross-site Scripting
- NISTAML.022 Evasion
- AML.T0018@4.9.0
- tags: [atlas.aml.t0051.000, attack.t1110]
- AML.T0051 is what the Adversary does, see https://attack.mitre.org/techniques/T1566/
- {technique: T1614, name: System Location Discovery}
- {version: L1.3, sample: T1, model: LLM70B}
- ATT&CK-reference: {id: T1595, name: Active Scanning}
",
        "",
    );
}

#[test]
fn an_attack_id_cited_as_atlas_is_flagged() {
    check(
        "{\"framework\": \"MITRE ATLAS\", \"technique\": \"T1614: Probing the Model\"}",
        "line 1, technique | T1614 | foreign-framework | T1614 is `System Location Discovery` in ATT&CK, and ATLAS has no such technique",
    );
    check(
        "step: 'T1614: Probing the Model'",
        "line 1, step | T1614 | misnamed | in ATT&CK T1614 is `System Location Discovery`; if ATLAS is meant, its ids begin with `AML.`",
    );
    check(
        "atlas: [T0051]",
        "line 1, atlas[0] | T0051 | unknown | write AML.T0051, which is `LLM Prompt Injection`",
    );
}

#[test]
fn a_reused_id_with_its_old_name_gets_the_new_id() {
    let expected = "line 2, id | AML.T0018.001 | moved | since 4.9.0 this meaning is at AML.T0018.002 Manipulate AI Model: Embed Malware";
    check("id,name\nAML.T0018.001,Backdoor ML Model: Inject Payload\n", expected);
    check("id,name\nAML.T0018.001,Modify AI Model Architecture\n", "");
}

#[test]
fn other_mistakes_are_told_apart() {
    check(
        "
renamed: AML.T0072 Reverse Shell
folded: AML.T0058
swapped: {id: AML.T0015, name: Phishing}
unknown: AML.T9999
year: LLM01:2024
number: LLM11:2025
wrong-year: LLM03:2025 Training Data Poisoning
old: AML.T0058@4.8.0
early: AML.T0034.002@5.0.1
weakness: CWE-99999
threat: L9.9@2025-02
",
        "
line 2, renamed | AML.T0072 | renamed | write `Cyber Communication Channel`; the meaning is the same
line 3, folded | AML.T0058 | moved | since 2026.07 this meaning is at AML.T0115.001 Publish Poisoned AI Artifacts: Models
line 4, swapped.id | AML.T0015 | misnamed | `Phishing` is AML.T0052; take that id or the name `Evade AI Model`
line 5, unknown | AML.T9999 | unknown | no edition up to 2026.09 has it; look the technique up by its meaning
line 6, year | LLM01:2024 | wrong-edition | known editions: 2023, 2025, 2026
line 7, number | LLM11:2025 | unknown | the edition of 2025 has no LLM11
line 8, wrong-year | LLM03:2025 | misnamed | `Training Data Poisoning` is LLM03:2023
line 9, old | AML.T0058@4.8.0 | moved | write AML.T0115.001@2026.09, where this meaning is now
line 10, early | AML.T0034.002@5.0.1 | wrong-edition | the id exists since 5.5.0; write @2026.09
line 11, weakness | CWE-99999 | unknown | there is no such weakness in CWE
line 12, threat | L9.9@2025-02 | unknown | MAESTRO 2025-02 has no L9.9
",
    );
}

#[test]
fn our_own_mappings_are_clean() {
    for (name, text) in [
        ("techniques", include_str!("../data/atlas/techniques.csv")),
        ("mitigations", include_str!("../data/atlas/mitigations.csv")),
        ("maestro", include_str!("../data/maestro/maestro.yaml")),
        ("controls", include_str!("../data/controls.yaml")),
    ] {
        assert_eq!(found(text, Kind::Auto), "", "{name}");
    }
}

#[test]
fn broken_texts_are_read_as_lines_and_never_panic() {
    let expected = "line 2 | AML.T9999 | unknown | no edition up to 2026.09 has it; look the technique up by its meaning";
    assert_eq!(found("{ broken: [\nAML.T9999\n", Kind::Yaml).trim(), expected);
    for text in [
        "",
        "é AML.T",
        "AML.T0018.",
        "CWE-",
        "T",
        "LLM",
        "AML.T0018@",
        "AML.T0018@é",
        "X.@1",
        "\u{feff}[",
        "a,b\n\"c",
    ] {
        for kind in [Kind::Auto, Kind::Csv, Kind::Json, Kind::Yaml] {
            let _ = lint(text, kind);
        }
    }
    let deep = "[".repeat(100_000);
    assert_eq!(lint(&deep, Kind::Auto), []);
}

#[test]
fn large_hostile_texts_take_linear_time() {
    let wide: String = (0..40_000).map(|at| format!("k{at}_id: AML.T9999\n")).collect();
    assert_eq!(lint(&wide, Kind::Yaml).len(), 40_000);
    let row = "AML.T9999,".repeat(40_000);
    assert_eq!(
        lint(&format!("{row}\n{row}\n"), Kind::Csv).len(),
        1,
        "the same mention in columns of one name"
    );
    let long = format!("- {{id: AML.T0015, name: {}}}", "x".repeat(4_000_000));
    assert_eq!(lint(&long, Kind::Yaml).len(), 1);
}

#[test]
fn a_broken_mapping_of_our_own_is_found() {
    use vauban_knowledge::requirements::{Coverage, JudgedBy};
    use vauban_knowledge::{Knowledge, lint::shipped};

    let mut knowledge = Knowledge::builtin().clone();
    let set = knowledge.requirements.sets.iter_mut().find(|set| set.framework == "iso-42001").unwrap();
    set.requirements.truncate(3);
    set.requirements[0].id = "A.99.1".to_owned();
    set.requirements[1].by = JudgedBy::Evidence;
    set.requirements[2].shown = vec!["secrets-keptt".to_owned()];
    set.requirements[2].roles = vec!["owner".to_owned()];
    knowledge.requirements.sets.retain(|set| set.framework == "iso-42001");
    let mut secrets = knowledge.requirements.indicators["secrets-kept"].clone();
    secrets.rules = vec!["secret-that-is-none".to_owned()];
    secrets.families = vec!["secrets".to_owned()];
    secrets.owasp = vec!["LLM01:2024".to_owned(), "LLM09:2025".to_owned()];
    secrets.controls = vec!["secret-stores".to_owned()];
    secrets.metrics = vec!["accuracy".to_owned()];
    secrets.coverage =
        Some(Coverage { aspect: vauban_domain::Aspect::Prevent, techniques: vec!["AML.T0104".to_owned()] });
    knowledge.requirements.indicators = [("secrets-kept".to_owned(), secrets)].into();
    knowledge.controls.clear();
    knowledge.catalogues.mappings.truncate(1);
    knowledge.technique_places[0].components = vec!["spaceship".to_owned()];
    knowledge.measures.retain(|measure| measure.kind != vauban_domain::AssetKind::Tool);
    let threat = &mut knowledge.maestro.threats[0];
    threat.owasp_llm = vec!["LLM01:2024".to_owned()];
    threat.cascades_to[0].prior = 1.5;
    knowledge.frameworks.dates.truncate(1);
    knowledge.frameworks.dates[0].from = "2027-02-30".to_owned();
    knowledge.frameworks.dates[0].ids = "Art.999".to_owned();
    let lines: Vec<String> = shipped(&knowledge, &[])
        .into_iter()
        .map(|problem| format!("{}: {}", problem.place, problem.problem))
        .collect();
    assert_eq!(
        lines.join("\n"),
        "date eu-ai-act 2027-02-30: `2027-02-30` is no date
date eu-ai-act 2027-02-30: eu-ai-act has no entry `Art.999`
indicator secrets-kept: ATLAS 2026.09 has no technique `AML.T0104`
indicator secrets-kept: no attack reports `accuracy`
indicator secrets-kept: no requirement is shown by it
indicator secrets-kept: no rule cites `LLM09:2025`
indicator secrets-kept: there is no control `secret-stores`
indicator secrets-kept: there is no entry `LLM01:2024`
indicator secrets-kept: there is no family of rules `secrets`
indicator secrets-kept: there is no rule `secret-that-is-none`
mapping adversarial-training to aidefend AID-H-001: there is no such control
measure tool: nothing contains this kind of asset
place AML.T0000: no component kind is called `spaceship`
requirement A.2.3@2023: nothing shows it; name indicators or say `by: people`
requirement A.2.4@2023: there is no indicator `secrets-keptt`
requirement A.2.4@2023: there is no role `owner`
requirement A.99.1@2023: iso-42001 2023 has no entry of this id
threat L1.1: the prior to L6.2 is 1.5, not between 0 and 1
threat L1.1: there is no entry `LLM01:2024`"
    );
}
