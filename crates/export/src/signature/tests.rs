use std::collections::BTreeMap;

use super::*;
use crate::v1::Document;

const SYSTEMS: &str = r#"{"schema":"vauban/v1","review":{"id":"20261120T000000Z-0badcafe","subject":"clinic","trigger":"manual",
"taken_at":"2026-11-20T00:00:00Z","tool_version":"1","atlas_edition":"2026.09","maestro_edition":"1","seed":1,
"declaration":{"organisation":"clinic","currency":"EUR","every_days":90,"half_life_days":90,"systems":[
{"name":"triage","owner":"x","criticality":"high","purpose":"","exposure":"internal","locator":{"path":"vauban.toml"}},
{"name":"intake","owner":"x","criticality":"high","purpose":"","exposure":"internal","locator":{"path":"vauban.toml"}}]}}}
"#;

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(&[number; 32])
}

fn reviewer(name: &str, role: &str, systems: &[&str], number: u8) -> TrustedReviewer {
    TrustedReviewer {
        name: name.to_owned(),
        role: role.to_owned(),
        systems: systems.iter().map(|system| (*system).to_owned()).collect(),
        key: Some(key(number).public()),
    }
}

fn reviewers() -> Vec<TrustedReviewer> {
    vec![
        reviewer("Anna", "security", &[], 1),
        reviewer("Boris", "data-science", &["triage"], 2),
        reviewer("Chen", "owner", &["triage"], 3),
    ]
}

fn statement(signer: &str, role: &str, system: Option<&str>, decision: Decision) -> Statement {
    Statement {
        review: "20261120T000000Z-0badcafe".to_owned(),
        document: sha256(SYSTEMS.as_bytes()),
        sequence: 0,
        previous: None,
        signer: signer.to_owned(),
        role: role.to_owned(),
        key: String::new(),
        system: system.map(str::to_owned),
        decision,
        comment: "looked at \"all\" of it \u{202e} =1+1".to_owned(),
        signed_at: "2026-11-21T09:00:00Z".to_owned(),
    }
}

fn signed(statements: &[(Statement, u8)]) -> Chain {
    let mut lines: Vec<String> = Vec::new();
    for (statement, number) in statements {
        let chain = Chain::of(lines.clone()).unwrap();
        lines.push(chain.next(statement, None, &key(*number)).unwrap());
    }
    Chain::of(lines).unwrap()
}

fn good() -> Vec<(Statement, u8)> {
    vec![
        (statement("Anna", "security", None, Decision::Approve), 1),
        (statement("Boris", "data-science", Some("triage"), Decision::Approve), 2),
        (statement("Chen", "owner", Some("triage"), Decision::Comment), 3),
    ]
}

fn judged(document: &str, chain: &Chain) -> Verification {
    verify(&Document::read(document.as_bytes()).unwrap(), document.as_bytes(), chain, &reviewers(), &[], None)
}

/// The problems of each line in words.
fn problems(chain: &Chain) -> BTreeMap<usize, Vec<String>> {
    judged(SYSTEMS, chain)
        .entries
        .iter()
        .filter(|entry| !entry.problems.is_empty())
        .map(|entry| (entry.line, entry.problems.iter().map(ToString::to_string).collect()))
        .collect()
}

/// That line `line` alone is broken, and for a reason that begins like this.
fn broken(chain: &Chain, line: usize, beginning: &str) {
    let problems = problems(chain);
    assert_eq!(problems.keys().copied().collect::<Vec<_>>(), [line], "{problems:?}");
    assert!(problems[&line].iter().any(|problem| problem.starts_with(beginning)), "{problems:?}");
}

#[test]
fn a_chain_holds_and_says_who_is_missing() {
    let verification = judged(SYSTEMS, &signed(&good()));
    assert!(verification.is_sound(), "{verification:?}");
    assert!(!verification.is_complete());
    let standings: Vec<String> = verification
        .systems
        .iter()
        .flat_map(|system| {
            system
                .roles
                .iter()
                .map(|role| format!("{} {} {}", system.system, role.role, role.standing.as_str()))
        })
        .collect();
    // A comment decides nothing; the data scientist and the owner do not answer for intake.
    let expected = [
        "intake security approved",
        "triage data-science approved",
        "triage owner missing",
        "triage security approved",
    ];
    assert_eq!(standings, expected);
    let mut all = good();
    all.push((statement("Chen", "owner", None, Decision::Approve), 3));
    assert!(judged(SYSTEMS, &signed(&all)).is_complete());
}

#[test]
fn the_last_decision_of_everybody_counts_and_a_rejection_outweighs() {
    let mut all = good();
    all.push((statement("Chen", "owner", None, Decision::Approve), 3));
    all.push((statement("Anna", "security", Some("triage"), Decision::Reject), 1));
    let verification = judged(SYSTEMS, &signed(&all));
    let triage = &verification.systems[1];
    assert_eq!(triage.roles[2].standing, Standing::Rejected(vec!["Anna".to_owned()]));
    assert!(verification.systems[0].is_approved(), "intake is not what she rejected");
    all.push((statement("Anna", "security", None, Decision::Approve), 1));
    assert!(judged(SYSTEMS, &signed(&all)).is_complete());
}

#[test]
fn any_other_byte_of_the_document_is_noticed() {
    let chain = signed(&good());
    // Bytes that mean nothing to a reader of JSON count, too.
    for changed in
        [SYSTEMS.replace("\"seed\":1", "\"seed\":2"), SYSTEMS.replace(",\n", ", \n"), format!("{SYSTEMS}\n")]
    {
        let verification = judged(&changed, &chain);
        for entry in &verification.entries {
            assert!(matches!(entry.problems[..], [Problem::ChangedDocument { .. }]), "{entry:?}");
        }
        assert!(
            verification
                .systems
                .iter()
                .flat_map(|system| &system.roles)
                .all(|role| role.standing == Standing::Missing)
        );
    }
}

#[test]
fn any_other_byte_of_the_signatures_is_noticed() {
    let chain = signed(&good());
    let file = chain.lines().join("\n") + "\n";
    for place in 0..file.len() {
        for bit in [1_u8, 32] {
            let mut bytes = file.clone().into_bytes();
            bytes[place] ^= bit;
            let Ok(read) = Chain::read(&bytes) else { continue };
            let verification = judged(SYSTEMS, &read);
            assert!(!verification.is_sound(), "byte {place} of the file with bit {bit} turned");
        }
    }
}

#[test]
fn what_is_broken_is_named() {
    let chain = signed(&good());
    let line = |number: usize| chain.lines()[number - 1].clone();
    let of = |lines: &[String]| Chain::of(lines.iter().cloned()).unwrap();
    // A statement is taken out, the order is changed, one is there twice.
    broken(&of(&[line(1), line(3)]), 2, "broken link: it names");
    // Without the first one, every one stands at another place than it says.
    let headless = problems(&of(&[line(2), line(3)]));
    assert!(headless[&1][0].starts_with("broken link: it names"), "{headless:?}");
    assert!(headless[&2][0].starts_with("broken link: it is number 3 of the chain"), "{headless:?}");
    broken(&of(&[line(1), line(2), line(2)]), 3, "broken link: it names");
    assert_eq!(problems(&of(&[line(2), line(1), line(3)])).len(), 3);
    // Signatures of two lines are exchanged, and a line is none.
    let signature =
        |line: &str| line.split("\"sig\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let exchanged = line(2).replace(&signature(&line(2)), &signature(&line(1)));
    broken(&of(&[line(1), exchanged, line(3)]), 2, "bad signature: it is not that of the key");
    let problems = problems(&of(&[line(1), "{}".to_owned(), line(3)]));
    assert!(problems[&2][0].starts_with("broken line: no DSSE envelope"), "{problems:?}");
    assert!(problems[&3][0].starts_with("broken link: it names"), "{problems:?}");
    let other_type = line(1).replace("vnd.in-toto+json", "json");
    assert!(judged(SYSTEMS, &of(&[other_type])).entries[0].problems[0].to_string().contains("payload type"));
}

#[test]
fn keys_and_roles_are_held_to_the_declaration() {
    let one = |statement: Statement, number: u8, beginning: &str| {
        broken(&signed(&[(statement, number)]), 1, beginning)
    };
    let approve =
        |signer: &str, role: &str, system: Option<&str>| statement(signer, role, system, Decision::Approve);
    one(approve("Anna", "security", None), 9, "other key: Anna is declared with sha256:");
    one(approve("Anna", "security", None), 9, "unknown key: sha256:");
    one(approve("Anna", "owner", None), 1, "wrong role: Anna signs as owner, and is declared as security");
    one(
        approve("Dora", "security", None),
        1,
        "other signer: the key is that of Anna, and the statement names Dora",
    );
    one(
        approve("Dora", "security", None),
        9,
        "wrong role: Dora signs as security, and is declared as no reviewer",
    );
    one(
        approve("Boris", "data-science", Some("intake")),
        2,
        "wrong system: Boris does not answer for `intake`",
    );
    one(approve("Anna", "security", Some("no such")), 1, "wrong system: Anna does not answer for `no such`");
    let mut other = approve("Anna", "security", None);
    other.review = "another".to_owned();
    one(other, 1, "other review: `another` was signed");
}

#[test]
fn a_key_that_is_given_counts_for_reviewers_without_one() {
    let document = Document::read(SYSTEMS.as_bytes()).unwrap();
    let mut reviewers = vec![reviewer("Anna", "security", &[], 1)];
    reviewers[0].key = None;
    let chain = signed(&[(statement("Anna", "security", None, Decision::Approve), 1)]);
    let judge = |keys: &[PublicKey]| verify(&document, SYSTEMS.as_bytes(), &chain, &reviewers, keys, None);
    assert!(matches!(judge(&[]).entries[0].problems[..], [Problem::UnknownKey(_)]));
    assert!(judge(&[key(1).public()]).is_complete());
}

#[test]
fn a_chain_may_continue_that_of_the_review_before() {
    let document = Document::read(SYSTEMS.as_bytes()).unwrap();
    let before = signed(&good()).head().unwrap().unwrap();
    let line = Chain::default().next(&good()[0].0, Some(&before), &key(1)).unwrap();
    let chain = Chain::of([line]).unwrap();
    let judge =
        |earlier: Option<&str>| verify(&document, SYSTEMS.as_bytes(), &chain, &reviewers(), &[], earlier);
    assert!(judge(Some(&before)).is_sound());
    assert!(matches!(judge(None).entries[0].problems[..], [Problem::BrokenLink { .. }]));
}

#[test]
fn a_cut_chain_is_noticed_by_who_kept_its_head() {
    let whole = signed(&good());
    let head = whole.head().unwrap().unwrap();
    let cut = Chain::of(whole.lines().iter().take(2).cloned()).unwrap();
    assert!(judged(SYSTEMS, &whole).has(&head));
    assert!(judged(SYSTEMS, &cut).is_sound() && !judged(SYSTEMS, &cut).has(&head));
}

#[test]
fn keys_are_the_files_that_openssl_writes() {
    // RFC 8032, section 7.1, test 1, and RFC 8410, section 10.3.
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let key = SigningKey::from_pem(private.as_bytes()).unwrap();
    assert_eq!(key.public().to_pem(), public);
    assert_eq!(PublicKey::from_pem(public.as_bytes()).unwrap(), key.public());
    assert_eq!(SigningKey::seed_to_pem(&[7; 32]).lines().count(), 3);
    let again = SigningKey::from_pem(SigningKey::seed_to_pem(&[7; 32]).as_bytes()).unwrap();
    assert_eq!(again.public(), SigningKey::from_seed(&[7; 32]).public());
    let kind = |text: &str| PublicKey::from_pem(text.as_bytes()).unwrap_err();
    assert_eq!(kind(private), KeyError::NoPem("PUBLIC KEY"));
    assert_eq!(kind(&public.replace("MCow", "MCox")), KeyError::NotEd25519("PUBLIC KEY"));
}

#[test]
fn hostile_files_are_no_chains() {
    for bytes in [&b"\xff\n"[..], b"no line feed", &vec![b'\n'; MAXIMUM_BYTES + 1], &vec![b'\n'; 20_000]] {
        assert!(Chain::read(bytes).is_err());
    }
    assert_eq!(Chain::read(b"").unwrap(), Chain::default());
    let long = Chain::of(["[".repeat(70_000)]).unwrap();
    assert!(matches!(judged(SYSTEMS, &long).entries[0].problems[..], [Problem::Unreadable(_)]));
    let deep = Chain::of(["[".repeat(60_000)]).unwrap();
    assert!(matches!(judged(SYSTEMS, &deep).entries[0].problems[..], [Problem::Unreadable(_)]));
}
