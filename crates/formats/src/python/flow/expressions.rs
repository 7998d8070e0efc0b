//! Expressions: what is known of the value of each, with the calls in it kept on the way.

use rustpython_ruff_python_ast::{Expr, Number, UnaryOp};
use rustpython_ruff_text_size::Ranged;

use super::folding::operation;
use super::names::written;
use super::value::Held;
use super::{LONGEST, Reader};
use crate::Defect;
use crate::python::constant;

/// Expressions inside one another.
const DEPTH: usize = 160;
/// Nested items of one value; a list that holds more is only known by what it came out of.
const WEIGHT: usize = 16 << 10;

impl Reader<'_> {
    /// Reads an expression, within the bounds.
    pub(super) fn value(&mut self, expression: &Expr) -> Held {
        if !self.goes_on() {
            return Held::default();
        }
        if self.depth > DEPTH {
            self.limit.get_or_insert_with(|| {
                Defect::whole("limit-depth", "expressions nest deeper than is followed")
            });
            return Held::default();
        }
        self.depth += 1;
        let mut held = self.value_of(expression);
        self.depth -= 1;
        // Copies of what is large are work, too.
        let weight = held.weight();
        self.rounds += weight;
        if weight > WEIGHT {
            held.items = None;
        }
        held
    }

    fn value_of(&mut self, expression: &Expr) -> Held {
        match expression {
            Expr::StringLiteral(literal) => {
                let text = literal.value.to_str();
                if text.len() > LONGEST { Held::default() } else { Held::of_text(text.to_owned()) }
            }
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().take(LONGEST).collect();
                Held::of_text(constant::latin(&bytes))
            }
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => Held { number: number.as_i64(), ..Held::default() },
                _ => Held::default(),
            },
            Expr::FString(literal) => self.format_string(literal),
            Expr::Name(name) => self.named(name.id.as_str()),
            Expr::Attribute(attribute) => {
                if let Some(held) = written(expression).and_then(|name| self.look_up(&name)) {
                    return held.clone();
                }
                let base = self.value(&attribute.value);
                base.attribute(attribute.attr.as_str())
            }
            Expr::Subscript(subscript) => {
                let base = self.value(&subscript.value);
                if let Expr::Slice(slice) = &*subscript.slice {
                    let bound = |reader: &mut Self, part: &Option<Box<Expr>>| {
                        part.as_ref().map(|part| reader.value(part).number)
                    };
                    let parts =
                        [bound(self, &slice.lower), bound(self, &slice.upper), bound(self, &slice.step)];
                    let mut held =
                        Held { text: constant::slice(base.text.as_deref(), parts), ..Held::default() };
                    held.take_from(&base);
                    return held;
                }
                let key = self.value(&subscript.slice);
                self.item(&base, &key)
            }
            Expr::Call(call) => {
                let callee = self.value(&call.func);
                let arguments: Vec<Held> =
                    call.arguments.args.iter().map(|argument| self.value(argument)).collect();
                let keywords: Vec<(String, Held)> = call
                    .arguments
                    .keywords
                    .iter()
                    .map(|keyword| {
                        let name = keyword.arg.as_ref().map_or("**", |name| name.as_str()).to_owned();
                        (name, self.value(&keyword.value))
                    })
                    .collect();
                let line = self.line(call.func.range());
                self.call(&callee, &arguments, &keywords, line)
            }
            Expr::BinOp(binary) => {
                // Long sums nest to the left: they are gone through without going down.
                let mut rest = vec![(binary.op, &*binary.right)];
                let mut left = &*binary.left;
                while let Expr::BinOp(inner) = left {
                    rest.push((inner.op, &*inner.right));
                    left = &*inner.left;
                }
                let mut held = self.value(left);
                while let Some((operator, right)) = rest.pop() {
                    let right = self.value(right);
                    held = operation(&held, operator, &right);
                }
                held
            }
            Expr::UnaryOp(unary) => {
                let held = self.value(&unary.operand);
                match unary.op {
                    UnaryOp::USub => {
                        Held { number: held.number.and_then(i64::checked_neg), ..Held::default() }
                    }
                    _ => Held { origins: held.origins, ..Held::default() },
                }
            }
            Expr::BoolOp(operation) => {
                let mut held = Held::default();
                for value in &operation.values {
                    let value = self.value(value);
                    held.take_from(&value);
                    if held.name.is_none() {
                        held.name.clone_from(&value.name);
                    }
                    if held.text.is_none() {
                        held.text.clone_from(&value.text);
                    }
                }
                held
            }
            Expr::If(choice) => {
                self.value(&choice.test);
                let mut held = self.value(&choice.body);
                let other = self.value(&choice.orelse);
                held.take_from(&other);
                if held.name.is_none() {
                    held.name = other.name;
                }
                held
            }
            Expr::Compare(compare) => {
                self.value(&compare.left);
                for value in &compare.comparators {
                    self.value(value);
                }
                Held::default()
            }
            Expr::List(items) => self.list(&items.elts),
            Expr::Tuple(items) => self.list(&items.elts),
            Expr::Set(items) => self.list(&items.elts),
            Expr::Dict(dict) => self.dict(dict),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(each) => self.comprehension(&each.generators, &each.elt),
            Expr::SetComp(each) => self.comprehension(&each.generators, &each.elt),
            Expr::Generator(each) => self.comprehension(&each.generators, &each.elt),
            Expr::DictComp(each) => self.comprehension(&each.generators, &each.value),
            Expr::Named(named) => {
                let held = self.value(&named.value);
                self.assign(&named.target, &held);
                held
            }
            Expr::Await(inner) => self.value(&inner.value),
            Expr::Starred(inner) => self.value(&inner.value),
            Expr::YieldFrom(inner) => self.value(&inner.value),
            Expr::Yield(inner) => inner.value.as_ref().map_or_else(Held::default, |value| self.value(value)),
            _ => Held::default(),
        }
    }
}
