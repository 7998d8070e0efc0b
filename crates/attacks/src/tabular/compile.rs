//! A relation in three forms: does it hold, how far is it from holding, and in which direction does it hold.
//!
//! The penalty follows DL2 (Fischer et al., ICML 2019) as TabularBench does (Simonetto et al., NeurIPS 2024): the hinge of
//! a comparison, the sum over `and`, the least over `or`. Negations are pushed inwards, so only comparisons carry numbers.

/// How two terms are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    AtMost,
    Less,
    AtLeast,
    More,
    Equal,
    Unequal,
}

impl Comparison {
    fn negated(self) -> Self {
        match self {
            Self::AtMost => Self::More,
            Self::Less => Self::AtLeast,
            Self::AtLeast => Self::Less,
            Self::More => Self::AtMost,
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
        }
    }
}

/// A number made of columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    Number(f64),
    Column(usize),
    /// Sign and part.
    Sum(Vec<(f64, Term)>),
    /// Whether to divide by the part, and the part.
    Product(Vec<(bool, Term)>),
    Min(Vec<Term>),
    Max(Vec<Term>),
    Abs(Box<Term>),
    If(Box<Condition>, Box<Term>, Box<Term>),
}

impl Default for Term {
    fn default() -> Self {
        Self::Number(0.0)
    }
}

/// A truth about columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Compare(Comparison, Term, Term),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

impl Term {
    /// The value for `row`; NaN or infinite where it cannot be computed.
    pub(super) fn value(&self, row: &[f32]) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Column(column) => row.get(*column).map_or(f64::NAN, |value| f64::from(*value)),
            Self::Sum(parts) => parts.iter().map(|(sign, part)| sign * part.value(row)).sum(),
            Self::Product(parts) => parts.iter().fold(1.0, |product, (inverse, part)| {
                let value = part.value(row);
                if *inverse { product / value } else { product * value }
            }),
            Self::Min(parts) => extreme(parts, row, false).1,
            Self::Max(parts) => extreme(parts, row, true).1,
            Self::Abs(part) => part.value(row).abs(),
            Self::If(condition, yes, no) => {
                if condition.holds(row, 0.0) {
                    yes.value(row)
                } else {
                    no.value(row)
                }
            }
        }
    }

    /// Adds `weight` times the derivative by each column to `gradient`.
    pub(super) fn derive(&self, row: &[f32], weight: f64, gradient: &mut [f64]) {
        match self {
            Self::Number(_) => {}
            Self::Column(column) => {
                if let Some(slot) = gradient.get_mut(*column) {
                    *slot += weight;
                }
            }
            Self::Sum(parts) => {
                parts.iter().for_each(|(sign, part)| part.derive(row, weight * sign, gradient))
            }
            Self::Product(parts) => {
                for (at, (inverse, part)) in parts.iter().enumerate() {
                    let rest = parts.iter().enumerate().filter(|(other, _)| *other != at).fold(
                        1.0,
                        |product, (_, (inverse, other))| {
                            let value = other.value(row);
                            if *inverse { product / value } else { product * value }
                        },
                    );
                    let value = part.value(row);
                    let slope = if *inverse { -rest / (value * value) } else { rest };
                    if slope.is_finite() {
                        part.derive(row, weight * slope, gradient);
                    }
                }
            }
            Self::Min(parts) | Self::Max(parts) => {
                let (at, _) = extreme(parts, row, matches!(self, Self::Max(_)));
                if let Some(part) = parts.get(at) {
                    part.derive(row, weight, gradient);
                }
            }
            Self::Abs(part) => {
                let sign = if part.value(row) < 0.0 { -1.0 } else { 1.0 };
                part.derive(row, weight * sign, gradient);
            }
            Self::If(condition, yes, no) => {
                let branch = if condition.holds(row, 0.0) { yes } else { no };
                branch.derive(row, weight, gradient);
            }
        }
    }

    /// Adds the columns it is made of, in order of appearance.
    pub(super) fn columns(&self, found: &mut Vec<usize>) {
        match self {
            Self::Number(_) => {}
            Self::Column(column) => {
                if !found.contains(column) {
                    found.push(*column);
                }
            }
            Self::Sum(parts) => parts.iter().for_each(|(_, part)| part.columns(found)),
            Self::Product(parts) => parts.iter().for_each(|(_, part)| part.columns(found)),
            Self::Min(parts) | Self::Max(parts) => parts.iter().for_each(|part| part.columns(found)),
            Self::Abs(part) => part.columns(found),
            Self::If(condition, yes, no) => {
                condition.columns(found);
                yes.columns(found);
                no.columns(found);
            }
        }
    }
}

fn extreme(parts: &[Term], row: &[f32], largest: bool) -> (usize, f64) {
    let mut best = (0, f64::NAN);
    for (at, part) in parts.iter().enumerate() {
        let value = part.value(row);
        if best.1.is_nan() || (if largest { value > best.1 } else { value < best.1 }) {
            best = (at, value);
        }
        if value.is_nan() {
            return (at, value);
        }
    }
    best
}

/// What counts as equal: the tolerance is relative to the larger side, and absolute below 1.
fn slack(left: f64, right: f64, tolerance: f64) -> f64 {
    tolerance * left.abs().max(right.abs()).max(1.0)
}

/// Penalty of what cannot be computed.
const UNDEFINED: f64 = 1.0;

impl Condition {
    /// The opposite.
    pub(super) fn negated(self) -> Self {
        match self {
            Self::Compare(operator, left, right) => Self::Compare(operator.negated(), left, right),
            Self::And(parts) => Self::Or(parts.into_iter().map(Self::negated).collect()),
            Self::Or(parts) => Self::And(parts.into_iter().map(Self::negated).collect()),
        }
    }

    /// Whether `row` satisfies it within a relative tolerance; a comparison that cannot be computed does not hold.
    pub(super) fn holds(&self, row: &[f32], tolerance: f64) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(row, tolerance)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(row, tolerance)),
            Self::Compare(operator, left, right) => {
                let (left, right) = (left.value(row), right.value(row));
                if !left.is_finite() || !right.is_finite() {
                    return false;
                }
                let slack = slack(left, right, tolerance);
                match operator {
                    Comparison::AtMost => left <= right + slack,
                    Comparison::Less => left < right,
                    Comparison::AtLeast => left >= right - slack,
                    Comparison::More => left > right,
                    Comparison::Equal => (left - right).abs() <= slack,
                    Comparison::Unequal => (left - right).abs() > slack,
                }
            }
        }
    }

    /// How far `row` is from satisfying it, in the unit of the terms; 0 exactly where it holds.
    pub(super) fn violation(&self, row: &[f32], tolerance: f64) -> f64 {
        match self {
            Self::And(parts) => parts.iter().map(|part| part.violation(row, tolerance)).sum(),
            Self::Or(parts) => {
                parts.iter().map(|part| part.violation(row, tolerance)).fold(f64::INFINITY, f64::min)
            }
            Self::Compare(operator, left, right) => {
                if self.holds(row, tolerance) {
                    return 0.0;
                }
                let (left, right) = (left.value(row), right.value(row));
                let least = slack(left, right, tolerance).max(f64::MIN_POSITIVE);
                let distance = match operator {
                    Comparison::Unequal => least,
                    _ => (left - right).abs().max(least),
                };
                if distance.is_finite() { distance } else { UNDEFINED }
            }
        }
    }

    /// Adds `weight` times the derivative of the violation by each column to `gradient`; nothing where it holds.
    pub(super) fn derive(&self, row: &[f32], tolerance: f64, weight: f64, gradient: &mut [f64]) {
        match self {
            Self::And(parts) => parts.iter().for_each(|part| part.derive(row, tolerance, weight, gradient)),
            Self::Or(_) => {
                if let Some(part) = self.nearest(row, tolerance).first() {
                    part.derive(row, tolerance, weight, gradient);
                }
            }
            Self::Compare(operator, left, right) => {
                if self.holds(row, tolerance) {
                    return;
                }
                let above = left.value(row) >= right.value(row);
                let sign = match operator {
                    Comparison::AtMost | Comparison::Less => 1.0,
                    Comparison::AtLeast | Comparison::More => -1.0,
                    Comparison::Equal if above => 1.0,
                    Comparison::Equal => -1.0,
                    Comparison::Unequal if above => -1.0,
                    Comparison::Unequal => 1.0,
                };
                left.derive(row, weight * sign, gradient);
                right.derive(row, -weight * sign, gradient);
            }
        }
    }

    /// The alternatives of an `or`, least violated first; the condition itself otherwise.
    pub(super) fn nearest(&self, row: &[f32], tolerance: f64) -> Vec<&Self> {
        let Self::Or(parts) = self else { return vec![self] };
        let mut sorted: Vec<(f64, &Self)> =
            parts.iter().map(|part| (part.violation(row, tolerance), part)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted.into_iter().map(|(_, part)| part).collect()
    }

    /// Adds the columns it is made of, in order of appearance.
    pub(super) fn columns(&self, found: &mut Vec<usize>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.columns(found)),
            Self::Compare(_, left, right) => {
                left.columns(found);
                right.columns(found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_of_the_violation() {
        let column = |at| Term::Column(at);
        // a * b / c <= max(a, |b|) - 3
        let relation = Condition::Compare(
            Comparison::AtMost,
            Term::Product(vec![(false, column(0)), (false, column(1)), (true, column(2))]),
            Term::Sum(vec![
                (1.0, Term::Max(vec![column(0), Term::Abs(Box::new(column(1)))])),
                (-1.0, Term::Number(3.0)),
            ]),
        );
        let row = [2.0_f32, -5.0, -0.5];
        let mut gradient = [0.0; 3];
        relation.derive(&row, 1e-6, 1.0, &mut gradient);
        for column in 0..3 {
            let (mut up, mut down) = (row, row);
            up[column] += 0.015_625;
            down[column] -= 0.015_625;
            let slope = (relation.violation(&up, 1e-6) - relation.violation(&down, 1e-6)) / 0.031_25;
            assert!(
                (slope - gradient[column]).abs() < 0.05 * slope.abs().max(1.0),
                "{column}: {slope} {gradient:?}"
            );
        }
    }
}
