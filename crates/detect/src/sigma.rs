//! Sigma rules of the knowledge base, evaluated by `rsigma`, correlations included.
//!
//! <https://github.com/SigmaHQ/sigma-specification>, detection rules and correlation rules of version 2.

use std::collections::{BTreeMap, BTreeSet};

use rsigma_eval::{
    CorrelationConfig, CorrelationEngine, EvaluationResult, JsonEvent, RuleFieldSet, TimestampFallback,
};
use rsigma_parser::parse_sigma_yaml;
use vauban_domain::RuleId;
use vauban_formats::otel::Event;
use vauban_knowledge::Knowledge;
use vauban_knowledge::detections::Detection;

use crate::record::record;
use crate::traffic::{about, client};
use crate::{Alert, Number};

/// Windows of correlations that are kept before the oldest are dropped.
const WINDOWS: usize = 100_000;

/// Fields that only say who sent an event.
const SENDER: [&str; 2] = ["client.address", "user.id"];

/// A rule of the knowledge base that cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// The rule.
    pub rule: RuleId,
    /// Why.
    pub why: String,
}

/// The Sigma rules of a knowledge base, ready for events.
pub(crate) struct Sigma {
    engine: CorrelationEngine,
    /// Rules that raise alerts, by the UUID that results carry.
    rules: BTreeMap<String, RuleId>,
    /// Fields of each rule that say something about more than who sent the event.
    telling: BTreeMap<RuleId, BTreeSet<String>>,
    /// Fields that some rule names.
    fields: BTreeSet<String>,
    alerts: BTreeMap<(RuleId, String), Alert>,
    /// The client that a correlation's group was first seen with.
    groups: BTreeMap<(RuleId, String), String>,
}

impl Sigma {
    /// Compiles the rules; those that cannot be are told.
    pub(crate) fn new(knowledge: &Knowledge) -> (Self, Vec<Unusable>) {
        let config = CorrelationConfig {
            timestamp_fallback: TimestampFallback::Skip,
            max_state_entries: WINDOWS,
            emit_detections: false,
            ..CorrelationConfig::default()
        };
        let mut sigma = Self {
            engine: CorrelationEngine::new(config),
            rules: BTreeMap::new(),
            telling: BTreeMap::new(),
            fields: BTreeSet::new(),
            alerts: BTreeMap::new(),
            groups: BTreeMap::new(),
        };
        let unusable = knowledge
            .detections
            .iter()
            .filter_map(|detection| {
                let why = sigma.add(detection).err()?;
                Some(Unusable { rule: detection.rule.id.clone(), why })
            })
            .collect();
        (sigma, unusable)
    }

    fn add(&mut self, detection: &Detection) -> Result<(), String> {
        let collection = parse_sigma_yaml(&detection.sigma).map_err(|error| error.to_string())?;
        if let Some(error) = collection.errors.first() {
            return Err(error.to_string());
        }
        let names = collection.rules.iter().map(|rule| (&rule.name, &rule.id));
        let mut names = names.chain(collection.correlations.iter().map(|rule| (&rule.name, &rule.id)));
        let id = names
            .find_map(|(name, id)| (name.as_deref() == Some(&*detection.rule.id)).then(|| id.clone())?)
            .ok_or("the document that raises the alert has no `id`")?;
        self.engine.add_collection(&collection).map_err(|error| error.to_string())?;
        let fields = RuleFieldSet::collect(&collection, &[], true);
        let fields: BTreeSet<String> = fields.names().map(|name| name.to_string()).collect();
        let telling = fields.iter().filter(|field| !SENDER.contains(&field.as_str())).cloned().collect();
        self.telling.insert(detection.rule.id.clone(), telling);
        self.fields.extend(fields);
        self.rules.insert(id, detection.rule.id.clone());
        Ok(())
    }

    /// The rules that can read something in these events; the others would be silent whatever happens.
    pub(crate) fn readable(&self, events: &[Event]) -> BTreeSet<RuleId> {
        let has = |fields: &BTreeSet<String>| events.iter().any(|event| record(event, fields).is_some());
        self.telling.iter().filter(|(_, fields)| has(fields)).map(|(rule, _)| rule.clone()).collect()
    }

    /// Takes the next event, in order of time.
    pub(crate) fn see(&mut self, event: &Event) {
        let Some(record) = record(event, &self.fields) else { return };
        let seconds = event.time_unix_nano.div_euclid(1_000_000_000);
        for result in self.engine.process_event_at(&JsonEvent::borrow(&record), seconds) {
            self.count(&result, event);
        }
    }

    fn count(&mut self, result: &EvaluationResult, event: &Event) {
        let Some(rule) = result.header.rule_id.as_ref().and_then(|id| self.rules.get(id)) else { return };
        let mut name = client(event).to_owned();
        let mut value = None;
        let mut first = event.time_unix_nano;
        if let Some(correlation) = result.as_correlation() {
            let span = i64::try_from(correlation.timespan_secs).unwrap_or(i64::MAX);
            value = Some((correlation.aggregated_value, correlation.timespan_secs));
            first = first.saturating_sub(span.saturating_mul(1_000_000_000));
            // A group by address is named by its user as long as there is only one.
            if let Some((_, group)) = correlation.group_key.first() {
                let user = self.groups.entry((rule.clone(), group.clone())).or_insert_with(|| name.clone());
                if *user != name {
                    name.clone_from(group);
                }
            }
        }
        let alert = self.alerts.entry((rule.clone(), name.clone())).or_insert_with(|| Alert {
            rule: rule.clone(),
            client: name,
            about: about(event).to_owned(),
            first_nano: first,
            raised_nano: event.time_unix_nano,
            last_nano: event.time_unix_nano,
            events: 0,
            score: 1.0,
            numbers: Vec::new(),
        });
        alert.last_nano = event.time_unix_nano;
        alert.events += 1;
        match value {
            Some((value, seconds)) => {
                let most = alert.numbers.first().map_or(value, |number| number.value.max(value));
                alert.numbers = vec![
                    Number::new("most events in a window", most),
                    Number::new("window in seconds", seconds as f64),
                ];
            }
            None => alert.numbers = vec![Number::new("events", alert.events as f64)],
        }
    }

    /// What was raised, by rule and client.
    pub(crate) fn alerts(self) -> Vec<Alert> {
        self.alerts.into_values().collect()
    }
}
