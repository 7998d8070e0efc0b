//! One column: its type, read off its values.

use std::collections::BTreeMap;

/// Distinct values up to which a column of text counts as categories.
const CATEGORIES: usize = 256;
/// Texts kept of a column that is neither numbers nor categories.
const SAMPLES: usize = 200;

/// A column with the values of the kept rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in the header; empty without one.
    pub name: String,
    /// Kept rows without a value.
    pub missing: usize,
    /// The values.
    pub values: Values,
}

/// Values of the kept rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// All are numbers; a missing one is NaN.
    Numbers(Vec<f64>),
    /// Text with few distinct values: the values sorted, and for every row the place of its own.
    Categories(Vec<String>, Vec<u16>),
    /// Any other text; the first few that are not empty.
    Text(Vec<String>),
}

impl Column {
    /// Reads the type off the cells.
    pub(super) fn of<'a>(name: String, cells: impl Iterator<Item = &'a str> + Clone) -> Self {
        let missing = cells.clone().filter(|cell| is_missing(cell)).count();
        let number = |cell: &str| if is_missing(cell) { Some(f64::NAN) } else { cell.parse::<f64>().ok() };
        if let Some(numbers) = cells.clone().map(number).collect::<Option<Vec<f64>>>() {
            return Self { name, missing, values: Values::Numbers(numbers) };
        }
        let mut codes: BTreeMap<&str, u16> = BTreeMap::new();
        for cell in cells.clone() {
            codes.insert(cell, 0);
            if codes.len() > CATEGORIES {
                let samples = cells.filter(|cell| !is_missing(cell)).take(SAMPLES).map(str::to_owned);
                return Self { name, missing, values: Values::Text(samples.collect()) };
            }
        }
        for (place, code) in codes.values_mut().enumerate() {
            *code = u16::try_from(place).unwrap_or(u16::MAX);
        }
        let rows = cells.map(|cell| codes.get(cell).copied().unwrap_or(0)).collect();
        let values = Values::Categories(codes.keys().map(|cell| (*cell).to_owned()).collect(), rows);
        Self { name, missing, values }
    }

    /// How many distinct values the kept rows have, missing ones left out; `None` for free text.
    pub fn distinct(&self) -> Option<usize> {
        match &self.values {
            Values::Numbers(numbers) => {
                let mut bits: Vec<u64> =
                    numbers.iter().filter(|n| !n.is_nan()).map(|n| n.to_bits()).collect();
                bits.sort_unstable();
                bits.dedup();
                Some(bits.len())
            }
            Values::Categories(names, _) => Some(names.iter().filter(|name| !is_missing(name)).count()),
            Values::Text(_) => None,
        }
    }

    /// Up to `count` values as text, missing ones left out: distinct for categories, the first ones otherwise.
    pub fn samples(&self, count: usize) -> Vec<String> {
        match &self.values {
            Values::Numbers(numbers) => {
                numbers.iter().filter(|number| !number.is_nan()).take(count).map(f64::to_string).collect()
            }
            Values::Categories(texts, _) | Values::Text(texts) => {
                texts.iter().filter(|text| !is_missing(text)).take(count).cloned().collect()
            }
        }
    }
}

fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "NA" | "N/A" | "NaN" | "nan" | "null" | "None" | "?")
}
