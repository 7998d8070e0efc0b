//! VNNLIB: what a network is to be verified against, as constraints on its inputs `X_i` and outputs `Y_j`.
//!
//! Source: VNN-LIB 1.0 (<https://www.vnnlib.org>) as VNN-COMP uses it: `declare-const` of real numbers, and `assert` of
//! `<=`, `>=`, `and`, `or` over linear terms.

mod formula;
mod reader;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::{Defect, Input};
use formula::Formulas;
use reader::Form;

/// A variable of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variable {
    /// `X_i`.
    Input(u32),
    /// `Y_j`.
    Output(u32),
}

/// The sum of each factor times its variable is at most the bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Atom {
    /// Factors that are not zero, each variable once, rising.
    pub terms: Vec<(Variable, f64)>,
    /// Right-hand side.
    pub bound: f64,
}

/// A property: satisfied where all common atoms hold and all atoms of one of the cases.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vnnlib {
    /// Inputs declared: `X_0` up to this.
    pub inputs: u32,
    /// Outputs declared: `Y_0` up to this.
    pub outputs: u32,
    /// What holds in every case.
    pub common: Vec<Atom>,
    /// Alternatives; none at all can never be satisfied.
    pub cases: Vec<Vec<Atom>>,
}

type Read<T> = Result<T, Defect>;

fn wrong<T>(detail: impl Into<String>) -> Read<T> {
    Err(Defect::whole("vnnlib-syntax", detail))
}

/// Reads a property. Whatever cannot be read leaves a defect, and then nothing may be concluded from what was.
pub fn read(input: &Input<'_>) -> (Vnnlib, Vec<Defect>) {
    let mut read = Vnnlib { cases: vec![Vec::new()], ..Vnnlib::default() };
    let defects = fill(input, &mut read).err().into_iter().collect();
    (read, defects)
}

fn fill(input: &Input<'_>, read: &mut Vnnlib) -> Read<()> {
    let limits = &input.budget.limits;
    if input.bytes.len() > limits.text_bytes {
        return Err(Defect::whole("limit-text", format!("a property of {} bytes", input.bytes.len())));
    }
    let Ok(text) = std::str::from_utf8(input.bytes) else { return wrong("it is not text") };
    let mut declared = BTreeSet::new();
    let mut formulas = Formulas::default();
    for form in reader::forms(text, limits.nodes)? {
        let Form::List(parts) = form else { return wrong("a word stands outside of brackets") };
        match &parts[..] {
            [Form::Word("declare-const"), Form::Word(name), Form::Word("Real")] => {
                let variable = formula::variable(name)?;
                if !declared.insert(variable) {
                    return wrong(format!("`{}` is declared twice", name.escape_debug()));
                }
                match variable {
                    Variable::Input(index) => read.inputs = read.inputs.max(index + 1),
                    Variable::Output(index) => read.outputs = read.outputs.max(index + 1),
                }
            }
            [Form::Word("assert"), what] => {
                let mut cases = formulas.cases(what)?;
                if cases.len() == 1 {
                    read.common.append(&mut cases[0]);
                } else {
                    read.cases = formulas.both(&read.cases, &cases)?;
                }
            }
            _ => return wrong("a form is neither `declare-const` of a real number nor `assert`"),
        }
    }
    // Also keeps a short text from naming a large number of variables.
    if declared.len() as u64 != u64::from(read.inputs) + u64::from(read.outputs) {
        return wrong("a variable is missing between those that are declared");
    }
    let mut atoms = read.common.iter().chain(read.cases.iter().flatten());
    let undeclared = |atom: &Atom| atom.terms.iter().any(|(variable, _)| !declared.contains(variable));
    if atoms.any(undeclared) { wrong("a variable is not declared") } else { Ok(()) }
}
