//! How requirements stand: every status, every reason for not applying, dates, and what people state against what is seen.

mod estate;

use RequirementStatus::{NotApplicable, NotSatisfied, Partly, Satisfied, Unknown};
use estate::{Estate, NOW, days_ago, rule};
use vauban_analysis::compliance::{Basis, compliance};
use vauban_analysis::schedule::Earlier;
use vauban_domain::{
    Acceptance, AssetId, AssetKind, Family, FrameworkAssessment, Locator, Plan, RelationKind,
    RequirementAssessment, RequirementStatement, RequirementStatus, Rule, Severity, System, Timestamp,
    Verdict,
};
use vauban_knowledge::Knowledge;

fn assess(estate: &Estate, frameworks: &[&str], now: Timestamp) -> Vec<FrameworkAssessment> {
    assess_after(estate, frameworks, now, None)
}

fn assess_after(
    estate: &Estate,
    frameworks: &[&str],
    now: Timestamp,
    earlier: Option<&Earlier>,
) -> Vec<FrameworkAssessment> {
    let facts = estate.facts_at(now);
    let knowledge = Knowledge::builtin();
    let frameworks: Vec<String> = frameworks.iter().map(|name| (*name).to_owned()).collect();
    compliance(&Basis {
        facts: &facts,
        knowledge,
        coverage: &vauban_analysis::gap::coverage(&facts, knowledge),
        threats: 0,
        risk: None,
        plan: &Plan::default(),
        earlier,
        frameworks: &frameworks,
    })
}

/// The one requirement with this id.
fn requirement(estate: &Estate, framework: &str, id: &str) -> RequirementAssessment {
    requirement_at(estate, framework, id, NOW)
}

fn requirement_at(estate: &Estate, framework: &str, id: &str, now: Timestamp) -> RequirementAssessment {
    let assessed = assess(estate, &[framework], now);
    let mut found = assessed.iter().flat_map(|one| &one.requirements).filter(|one| one.id == id);
    let one = found.next().unwrap_or_else(|| panic!("{framework} has no {id}")).clone();
    assert!(found.next().is_none(), "{id} is there twice");
    one
}

fn check(one: &RequirementAssessment, status: RequirementStatus, reason: &str) {
    assert_eq!(one.status, status, "{one:#?}");
    assert!(one.reason.contains(reason), "{:?} does not say {reason:?}", one.reason);
}

/// An estate of one model in the system `clinic`, used in the EU.
fn clinic(role: &str, class: &str) -> (Estate, AssetId) {
    let mut estate = Estate::default();
    let model = estate.asset(AssetKind::Model, "model", "m.onnx");
    estate.declaration.systems.push(System {
        name: "clinic".to_owned(),
        owner: "the owner".to_owned(),
        purpose: "helps".to_owned(),
        role: role.to_owned(),
        risk_class: class.to_owned(),
        regions: vec!["eu".to_owned()],
        data: vec!["health".to_owned()],
        locator: Locator::file("vauban.toml").at_line(3),
        ..System::default()
    });
    (estate, model)
}

fn state(estate: &mut Estate, id: &str, system: &str, status: &str, date: Timestamp) {
    estate.declaration.requirements.push(RequirementStatement {
        requirement: id.to_owned(),
        system: system.to_owned(),
        status: status.to_owned(),
        reason: "it is so".to_owned(),
        owner: "Ada".to_owned(),
        date,
        evidence: vec!["policy.pdf".to_owned()],
        locator: Locator::file("vauban.toml").at_line(9),
    });
}

fn unsigned() -> Rule {
    rule("model-unsigned", Family::Provenance, Severity::Medium, "AML.T0018")
}

fn mismatch(severity: Severity) -> Rule {
    rule("provenance-digest-mismatch", Family::Provenance, severity, "AML.T0018")
}

/// `SR-11` of NIST 800-53 asks for signatures, digests and one index of packages.
const DIGESTS: (&str, &str) = ("nist-800-53", "SR-11@r5");

#[test]
fn clean_looks_satisfy_a_finding_contradicts_and_nothing_is_unknown() {
    let (mut estate, model) = clinic("provider", "minimal");
    let (framework, id) = DIGESTS;
    check(&requirement(&estate, framework, id), Unknown, "unknown: models are signed");
    estate.look(&unsigned(), &model, Verdict::Skipped("no key was given".to_owned()));
    check(&requirement(&estate, framework, id), Unknown, "skipped or failed: no key was given");
    estate.outcomes.clear();
    estate.look(&unsigned(), &model, Verdict::Clean);
    estate.look(&mismatch(Severity::High), &model, Verdict::Clean);
    let satisfied = requirement(&estate, framework, id);
    check(&satisfied, Satisfied, "shown: models are signed and match their digests");
    assert!(satisfied.evidence.iter().all(|one| one.supports));
    assert!(satisfied.evidence.iter().any(|one| one.kind == "outcome" && one.id == "model-unsigned"));
    estate.find(&mismatch(Severity::High), &model);
    let against = requirement(&estate, framework, id);
    check(
        &against,
        NotSatisfied,
        "against it: models are signed and match their digests (1 open finding, the worst high",
    );
    let first = &against.evidence[0];
    assert_eq!((first.kind.as_str(), first.supports), ("finding", false));
    assert_eq!(first.id, estate.findings[0].fingerprint.as_str());
    assert_eq!(first.asset.as_ref(), Some(&model));
}

#[test]
fn small_and_accepted_findings_leave_it_partly_met() {
    let (mut estate, model) = clinic("provider", "minimal");
    let (framework, id) = DIGESTS;
    estate.look(&mismatch(Severity::High), &model, Verdict::Clean);
    estate.find(&unsigned(), &model);
    check(
        &requirement(&estate, framework, id),
        Partly,
        "not wholly: models are signed and match their digests (1 open finding, the worst medium)",
    );
    estate.findings.clear();
    estate.outcomes.clear();
    estate.find(&mismatch(Severity::Critical), &model);
    let fingerprint = estate.findings[0].fingerprint.to_string();
    let accept = |until| Acceptance {
        fingerprint: fingerprint.clone(),
        reason: "known".to_owned(),
        until,
        locator: Locator::file("vauban.toml"),
    };
    estate.declaration.acceptances = vec![accept(NOW)];
    check(&requirement(&estate, framework, id), Partly, "1 accepted finding");
    estate.declaration.acceptances = vec![accept(days_ago(1))];
    check(&requirement(&estate, framework, id), NotSatisfied, "1 open finding");
}

#[test]
fn a_look_that_failed_keeps_clean_ones_from_satisfying() {
    let (mut estate, model) = clinic("provider", "minimal");
    let other = estate.asset(AssetKind::Model, "model", "n.onnx");
    let (framework, id) = DIGESTS;
    estate.look(&mismatch(Severity::High), &model, Verdict::Clean);
    estate.look(&mismatch(Severity::High), &other, Verdict::Failed("it ran out of time".to_owned()));
    check(
        &requirement(&estate, framework, id),
        Partly,
        "1 look found nothing, 1 look skipped or failed: it ran out of time",
    );
}

#[test]
fn role_class_region_data_and_kind_decide_whether_it_applies() {
    for (role, class, regions, id, status, reason) in [
        (
            "provider",
            "minimal",
            "eu",
            "Art.9@2024/1689",
            NotApplicable,
            "risk class of clinic is minimal, and this is for high-annex-i, high-annex-iii",
        ),
        (
            "deployer",
            "high-annex-iii",
            "eu",
            "Art.9@2024/1689",
            NotApplicable,
            "role of clinic is deployer, and this is for provider",
        ),
        (
            "provider",
            "high-annex-iii",
            "us",
            "Art.9@2024/1689",
            NotApplicable,
            "clinic is used in us, and this is for eu",
        ),
        (
            "provider",
            "",
            "eu",
            "Art.9@2024/1689",
            Unknown,
            "risk class of clinic is not declared; add `risk_class`",
        ),
        (
            "",
            "high-annex-iii",
            "eu",
            "Art.9@2024/1689",
            Unknown,
            "role of clinic is not declared; add `role`",
        ),
        (
            "provider",
            "high-annex-iii",
            "",
            "Art.9@2024/1689",
            Unknown,
            "regions of clinic are not declared; add `regions`",
        ),
        // What rules it out comes before what is not declared.
        ("", "minimal", "", "Art.9@2024/1689", NotApplicable, "risk class of clinic is minimal"),
        (
            "deployer",
            "high-annex-iii",
            "eu",
            "Art.26@2024/1689",
            Partly,
            "not yet in force, applies from 2027-12-02",
        ),
        ("provider", "prohibited", "eu", "Art.5@2024/1689", NotSatisfied, "clinic is declared as prohibited"),
        (
            "provider",
            "minimal",
            "eu",
            "Art.5@2024/1689",
            Partly,
            "shown: a risk class is declared and is not a prohibited one",
        ),
    ] {
        let (mut estate, _) = clinic(role, class);
        estate.declaration.systems[0].regions = regions.split_whitespace().map(str::to_owned).collect();
        let one = requirement(&estate, "eu-ai-act", id);
        check(&one, status, reason);
        assert_eq!(one.system.as_deref(), Some("clinic"));
    }
    let (mut estate, _) = clinic("provider", "minimal");
    check(&requirement(&estate, "gdpr", "Art.32@2016/679"), Unknown, "unknown:");
    estate.declaration.systems[0].data = vec!["public".to_owned()];
    check(&requirement(&estate, "gdpr", "Art.32@2016/679"), NotApplicable, "clinic handles public");
    estate.declaration.systems[0].data = vec!["biopsies".to_owned()];
    check(
        &requirement(&estate, "gdpr", "Art.32@2016/679"),
        Unknown,
        "whether biopsies of clinic is data about people is not known",
    );
    check(
        &requirement(&estate, "owasp-agentic", "ASI01:2026"),
        NotApplicable,
        "no agent or tool was found in the organisation",
    );
}

#[test]
fn without_a_system_nobody_knows_whether_it_applies() {
    let mut estate = Estate::default();
    let _ = estate.asset(AssetKind::Model, "model", "m.onnx");
    let one = requirement(&estate, "eu-ai-act", "Art.15@2024/1689");
    check(&one, Unknown, "no system is declared");
    assert_eq!(one.system, None);
}

#[test]
fn a_date_ahead_is_said_and_what_stands_is_judged() {
    let (mut estate, _) = clinic("provider", "high-annex-iii");
    state(&mut estate, "Art.43@2024/1689", "clinic", "satisfied", NOW);
    let day = |text| Timestamp::parse(text).unwrap();
    let from = day("2027-12-02");
    let before = requirement(&estate, "eu-ai-act", "Art.43@2024/1689");
    check(&before, Satisfied, "not yet in force, applies from 2027-12-02");
    assert_eq!(before.applies_from, Some(from));
    let later = day("2027-12-03");
    estate.declaration.requirements[0].date = later;
    let after = requirement_at(&estate, "eu-ai-act", "Art.43@2024/1689", later);
    check(&after, Satisfied, "Ada stated satisfied on 2027-12-03: it is so");
    assert!(!after.reason.contains("not yet in force"), "{}", after.reason);
    assert_eq!(after.applies_from, Some(from));
    estate.declaration.systems[0].in_service = Some(day("2023-09-01"));
    let early = requirement_at(&estate, "eu-ai-act", "Art.43@2024/1689", later);
    check(&early, Satisfied, "in service since 2023-09-01, and by Art.111(2)");
    // The same article of another class has another day.
    estate.declaration.systems[0].risk_class = "high-annex-i".to_owned();
    let product = requirement_at(&estate, "eu-ai-act", "Art.43@2024/1689", later);
    assert_eq!(product.applies_from, Some(day("2028-08-02")));
}

#[test]
fn only_people_can_judge_some_and_their_word_ages() {
    let (mut estate, _) = clinic("provider", "minimal");
    let id = "A.2.2@2023";
    check(&requirement(&estate, "iso-42001", id), Unknown, "only people can judge it");
    for (status, expected) in [
        ("satisfied", Satisfied),
        ("partly", Partly),
        ("not-satisfied", NotSatisfied),
        ("not-applicable", NotApplicable),
    ] {
        estate.declaration.requirements.clear();
        state(&mut estate, id, "", status, days_ago(89));
        let one = requirement(&estate, "iso-42001", id);
        check(&one, expected, "nothing but this statement speaks of it");
        assert_eq!(one.evidence.len(), 1);
        assert_eq!(one.evidence[0].kind, "statement");
        assert_eq!(one.evidence[0].id, "vauban.toml:9");
        assert!(one.evidence[0].what.ends_with("(policy.pdf)"), "{}", one.evidence[0].what);
    }
    estate.declaration.requirements[0].date = days_ago(90);
    let stale = requirement(&estate, "iso-42001", id);
    check(&stale, Unknown, "that is 90 days old, have it stated again");
    assert!(stale.evidence.is_empty());
    estate.declaration.cadence.half_life_days = 91;
    check(&requirement(&estate, "iso-42001", id), NotApplicable, "Ada stated not-applicable");
    estate.declaration.requirements[0].date = days_ago(-1);
    check(&requirement(&estate, "iso-42001", id), Unknown, "that day has not come");
}

#[test]
fn a_statement_never_outranks_a_finding() {
    let (framework, id) = DIGESTS;
    for (status, severity, expected) in [
        ("satisfied", Severity::High, NotSatisfied),
        ("not-applicable", Severity::High, NotSatisfied),
        ("satisfied", Severity::Low, Partly),
    ] {
        let (mut estate, model) = clinic("provider", "minimal");
        estate.look(&unsigned(), &model, Verdict::Clean);
        estate.look(&mismatch(severity), &model, Verdict::Clean);
        estate.find(&mismatch(severity), &model);
        state(&mut estate, id, "", status, NOW);
        let one = requirement(&estate, framework, id);
        check(&one, expected, "Ada stated");
        assert!(one.reason.contains("1 open finding"), "{}", one.reason);
        let kinds: Vec<_> = one.evidence.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds[..2], ["finding", "statement"]);
    }
}

#[test]
fn a_statement_lifts_what_nobody_looked_at_to_partly_and_completes_what_is_shown() {
    let (framework, id) = DIGESTS;
    let (mut estate, model) = clinic("provider", "minimal");
    state(&mut estate, id, "", "satisfied", NOW);
    check(&requirement(&estate, framework, id), Partly, "unknown: models are signed");
    estate.look(&unsigned(), &model, Verdict::Clean);
    estate.look(&mismatch(Severity::High), &model, Verdict::Clean);
    check(&requirement(&estate, framework, id), Satisfied, "Ada stated satisfied");
    // Who says that it is not met is taken at the word.
    state(&mut estate, id, "", "not-satisfied", Timestamp(NOW.0 + 1));
    estate.declaration.requirements.remove(0);
    estate.declaration.requirements[0].date = NOW;
    check(&requirement(&estate, framework, id), NotSatisfied, "Ada stated not-satisfied");
}

#[test]
fn evidence_alone_does_not_settle_what_people_have_to_state_as_well() {
    let (mut estate, _) = clinic("provider", "minimal");
    let id = "A.9.4@2023";
    check(&requirement(&estate, "iso-42001", id), Partly, "part of it only people can judge");
    state(&mut estate, id, "", "satisfied", NOW);
    check(&requirement(&estate, "iso-42001", id), Satisfied, "shown: the purpose of every system is stated");
}

#[test]
fn a_statement_about_one_system_is_part_of_the_organisation() {
    let (mut estate, _) = clinic("provider", "minimal");
    estate.declaration.systems.push(System { name: "other".to_owned(), ..System::default() });
    state(&mut estate, "A.2.2@2023", "clinic", "satisfied", NOW);
    check(&requirement(&estate, "iso-42001", "A.2.2@2023"), Partly, "Ada stated satisfied");
    state(&mut estate, "A.2.2@2023", "", "satisfied", days_ago(5));
    check(&requirement(&estate, "iso-42001", "A.2.2@2023"), Satisfied, "Ada stated satisfied");
}

#[test]
fn a_claim_is_less_than_a_control_that_was_seen() {
    let (mut estate, _) = clinic("provider", "minimal");
    let data = estate.asset(AssetKind::Dataset, "dataset", "d.csv");
    let id = "SC-28@r5";
    estate.claim("encrypt-at-rest", "clinic", days_ago(1));
    check(&requirement(&estate, "nist-800-53", id), Partly, "only claimed:");
    estate.declaration.claims[0].date = days_ago(100);
    check(&requirement(&estate, "nist-800-53", id), Unknown, "unknown:");
    estate.set(&data, "encrypted", "true");
    check(&requirement(&estate, "nist-800-53", id), Satisfied, "shown: models and data are encrypted");
}

#[test]
fn reviews_recur_when_one_came_before_in_time() {
    let (mut estate, _) = clinic("provider", "minimal");
    estate.declaration.reviewers.clear();
    let earlier = |days| Earlier {
        taken_at: days_ago(days),
        atlas_edition: "2026.09".to_owned(),
        techniques: Default::default(),
    };
    for (days, status, reason) in [
        (None, Unknown, "no review before this one is on record"),
        (Some(30), Partly, "shown: reviews recur and are not late"),
        (Some(100), NotSatisfied, "this review came 10 days late"),
    ] {
        let earlier = days.map(earlier);
        let assessed = assess_after(&estate, &["iso-42001"], NOW, earlier.as_ref());
        let one = assessed[0].requirements.iter().find(|one| one.id == "A.2.4@2023").unwrap();
        check(one, status, reason);
    }
}

#[test]
fn what_recurs_or_was_tried_elsewhere_satisfies_no_action_about_language_models() {
    let (mut estate, model) = clinic("provider", "minimal");
    estate.measure(&model, "AML.T0043", 60, 100);
    estate.asset(AssetKind::Model, "model", "of-a-kind-that-nothing-tells.bin");
    let earlier = Earlier {
        taken_at: days_ago(30),
        atlas_edition: "2026.09".to_owned(),
        techniques: Default::default(),
    };
    let assessed = assess_after(&estate, &["nist-ai-600-1"], NOW, Some(&earlier));
    let about = |id: &str| {
        let id = format!("{id}@600-1");
        assessed[0].requirements.iter().find(|one| one.id == id).unwrap()
    };
    let none = "no agent, endpoint or prompt was found";
    for id in ["MP-4.1-001", "MS-2.5-006", "MS-2.6-006", "MS-2.6-007", "MG-3.2-005"] {
        check(about(id), NotApplicable, none);
    }
    for id in ["GV-1.4-001", "MS-2.11-001", "MG-2.2-005"] {
        check(about(id), Unknown, "only people can judge it");
    }
    check(about("MS-4.2-001"), Partly, "unknown: adversarial tests were run");
}

#[test]
fn a_profile_for_what_generates_is_judged_over_nothing_else() {
    let (mut estate, model) = clinic("provider", "minimal");
    let reader = estate.asset(AssetKind::Model, "model", "reader.onnx");
    estate.set(&reader, "classes", "10");
    let service = estate.asset(AssetKind::Endpoint, "endpoint", "http://reader");
    estate.relate(&service, RelationKind::Serves, &model);
    estate.asset(AssetKind::Package, "package", "pypi/numpy");
    // Nothing tells the other model's kind, but it was measured as what tells classes apart.
    estate.measure(&model, "AML.T0043", 60, 100);
    for framework in ["nist-ai-600-1", "owasp-llm@2025", "owasp-llm@2026"] {
        for one in &assess(&estate, &[framework], NOW)[0].requirements {
            check(one, NotApplicable, "nothing of the platform generative-ai was found in ");
        }
    }
    estate.asset(AssetKind::Prompt, "prompt", "system.txt");
    check(
        &requirement(&estate, "nist-ai-600-1", "MS-4.2-001@600-1"),
        Unknown,
        "unknown: adversarial tests were run",
    );
    check(&requirement(&estate, "nist-ai-rmf", "MEASURE 2.1@1.0"), Partly, "measured at 1 of 2 models");
}

#[test]
fn one_measurement_serves_requirements_of_several_frameworks() {
    let (mut estate, model) = clinic("provider", "minimal");
    estate.measure(&model, "AML.T0043", 60, 100);
    let id = estate.measurements[0].id.clone();
    for (framework, requirement_id) in [
        ("iso-42001", "A.6.2.4@2023"),
        ("nist-ai-rmf", "MEASURE 2.1@1.0"),
        ("nist-ai-100-2", "NISTAML.022@2025"),
        ("cosai-risk-map", "controlAdversarialTrainingAndTesting@2026-08-19"),
    ] {
        let one = requirement(&estate, framework, requirement_id);
        assert!(one.evidence.iter().any(|one| one.kind == "measurement" && one.id == id), "{one:#?}");
        assert_ne!(one.status, Unknown, "{requirement_id}");
    }
}

#[test]
fn frameworks_are_those_named_or_those_that_the_systems_call_for() {
    let slugs = |estate: &Estate, named: &[&str]| -> Vec<String> {
        let all = assess(estate, named, NOW).into_iter();
        all.map(|one| format!("{}@{}", one.framework, one.edition)).collect()
    };
    let (mut estate, _) = clinic("provider", "minimal");
    assert_eq!(slugs(&estate, &[]), ["eu-ai-act@2024/1689", "gdpr@2016/679", "owasp-ml@2023"]);
    assert_eq!(
        slugs(&estate, &["owasp-llm", "owasp-llm@2026", "owasp-llm@2025"]),
        ["owasp-llm@2025", "owasp-llm@2026"]
    );
    state(&mut estate, "A.2.2@2023", "", "satisfied", NOW);
    assert!(slugs(&estate, &[]).contains(&"iso-42001@2023".to_owned()));
    estate.declaration.frameworks = vec!["nist-ai-rmf".to_owned()];
    assert_eq!(slugs(&estate, &[]), ["nist-ai-rmf@1.0"]);
    assert!(slugs(&Estate::default(), &[]).is_empty());
}

#[test]
fn every_framework_is_assessed_whole_and_an_empty_estate_satisfies_nothing_that_must_be_looked_at() {
    let requirements = &Knowledge::builtin().requirements;
    let names: Vec<String> =
        requirements.sets.iter().map(|set| format!("{}@{}", set.framework, set.edition)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let assessed = assess(&Estate::default(), &names, NOW);
    assert_eq!(assessed.len(), requirements.sets.len());
    for (framework, set) in assessed.iter().zip(&requirements.sets) {
        assert_eq!(framework.requirements.len(), set.requirements.len(), "{}", framework.framework);
        for one in &framework.requirements {
            assert!(matches!(one.status, Unknown | NotApplicable), "{one:#?}");
            assert!(!one.reason.is_empty() && !one.name.is_empty(), "{one:#?}");
        }
    }
}
