//! Templates that never end, or fill the memory.

use vauban_domain::{Evidence, rule};
use vauban_formats::jinja::{Expression, Jinja, Kind, Operator, Statement};

use super::template::expressions;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Rendering the template takes more time or memory than there is.
    pub const RULE: "jinja-resource-exhaustion" {
        family: Artifact,
        severity: Medium,
        title: "rendering the template takes more time or memory than there is",
        why: "whoever starts a server with this template loses it at the first message",
        remedy: "replace the template by the one of the model's publisher",
        techniques: ["AML.T0029@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-400", "CWE-834"],
        owasp: ["LLM10:2025"],
        threats: ["L1.5@2025-02"],
        effect: ResourceExhaustion,
        when: FirstUse,
        loaders: "every renderer without a bound on time and output",
        source: "https://jinja.palletsprojects.com/en/stable/sandbox/#security-considerations",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Jinja(check) };

/// Rounds or bytes that no template needs.
const MANY: f64 = 5e6;

fn check(subject: &Subject<'_, Jinja>, report: &mut Report) {
    let mut found: Vec<(u32, &str, f64)> = Vec::new();
    rounds(&subject.facts.body, 1.0, &mut |line, rounds| found.push((line, "loops", rounds)));
    expressions(&subject.facts.body, &mut |expression, line| {
        expression.visit(&mut |part| {
            if let Some(size) = bytes(part) {
                found.push((line, "makes a value of", size));
            }
        });
    });
    super::template::statements(&subject.facts.body, &mut |statement| {
        if let Kind::Macro(name, _, body) = &statement.kind
            && calls_always(body, name)
        {
            found.push((statement.line, "loops", f64::INFINITY));
        }
    });
    if let Some((line, what, much)) = found.into_iter().find(|(.., much)| *much >= MANY) {
        let unit = if what == "loops" { "times" } else { "bytes" };
        let message = format!("rendering {what} {much:.0} {unit}");
        let listing = super::template::source_line(&subject.facts.text, line);
        let evidence = Evidence::new(subject.locator.clone().at_line(line), what, listing);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}

/// Whether a macro calls itself on no condition.
fn calls_always(body: &[Statement], name: &str) -> bool {
    body.iter().any(|statement| match &statement.kind {
        Kind::Output(value) | Kind::Do(value) | Kind::Set(_, value) => {
            let mut found = false;
            value.visit(&mut |part| {
                let Expression::Call(callee, ..) = part else { return };
                found |= matches!(&**callee, Expression::Name(called) if called == name);
            });
            found && !matches!(value, Expression::Choice(..))
        }
        Kind::For { body, .. } | Kind::Body(_, _, body) | Kind::SetBlock(_, body) => calls_always(body, name),
        _ => false,
    })
}

/// Loops over constant ranges, those inside one another multiplied.
fn rounds(body: &[Statement], so_far: f64, tell: &mut impl FnMut(u32, f64)) {
    for statement in body {
        let mut inside = so_far;
        if let Kind::For { over, .. } = &statement.kind {
            inside *= range(over).unwrap_or(1.0).max(1.0);
            if inside >= MANY {
                tell(statement.line, inside);
            }
        }
        for inner in super::template::bodies(statement) {
            rounds(inner, inside, tell);
        }
    }
}

/// The number that an expression gives.
fn number(expression: &Expression) -> Option<f64> {
    match expression {
        Expression::Integer(value) => Some(*value as f64),
        Expression::Float(value) => Some(*value),
        Expression::Unary(Operator::Negate, value) => Some(-number(value)?),
        Expression::Binary(operator, left, right) => {
            let (left, right) = (number(left)?, number(right)?);
            Some(match operator {
                Operator::Add => left + right,
                Operator::Subtract => left - right,
                Operator::Multiply => left * right,
                Operator::Power => left.powf(right),
                Operator::Divide | Operator::WholeDivide => left / right,
                _ => return None,
            })
        }
        _ => None,
    }
}

/// Items of a constant `range(…)`, also behind filters.
fn range(expression: &Expression) -> Option<f64> {
    match expression {
        Expression::Call(callee, arguments, _) if matches!(&**callee, Expression::Name(name) if name == "range") =>
        {
            let values: Vec<f64> = arguments.iter().map(number).collect::<Option<_>>()?;
            Some(match values.as_slice() {
                [to] => *to,
                [from, to] => to - from,
                [from, to, step] if *step != 0.0 => (to - from) / step,
                _ => return None,
            })
        }
        Expression::Filter(value, ..) => range(value),
        _ => None,
    }
}

/// Bytes of a value that is made from constants.
fn bytes(expression: &Expression) -> Option<f64> {
    match expression {
        Expression::Binary(Operator::Multiply, left, right) => match (&**left, &**right) {
            (Expression::Text(text), times) | (times, Expression::Text(text)) => {
                Some(number(times)? * text.len().max(1) as f64)
            }
            (Expression::List(items), times) | (times, Expression::List(items)) => {
                Some(number(times)? * 8.0 * items.len().max(1) as f64)
            }
            _ => None,
        },
        // The number itself is what fills the memory; towers are read from the right, as most renderers do.
        Expression::Binary(Operator::Power, left, right) => {
            let bits = match &**left {
                Expression::Binary(Operator::Power, base, middle) => {
                    number(base)?.abs().log2() * number(middle)?.powf(number(right)?)
                }
                _ => number(left)?.abs().log2() * number(right)?,
            };
            (bits > 1e6).then_some(bits.max(MANY))
        }
        Expression::Filter(value, name, arguments, _) => match name.as_str() {
            "center" | "indent" | "ljust" | "rjust" => number(arguments.first()?),
            "list" | "join" | "sum" | "string" => range(value),
            _ => None,
        },
        Expression::Call(callee, arguments, keywords) => match &**callee {
            Expression::Name(name) if name == "lipsum" => {
                let count = keywords.iter().find(|(name, _)| name == "n").map(|(_, value)| value);
                Some(number(count.or_else(|| arguments.first())?)? * 500.0)
            }
            Expression::Attribute(_, name)
                if matches!(name.as_str(), "center" | "ljust" | "rjust" | "zfill") =>
            {
                number(arguments.first()?)
            }
            _ => None,
        },
        _ => None,
    }
}
