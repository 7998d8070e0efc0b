//! Formulas as alternatives of linear atoms.

use std::collections::BTreeMap;

use super::reader::Form;
use super::{Atom, Read, Variable, wrong};
use crate::Defect;

/// Alternatives, atoms and terms made while one property is read, those thrown away again included: alternatives multiply.
const PARTS: usize = 1 << 22;
/// Variables of each kind.
const VARIABLES: u32 = 1 << 24;
/// Characters of a word shown in a message.
const SHOWN: usize = 40;

/// Spreads formulas out, and counts what that costs.
#[derive(Default)]
pub(super) struct Formulas {
    parts: usize,
}

fn parts(case: &[Atom]) -> usize {
    1 + case.iter().map(|atom| 1 + atom.terms.len()).sum::<usize>()
}

impl Formulas {
    fn spend(&mut self, parts: usize) -> Read<()> {
        self.parts = self.parts.saturating_add(parts);
        if self.parts > PARTS {
            let detail = format!("more than {PARTS} alternatives, atoms and terms when written out");
            return Err(Defect::whole("limit-records", detail));
        }
        Ok(())
    }

    /// Where one of `one` and one of `other` hold.
    pub(super) fn both(&mut self, one: &[Vec<Atom>], other: &[Vec<Atom>]) -> Read<Vec<Vec<Atom>>> {
        let sizes = |cases: &[Vec<Atom>]| cases.iter().map(|case| parts(case)).sum::<usize>();
        let left = sizes(one).saturating_mul(other.len());
        self.spend(left.saturating_add(sizes(other).saturating_mul(one.len())))?;
        let join = |case: &Vec<Atom>, more: &Vec<Atom>| [&case[..], &more[..]].concat();
        Ok(one.iter().flat_map(|case| other.iter().map(move |more| join(case, more))).collect())
    }

    /// A formula as alternatives of atoms.
    pub(super) fn cases(&mut self, form: &Form<'_>) -> Read<Vec<Vec<Atom>>> {
        let Form::List(list) = form else { return wrong("a formula is no list") };
        let Some((Form::Word(head), list)) = list.split_first() else {
            return wrong("a formula has no operator");
        };
        match (*head, list) {
            ("<=", [left, right]) => self.atom(left, right),
            (">=", [left, right]) => self.atom(right, left),
            ("or", _) => {
                let mut all = Vec::new();
                for form in list {
                    all.append(&mut self.cases(form)?);
                }
                Ok(all)
            }
            ("and", _) => {
                let mut all: Vec<Vec<Atom>> = vec![Vec::new()];
                for form in list {
                    let mut more = self.cases(form)?;
                    // Long conjunctions of plain atoms are the usual case, and need no copies.
                    if let ([all], [more]) = (&mut all[..], &mut more[..]) {
                        all.append(more);
                        continue;
                    }
                    all = self.both(&all, &more)?;
                }
                self.spend(1)?;
                Ok(all)
            }
            (other, _) => wrong(format!("`{}` with {} parts is not read", shown(other), list.len())),
        }
    }

    /// `left <= right` as the only alternative.
    fn atom(&mut self, left: &Form<'_>, right: &Form<'_>) -> Read<Vec<Vec<Atom>>> {
        let mut terms = BTreeMap::new();
        let mut constant = 0.0;
        linear(left, 1.0, &mut terms, &mut constant)?;
        linear(right, -1.0, &mut terms, &mut constant)?;
        if terms.values().chain([&constant]).any(|value: &f64| !value.is_finite()) {
            return wrong("a number is not finite");
        }
        let terms: Vec<_> = terms.into_iter().filter(|(_, factor)| *factor != 0.0).collect();
        let case = vec![Atom { terms, bound: -constant }];
        self.spend(parts(&case))?;
        Ok(vec![case])
    }
}

fn shown(word: &str) -> String {
    word.chars().take(SHOWN).flat_map(char::escape_debug).collect()
}

/// The variable of this name.
pub(super) fn variable(name: &str) -> Read<Variable> {
    // A leading zero or plus would be a second name of the same variable.
    let index = |text: &str| {
        let number = text.parse::<u32>().ok().filter(|index| *index < VARIABLES)?;
        (number.to_string() == text).then_some(number)
    };
    let input = name.strip_prefix("X_").and_then(index).map(Variable::Input);
    let found = input.or_else(|| name.strip_prefix("Y_").and_then(index).map(Variable::Output));
    found.map_or_else(|| wrong(format!("`{}` is no variable `X_i` or `Y_j`", shown(name))), Ok)
}

/// Adds `factor` times a term.
fn linear(form: &Form<'_>, factor: f64, terms: &mut BTreeMap<Variable, f64>, constant: &mut f64) -> Read<()> {
    let parts = match form {
        Form::Word(word) => {
            match word.parse::<f64>() {
                Ok(number) => *constant += factor * number,
                Err(_) => *terms.entry(variable(word)?).or_default() += factor,
            }
            return Ok(());
        }
        Form::List(parts) => parts,
    };
    match &parts[..] {
        [Form::Word("+"), parts @ ..] => {
            parts.iter().try_for_each(|part| linear(part, factor, terms, constant))
        }
        [Form::Word("-"), only] => linear(only, -factor, terms, constant),
        [Form::Word("-"), first, rest @ ..] => {
            linear(first, factor, terms, constant)?;
            rest.iter().try_for_each(|part| linear(part, -factor, terms, constant))
        }
        [Form::Word("*"), left, right] => match (number(left), number(right)) {
            (Some(number), _) => linear(right, factor * number, terms, constant),
            (None, Some(number)) => linear(left, factor * number, terms, constant),
            (None, None) => wrong("a product of variables is not linear"),
        },
        _ => wrong("a term is neither a number, a variable, a sum nor a multiple"),
    }
}

/// A number, perhaps with a minus before it.
fn number(form: &Form<'_>) -> Option<f64> {
    match form {
        Form::Word(word) => word.parse().ok(),
        Form::List(parts) => match &parts[..] {
            [Form::Word("-"), Form::Word(word)] => word.parse::<f64>().ok().map(|number| -number),
            _ => None,
        },
    }
}
