//! The flow from files to a frozen review.

use std::fmt::Write;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use vauban_analysis::cascade::PATHS;
use vauban_analysis::{Brought, DetectionInForce, Facts, Supposed, ThreatGraph};
use vauban_domain::{Cascades, Declaration, Finding, Limit, Outcome, Placement, Plan, Review, Schedule};
use vauban_knowledge::{ATLAS_EDITION, Knowledge, MAESTRO_EDITION};

use crate::discover::Discovered;
use crate::{
    Cache, Examples, Listing, Progress, Request, answers, attack, check, declaration, detection, discover,
    drill, exercise, files, import, listing, live, rules, served, threat_model,
};
use vauban_connect::live::Recorded;

/// A review, and what is shown beside it.
#[derive(Debug)]
pub struct Reviewed {
    /// The review.
    pub review: Review,
    /// The threats drawn over the seven MAESTRO layers, as one SVG element.
    pub lanes: Option<String>,
    /// Detections that were evaluated, and whether they had a log to read.
    pub detections: Vec<DetectionInForce>,
    /// Answers of third parties and drills.
    pub brought: Brought,
    /// Pickles as readable listings, if they were asked for.
    pub listings: Vec<Listing>,
    /// What hosts answered, as documents that give the same review again.
    pub recorded: Vec<Recorded>,
    /// Inputs that attacked models misread.
    pub examples: Vec<Examples>,
    /// Files that were read.
    pub files: usize,
    /// Files that some parser knew.
    pub understood_files: usize,
}

/// Runs the stages that `request` asks for.
///
/// # Errors
/// When there is nothing to work on: the root cannot be opened or the declaration is wrong. Whatever goes wrong with
/// a part of the estate is an outcome or a limit in the review.
pub fn review(request: &Request, progress: &dyn Progress) -> anyhow::Result<Reviewed> {
    review_with(request, None, progress)
}

/// Like [`review`], with a cache of what was found out about files before. The result is the same to the byte.
///
/// # Errors
/// As [`review`].
pub fn review_with(
    request: &Request,
    cache: Option<&dyn Cache>,
    progress: &dyn Progress,
) -> anyhow::Result<Reviewed> {
    let mut declared = declaration::read(&request.root, &request.declaration)?;
    let adapted = adapted(request, &declared);
    let knowledge = adapted.as_ref().unwrap_or(Knowledge::builtin());
    // First: a file that cannot be imported is better known before a minute of work.
    let declared_imports: Vec<_> =
        declared.imports.iter().map(|import| request.root.join(&import.path)).collect();
    let imports = import::read(request.imports.iter().chain(&declared_imports).map(PathBuf::as_path))?;
    let models = threat_model::read_all(&request.root, &declared)?;
    let asked = live::ask(request, &declared, knowledge, progress)?;
    let read = files::read_all(request, &asked.recorded, cache, progress)?;
    let mut limits = read.limits;
    limits.extend(asked.limits);
    let file_count = read.files.len() + read.passed.paths.len();
    let mut brought = Brought::default();
    if request.stages.analyse {
        let paths = read.files.iter().map(|file| file.path.as_str());
        let paths = paths.chain(read.passed.paths.iter().map(String::as_str));
        brought.drills = drill::found(&request.root, paths, &mut limits);
        brought.answers = answers::read(&request.root, &declared, request.now, knowledge, &mut limits);
    }
    let mut discovered =
        discover::discover(read.files, &read.passed, &mut declared, &models, &request.subject);
    limits.append(&mut discovered.limits);
    let stages = request.stages;

    let mut findings: Vec<Finding> = Vec::new();
    let mut outcomes: Vec<Outcome> = Vec::new();
    if stages.check {
        let (found, looked) = check::check(&mut discovered, &declared, request, cache, knowledge, progress);
        findings.extend(found);
        outcomes.extend(looked);
    }

    if let Some(test) = &request.test {
        declared.tests = vec![test.clone()];
    }
    let mut attacked = attack::Attacked::default();
    if stages.attack {
        attacked = attack::attack(&request.root, &discovered, &declared, &request.previous, progress);
        served::attack(request, &discovered, &declared, progress, &mut attacked);
        served::confirm(request, &declared, progress, &mut attacked);
        discovered.assets.append(&mut attacked.assets);
        discovered.assets.sort_by(|one, other| one.id.cmp(&other.id));
        findings.append(&mut attacked.findings);
        outcomes.append(&mut attacked.outcomes);
        limits.append(&mut attacked.limits);
    }

    let mut watched = detection::Watched::default();
    if stages.detect {
        watched = detection::detect(&discovered, &declared, knowledge, progress);
        findings.append(&mut watched.findings);
        outcomes.append(&mut watched.outcomes);
        limits.append(&mut watched.limits);
    }

    let mut exercises = Vec::new();
    if stages.exercise {
        exercises = exercise::exercise(&attacked.ready, &watched, &declared, knowledge, progress);
        attacked.measurements.extend(exercises.iter().flat_map(|exercised| exercised.measurements.clone()));
    }
    let exercises: Vec<_> = exercises.into_iter().map(|exercised| exercised.exercise).collect();

    if stages.check && stages.detect {
        let contradicted = vauban_checks::declaration::contradictions(
            &inventory(&discovered, &declared, request),
            &findings,
            knowledge,
        );
        let (found, looked) = vauban_checks::merge(contradicted);
        findings.extend(found);
        // The checks of these rules left outcomes as if they had run; these are the true ones.
        outcomes.retain(|outcome| !looked.iter().any(|true_one| true_one.rule == outcome.rule));
        outcomes.extend(looked);
    }

    if stages.check && !imports.is_empty() {
        let subject = &request.subject;
        let mut taken =
            import::merge(&imports, &discovered, subject, knowledge, &mut findings, &mut outcomes);
        discovered.assets.append(&mut taken.assets);
        discovered.assets.sort_by(|one, other| one.id.cmp(&other.id));
        limits.append(&mut taken.limits);
    }

    let listings = if request.explain { listing::listings(&discovered, &findings) } else { Vec::new() };
    let rules = rules(knowledge);
    sort(&mut findings, &mut outcomes, &mut limits);
    attacked.measurements.sort_by(|one, other| one.id.cmp(&other.id));

    let mut review = Review {
        id: String::new(),
        subject: request.subject.clone(),
        trigger: request.trigger,
        taken_at: request.now,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        atlas_edition: ATLAS_EDITION.to_owned(),
        maestro_edition: MAESTRO_EDITION.to_owned(),
        seed: request.seed,
        declaration: declared,
        rules,
        assets: discovered.assets,
        relations: discovered.relations,
        findings,
        outcomes,
        measurements: attacked.measurements,
        exercises,
        coverage: Vec::new(),
        threats: Vec::new(),
        techniques: Vec::new(),
        paths: Vec::new(),
        cascades: Cascades::default(),
        risk: None,
        plan: Plan::default(),
        placement: Placement::default(),
        compliance: Vec::new(),
        actions: Vec::new(),
        vendors: Vec::new(),
        schedule: Schedule::default(),
        limits,
    };
    let lanes = stages.analyse.then(|| {
        analyse(&mut review, (watched.in_force.as_slice(), &brought), &[], request, knowledge, progress)
    });
    // When to look again and how forecasts fared depend on what is on record, and are no part of what was seen.
    let schedule = std::mem::take(&mut review.schedule);
    // The same holds for whether reviews recur, which is a matter of compliance.
    let compliance = std::mem::take(&mut review.compliance);
    let score = review.risk.as_mut().and_then(|risk| risk.forecast_score.take());
    review.id = identify(&review);
    review.schedule = schedule;
    review.compliance = compliance;
    if let Some(risk) = &mut review.risk {
        risk.forecast_score = score;
    }
    Ok(Reviewed {
        review,
        lanes,
        listings,
        detections: watched.in_force,
        brought,
        recorded: asked.recorded,
        examples: attacked.examples,
        files: file_count,
        understood_files: discovered.understood,
    })
}

/// The knowledge base with the user's advisories and the owner's terms of controls; `None` when there are neither.
pub(crate) fn adapted(request: &Request, declared: &Declaration) -> Option<Knowledge> {
    if request.advisories.is_none() && declared.controls.is_empty() {
        return None;
    }
    let mut knowledge = Knowledge::builtin().clone();
    if let Some(advisories) = &request.advisories {
        knowledge.advisories = advisories.clone();
    }
    for terms in &declared.controls {
        for control in knowledge.controls.iter_mut().filter(|control| control.id == terms.control) {
            control.apply(terms);
        }
    }
    Some(knowledge)
}

/// Fills in everything that follows from the facts, the detections in force and what people brought; returns the drawing
/// of the layers.
pub(crate) fn analyse(
    review: &mut Review,
    (in_force, brought): (&[DetectionInForce], &Brought),
    supposed: &[Supposed],
    request: &Request,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> String {
    progress.begin("analyse", 0);
    let facts = Facts {
        inventory: vauban_analysis::Inventory { assets: &review.assets, relations: &review.relations },
        declaration: &review.declaration,
        rules: &review.rules,
        findings: &review.findings,
        outcomes: &review.outcomes,
        measurements: &review.measurements,
        exercises: &review.exercises,
        detections: in_force,
        supposed,
        brought,
        now: review.taken_at,
    };
    let coverage = vauban_analysis::gap::coverage(&facts, knowledge);
    let graph = ThreatGraph::new(&facts, knowledge);
    let threats = vauban_analysis::threat::threats(&graph);
    let paths = vauban_analysis::cascade::paths(&graph, PATHS);
    let lanes = vauban_analysis::cascade::lanes_svg(&review.assets, &threats, &paths);
    let techniques = vauban_analysis::technique::techniques(&facts, knowledge, &threats);
    let cascades = vauban_analysis::cascade::cascades(&graph, &paths);
    let mut planned = vauban_analysis::plan::plan(&graph);
    progress.begin("simulate", 0);
    let mut risk = vauban_analysis::risk::assess(&graph, Some(&planned.after), request.trials, request.seed);
    risk.cost_of_delay = vauban_analysis::risk::returns(&graph, &mut planned, request.trials, request.seed);
    if !request.forecasts.is_empty() {
        risk.forecast_score =
            Some(vauban_analysis::forecast::score(&request.forecasts, facts.declaration, facts.now));
    }
    let plan = planned.plan;
    let placement = vauban_analysis::placement::placement(&graph);
    let compliance = vauban_analysis::compliance::compliance(&vauban_analysis::compliance::Basis {
        facts: &facts,
        knowledge,
        coverage: &coverage,
        threats: threats.len(),
        risk: Some(&risk),
        plan: &plan,
        earlier: request.earlier.as_ref(),
        frameworks: &request.frameworks,
    });
    let actions = vauban_analysis::action::actions(&facts, knowledge, &coverage);
    let vendors = vauban_analysis::vendor::vendors(&facts, knowledge, &cascades);
    let schedule = vauban_analysis::schedule::schedule(
        &facts,
        &coverage,
        &review.atlas_edition,
        request.earlier.as_ref(),
    );
    review.coverage = coverage;
    review.threats = threats;
    review.techniques = techniques;
    review.paths = paths;
    review.cascades = cascades;
    review.risk = Some(risk);
    review.plan = plan;
    review.placement = placement;
    review.compliance = compliance;
    review.actions = actions;
    review.vendors = vendors;
    review.schedule = schedule;
    lanes
}

fn inventory<'a>(
    discovered: &'a Discovered,
    declaration: &'a vauban_domain::Declaration,
    request: &Request,
) -> vauban_checks::Inventory<'a> {
    vauban_checks::Inventory {
        assets: &discovered.assets,
        relations: &discovered.relations,
        declaration,
        files: &discovered.files,
        now: request.now,
    }
}

fn sort(findings: &mut [Finding], outcomes: &mut [Outcome], limits: &mut Vec<Limit>) {
    findings.sort_by(|one, other| {
        (std::cmp::Reverse(one.severity), &one.rule, &one.asset, &one.fingerprint).cmp(&(
            std::cmp::Reverse(other.severity),
            &other.rule,
            &other.asset,
            &other.fingerprint,
        ))
    });
    outcomes.sort_by(|one, other| (&one.rule, &one.asset).cmp(&(&other.rule, &other.asset)));
    limits.sort();
    limits.dedup();
}

/// Start time and digest of the content: the same look at the same things has the same id.
fn identify(review: &Review) -> String {
    let mut content = Hashing(Sha256::new());
    // Hashing takes whatever it is given.
    let _ = write!(content, "{review:?}");
    let content = content.0.finalize();
    let time = review.taken_at.to_string().replace(['-', ':'], "");
    let digits: String = content.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{time}-{digits}")
}

/// Hashes text as it is written, so that a large review is never in memory twice.
struct Hashing(Sha256);

impl Write for Hashing {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text);
        Ok(())
    }
}
