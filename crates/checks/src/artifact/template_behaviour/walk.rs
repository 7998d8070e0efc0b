//! The walk through a template's statements: what each variable holds, and what is reached for a reason.

use vauban_formats::jinja::{Expression, Kind, Statement};

use super::Walk;
use super::reason::Reason;
use super::taint::Taint;

impl Walk {
    /// Statements in order.
    pub(super) fn body(&mut self, body: &[Statement]) {
        let mut before: Option<&Statement> = None;
        for statement in body {
            self.statement(statement);
            if let (Some(Kind::Text(text)), Kind::Output(value)) =
                (before.map(|it| &it.kind), &statement.kind)
            {
                self.sends(text, value, statement.line);
            }
            before = Some(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let line = statement.line;
        match &statement.kind {
            Kind::Output(value) | Kind::Do(value) => self.output(value, line),
            Kind::Set(targets, value) => {
                let mut taint = self.taint(value);
                taint.trigger =
                    taint.trigger.max(self.reasons(value).iter().map(|reason| reason.trigger).max());
                self.output(value, line);
                for target in targets {
                    self.bind(target, taint);
                }
            }
            Kind::SetBlock(target, body) => {
                self.body(body);
                let mut taint = Taint::default();
                for statement in body {
                    if let Kind::Output(value) = &statement.kind {
                        taint = taint.join(self.taint(value));
                    }
                }
                self.bind(target, taint);
            }
            Kind::If(branches) => {
                let mut absent: Vec<Reason> = Vec::new();
                for (condition, body) in branches {
                    let reasons = match condition {
                        Some(condition) => {
                            let reasons = self.reasons(condition);
                            self.calls(condition);
                            // The next branch is taken when these are not so.
                            let (here, there): (Vec<_>, Vec<_>) =
                                reasons.into_iter().partition(|reason| reason.present);
                            absent = there;
                            here
                        }
                        None => std::mem::take(&mut absent),
                    };
                    if let Some(reason) = reasons.iter().max_by_key(|reason| reason.trigger).cloned() {
                        self.guarded(&reason, body, line);
                    }
                    self.body(body);
                }
            }
            Kind::For { targets, over, only, body, otherwise } => {
                let taint = self.taint(over);
                for target in targets {
                    let entry = self.names.entry(target.clone()).or_default();
                    *entry = entry.join(Taint { place: false, ..taint });
                }
                if let Some(reason) = only
                    .as_ref()
                    .and_then(|only| self.reasons(only).into_iter().max_by_key(|reason| reason.trigger))
                {
                    self.guarded(&reason, body, line);
                }
                self.body(body);
                self.body(otherwise);
            }
            Kind::Macro(_, _, body) => self.body(body),
            Kind::CallBlock(call, body) => {
                self.calls(call);
                self.body(body);
            }
            Kind::Body(_, values, body) => {
                for pair in values.chunks_exact(2) {
                    let taint = self.taint(&pair[1]);
                    self.bind(&pair[0], taint);
                }
                self.body(body);
            }
            Kind::Text(_) | Kind::Reach(..) | Kind::Word(_) | Kind::Unread(_) => {}
        }
    }

    /// Notes what a variable holds, beside what it held before.
    pub(super) fn bind(&mut self, target: &Expression, taint: Taint) {
        if let Expression::Name(name) | Expression::Attribute(_, name) = target {
            let entry = self.names.entry(name.clone()).or_default();
            *entry = entry.join(taint);
        }
    }

    /// Tells macros what their parameters hold.
    pub(super) fn calls(&mut self, expression: &Expression) {
        let mut bound: Vec<(String, Taint)> = Vec::new();
        expression.visit(&mut |part| {
            let Expression::Call(callee, arguments, keywords) = part else { return };
            let Expression::Name(name) = &**callee else { return };
            let Some(parameters) = self.macros.get(name) else { return };
            for (parameter, argument) in parameters.iter().zip(arguments) {
                bound.push((parameter.clone(), self.taint(argument)));
            }
            for (parameter, argument) in keywords {
                bound.push((parameter.clone(), self.taint(argument)));
            }
        });
        for (name, taint) in bound {
            let entry = self.names.entry(name).or_default();
            *entry = entry.join(taint);
        }
    }
}
