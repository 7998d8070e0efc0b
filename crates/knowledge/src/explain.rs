//! An id told in words: title, a few paragraphs, and where to go on.

use vauban_domain::{Layer, Reference};

use crate::Knowledge;
use crate::atlas::{Mitigation, Tactic, Technique};
use crate::controls::Control;
use crate::maestro::ThreatKind;
use crate::migration::Migration;
use crate::playbooks::Playbook;

/// What an id stands for. Rules are explained by whoever holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Id and name, `AML.T0018.002 Manipulate AI Model: Embed Malware`.
    pub title: String,
    /// Paragraphs without markup.
    pub paragraphs: Vec<String>,
    /// Related ids, most telling first, with their names.
    pub links: Vec<Link>,
}

/// A related id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How it is related: `tactic`, `mitigation`, `control`, `leads to` ...
    pub relation: &'static str,
    /// The id, which can be explained in turn.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Knowledge {
    /// Explains a technique, mitigation, tactic, layer, MAESTRO threat, control, playbook, or an entry of a framework or catalogue.
    ///
    /// Ids of the editions in use may be written without edition; an ATLAS id of the past is explained by where
    /// its meaning went.
    pub fn explain(&self, id: &str) -> Option<Explanation> {
        let id = id.trim();
        let bare = match id.split_once('@') {
            Some((bare, edition)) if edition == self.atlas.edition || edition == self.maestro.edition => bare,
            _ => id,
        };
        let upper = bare.to_ascii_uppercase();
        if let Some(technique) = self.atlas.technique(&upper) {
            return Some(self.technique(technique));
        }
        if let Some(mitigation) = self.atlas.mitigation(&upper) {
            return Some(self.mitigation(mitigation));
        }
        if let Some(tactic) = self.atlas.tactic(&upper) {
            return Some(self.tactic(tactic));
        }
        if let Some(layer) = Layer::from_id(&upper) {
            return Some(self.layer(layer));
        }
        if let Some(threat) = self.maestro.threat(&upper) {
            return Some(self.threat(threat));
        }
        if let Some(control) = self.control(bare) {
            return Some(self.explain_control(control));
        }
        if let Some(playbook) = self.playbook(bare) {
            return Some(explain_playbook(playbook));
        }
        self.past(&upper).or_else(|| self.entry(id)).or_else(|| self.catalogued(id))
    }

    fn link(&self, relation: &'static str, id: &str) -> Link {
        let name = crate::frameworks::atlas_name(self, id)
            .or_else(|| self.maestro.threat(id).map(|threat| threat.name.clone()))
            .or_else(|| self.resolve_text(id).map(|entry| entry.name))
            .unwrap_or_default();
        Link { relation, id: id.to_owned(), name }
    }

    fn controls_for<'a>(&'a self, holds: impl Fn(&Control) -> bool + 'a) -> impl Iterator<Item = Link> + 'a {
        self.controls.iter().filter(move |control| holds(control)).map(|control| Link {
            relation: "control",
            id: control.id.clone(),
            name: control.name.clone(),
        })
    }

    fn technique(&self, technique: &Technique) -> Explanation {
        let edition = &self.atlas.edition;
        let seen = technique.maturity.map_or("unknown", |maturity| maturity.as_str());
        let mut paragraphs = vec![
            technique.summary.clone(),
            format!("ATLAS {edition}, maturity {seen}, against {}.", technique.platforms.join(", ")),
        ];
        if let Some(attack) = &technique.attack_reference {
            let name = self.attack_names.get(attack).map_or("", String::as_str);
            paragraphs.push(format!("Mirrors ATT&CK {attack} {name}.").replace(" .", "."));
        }
        let id = &technique.id;
        let mut links: Vec<Link> = technique.tactics.iter().map(|id| self.link("tactic", id)).collect();
        links.extend(technique.parent.iter().map(|id| self.link("part of", id)));
        links.extend(self.atlas.subtechniques(id).map(|sub| self.link("sub-technique", &sub.id)));
        links.extend(self.controls_for(move |control| control.techniques.contains(id)));
        links.extend(technique.mitigations.iter().map(|id| self.link("mitigation", id)));
        let threats = self.maestro.threats.iter().filter(|threat| threat.atlas.contains(id));
        links.extend(threats.map(|threat| self.link("threat", &threat.id)));
        let used = |study: &&crate::atlas::CaseStudy| study.steps.iter().any(|step| step.technique == *id);
        let studies = self.atlas.case_studies.iter().filter(used);
        links.extend(studies.map(|study| self.link("seen in", &study.id)));
        Explanation { title: format!("{id} {}", self.atlas.full_name(technique)), paragraphs, links }
    }

    fn mitigation(&self, mitigation: &Mitigation) -> Explanation {
        let kinds = mitigation.categories.join(", ");
        let id = &mitigation.id;
        let mut links: Vec<Link> =
            self.controls_for(move |control| control.mitigations.contains(id)).collect();
        links.extend(mitigation.techniques.iter().map(|id| self.link("helps against", id)));
        Explanation {
            title: format!("{id} {}", mitigation.name),
            paragraphs: vec![mitigation.summary.clone(), format!("ATLAS {}, {kinds}.", self.atlas.edition)],
            links,
        }
    }

    fn tactic(&self, tactic: &Tactic) -> Explanation {
        let techniques = self.atlas.techniques.iter();
        let own = techniques
            .filter(|technique| technique.parent.is_none() && technique.tactics.contains(&tactic.id));
        Explanation {
            title: format!("{} {}", tactic.id, tactic.name),
            paragraphs: vec![tactic.summary.clone(), format!("A tactic of ATLAS {}.", self.atlas.edition)],
            links: own.map(|technique| self.link("technique", &technique.id)).collect(),
        }
    }

    fn layer(&self, layer: Layer) -> Explanation {
        let facts = self.maestro.layer(layer);
        let mut paragraphs: Vec<String> = facts.iter().map(|facts| facts.summary.clone()).collect();
        paragraphs.retain(|text| !text.is_empty());
        if let Some(facts) = facts.filter(|facts| !facts.components.is_empty()) {
            paragraphs.push(format!("Components: {}.", facts.components.join(", ")));
        }
        paragraphs.push(format!("A layer of MAESTRO {}.", self.maestro.edition));
        let threats = self.maestro.threats.iter().filter(|threat| threat.layer == layer);
        Explanation {
            title: format!("{} {}", layer.id(), layer.name()),
            paragraphs,
            links: threats.map(|threat| self.link("threat", &threat.id)).collect(),
        }
    }

    fn threat(&self, threat: &ThreatKind) -> Explanation {
        let id = &threat.id;
        let mut links: Vec<Link> = vec![Link {
            relation: "layer",
            id: threat.layer.id().to_owned(),
            name: threat.layer.name().to_owned(),
        }];
        links.extend(threat.atlas.iter().map(|id| self.link("technique", id)));
        links.extend(threat.cascades_to.iter().map(|cascade| self.link("leads to", &cascade.to)));
        links.extend(self.controls_for(move |control| control.threats.contains(id)));
        for list in [&threat.owasp_llm, &threat.owasp_agentic, &threat.owasp_ml] {
            links.extend(list.iter().map(|id| self.link("see also", id)));
        }
        let mut paragraphs = vec![
            threat.description.clone(),
            format!("Happens to: {}.", threat.applies_to.join(", ")),
            format!("A threat of MAESTRO {}; the id is ours.", self.maestro.edition),
        ];
        for cascade in &threat.cascades_to {
            if let Some(when) = &cascade.when {
                paragraphs.push(format!("Leads to {} only with {when}.", cascade.to));
            }
        }
        Explanation { title: format!("{id} {}", threat.name), paragraphs, links }
    }

    fn explain_control(&self, control: &Control) -> Explanation {
        let aspects: Vec<&str> = control.aspects.iter().map(|aspect| aspect.as_str()).collect();
        let share = control.effectiveness;
        let mut links: Vec<Link> = control.techniques.iter().map(|id| self.link("technique", id)).collect();
        links.extend(control.mitigations.iter().map(|id| self.link("mitigation", id)));
        links.extend(control.threats.iter().map(|id| self.link("threat", id)));
        links.extend(self.catalogues.of_control(&control.id).map(|entry| Link {
            relation: "puts into effect",
            id: entry.reference(),
            name: format!("{} ({})", entry.name, entry.framework),
        }));
        let playbook = self.playbook(&control.playbook);
        links.extend(playbook.map(|playbook| Link {
            relation: "playbook",
            id: playbook.id.clone(),
            name: playbook.name.clone(),
        }));
        let silenced = control.silences.iter();
        links.extend(silenced.map(|rule| Link {
            relation: "silences",
            id: rule.clone(),
            name: String::new(),
        }));
        Explanation {
            title: format!("{}: {}", control.id, control.name),
            paragraphs: vec![
                control.description.clone(),
                format!("Helps to {}; sits in layer {}.", aspects.join(" and "), control.layer),
                format!(
                    "Assumed: stops {:.0} to {:.0} % of attempts, most likely {:.0} %; costs {:.0} to {:.0} in the first \
                     year; takes {:.0} % of usefulness. Replace these by your own numbers.",
                    share.low * 100.0,
                    share.high * 100.0,
                    share.mode * 100.0,
                    control.cost_low,
                    control.cost_high,
                    control.utility_cost * 100.0
                ),
            ],
            links,
        }
    }

    /// An entry of a catalogue of controls, with the controls of the library that put it into effect.
    fn catalogued(&self, text: &str) -> Option<Explanation> {
        let entry = self.catalogues.entry(text)?;
        let links = self.catalogues.controls_of(entry).map(|control| Link {
            relation: "control",
            id: control.to_owned(),
            name: self.control(control).map(|control| control.name.clone()).unwrap_or_default(),
        });
        Some(Explanation {
            title: format!("{} {}", entry.reference(), entry.name),
            paragraphs: vec![format!("An entry of {}, edition {}.", entry.framework, entry.edition)],
            links: links.collect(),
        })
    }

    /// An ATLAS id that is no more, or that means something else now.
    fn past(&self, id: &str) -> Option<Explanation> {
        let row = self.history.superseded(id).next()?;
        let Migration::Moved { id: now, name, .. } = self.migrate(id, "0") else {
            return None;
        };
        Some(Explanation {
            title: format!("{id} {}", row.old_name),
            paragraphs: vec![format!("Since ATLAS {} this is {now} {name}.", row.since)],
            links: vec![self.link("now", &now)],
        })
    }

    /// Any other framework entry; without edition the latest one speaks and names the others.
    fn entry(&self, text: &str) -> Option<Explanation> {
        let exact = Reference::parse(text).ok().and_then(|reference| self.resolve(&reference));
        let upper = text.to_ascii_uppercase();
        let editions: Vec<_> = self.frameworks.editions(&upper).collect();
        let entry = exact.or_else(|| editions.last().map(|entry| (*entry).clone()))?;
        let mut links = Vec::new();
        let reference = entry.reference();
        if let Some(successor) = self.successor(&reference) {
            links.push(self.link("in the next edition", successor));
        }
        let others = self.frameworks.editions(&entry.id).filter(|other| other.edition != entry.edition);
        links.extend(others.map(|other| Link {
            relation: "same id, other edition",
            id: other.reference(),
            name: other.name.clone(),
        }));
        let cites = |threat: &&ThreatKind| {
            [&threat.owasp_llm, &threat.owasp_agentic, &threat.owasp_ml]
                .iter()
                .any(|list| list.contains(&reference))
                || threat.nist.contains(&entry.id)
        };
        let threats = self.maestro.threats.iter().filter(cites);
        links.extend(threats.map(|threat| self.link("threat", &threat.id)));
        let edition =
            if entry.edition.is_empty() { String::new() } else { format!(", edition {}", entry.edition) };
        Some(Explanation {
            title: format!("{reference} {}", entry.name),
            paragraphs: vec![format!("An entry of {}{edition}.", entry.framework)],
            links,
        })
    }
}

fn explain_playbook(playbook: &Playbook) -> Explanation {
    let mut paragraphs = vec![format!("When {}.", playbook.trigger)];
    let contained = playbook.containment.iter();
    paragraphs.extend(
        contained.map(|first| format!("First, in {} {}: {}.", first.layer, first.layer.name(), first.action)),
    );
    let steps = playbook.steps.iter().zip(1..);
    paragraphs.extend(
        steps.map(|(step, at)| {
            format!("{at}. {}: {}. Done when {}.", step.actor, step.action, step.done_when)
        }),
    );
    Explanation { title: format!("{}: {}", playbook.id, playbook.name), paragraphs, links: Vec::new() }
}
