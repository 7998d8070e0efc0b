//! Walks templates: constant folding of text that is put together from pieces, and every expression with its line.

use std::collections::BTreeMap;

use vauban_formats::jinja::{Expression, Kind, Operator, Statement};

/// Longest text that is put together.
const LONGEST: usize = 8192;
/// Calls and operators inside one another that are folded.
const DEPTH: usize = 40;

/// Variables that stand for one known text.
pub(super) type Constants = BTreeMap<String, String>;

/// Calls `see` with every expression of the template and the line it stands on.
pub(super) fn expressions<'a>(body: &'a [Statement], see: &mut impl FnMut(&'a Expression, u32)) {
    statements(body, &mut |statement| {
        let line = statement.line;
        match &statement.kind {
            Kind::Output(value) | Kind::Do(value) | Kind::Reach(_, value) | Kind::CallBlock(value, _) => {
                see(value, line);
            }
            Kind::If(branches) => {
                branches.iter().filter_map(|(condition, _)| condition.as_ref()).for_each(|it| see(it, line));
            }
            Kind::For { over, only, .. } => {
                see(over, line);
                only.iter().for_each(|it| see(it, line));
            }
            Kind::Set(targets, value) => {
                targets.iter().for_each(|it| see(it, line));
                see(value, line);
            }
            Kind::SetBlock(target, _) => see(target, line),
            Kind::Macro(_, parameters, _) => {
                parameters.iter().filter_map(|(_, default)| default.as_ref()).for_each(|it| see(it, line));
            }
            Kind::Body(_, values, _) => values.iter().for_each(|it| see(it, line)),
            Kind::Text(_) | Kind::Word(_) | Kind::Unread(_) => {}
        }
    });
}

/// Calls `see` with every statement, outer ones first.
pub(super) fn statements<'a>(body: &'a [Statement], see: &mut impl FnMut(&'a Statement)) {
    for statement in body {
        see(statement);
        for inner in bodies(statement) {
            statements(inner, see);
        }
    }
}

/// The bodies of a statement.
pub(super) fn bodies(statement: &Statement) -> Vec<&[Statement]> {
    match &statement.kind {
        Kind::If(branches) => branches.iter().map(|(_, body)| body.as_slice()).collect(),
        Kind::For { body, otherwise, .. } => vec![body, otherwise],
        Kind::SetBlock(_, body)
        | Kind::Macro(_, _, body)
        | Kind::CallBlock(_, body)
        | Kind::Body(_, _, body) => vec![body],
        _ => Vec::new(),
    }
}

/// Variables that are set to texts which can be told; of several texts the one with underscores wins.
pub(super) fn constants(body: &[Statement]) -> Constants {
    let mut known = Constants::new();
    // Twice, for what is put together from what is set further down in a loop.
    for _ in 0..2 {
        statements(body, &mut |statement| match &statement.kind {
            Kind::Set(targets, value) => {
                if let ([target], Some(text)) = (targets.as_slice(), fold(value, &known)) {
                    keep(&mut known, target, text);
                }
            }
            Kind::SetBlock(target, body) => {
                if let [Statement { kind: Kind::Text(text), .. }] = body.as_slice() {
                    keep(&mut known, target, text.clone());
                }
            }
            Kind::Body(_, values, _) => {
                for pair in values.chunks_exact(2) {
                    if let Some(text) = fold(&pair[1], &known) {
                        keep(&mut known, &pair[0], text);
                    }
                }
            }
            _ => {}
        });
        if known.is_empty() {
            break;
        }
    }
    known
}

fn keep(known: &mut Constants, target: &Expression, text: String) {
    let (Expression::Name(name) | Expression::Attribute(_, name)) = target else { return };
    if !known.get(name).is_some_and(|before| before.contains("__")) {
        known.insert(name.clone(), text);
    }
}

/// The text that an expression gives, if it can be told without running anything.
pub(super) fn fold(expression: &Expression, known: &Constants) -> Option<String> {
    folded(expression, known, 0).filter(|text| text.len() <= LONGEST)
}

fn folded(expression: &Expression, known: &Constants, depth: usize) -> Option<String> {
    if depth > DEPTH {
        return None;
    }
    let fold =
        |expression: &Expression| folded(expression, known, depth + 1).filter(|text| text.len() <= LONGEST);
    match expression {
        Expression::Text(text) => Some(text.clone()),
        Expression::Integer(integer) => Some(integer.to_string()),
        Expression::Name(name) => known.get(name).cloned(),
        Expression::Attribute(_, name) => known.get(name).cloned(),
        Expression::Binary(Operator::Add | Operator::Concat, left, right) => {
            Some(format!("{}{}", fold(left)?, fold(right)?))
        }
        Expression::Binary(Operator::Multiply, text, times) => match (&**text, &**times) {
            (text, Expression::Integer(times)) | (Expression::Integer(times), text)
                if (0..=64).contains(times) =>
            {
                Some(fold(text)?.repeat(usize::try_from(*times).ok()?))
            }
            _ => None,
        },
        Expression::Binary(Operator::Modulo, pattern, values) => printf(&fold(pattern)?, values, known),
        Expression::Filter(value, name, arguments, keywords) => {
            let argument = |at: usize| arguments.get(at).and_then(fold);
            match name.as_str() {
                "join" => {
                    let between = argument(0)
                        .or_else(|| keywords.iter().find(|(name, _)| name == "d").and_then(|(_, d)| fold(d)));
                    Some(items(value, known, depth)?.join(&between.unwrap_or_default()))
                }
                "replace" => Some(fold(value)?.replace(&argument(0)?, &argument(1)?)),
                "lower" => Some(fold(value)?.to_lowercase()),
                "upper" => Some(fold(value)?.to_uppercase()),
                "reverse" => Some(fold(value)?.chars().rev().collect()),
                "trim" => Some(fold(value)?.trim().to_owned()),
                "format" => {
                    let values = Expression::List(arguments.clone());
                    printf(&fold(value)?, &values, known)
                }
                "first" => items(value, known, depth)?.into_iter().next(),
                "last" => items(value, known, depth)?.into_iter().next_back(),
                "string" | "list" | "safe" | "escape" | "e" => fold(value),
                _ => None,
            }
        }
        Expression::Item(value, key) => match &**key {
            Expression::Slice(parts) => {
                let text = fold(value)?;
                let backwards = matches!(parts.as_slice(), [_, _, Expression::Unary(Operator::Negate, step)]
                    if **step == Expression::Integer(1));
                if backwards {
                    return Some(text.chars().rev().collect());
                }
                let bound = |part: Option<&Expression>, default: usize| match part {
                    Some(Expression::Integer(at)) => usize::try_from(*at).ok(),
                    Some(Expression::None) | None => Some(default),
                    _ => None,
                };
                let length = text.chars().count();
                let (from, to) = (bound(parts.first(), 0)?, bound(parts.get(1), length)?);
                Some(text.chars().take(to).skip(from).collect())
            }
            Expression::Integer(at) => {
                items(value, known, depth)?.into_iter().nth(usize::try_from(*at).ok()?)
            }
            _ => None,
        },
        Expression::Call(callee, arguments, keywords) => {
            let Expression::Attribute(value, name) = &**callee else { return None };
            let argument = |at: usize| arguments.get(at).and_then(fold);
            match name.as_str() {
                "join" => Some(items(arguments.first()?, known, depth)?.join(&fold(value)?)),
                "replace" => Some(fold(value)?.replace(&argument(0)?, &argument(1)?)),
                "lower" | "casefold" => Some(fold(value)?.to_lowercase()),
                "upper" => Some(fold(value)?.to_uppercase()),
                "strip" | "lstrip" | "rstrip" => Some(fold(value)?.trim().to_owned()),
                "format" => {
                    let mut text = fold(value)?;
                    for (at, value) in arguments.iter().enumerate() {
                        let value = fold(value)?;
                        text = if text.contains("{}") {
                            text.replacen("{}", &value, 1)
                        } else {
                            text.replace(&format!("{{{at}}}"), &value)
                        };
                    }
                    for (name, value) in keywords {
                        text = text.replace(&format!("{{{name}}}"), &fold(value)?);
                    }
                    Some(text)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The pieces of something that is joined: items of a list, keys of `dict(…)`, characters of a text.
fn items(expression: &Expression, known: &Constants, depth: usize) -> Option<Vec<String>> {
    if depth > DEPTH {
        return None;
    }
    match expression {
        Expression::List(items) => items.iter().map(|item| folded(item, known, depth + 1)).collect(),
        Expression::Dict(pairs) => pairs.iter().map(|(key, _)| folded(key, known, depth + 1)).collect(),
        Expression::Call(callee, _, keywords) if matches!(&**callee, Expression::Name(name) if name == "dict") => {
            Some(keywords.iter().map(|(name, _)| name.clone()).collect())
        }
        Expression::Filter(value, name, ..) if matches!(name.as_str(), "list" | "sort" | "unique") => {
            items(value, known, depth + 1)
        }
        Expression::Filter(value, name, ..) if name == "reverse" => {
            let mut items = items(value, known, depth + 1)?;
            items.reverse();
            Some(items)
        }
        _ => {
            let text = folded(expression, known, depth + 1)?;
            Some(text.chars().take(LONGEST).map(String::from).collect())
        }
    }
}

/// Python's `%` on texts: `%s`, `%d` and `%c`.
fn printf(pattern: &str, values: &Expression, known: &Constants) -> Option<String> {
    let one = [values.clone()];
    let values: &[Expression] = if let Expression::List(items) = values { items } else { &one };
    let mut values = values.iter();
    let mut text = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match characters.next()? {
            '%' => text.push('%'),
            's' | 'd' => text.push_str(&folded(values.next()?, known, DEPTH / 2)?),
            'c' => match values.next()? {
                Expression::Integer(code) => text.push(char::from_u32(u32::try_from(*code).ok()?)?),
                other => text.push_str(&folded(other, known, DEPTH / 2)?),
            },
            _ => return None,
        }
    }
    Some(text)
}

/// The line of a template, cut, for people to see.
pub(super) fn source_line(text: &str, line: u32) -> String {
    let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
    text.lines().nth(index).unwrap_or_default().trim().chars().take(300).collect()
}
