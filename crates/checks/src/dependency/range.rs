//! Whether a version lies in the range that a manifest asks for.
//!
//! Versions are ordered by `knowledge::versions`; what a range means is said here for Python (PEP 440 and Poetry's
//! operators), npm and Cargo. What cannot be told is `None`, never a guess.

use std::cmp::Ordering;

use vauban_formats::Ecosystem;
use vauban_knowledge::versions;

/// Whether `version` satisfies `specifier`; `None` where either cannot be read.
pub(super) fn satisfies(ecosystem: Ecosystem, specifier: &str, version: &str) -> Option<bool> {
    let order = match ecosystem {
        Ecosystem::PyPi => versions::Ecosystem::PyPi,
        Ecosystem::Npm => versions::Ecosystem::Npm,
        Ecosystem::Cargo => versions::Ecosystem::CratesIo,
        Ecosystem::Go | Ecosystem::Conda => return None,
    };
    // A local label says how a release was built; ranges look past it.
    let version = if specifier.contains('+') { version } else { order.public(version) };
    let mut any = false;
    for alternative in specifier.split("||") {
        any |= all_of(order, ecosystem, alternative.trim(), version)?;
    }
    Some(any)
}

fn all_of(order: versions::Ecosystem, ecosystem: Ecosystem, text: &str, version: &str) -> Option<bool> {
    if let Some((from, to)) = text.split_once(" - ") {
        let lower = compare(order, version, from)? != Ordering::Less;
        let upper = match parts(to).len() {
            3.. => compare(order, version, to)? != Ordering::Greater,
            known => compare(order, version, &raised(to, known.checked_sub(1)?)?)? == Ordering::Less,
        };
        return Some(lower && upper);
    }
    let mut all = true;
    for clause in clauses(text) {
        all &= one(order, ecosystem, &clause, version)?;
    }
    Some(all)
}

/// The comparisons of a range, apart by commas or blanks; an operator may have a blank behind it.
fn clauses(text: &str) -> Vec<String> {
    let mut clauses: Vec<String> = Vec::new();
    for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
        match clauses.last_mut() {
            Some(open) if open.bytes().all(|byte| b"<>=~^!".contains(&byte)) => open.push_str(word),
            _ => clauses.push(word.to_owned()),
        }
    }
    clauses
}

fn one(order: versions::Ecosystem, ecosystem: Ecosystem, clause: &str, version: &str) -> Option<bool> {
    let end = clause.find(|c: char| !"<>=~^!".contains(c)).unwrap_or(clause.len());
    let (operator, bound) = clause.split_at(end);
    if matches!(bound, "*" | "x" | "X") && matches!(operator, "" | "=" | "==" | ">=" | "^" | "~") {
        return Some(true);
    }
    let python = ecosystem == Ecosystem::PyPi;
    let wild = ["*", "x", "X"].iter().any(|end| bound.ends_with(&format!(".{end}")));
    let bound = if wild { bound.trim_end_matches(['.', '*', 'x', 'X']) } else { bound };
    let known = parts(bound).len();
    let within = |place: usize| -> Option<bool> {
        let upper = raised(bound, place)?;
        Some(
            compare(order, version, bound)? != Ordering::Less
                && compare(order, version, &upper)? == Ordering::Less,
        )
    };
    let to = compare(order, version, bound);
    match operator {
        "<" => Some(to? == Ordering::Less),
        "<=" if !python && known < 3 => {
            Some(compare(order, version, &raised(bound, known.checked_sub(1)?)?)? == Ordering::Less)
        }
        "<=" => Some(to? != Ordering::Greater),
        ">" if !python && known < 3 => {
            Some(compare(order, version, &raised(bound, known.checked_sub(1)?)?)? != Ordering::Less)
        }
        ">" => Some(to? == Ordering::Greater),
        ">=" => Some(to? != Ordering::Less),
        "!=" if wild => Some(!within(known.checked_sub(1)?)?),
        "!=" => Some(to? != Ordering::Equal),
        "==" | "=" if wild || (!python && known < 3) => within(known.checked_sub(1)?),
        "==" | "=" => Some(to? == Ordering::Equal),
        "===" => Some(version == bound),
        "~=" => within(known.checked_sub(2)?),
        "~" | "~>" => within(known.checked_sub(1)?.min(1)),
        "^" => within(caret(bound)?),
        "" => match ecosystem {
            _ if wild => within(known.checked_sub(1)?),
            Ecosystem::Cargo => within(caret(bound)?),
            Ecosystem::Npm if known < 3 => within(known.checked_sub(1)?),
            _ => Some(to? == Ordering::Equal),
        },
        _ => None,
    }
}

fn compare(order: versions::Ecosystem, one: &str, other: &str) -> Option<Ordering> {
    order.compare(one, other)
}

/// The numbers a version begins with.
fn parts(version: &str) -> Vec<u64> {
    let core = version.trim_start_matches(['v', '=']).split(['-', '+']).next().unwrap_or_default();
    core.split('.').map_while(|part| part.parse().ok()).collect()
}

/// The first version behind all that share the parts up to `place`.
fn raised(version: &str, place: usize) -> Option<String> {
    let mut numbers = parts(version);
    let last = numbers.get_mut(place)?;
    *last = last.checked_add(1)?;
    numbers.truncate(place + 1);
    while numbers.len() < 3 {
        numbers.push(0);
    }
    Some(numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

/// The part that `^` holds: the first that is not 0, or the last written.
fn caret(version: &str) -> Option<usize> {
    let numbers = parts(version);
    let first = numbers.iter().position(|number| *number > 0);
    first.or_else(|| numbers.len().checked_sub(1)).map(|place| place.min(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_every_ecosystem_are_judged() {
        use Ecosystem::{Cargo, Npm, PyPi};
        for (ecosystem, specifier, inside, outside) in [
            (PyPi, ">=1.50,<2", "1.99.1", "2.0"),
            (PyPi, "~=1.4.2", "1.4.9", "1.5"),
            (PyPi, "~=1.4", "1.9", "2.0"),
            (PyPi, "==1.*", "1.7", "2.0"),
            (PyPi, "==2.5.1", "2.5.1+cu121", "2.5.2"),
            (PyPi, "^2.1", "2.9.0", "3.0.0"),
            (PyPi, "^0.3.1", "0.3.9", "0.4.0"),
            (PyPi, "!=1.5", "1.6", "1.5.0"),
            (Npm, "^4.60.0", "4.104.0", "5.0.0"),
            (Npm, "~5.5.0", "5.5.4", "5.6.0"),
            (Npm, "^0.21.0", "0.21.5", "0.22.0"),
            (Npm, "1.x", "1.9.0", "2.0.0"),
            (Npm, ">=1.2 <2", "1.4.0", "2.1.0"),
            (Npm, ">= 1.2.0 < 2.0.0", "1.4.0", "2.1.0"),
            (Npm, "^1.0.0 || ^3.0.0", "3.4.0", "2.0.0"),
            (Npm, "1.2.3 - 2", "2.9.9", "3.0.0"),
            (Npm, "3.23.8", "3.23.8", "3.23.9"),
            (Npm, "2", "2.4.0", "3.0.0"),
            (Cargo, "1.2", "1.9.0", "2.0.0"),
            (Cargo, "=1.2.3", "1.2.3", "1.2.4"),
            (Cargo, "0.4", "0.4.9", "0.5.0"),
        ] {
            assert_eq!(satisfies(ecosystem, specifier, inside), Some(true), "{specifier} {inside}");
            assert_eq!(satisfies(ecosystem, specifier, outside), Some(false), "{specifier} {outside}");
        }
        assert_eq!(satisfies(Npm, "*", "1.0.0"), Some(true));
        for specifier in ["latest", "next", "whatever~1"] {
            assert_eq!(satisfies(Npm, specifier, "1.0.0"), None, "{specifier}");
        }
        assert_eq!(satisfies(Ecosystem::Go, "v1.0.0", "v1.0.0"), None);
    }
}
