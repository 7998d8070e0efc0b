//! A schema ready for use: columns with their values, one-hot groups, compiled relations.

use std::collections::BTreeMap;

use vauban_formats::tabular_schema::{Column, Cost, Direction, Kind, TabularSchema};

use super::compile::Condition;
use super::expression::{self, ExpressionError, Names};

/// Why a schema cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SchemaError {
    /// A relation cannot be read.
    #[error("relation `{holds}`, {error}")]
    Relation {
        /// The relation.
        holds: String,
        /// What is wrong, and where.
        error: ExpressionError,
    },
    /// A column that may change has no range.
    #[error("column `{0}` may change and has no range; state `low` and `high`, or make it immutable")]
    Range(String),
    /// A one-hot group of one column.
    #[error("the one-hot group `{0}` has a single column; it needs two")]
    Group(String),
    /// The schema is for another model.
    #[error("the schema has {schema} columns, a sample has {sample}")]
    Width {
        /// Columns of the schema.
        schema: usize,
        /// Values of a sample.
        sample: usize,
    },
}

/// What is changed as one: a column, or a one-hot group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    pub(super) name: String,
    /// One column, or all of a group.
    pub(super) columns: Vec<usize>,
    pub(super) one_hot: bool,
    pub(super) mutable: bool,
}

pub(super) struct Compiled {
    pub(super) condition: Condition,
    pub(super) tolerance: f64,
    /// Sum of the ranges of its columns, by which violations of different relations are made comparable.
    pub(super) scale: f64,
    pub(super) text: String,
}

/// Columns and relations, compiled.
pub struct Schema {
    pub(super) columns: Vec<Column>,
    pub(super) units: Vec<Unit>,
    pub(super) relations: Vec<Compiled>,
}

struct Places<'a>(&'a [Column]);

impl Names for Places<'_> {
    fn column(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    fn group(&self, name: &str) -> Option<Vec<usize>> {
        let member = |column: &Column| column.group.as_deref() == Some(name);
        let places: Vec<usize> = (0..self.0.len()).filter(|at| member(&self.0[*at])).collect();
        (!places.is_empty()).then_some(places)
    }
}

impl Schema {
    /// Compiles what was written.
    ///
    /// # Errors
    /// [`SchemaError`] names the relation, column or group that cannot be used.
    pub fn new(written: &TabularSchema) -> Result<Self, SchemaError> {
        let columns = written.columns.clone();
        let numeric = |kind| matches!(kind, Kind::Continuous | Kind::Integer) || kind == Kind::Categorical;
        if let Some(open) = columns.iter().find(|column| {
            column.mutable && numeric(column.kind) && !(column.low.is_finite() && column.high.is_finite())
        }) {
            return Err(SchemaError::Range(open.name.clone()));
        }
        let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
        let mut units: Vec<Unit> = Vec::new();
        for (at, column) in columns.iter().enumerate() {
            let unit =
                column.group.as_deref().and_then(|group| groups.get(group)).and_then(|at| units.get_mut(*at));
            if let Some(unit) = unit {
                unit.columns.push(at);
                // A group changes as a whole or not at all.
                unit.mutable &= column.mutable;
                continue;
            }
            if let Some(group) = &column.group {
                groups.insert(group, units.len());
            }
            units.push(Unit {
                name: column.group.clone().unwrap_or_else(|| column.name.clone()),
                columns: vec![at],
                one_hot: column.group.is_some(),
                mutable: column.mutable,
            });
        }
        if let Some(single) = units.iter().find(|unit| unit.one_hot && unit.columns.len() < 2) {
            return Err(SchemaError::Group(single.name.clone()));
        }
        let mut relations = Vec::with_capacity(written.relations.len());
        for relation in &written.relations {
            let condition = expression::parse(&relation.holds, &Places(&columns))
                .map_err(|error| SchemaError::Relation { holds: relation.holds.clone(), error })?;
            let mut found = Vec::new();
            condition.columns(&mut found);
            let scale = found.iter().map(|at| range(&columns[*at])).sum::<f64>().max(f64::MIN_POSITIVE);
            let (tolerance, text) = (relation.tolerance, relation.holds.clone());
            relations.push(Compiled { condition, tolerance, scale, text });
        }
        Ok(Self { columns, units, relations })
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Everything that `row` violates, for people; with `original`, also what an attacker could not have changed. Empty if
    /// the row is one that the system could really see.
    pub fn violations(&self, row: &[f32], original: Option<&[f32]>) -> Vec<String> {
        let mut found = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let (value, before) = (row[at], original.map(|original| original[at]));
            let name = &column.name;
            if !value.is_finite() {
                found.push(format!("`{name}` is not finite"));
                continue;
            }
            if let Some(before) = before
                && before != value
            {
                if !column.mutable {
                    found.push(format!("`{name}` was changed and is immutable"));
                } else if (column.direction == Direction::Up && value < before)
                    || (column.direction == Direction::Down && value > before)
                {
                    found.push(format!("`{name}` was moved the wrong way"));
                }
            }
            if value < column.low as f32 || value > column.high as f32 {
                found.push(format!("`{name}` is out of its range"));
            } else if before != Some(value) && self.snap(at, value, value, value) != Some(value) {
                // A column with a step may hold what it held: data is often finer than what an attacker can do.
                let stepped = original.is_none() && column.step.is_some() && column.kind == Kind::Continuous;
                if !stepped {
                    found.push(format!("`{name}` is no {} value", column.kind.as_str()));
                }
            }
        }
        for unit in self.units.iter().filter(|unit| unit.one_hot) {
            let ones = unit.columns.iter().filter(|at| row[**at] == 1.0).count();
            let zeros = unit.columns.iter().filter(|at| row[**at] == 0.0).count();
            if ones != 1 || ones + zeros != unit.columns.len() {
                found.push(format!("`{}` is not one-hot", unit.name));
            }
        }
        let broken =
            self.relations.iter().filter(|relation| !relation.condition.holds(row, relation.tolerance));
        found.extend(broken.map(|relation| format!("not `{}`", relation.text)));
        found
    }

    /// The permitted value of column `at` between `low` and `high` that is nearest to `value`, if there is one.
    pub(super) fn snap(&self, at: usize, value: f32, low: f32, high: f32) -> Option<f32> {
        let column = &self.columns[at];
        let clamped = value.max(low).min(high);
        let (step, base) = match (column.kind, column.step) {
            (Kind::Continuous, None) => return Some(clamped),
            (Kind::Categorical, _) if !column.codes.is_empty() => {
                return column
                    .codes
                    .iter()
                    .map(|code| *code as f32)
                    .filter(|code| (low..=high).contains(code))
                    .min_by(|a, b| (a - value).abs().total_cmp(&(b - value).abs()));
            }
            (Kind::Continuous | Kind::Integer, Some(step)) => {
                (step, if column.low.is_finite() { column.low } else { 0.0 })
            }
            _ => (1.0, 0.0),
        };
        let place = ((f64::from(clamped) - base) / step).round();
        [place, place - 1.0, place + 1.0]
            .into_iter()
            .map(|place| (base + place * step) as f32)
            .find(|value| (low..=high).contains(value))
    }

    /// Units that differ, as places in the list of units.
    pub(super) fn changed(&self, original: &[f32], row: &[f32]) -> Vec<usize> {
        let differs = |unit: &Unit| unit.columns.iter().any(|at| original[*at] != row[*at]);
        (0..self.units.len()).filter(|at| differs(&self.units[*at])).collect()
    }

    /// Gower distance (Biometrics 27, 1971): the mean over columns and groups of the change as a share of the range, 1 for
    /// a changed category; between 0 and 1.
    pub fn gower(&self, original: &[f32], row: &[f32]) -> f64 {
        let sum: f64 = self.units.iter().map(|unit| self.share(unit, original, row)).sum();
        sum / self.units.len().max(1) as f64
    }

    fn share(&self, unit: &Unit, original: &[f32], row: &[f32]) -> f64 {
        let at = unit.columns[0];
        let column = &self.columns[at];
        if unit.one_hot || matches!(column.kind, Kind::Binary | Kind::Categorical) {
            return f64::from(u8::from(unit.columns.iter().any(|at| original[*at] != row[*at])));
        }
        (f64::from((original[at] - row[at]).abs()) / range(column)).min(1.0)
    }

    /// What the change costs the attacker; of a one-hot group, what the new member costs.
    pub fn cost(&self, original: &[f32], row: &[f32]) -> f64 {
        let unit_cost = |unit: &Unit| {
            let changed = |at: &&usize| original[**at] != row[**at];
            let at = *unit.columns.iter().filter(changed).max_by(|a, b| row[**a].total_cmp(&row[**b]))?;
            Some(match self.columns[at].cost {
                Cost::Range => self.share(unit, original, row),
                Cost::Unit(cost) => cost * f64::from((original[at] - row[at]).abs()),
                Cost::Flat(cost) => cost,
            })
        };
        self.units.iter().filter_map(unit_cost).sum()
    }
}

/// Width of the range; 1 for a column without one or of a single value.
pub(super) fn range(column: &Column) -> f64 {
    let range = column.high - column.low;
    if range.is_finite() && range > 0.0 { range } else { 1.0 }
}
