//! What the columns of a table mean to an attacker: types, ranges, who may change them, and relations between them.
//!
//! Written as TOML, one `[[column]]` per input of the model in order and any number of `[[relation]]`:
//!
//! ```toml
//! [[column]]
//! name = "income"
//! type = "integer"        # continuous, integer, binary or categorical
//! low = 0
//! high = 200000
//! direction = "up"        # any (usual), up or down
//! mutable = true          # usual
//! step = 100              # values are `low` plus multiples of it
//! cost = 0.01             # per unit; `flat_cost` for any change
//!
//! [[column]]
//! name = "job=clerk"
//! group = "job"           # one-hot: exactly one column of the group is 1
//!
//! [[relation]]
//! holds = "instalment * term >= amount"
//! ```
//!
//! Relations are kept as text; who attacks compiles them.

mod infer;
mod read;

pub use infer::{infer, render};
pub use read::{KEYS, read};

/// A schema as written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TabularSchema {
    /// Columns in the order of the model's inputs.
    pub columns: Vec<Column>,
    /// What must hold between columns.
    pub relations: Vec<Relation>,
}

/// One input of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name, unique.
    pub name: String,
    /// What values it takes.
    pub kind: Kind,
    /// Smallest value; minus infinity if nobody said.
    pub low: f64,
    /// Largest value; infinity if nobody said.
    pub high: f64,
    /// Whether an attacker may change it.
    pub mutable: bool,
    /// In which direction it may be changed.
    pub direction: Direction,
    /// Distance of neighbouring values, counted from `low` if that is finite, else from 0.
    pub step: Option<f64>,
    /// What a change costs the attacker.
    pub cost: Cost,
    /// One-hot group it belongs to.
    pub group: Option<String>,
    /// Codes of a categorical column, ascending; empty for every whole number in the range.
    pub codes: Vec<f64>,
    /// Texts that stand for the codes in data, in the order of `codes`; empty if data holds numbers.
    pub texts: Vec<String>,
    /// Line of the column; 0 if it was not read from a file.
    pub line: u32,
}

impl Column {
    /// A mutable column of this kind, its range open except for binary ones.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        let (low, high) = if kind == Kind::Binary { (0.0, 1.0) } else { (f64::NEG_INFINITY, f64::INFINITY) };
        Self {
            name: name.into(),
            kind,
            low,
            high,
            mutable: true,
            direction: Direction::Any,
            step: None,
            cost: Cost::Range,
            group: None,
            codes: Vec::new(),
            texts: Vec::new(),
            line: 0,
        }
    }

    /// The same with this range.
    #[must_use]
    pub fn range(mut self, low: f64, high: f64) -> Self {
        (self.low, self.high) = (low, high);
        self
    }

    /// The same, out of the attacker's reach.
    #[must_use]
    pub fn immutable(mut self) -> Self {
        self.mutable = false;
        self
    }

    /// The same, to be changed in one direction only.
    #[must_use]
    pub fn only(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// The same as a member of a one-hot group.
    #[must_use]
    pub fn in_group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }
}

/// What values a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any number.
    Continuous,
    /// Whole numbers.
    Integer,
    /// 0 and 1.
    Binary,
    /// Codes without an order.
    Categorical,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Continuous, Self::Integer, Self::Binary, Self::Categorical];

    /// The word in schema files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continuous => "continuous",
            Self::Integer => "integer",
            Self::Binary => "binary",
            Self::Categorical => "categorical",
        }
    }
}

/// In which direction an attacker can move a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both.
    Any,
    /// Only upwards: the number of transactions.
    Up,
    /// Only downwards.
    Down,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 3] = [Self::Any, Self::Up, Self::Down];

    /// The word in schema files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// What a change costs the attacker.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cost {
    /// 1 for a change over the whole range; 1 for any change of a binary or categorical column.
    Range,
    /// This much per unit.
    Unit(f64),
    /// This much for any change.
    Flat(f64),
}

/// What must hold between columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// The condition.
    pub holds: String,
    /// Relative difference up to which numbers count as equal.
    pub tolerance: f64,
    /// Line of the relation; 0 if it was not read from a file.
    pub line: u32,
}

impl Relation {
    /// Tolerance if nobody says: eight units in the last place of a 32-bit float.
    pub const TOLERANCE: f64 = 1e-6;

    /// A relation with the usual tolerance.
    pub fn new(holds: impl Into<String>) -> Self {
        Self { holds: holds.into(), tolerance: Self::TOLERANCE, line: 0 }
    }
}
