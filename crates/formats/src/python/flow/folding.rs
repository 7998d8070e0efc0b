//! Values put together from others: operators, format strings, lists, dictionaries and comprehensions.

use std::collections::BTreeMap;

use rustpython_ruff_python_ast::{
    Comprehension, Expr, ExprDict, ExprFString, FStringPart, InterpolatedStringElement, Operator,
};

use super::value::Held;
use super::{LONGEST, Reader};
use crate::python::constant;

/// Items kept of a list.
const ITEMS: usize = 512;

impl Reader<'_> {
    /// `f"…{expression}…"`.
    pub(super) fn format_string(&mut self, literal: &ExprFString) -> Held {
        let mut whole = Held::of_text(String::new());
        for part in literal.value.iter() {
            match part {
                FStringPart::Literal(literal) => {
                    whole = joined(&whole, &Held::of_text(literal.value.to_string()));
                }
                FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        let part = match element {
                            InterpolatedStringElement::Literal(literal) => {
                                Held::of_text(literal.value.to_string())
                            }
                            InterpolatedStringElement::Interpolation(hole) => {
                                let mut held = self.value(&hole.expression);
                                if let Some(number) = held.number {
                                    held.text = Some(number.to_string());
                                }
                                held
                            }
                        };
                        whole = joined(&whole, &part);
                    }
                }
            }
        }
        whole
    }

    /// A list, tuple or set.
    pub(super) fn list(&mut self, items: &[Expr]) -> Held {
        let mut held = Held { items: Some(Vec::new()), ..Held::default() };
        for (at, item) in items.iter().enumerate() {
            let item = self.value(item);
            held.take_from(&item);
            if at < ITEMS
                && let Some(items) = &mut held.items
            {
                items.push((None, item));
            }
        }
        held.pieces.clear();
        held
    }

    /// A dictionary, whose items are known by keys that are text.
    pub(super) fn dict(&mut self, dict: &ExprDict) -> Held {
        let mut held = Held { items: Some(Vec::new()), ..Held::default() };
        for item in &dict.items {
            let key = item.key.as_ref().and_then(|key| self.value(key).text);
            let value = self.value(&item.value);
            held.take_from(&value);
            if let Some(items) = &mut held.items
                && items.len() < ITEMS
            {
                items.push((key, value));
            }
        }
        held
    }

    /// Comprehensions over lists that are known are unrolled, so that spelt-out numbers become text.
    pub(super) fn comprehension(&mut self, generators: &[Comprehension], element: &Expr) -> Held {
        self.names.push(BTreeMap::new());
        let mut held = Held::default();
        let mut unrolled = None;
        for (at, generator) in generators.iter().enumerate() {
            let over = self.value(&generator.iter);
            held.take_from(&over);
            let spelt = over.items.clone().or_else(|| {
                let text = over.text.as_ref()?;
                let items = text.chars().take(ITEMS * 8).map(|character| {
                    let number = Some(i64::from(u32::from(character)));
                    (None, Held { text: Some(character.to_string()), number, ..Held::default() })
                });
                Some(items.collect())
            });
            let item = item_of(&over);
            self.assign(&generator.target, &item);
            for condition in &generator.ifs {
                self.value(condition);
            }
            if at == 0 && generators.len() == 1 && generator.ifs.is_empty() {
                unrolled = spelt;
            }
        }
        let simple = !matches!(element, Expr::Lambda(_));
        if let (Some(items), Some(generator)) = (unrolled.filter(|_| simple), generators.first()) {
            let before = self.flow.deeds.len();
            let mut results = Vec::new();
            for (at, (_, item)) in items.iter().enumerate() {
                self.assign(&generator.target, item);
                let result = self.value(element);
                held.take_from(&result);
                results.push((None, result));
                // The calls of one round stand for those of all.
                if at > 0 {
                    let kept = before + self.flow.deeds.len().saturating_sub(before).min(64);
                    self.flow.deeds.truncate(kept);
                }
                if at > 2048 || !self.goes_on() {
                    break;
                }
            }
            held.pieces.clear();
            held.items = Some(results);
        } else {
            let result = self.value(element);
            held.take_from(&result);
        }
        self.names.pop();
        held
    }
}

/// One item of what is gone through.
pub(super) fn item_of(over: &Held) -> Held {
    let mut item = Held { origins: over.origins.clone(), ..Held::default() };
    if let Some((_, only)) = over.items.as_ref().and_then(|items| items.first()) {
        item = only.clone();
        for (_, other) in over.items.iter().flatten().skip(1).take(16) {
            item.take_from(other);
        }
    }
    item
}

/// The sum of two values.
pub(super) fn joined(left: &Held, right: &Held) -> Held {
    let mut held = Held::default();
    if let (Some(a), Some(b)) = (&left.text, &right.text)
        && a.len() + b.len() <= LONGEST
    {
        held.text = Some(format!("{a}{b}"));
    }
    if let (Some(a), Some(b)) = (&left.items, &right.items) {
        held.items = Some(a.iter().chain(b).take(ITEMS).cloned().collect());
    }
    if let (Some(a), Some(b)) = (left.number, right.number) {
        held.number = a.checked_add(b);
    }
    held.take_from(left);
    held.take_from(right);
    held
}

/// The result of an operator.
pub(super) fn operation(left: &Held, operator: Operator, right: &Held) -> Held {
    let mut held = match operator {
        Operator::Add => return joined(left, right),
        Operator::Div => {
            // Paths.
            let mut held = joined(left, right);
            held.text = match (&left.text, &right.text) {
                (Some(a), Some(b)) => Some(format!("{a}/{b}")),
                _ => None,
            };
            held.name = left.name.clone();
            return held;
        }
        Operator::Mod => Held { text: constant::printf(left, right), ..Held::default() },
        Operator::Mult => {
            let text = match (&left.text, right.number, &right.text, left.number) {
                (Some(text), Some(times), ..) | (_, _, Some(text), Some(times)) => {
                    constant::repeat(text, times)
                }
                _ => None,
            };
            Held { text, ..Held::default() }
        }
        _ => Held::default(),
    };
    held.number = match (left.number, right.number) {
        (Some(a), Some(b)) => constant::arithmetic(a, operator, b),
        _ => None,
    };
    held.take_from(left);
    held.take_from(right);
    held
}
