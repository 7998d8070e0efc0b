//! Both formats of ATLAS are read, compared and migrated; hostile files are refused within bounds.

use vauban_knowledge::atlas::Maturity;
use vauban_knowledge::import::{ImportError, MAX_BYTES, parse};
use vauban_knowledge::migration::Named;
use vauban_knowledge::{Atlas, Knowledge, Migration, diff};

const FORMAT_5: &str = "
id: ATLAS
name: a small edition
version: 4.8.0
matrices:
- id: ATLAS
  name: ATLAS Matrix
  tactics:
  - {id: AML.TA0006, name: Persistence, description: To stay. And more., object-type: tactic}
  techniques:
  - id: AML.T0018
    name: Backdoor ML Model
    description: A model is changed. Then more.
    object-type: technique
    ATT&CK-reference: {id: T1554, url: 'https://example.org'}
    tactics: [AML.TA0006]
    created_date: 2021-05-13
  - {id: AML.T0018.001, name: Inject Payload, description: Code., subtechnique-of: AML.T0018}
  - {id: AML.T0058, name: Publish Poisoned Models, description: Bait., tactics: [AML.TA0006]}
  mitigations:
  - id: AML.M0013
    name: Code Signing
    description: Sign.
    techniques:
    - {id: AML.T0018, use: signed}
    ml-lifecycle:
    - Deployment
    - {id: AML.T0018.001, use: a use among the phases as release 4.9.1 has it}
    category: [Technical - Cyber]
case-studies:
- id: AML.CS0001
  name: A case
  case-study-type: exercise
  incident-date: 2020-01-01
  target: a system
  procedure:
  - {tactic: AML.TA0006, technique: AML.T0018, description: done}
";

const FORMAT_6: &str = "
format-version: 6.0.0
collection: {id: ATLAS-collection, version: '2026.07', name: ATLAS}
matrix: {id: ATLAS-matrix, name: ATLAS}
tactics:
  AML.TA0006: {id: AML.TA0006, name: Persistence, description: To stay.}
  AML.TA0002: {id: AML.TA0002, name: Reconnaissance}
techniques:
  AML.T0018: {id: AML.T0018, name: Manipulate AI Model, maturity: Realized, platforms: [Predictive AI, Agentic AI]}
  AML.T0018.001: {id: AML.T0018.001, name: Modify AI Model Architecture, maturity: Demonstrated}
  AML.T0018.002: {id: AML.T0018.002, name: Embed Malware}
  AML.T0115: {id: AML.T0115, name: Publish Poisoned AI Artifacts, attack-reference: {id: T1588, url: x}}
  AML.T0115.001: {id: AML.T0115.001, name: Models}
mitigations:
  AML.M0013: {id: AML.M0013, name: Code Signing, categories: [Technical - Cyber], lifecycle-phases: [Deployment]}
case-studies:
  AML.CS0001: {id: AML.CS0001, name: A case, type: Exercise, date: '2020-01-01', target: a system}
relationships:
  ATLAS-matrix:
    sequences:
    - {source: ATLAS-matrix, target: AML.TA0002, position: 1}
    - {source: ATLAS-matrix, target: AML.TA0006, position: 7}
  AML.T0018:
    achieves: [{source: AML.T0018, target: AML.TA0006, relationship-type: achieves}]
  AML.T0018.001:
    achieves: [{source: AML.T0018.001, target: AML.TA0006}]
    specializes: [{source: AML.T0018.001, target: AML.T0018}]
  AML.T0018.002:
    specializes: [{source: AML.T0018.002, target: AML.T0018}]
  AML.T0115.001:
    specializes: [{source: AML.T0115.001, target: AML.T0115}]
  AML.M0013:
    mitigates: [{source: AML.M0013, target: AML.T0018, description: signed}]
  AML.CS0001:
    employs:
    - {source: AML.CS0001, target: AML.T0115, tactic: AML.TA0006, step-id: S01}
    - {source: AML.CS0001, target: AML.T0018, tactic: AML.TA0006, step-id: S00, leads-to: [S01]}
";

fn read(text: &str) -> Atlas {
    parse(text).expect("a readable edition")
}

#[test]
fn format_5_is_read() {
    let atlas = read(FORMAT_5);
    assert_eq!(atlas.edition, "4.8.0");
    let technique = atlas.technique("AML.T0018").expect("present");
    assert_eq!(technique.summary, "A model is changed.");
    assert_eq!(technique.attack_reference.as_deref(), Some("T1554"));
    assert_eq!(technique.mitigations, ["AML.M0013"]);
    let sub = atlas.technique("AML.T0018.001").expect("present");
    assert_eq!(
        (sub.parent.as_deref(), sub.tactics.as_slice()),
        (Some("AML.T0018"), &["AML.TA0006".to_owned()][..])
    );
    let mitigation = atlas.mitigation("AML.M0013").expect("present");
    assert_eq!(
        (&mitigation.lifecycle[..], &mitigation.categories[..]),
        (&["DE".to_owned()][..], &["technical-cyber".to_owned()][..])
    );
    assert_eq!(mitigation.techniques, ["AML.T0018", "AML.T0018.001"]);
    assert_eq!(atlas.case_studies[0].steps[0].technique, "AML.T0018");
}

#[test]
fn format_6_is_read() {
    let atlas = read(FORMAT_6);
    assert_eq!(atlas.edition, "2026.07");
    let order: Vec<&str> = atlas.tactics.iter().map(|tactic| tactic.id.as_str()).collect();
    assert_eq!(order, ["AML.TA0002", "AML.TA0006"]);
    let technique = atlas.technique("AML.T0018").expect("present");
    assert_eq!(technique.maturity, Some(Maturity::Realized));
    assert_eq!(technique.platforms, ["predictive-ai", "agentic-ai"]);
    assert_eq!(technique.mitigations, ["AML.M0013"]);
    let sub = atlas.technique("AML.T0115.001").expect("present");
    assert_eq!(atlas.full_name(sub), "Publish Poisoned AI Artifacts: Models");
    let steps: Vec<&str> = atlas.case_studies[0].steps.iter().map(|step| step.technique.as_str()).collect();
    assert_eq!(steps, ["AML.T0018", "AML.T0115"]);
}

#[test]
fn a_diff_follows_meanings_and_not_digits() {
    let diff = diff(&read(FORMAT_5), &read(FORMAT_6));
    let named = |id: &str, name: &str| Named { id: id.to_owned(), name: name.to_owned() };
    assert_eq!(
        diff.reused,
        [(
            named("AML.T0018.001", "Backdoor ML Model: Inject Payload"),
            named("AML.T0018.002", "Manipulate AI Model: Embed Malware")
        )]
    );
    assert_eq!(
        diff.folded,
        [(
            named("AML.T0058", "Publish Poisoned Models"),
            named("AML.T0115.001", "Publish Poisoned AI Artifacts: Models")
        )]
    );
    assert_eq!(
        diff.renamed,
        [(named("AML.T0018", "Backdoor ML Model"), named("AML.T0018", "Manipulate AI Model"))]
    );
    let added: Vec<&str> = diff.added.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(added, ["AML.T0115", "AML.TA0002"]);
    assert_eq!(diff.removed, []);
}

#[test]
fn ids_migrate_by_meaning() {
    let check = |id: &str, from: &str, expected: Migration| {
        assert_eq!(Knowledge::builtin().migrate(id, from), expected, "{id} from {from}");
    };
    let moved = |id: &str, name: &str, reused| Migration::Moved { id: id.into(), name: name.into(), reused };
    let malware = moved("AML.T0018.002", "Manipulate AI Model: Embed Malware", true);
    check("AML.T0018.001", "4.8.0", malware);
    check("AML.T0018.001", "5.0.0", Migration::Same);
    let models = moved("AML.T0115.001", "Publish Poisoned AI Artifacts: Models", false);
    check("AML.T0058", "5.6.0", models);
    check("AML.T0072", "2026.07", Migration::Renamed { now: "Cyber Communication Channel".into() });
    check("AML.T0072", "2026.09", Migration::Same);
    check("AML.T0018.002", "4.8.0", Migration::NotYet { since: "4.9.0".into() });
    check("AML.T0029", "4.0.0", Migration::Renamed { now: "Denial of AI Service".into() });
    check("AML.T7777", "5.6.0", Migration::Unknown);
}

#[test]
fn hostile_and_foreign_files_are_refused() {
    assert!(matches!(parse("title: something else"), Err(ImportError::UnknownFormat)));
    assert!(matches!(parse("matrices: 7\nversion: 1"), Err(ImportError::Malformed(_))));
    assert!(matches!(parse("[[["), Err(ImportError::Malformed(_))));
    assert!(matches!(parse(&" ".repeat(MAX_BYTES + 1)), Err(ImportError::TooLarge(_))));
    let deep = format!("matrices: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(matches!(parse(&deep), Err(ImportError::Malformed(_))));
    let mut bomb = String::from("matrices: []\nversion: '1'\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    assert!(matches!(parse(&bomb), Err(ImportError::Malformed(_))));
}
