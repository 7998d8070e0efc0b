//! Makes a row valid: into the reach of the attacker, onto permitted values, and along relations.
//!
//! A violated comparison is solved for one of its columns at a time by a Newton step on the difference of its sides, which
//! is exact where the column enters linearly: `a = b + c` sets `a`, `a <= b` clamps. The column alone on the left is tried
//! first, then the one alone on the right, then the others in order of appearance. What cannot be repaired is left to the
//! caller's check.

use vauban_formats::tabular_schema::{Direction, Kind};

use super::compile::{Comparison, Condition, Term};
use super::schema::{Schema, range};

/// Rounds over all relations; each may disturb another.
const ROUNDS: usize = 8;

/// What an attacker can make of each column of one sample.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    pub(super) low: Vec<f32>,
    pub(super) high: Vec<f32>,
}

impl Schema {
    /// The reach from `original` when a numeric column may move by `eps` of its range.
    pub(super) fn reach(&self, original: &[f32], eps: f64) -> Reach {
        let mut reach = Reach { low: original.to_vec(), high: original.to_vec() };
        for unit in self.units.iter().filter(|unit| unit.mutable) {
            for at in unit.columns.iter().copied() {
                let (column, value) = (&self.columns[at], original[at]);
                let far = match column.kind {
                    Kind::Continuous | Kind::Integer => (eps * range(column)) as f32,
                    Kind::Binary | Kind::Categorical => f32::INFINITY,
                };
                if column.direction != Direction::Up {
                    reach.low[at] = (value - far).max(column.low as f32).min(value);
                }
                if column.direction != Direction::Down {
                    reach.high[at] = (value + far).min(column.high as f32).max(value);
                }
            }
        }
        reach
    }

    /// Clamps into reach; unless `relaxed`, also onto permitted values and one member per group.
    pub(super) fn project(&self, original: &[f32], reach: &Reach, row: &mut [f32], relaxed: bool) {
        for unit in &self.units {
            if !unit.mutable {
                unit.columns.iter().for_each(|at| row[*at] = original[*at]);
            } else if unit.one_hot && !relaxed {
                self.one_hot(&unit.columns, original, reach, row);
            } else {
                for at in unit.columns.iter().copied() {
                    row[at] = self.permitted(at, row[at], original, reach, relaxed);
                }
            }
        }
    }

    fn permitted(&self, at: usize, value: f32, original: &[f32], reach: &Reach, relaxed: bool) -> f32 {
        if value == original[at] || value.is_nan() {
            return original[at];
        }
        if relaxed {
            return value.max(reach.low[at]).min(reach.high[at]);
        }
        self.snap(at, value, reach.low[at], reach.high[at]).unwrap_or(original[at])
    }

    fn one_hot(&self, columns: &[usize], original: &[f32], reach: &Reach, row: &mut [f32]) {
        let before = columns.iter().position(|at| original[*at] == 1.0);
        // A member may win if it can rise and the one that was set can fall.
        let free = before.is_none_or(|before| reach.low[columns[before]] <= 0.0);
        let mut best = before;
        for (place, at) in columns.iter().enumerate() {
            let can = Some(place) == before || (free && reach.high[*at] >= 1.0);
            if can && best.is_none_or(|best| row[*at] > row[columns[best]]) {
                best = Some(place);
            }
        }
        for (place, at) in columns.iter().enumerate() {
            row[*at] = f32::from(u8::from(Some(place) == best));
        }
    }

    /// Makes `row` valid if it can; tells whether every relation holds.
    pub(super) fn repair(&self, original: &[f32], reach: &Reach, row: &mut [f32], relaxed: bool) -> bool {
        self.project(original, reach, row, relaxed);
        for _ in 0..ROUNDS {
            let mut whole = true;
            for relation in &self.relations {
                if !relation.condition.holds(row, relation.tolerance) {
                    whole = false;
                    let solver =
                        Solver { schema: self, original, reach, relaxed, tolerance: relation.tolerance };
                    solver.satisfy(&relation.condition, row);
                }
            }
            if whole {
                return true;
            }
        }
        self.relations.iter().all(|relation| relation.condition.holds(row, relation.tolerance))
    }

    /// Sum of the violations of all relations, each as a share of the ranges of its columns.
    pub(super) fn penalty(&self, row: &[f32]) -> f64 {
        self.relations.iter().map(|one| one.condition.violation(row, one.tolerance) / one.scale).sum()
    }

    /// Adds the gradient of [`Self::penalty`] by the columns of `row` to `gradient`.
    pub(super) fn penalty_gradient(&self, row: &[f32], gradient: &mut [f64]) {
        for relation in &self.relations {
            relation.condition.derive(row, relation.tolerance, 1.0 / relation.scale, gradient);
        }
    }
}

struct Solver<'a> {
    schema: &'a Schema,
    original: &'a [f32],
    reach: &'a Reach,
    relaxed: bool,
    tolerance: f64,
}

impl Solver<'_> {
    fn satisfy(&self, condition: &Condition, row: &mut [f32]) -> bool {
        if condition.holds(row, self.tolerance) {
            return true;
        }
        match condition {
            Condition::And(parts) => {
                parts.iter().for_each(|part| {
                    self.satisfy(part, row);
                });
                condition.holds(row, self.tolerance)
            }
            Condition::Or(_) => {
                let before = row.to_vec();
                for part in condition.nearest(&before, self.tolerance) {
                    if self.satisfy(part, row) {
                        return true;
                    }
                    row.copy_from_slice(&before);
                }
                false
            }
            Condition::Compare(operator, left, right) => self.solve(condition, *operator, left, right, row),
        }
    }

    fn solve(
        &self,
        condition: &Condition,
        operator: Comparison,
        left: &Term,
        right: &Term,
        row: &mut [f32],
    ) -> bool {
        let mut columns = Vec::new();
        for side in [left, right] {
            if let Term::Column(column) = side {
                columns.push(*column);
            }
        }
        left.columns(&mut columns);
        right.columns(&mut columns);
        for at in columns {
            // Groups are changed as a whole, by whoever searches; one member alone cannot be.
            if self.reach.low[at] >= self.reach.high[at] || self.schema.columns[at].group.is_some() {
                continue;
            }
            for _ in 0..3 {
                self.step(condition, operator, left, right, at, row);
                if condition.holds(row, self.tolerance) {
                    return true;
                }
            }
        }
        false
    }

    /// One Newton step of column `at` towards equality of the sides, and a little beyond for strict comparisons.
    fn step(
        &self,
        condition: &Condition,
        operator: Comparison,
        left: &Term,
        right: &Term,
        at: usize,
        row: &mut [f32],
    ) {
        let mut gradient = vec![0.0; row.len()];
        left.derive(row, 1.0, &mut gradient);
        right.derive(row, -1.0, &mut gradient);
        let (slope, difference) = (gradient[at], left.value(row) - right.value(row));
        let beyond = (1e-4 * range(&self.schema.columns[at])).max(1e-6) * slope.abs();
        let beyond = match operator {
            Comparison::Less => -beyond,
            Comparison::More | Comparison::Unequal => beyond,
            _ => 0.0,
        };
        let goal = f64::from(row[at]) - (difference - beyond) / slope;
        if !goal.is_finite() {
            return;
        }
        let goal = goal as f32;
        let column = &self.schema.columns[at];
        let one = column.step.filter(|_| column.kind != Kind::Categorical).unwrap_or(1.0) as f32;
        let near = [goal, goal - one / 2.0, goal + one / 2.0, goal - one, goal + one];
        let (before, violated) = (row[at], condition.violation(row, self.tolerance));
        let mut best = (before, violated);
        for value in near {
            row[at] = self.schema.permitted(at, value, self.original, self.reach, self.relaxed);
            let violation = condition.violation(row, self.tolerance);
            if violation < best.1 {
                best = (row[at], violation);
            }
            if violation == 0.0 {
                break;
            }
        }
        row[at] = best.0;
    }
}

#[cfg(test)]
mod tests {
    use vauban_formats::tabular_schema::{Column, Relation, TabularSchema};

    use super::*;

    /// Relations, a row, and what it becomes if it can be repaired.
    type Case<'a> = (&'a [&'a str], [f32; 4], Option<[f32; 4]>);

    fn schema(relations: &[&str]) -> Schema {
        let column = |name: &str, kind| Column::new(name, kind).range(0.0, 100.0);
        let columns = vec![
            column("total", Kind::Continuous),
            column("part", Kind::Continuous),
            column("rest", Kind::Integer),
            column("fixed", Kind::Continuous).immutable(),
        ];
        let relations = relations.iter().map(|text| Relation::new(*text)).collect();
        Schema::new(&TabularSchema { columns, relations }).unwrap()
    }

    #[test]
    fn relations_are_repaired_by_the_dependent_column() {
        let original = [30.0, 10.0, 20.0, 5.0];
        let cases: [Case<'_>; 6] = [
            (&["total = part + rest"], [30.0, 25.0, 20.0, 5.0], Some([45.0, 25.0, 20.0, 5.0])),
            (&["part <= fixed * 2"], [30.0, 25.0, 20.0, 5.0], Some([30.0, 10.0, 20.0, 5.0])),
            (&["rest > total"], [30.5, 25.0, 20.0, 5.0], Some([30.5, 25.0, 31.0, 5.0])),
            // The total is full, so the part gives way.
            (&["total = part + rest"], [30.0, 90.0, 20.0, 5.0], Some([100.0, 80.0, 20.0, 5.0])),
            (&["part > 50 implies rest <= 3"], [30.0, 60.0, 4.0, 5.0], Some([30.0, 60.0, 3.0, 5.0])),
            (&["fixed > 6"], [30.0, 60.0, 4.0, 5.0], None),
        ];
        for (relations, row, expected) in cases {
            let schema = schema(relations);
            let reach = schema.reach(&original, 1.0);
            let mut repaired = row;
            let whole = schema.repair(&original, &reach, &mut repaired, false);
            assert_eq!(whole, expected.is_some(), "{relations:?} {repaired:?}");
            if let Some(expected) = expected {
                assert_eq!(repaired, expected, "{relations:?}");
                assert_eq!(schema.violations(&repaired, Some(&original)), [""; 0]);
            }
        }
    }
}
