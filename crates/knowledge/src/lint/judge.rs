//! Whether a mention is right, and if not, what to write instead.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::mention::Mention;
use super::names::{alike, loosely_alike, plain};
use super::{LintProblem, Problem};
use crate::Knowledge;
use crate::frameworks::{Entry, atlas_name};
use crate::migration::{Migration, Supersession};

/// Highest CWE number in the list of 2025; a larger one is a slip of the pen.
const LAST_CWE: u32 = 1450;

/// The problem of a mention, if it has one.
pub(super) fn judge(knowledge: &Knowledge, mention: &Mention) -> Option<LintProblem> {
    let id = mention.id.as_str();
    let (problem, suggestion) = if id.starts_with("AML.") {
        atlas(knowledge, mention)
    } else if id.starts_with("CWE-") {
        weakness(knowledge, mention)
    } else if id.starts_with("NISTAML.") {
        single_edition(knowledge, mention, "nist-ai-100-2", "2025")
    } else if id.starts_with("LLM") {
        owasp(knowledge, mention, "owasp-llm")
    } else if id.starts_with("ASI") {
        owasp(knowledge, mention, "owasp-agentic")
    } else if id.starts_with("ML") {
        owasp(knowledge, mention, "owasp-ml")
    } else if id.starts_with('T') && mention.edition.is_none() {
        attack(knowledge, mention)
    } else {
        qualified(knowledge, mention)
    }?;
    Some(LintProblem {
        line: mention.line,
        key: mention.key.clone(),
        id: mention.written.clone(),
        problem,
        suggestion,
    })
}

type Verdict = Option<(Problem, String)>;

fn atlas(knowledge: &Knowledge, mention: &Mention) -> Verdict {
    let id = mention.id.as_str();
    let edition = &knowledge.atlas.edition;
    if let Some(written) = mention.edition.as_ref().filter(|written| *written != edition) {
        return match knowledge.migrate(id, written) {
            Migration::Same | Migration::Renamed { .. } => None,
            Migration::Moved { id, name, .. } => Some((
                Problem::Moved { now: format!("{id} {name}") },
                format!("write {id}@{edition}, where this meaning is now"),
            )),
            Migration::NotYet { since } => {
                Some((Problem::WrongEdition, format!("the id exists since {since}; write @{edition}")))
            }
            Migration::Unknown => Some(unknown(knowledge, mention)),
        };
    }
    let moved = |row: &&crate::migration::Superseded| {
        let claims_old = mention.name.as_deref().is_some_and(|name| names_old_meaning(name, &row.old_name));
        match row.kind {
            Supersession::Reused => claims_old,
            Supersession::Folded | Supersession::Moved => true,
            Supersession::Broadened | Supersession::Renamed => false,
        }
    };
    if let Some(row) = knowledge.history.superseded(id).find(moved) {
        let now = format!("{} {}", row.new_id, row.new_name);
        let suggestion = format!("since {} this meaning is at {now}", row.since);
        return Some((Problem::Moved { now }, suggestion));
    }
    let Some(expected) = atlas_name(knowledge, id) else {
        if knowledge.history.knew(id) {
            return Some((Problem::WrongEdition, format!("earlier editions had it, {edition} has not")));
        }
        // Case studies newer than the built-in list are not wrong, only not known here.
        return (!id.starts_with("AML.CS")).then(|| unknown(knowledge, mention));
    };
    let name = mention.name.as_deref().filter(|name| name.is_ascii())?;
    let leaf = knowledge.atlas.technique(id).map_or(expected.as_str(), |technique| &technique.name);
    if alike(name, &expected) || alike(name, leaf) || holds_leaf(name, leaf) {
        return None;
    }
    if knowledge.history.former_names(id).any(|former| alike(name, former) || holds_leaf(name, former)) {
        let suggestion = format!("write `{expected}`; the meaning is the same");
        return Some((Problem::Renamed { now: expected }, suggestion));
    }
    let suggestion = match named(knowledge, name).filter(|other| other.id != id) {
        Some(other) => format!("`{name}` is {}; take that id or the name `{expected}`", other.id),
        None if loosely_alike(name, &expected) => return None,
        None => format!("write `{expected}`, or look for the id of `{name}`"),
    };
    Some((Problem::Misnamed { expected, found: name.to_owned() }, suggestion))
}

/// `LLM Prompt Injection: Direct` holds the leaf `Direct` behind its last separator.
fn holds_leaf(name: &str, leaf: &str) -> bool {
    name.rsplit([':', '>', '/', '-', '–']).next().is_some_and(|last| plain(last) == plain(leaf))
}

fn names_old_meaning(name: &str, old_name: &str) -> bool {
    let leaf = old_name.rsplit(": ").next().unwrap_or(old_name);
    plain(name) == plain(old_name) || plain(name) == plain(leaf) || alike(name, old_name)
}

fn unknown(knowledge: &Knowledge, mention: &Mention) -> (Problem, String) {
    let suggestion = mention.name.as_deref().and_then(|name| named(knowledge, name)).map_or_else(
        || {
            format!(
                "no edition up to {} has it; look the technique up by its meaning",
                knowledge.atlas.edition
            )
        },
        |entry| format!("`{}` is {}", entry.name, entry.id),
    );
    (Problem::Unknown, suggestion)
}

/// The ATLAS entry that this name belongs to, today or earlier.
fn named(knowledge: &Knowledge, name: &str) -> Option<Entry> {
    let id = BY_NAME.get(&plain(name))?;
    let edition = knowledge.atlas.edition.clone();
    let name = atlas_name(knowledge, id)?;
    Some(Entry { framework: "atlas".to_owned(), edition, id: id.clone(), name })
}

/// Built-in techniques and mitigations by plain name; a sub-technique only by its full one.
static BY_NAME: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let Knowledge { atlas, history, .. } = Knowledge::builtin();
    let earlier = history.superseded.iter().map(|row| (plain(&row.old_name), row.new_id.clone()));
    let mitigations = atlas.mitigations.iter().map(|fact| (plain(&fact.name), fact.id.clone()));
    let techniques = atlas.techniques.iter().map(|fact| (plain(&atlas.full_name(fact)), fact.id.clone()));
    // Later ones win: what a name means today counts more than what it meant.
    earlier.chain(mitigations).chain(techniques).collect()
});

/// Whether the words around a mention speak of ATLAS; the innermost that says something decides.
fn speaks_of_atlas(mention: &Mention) -> bool {
    for words in &mention.context {
        let about_attack =
            words.contains("att&ck") || words.contains("attack.mitre") || words.contains("attack-ref");
        if about_attack || words.contains("attack_ref") || words.contains("attck") {
            return false;
        }
        if words.contains("atlas") {
            return true;
        }
    }
    false
}

fn attack(knowledge: &Knowledge, mention: &Mention) -> Verdict {
    let id = mention.id.as_str();
    let as_atlas = format!("AML.{id}");
    let cited_as_atlas = speaks_of_atlas(mention);
    let name = mention.name.as_deref().filter(|name| name.is_ascii());
    let family = id.split('.').next().unwrap_or(id);
    let Some(real) = knowledge.attack_names.get(family) else {
        // Not an ATT&CK id we know. ATLAS numbers below 1000 without their prefix are a common slip.
        let slip = atlas_name(knowledge, &as_atlas)?;
        let same_name = name.is_some_and(|name| alike(name, &slip));
        return (cited_as_atlas || same_name)
            .then(|| (Problem::Unknown, format!("write {as_atlas}, which is `{slip}`")));
    };
    let meant = name.and_then(|name| named(knowledge, name));
    let mirror =
        knowledge.atlas.techniques.iter().find(|fact| fact.attack_reference.as_deref() == Some(family));
    let really = format!("MITRE ATT&CK {family} {real}");
    let agrees = name.is_some_and(|name| id != family || loosely_alike(name, real));
    if cited_as_atlas && !(agrees && mirror.is_some()) {
        let suggestion = match (&meant, mirror) {
            (Some(entry), _) => format!("`{}` is {} in ATLAS", entry.name, entry.id),
            (None, Some(mirror)) => format!("{id} is `{real}` in ATT&CK, which ATLAS has as {}", mirror.id),
            (None, None) => format!("{id} is `{real}` in ATT&CK, and ATLAS has no such technique"),
        };
        return Some((Problem::ForeignFramework { really }, suggestion));
    }
    if agrees || id != family {
        return None;
    }
    let found = name?;
    if let Some(entry) = meant {
        let suggestion = format!("`{}` is {} in ATLAS", entry.name, entry.id);
        return Some((Problem::ForeignFramework { really }, suggestion));
    }
    let suggestion = format!("in ATT&CK {id} is `{real}`; if ATLAS is meant, its ids begin with `AML.`");
    Some((Problem::Misnamed { expected: real.clone(), found: found.to_owned() }, suggestion))
}

fn owasp(knowledge: &Knowledge, mention: &Mention, framework: &str) -> Verdict {
    let id = mention.id.as_str();
    let all = &knowledge.frameworks.entries;
    let mut editions: Vec<&str> =
        all.iter().filter(|entry| entry.framework == framework).map(|entry| entry.edition.as_str()).collect();
    editions.sort_unstable();
    editions.dedup();
    let name = mention.name.as_deref().filter(|name| name.is_ascii());
    let around = mention.context.iter();
    let hinted =
        || editions.iter().copied().find(|edition| around.clone().any(|words| words.contains(edition)));
    let edition = match (&mention.edition, editions.as_slice()) {
        (Some(edition), _) => edition.as_str(),
        (None, [only]) => only,
        (None, _) => match hinted() {
            Some(edition) => edition,
            None => return without_edition(knowledge, id, framework, name),
        },
    };
    if !editions.contains(&edition) {
        return Some((Problem::WrongEdition, format!("known editions: {}", editions.join(", "))));
    }
    let Some(entry) = knowledge.frameworks.entry(id, edition) else {
        return Some((Problem::Unknown, format!("the edition of {edition} has no {id}")));
    };
    let name = name.filter(|name| !loosely_alike(name, &entry.name))?;
    let other = all
        .iter()
        .filter(|other| other.framework == framework && plain(&other.name) == plain(name))
        .max_by_key(|other| other.edition == edition);
    let suggestion = match other {
        Some(other) => format!("`{}` is {}", other.name, other.reference()),
        None => format!("write `{}`", entry.name),
    };
    Some((Problem::Misnamed { expected: entry.name.clone(), found: name.to_owned() }, suggestion))
}

/// An id without an edition is wrong only when no edition has it, or none under that name.
fn without_edition(knowledge: &Knowledge, id: &str, framework: &str, name: Option<&str>) -> Verdict {
    let entries: Vec<&Entry> =
        knowledge.frameworks.editions(id).filter(|entry| entry.framework == framework).collect();
    let latest = entries.last().copied();
    let Some(latest) = latest else {
        return Some((Problem::Unknown, "no edition has it".to_owned()));
    };
    let name = name?;
    if entries.iter().any(|entry| loosely_alike(name, &entry.name)) {
        return None;
    }
    let meanings: Vec<String> =
        entries.iter().map(|entry| format!("{} is `{}`", entry.reference(), entry.name)).collect();
    let problem = Problem::Misnamed { expected: latest.name.clone(), found: name.to_owned() };
    Some((problem, format!("{}; write the edition too", meanings.join(", "))))
}

fn single_edition(knowledge: &Knowledge, mention: &Mention, framework: &str, edition: &str) -> Verdict {
    let Some(entry) = knowledge.frameworks.entry(&mention.id, edition) else {
        return Some((Problem::Unknown, format!("{framework} {edition} has no {}", mention.id)));
    };
    let name = mention.name.as_deref().filter(|name| name.is_ascii() && !loosely_alike(name, &entry.name))?;
    let problem = Problem::Misnamed { expected: entry.name.clone(), found: name.to_owned() };
    Some((problem, format!("write `{}`", entry.name)))
}

fn weakness(knowledge: &Knowledge, mention: &Mention) -> Verdict {
    let number: u32 = mention.id.strip_prefix("CWE-").and_then(|digits| digits.parse().ok()).unwrap_or(0);
    if number == 0 || number > LAST_CWE {
        return Some((Problem::Unknown, "there is no such weakness in CWE".to_owned()));
    }
    let entry = knowledge.frameworks.entry(&mention.id, "")?;
    let name = mention.name.as_deref().filter(|name| name.is_ascii() && !loosely_alike(name, &entry.name))?;
    // Short names of weaknesses abound; only the name of another weakness is a mistake beyond doubt.
    let other = knowledge.frameworks.of("cwe", "").find(|other| alike(name, &other.name))?;
    let problem = Problem::Misnamed { expected: entry.name.clone(), found: name.to_owned() };
    Some((problem, format!("`{}` is {}", other.name, other.id)))
}

/// Ids that are only ids with their edition: MAESTRO, OWASP agentic threats.
fn qualified(knowledge: &Knowledge, mention: &Mention) -> Verdict {
    let edition = mention.edition.as_deref()?;
    let reference = format!("{}@{edition}", mention.id);
    if knowledge.resolve_text(&reference).is_some() {
        return None;
    }
    if edition == knowledge.maestro.edition {
        return Some((Problem::Unknown, format!("MAESTRO {edition} has no {}", mention.id)));
    }
    let maestro = knowledge.maestro.threat(&mention.id)?;
    Some((Problem::WrongEdition, format!("write {}@{}", maestro.id, knowledge.maestro.edition)))
}
