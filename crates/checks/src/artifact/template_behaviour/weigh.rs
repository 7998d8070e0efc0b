//! What is told: sentences said on a trigger, messages that are rewritten or sent away.

use vauban_formats::jinja::{Expression, Kind, Operator, Statement};

use super::reason::{Reason, Trigger, kind_of};
use super::said::{Said, said_by, said_in, words};
use super::taint::Taint;
use super::{Oddity, Walk, Weight};
use crate::artifact::template::{fold, statements};

impl Walk {
    fn tell(&mut self, key: &'static str, weight: Weight, line: u32, what: String) {
        if self.told.len() < 256 {
            self.told.push(Oddity { key, what, weight, line });
        }
    }

    /// An address that a message is appended to.
    pub(super) fn sends(&mut self, text: &str, value: &Expression, line: u32) {
        let tail =
            text.rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '<')).next().unwrap_or_default();
        let address = tail.contains("://") && tail.ends_with(['=', '/', '?', '&', '#', ':', '(']);
        let taint = self.taint(value);
        if address && (taint.content || taint.message) {
            self.tell(
                "sends-conversation",
                Weight::Hostile,
                line,
                format!("puts the conversation into the address `{}`", cut(tail)),
            );
        }
    }

    /// What an expression prints, changes and sends.
    pub(super) fn output(&mut self, value: &Expression, line: u32) {
        self.calls(value);
        self.choices(value, line);
        let mut sent = Vec::new();
        value.visit(&mut |part| {
            let Expression::Binary(Operator::Add | Operator::Concat, left, right) = part else { return };
            let mut last = None;
            left.visit(&mut |part| {
                if let Expression::Text(text) = part {
                    last = Some(text.clone());
                }
            });
            sent.extend(last.map(|text| (text, (**right).clone())));
        });
        for (text, right) in sent {
            self.sends(&text, &right, line);
        }
        let mut replaced = Vec::new();
        value.visit(&mut |part| {
            let (value, arguments) = match part {
                Expression::Filter(value, name, arguments, _) if name == "replace" => (&**value, arguments),
                Expression::Call(callee, arguments, _) => match &**callee {
                    Expression::Attribute(value, name) if name == "replace" => (&**value, arguments),
                    _ => return,
                },
                _ => return,
            };
            let [from, to, ..] = arguments.as_slice() else { return };
            if let (Some(from), Some(to)) = (fold(from, &self.known), fold(to, &self.known))
                && self.taint(value).content
            {
                replaced.push((from, to));
            }
        });
        let mut changed = None;
        value.visit(&mut |part| {
            let Expression::Call(callee, ..) = part else { return };
            let Expression::Attribute(base, name) = &**callee else { return };
            let root =
                matches!(&**base, Expression::Name(name) if matches!(name.as_str(), "message" | "messages"));
            if root
                && matches!(
                    name.as_str(),
                    "append" | "clear" | "extend" | "insert" | "update" | "__setitem__"
                )
            {
                changed = Some(name.clone());
            }
        });
        if let Some(name) = changed {
            self.tell(
                "rewrites-conversation",
                Weight::Odd,
                line,
                format!("changes the conversation itself with `{name}`"),
            );
        }
        for (from, to) in replaced {
            let address = to.contains("://") || to.contains("www.");
            let word = matches!(kind_of(&from), Some(Trigger::Word)) && words(&from, true) > 0;
            if address || word && words(&to, true) > 0 {
                let what = format!("replaces `{}` by `{}` in what was said", cut(&from), cut(&to));
                self.tell("rewrites-message", Weight::Hostile, line, what);
            }
        }
    }

    /// `a if condition else b` anywhere in an expression.
    fn choices(&mut self, value: &Expression, line: u32) {
        let mut found = Vec::new();
        value.visit(&mut |part| {
            if let Expression::Choice(condition, yes, no) = part {
                for reason in self.reasons(condition) {
                    let taken = if reason.present { yes } else { no };
                    let said = said_by(taken);
                    found.push((reason, said));
                }
            }
        });
        for (reason, said) in found {
            self.weigh(&reason, &said, line);
        }
    }

    /// A body that is reached for a reason.
    pub(super) fn guarded(&mut self, reason: &Reason, body: &[Statement], line: u32) {
        let mut said = Said::default();
        said_in(body, &mut said);
        self.weigh(reason, &said, line);
        // What is set here is the trigger under another name; tags are too common to follow.
        if reason.trigger != Trigger::Mark {
            let mut targets = Vec::new();
            statements(body, &mut |statement| match &statement.kind {
                Kind::Set(here, value) => {
                    let constant = !matches!(value, Expression::Bool(false) | Expression::None);
                    targets.extend(here.iter().filter(|_| constant).cloned());
                }
                Kind::SetBlock(target, _) => targets.push(target.clone()),
                _ => {}
            });
            for target in targets {
                self.bind(&target, Taint { trigger: Some(reason.trigger), ..Taint::default() });
            }
        }
    }

    /// Tells of a branch that says enough for its reason.
    fn weigh(&mut self, reason: &Reason, said: &Said, line: u32) {
        let shown = said.texts.iter().find(|text| words(text, true) > 0).or_else(|| said.texts.first());
        let shown = shown.map_or_else(String::new, |text| cut(text.trim()));
        let printed: usize = said.texts.iter().map(|text| words(text, true)).sum();
        let set: usize = said.set.iter().map(|text| words(text, true)).max().unwrap_or(0);
        let most = printed.max(if set >= 3 { set } else { 0 });
        let role = said.texts.iter().any(|text| text.to_lowercase().contains("system"));
        let waits = match reason.trigger {
            Trigger::Mark | Trigger::Word if reason.word.is_empty() => "a word in a message".to_owned(),
            Trigger::Mark | Trigger::Word => format!("`{}` in a message", cut(&reason.word)),
            Trigger::Place => "a place in the conversation".to_owned(),
            Trigger::Person => "who is asking".to_owned(),
            Trigger::Date => "the date or chance".to_owned(),
        };
        let weight = match reason.trigger {
            Trigger::Date if most >= 1 || role => Weight::Hostile,
            Trigger::Word if most >= 1 || role => Weight::Hostile,
            Trigger::Person if most >= 3 || role => Weight::Hostile,
            Trigger::Place if most >= 4 => Weight::Odd,
            Trigger::Mark if most >= 6 => Weight::Odd,
            _ => return,
        };
        self.tell("trigger", weight, line, format!("waits for {waits}, then says `{shown}`"));
    }
}

/// A text for people: escaped, and not too long.
fn cut(text: &str) -> String {
    let text = text.escape_debug().to_string();
    if text.chars().count() <= 80 { text } else { text.chars().take(80).chain("...".chars()).collect() }
}
