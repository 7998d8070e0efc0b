//! What is known of a value: its text, its number, the name it stands for, its items and what it came out of.

use super::Operand;

/// Origins kept of a value.
const ORIGINS: usize = 12;
/// Bytes of one argument's text that are kept.
const ARGUMENT: usize = 64 << 10;
/// Bytes of a text that is kept as a piece of another.
const PIECE: usize = 512;

/// What is known of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::python) struct Held {
    pub(in crate::python) text: Option<String>,
    pub(in crate::python) number: Option<i64>,
    pub(in crate::python) name: Option<String>,
    pub(in crate::python) computed: bool,
    pub(in crate::python) origins: Vec<String>,
    pub(in crate::python) items: Option<Vec<(Option<String>, Held)>>,
    pub(in crate::python) pieces: Vec<String>,
}

impl Held {
    pub(in crate::python) fn of_text(text: String) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    pub(super) fn of_name(name: String) -> Self {
        Self { name: Some(name), ..Self::default() }
    }

    pub(super) fn comes_from(&mut self, origin: &str) {
        if self.origins.len() < ORIGINS
            && let Err(at) = self.origins.binary_search_by(|known| known.as_str().cmp(origin))
        {
            self.origins.insert(at, origin.chars().take(120).collect());
        }
    }

    /// Takes over the origins of another value, and its texts as pieces.
    pub(super) fn take_from(&mut self, other: &Self) {
        other.origins.iter().for_each(|origin| self.comes_from(origin));
        for piece in other.pieces.iter().chain(&other.text) {
            if self.pieces.len() < 8 && piece.len() <= PIECE {
                self.pieces.push(piece.clone());
            }
        }
    }

    /// Items at any depth, and the text in units of 64 bytes.
    pub(super) fn weight(&self) -> usize {
        let items = self.items.iter().flatten().map(|(_, item)| item.weight()).sum::<usize>();
        1 + items + self.text.as_ref().map_or(0, |text| text.len() / 64)
    }

    /// The texts of a list.
    pub(in crate::python) fn texts(&self) -> Option<Vec<String>> {
        self.items.as_ref()?.iter().map(|(_, item)| item.text.clone()).collect()
    }

    /// What is shown of it as an argument.
    pub(super) fn operand(&self) -> Operand {
        let listed = self.items.as_ref().map(|items| {
            let mut joined = String::new();
            for part in items.iter().filter_map(|(_, item)| item.text.as_ref().or(item.name.as_ref())) {
                if joined.len() + part.len() > ARGUMENT {
                    break;
                }
                joined.push_str(part);
                joined.push(' ');
            }
            joined.trim_end().to_owned()
        });
        let cut = |text: &String| {
            let end = (0..=text.len().min(ARGUMENT)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text[..end].to_owned()
        };
        Operand {
            text: self.text.as_ref().map(cut).or(listed),
            name: self.name.clone(),
            origins: self.origins.clone(),
            pieces: self.pieces.clone(),
        }
    }
}
