//! Whether threats, places of techniques, catalogues, measures, detections and duties name only what exists.

use std::collections::BTreeSet;

use vauban_domain::AssetKind;

use super::shipped::Lint;
use crate::catalogues::{Catalogues, Mapping};
use crate::condition;
use crate::requirements::CLASSES;

impl Lint<'_> {
    pub(super) fn threats(&mut self) {
        let knowledge = self.knowledge;
        for threat in &knowledge.maestro.threats {
            let id = &threat.id;
            for technique in threat.atlas.iter().filter(|one| knowledge.atlas.technique(one).is_none()) {
                self.report("threat", id, self.no_technique(technique));
            }
            self.components("threat", id, &threat.applies_to);
            let named = [&threat.owasp_agentic, &threat.owasp_llm, &threat.owasp_ml];
            for reference in named.into_iter().flatten() {
                if knowledge.resolve_text(reference).is_none() {
                    self.report("threat", id, format!("there is no entry `{reference}`"));
                }
            }
            for (entries, edition) in [(&threat.agentic_threats, "1.1"), (&threat.nist, "2025")] {
                for entry in entries {
                    if knowledge.frameworks.entry(entry, edition).is_none() {
                        self.report("threat", id, format!("there is no entry `{entry}` of {edition}"));
                    }
                }
            }
            for cascade in &threat.cascades_to {
                if knowledge.maestro.threat(&cascade.to).is_none() {
                    self.report(
                        "threat",
                        id,
                        format!("it cascades to `{}`, which does not exist", cascade.to),
                    );
                }
                if !(cascade.prior > 0.0 && cascade.prior < 1.0) {
                    let problem =
                        format!("the prior to {} is {}, not between 0 and 1", cascade.to, cascade.prior);
                    self.report("threat", id, problem);
                }
            }
        }
        for (cascade, problem) in condition::problems(&knowledge.maestro) {
            self.report("cascade", &cascade, problem);
        }
    }

    /// Every technique has one place, at component kinds that exist.
    pub(super) fn places(&mut self) {
        let knowledge = self.knowledge;
        let mut placed = BTreeSet::new();
        for place in &knowledge.technique_places {
            let id = &place.technique;
            if knowledge.atlas.technique(id).is_none() {
                self.report("place", id, self.no_technique(id));
            }
            if !placed.insert(id.as_str()) {
                self.report("place", id, "it is there twice".to_owned());
            }
            if place.components.is_empty() {
                self.report("place", id, "it names no component kind".to_owned());
            }
            self.components("place", id, &place.components);
        }
        for technique in &knowledge.atlas.techniques {
            if !placed.contains(technique.id.as_str()) {
                self.report("place", &technique.id, "nothing says where it can happen".to_owned());
            }
        }
    }

    /// Mappings of the control library to other people's catalogues: both sides exist, none twice, none missing.
    pub(super) fn catalogues(&mut self) {
        let knowledge = self.knowledge;
        let mappings = &knowledge.catalogues.mappings;
        let place = |Mapping { control, framework, id }: &Mapping| format!("{control} to {framework} {id}");
        for mapping in mappings {
            if knowledge.control(&mapping.control).is_none() {
                self.report("mapping", &place(mapping), "there is no such control".to_owned());
            }
            if knowledge.catalogues.find(&mapping.framework, &mapping.id).is_none() {
                self.report("mapping", &place(mapping), "there is no such entry".to_owned());
            }
        }
        for pair in mappings.windows(2).filter(|pair| pair[0] == pair[1]) {
            self.report("mapping", &place(&pair[0]), "it is there twice".to_owned());
        }
        for control in &knowledge.controls {
            for framework in Catalogues::FRAMEWORKS {
                let mapped =
                    mappings.iter().any(|own| own.control == control.id && own.framework == framework);
                if !mapped {
                    self.report("control", &control.id, format!("it is not mapped to {framework}"));
                }
            }
        }
    }

    pub(super) fn measures(&mut self) {
        let knowledge = self.knowledge;
        for measure in &knowledge.measures {
            if !measure.component.is_empty() {
                self.components("measure", &measure.id, std::slice::from_ref(&measure.component));
            }
        }
        for kind in AssetKind::ALL {
            if knowledge.measures(kind, "").is_empty() {
                self.report("measure", kind.as_str(), "nothing contains this kind of asset".to_owned());
            }
        }
    }

    pub(super) fn detections(&mut self) {
        for detection in &self.knowledge.detections {
            let rule = &detection.rule;
            let named = [&rule.techniques, &rule.mitigations, &rule.weaknesses, &rule.owasp, &rule.threats];
            for reference in named.into_iter().flat_map(|list| list.iter()) {
                if self.knowledge.resolve_text(reference).is_none() {
                    self.report("detection", &rule.id, format!("there is no entry `{reference}`"));
                }
            }
        }
    }

    pub(super) fn duties(&mut self) {
        for duty in &self.knowledge.duties {
            for class in duty.classes.iter().filter(|class| !CLASSES.contains(&class.as_str())) {
                self.report("duty", &duty.reference(), format!("there is no risk class `{class}`"));
            }
        }
    }

    pub(super) fn components(&mut self, kind: &str, id: &str, components: &[String]) {
        for component in components.iter().filter(|one| self.knowledge.maestro.layer_of(one).is_none()) {
            self.report(kind, id, format!("no component kind is called `{component}`"));
        }
    }
}
