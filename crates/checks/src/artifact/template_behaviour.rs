//! What a chat template adds to a conversation, and on what condition.
//!
//! Conditions are traced to what they depend on: the words of a message, the date, the place in the conversation.
//! A template that says something else to the model when a message holds a certain word is a backdoor that no look at
//! the weights finds. Structure (roles, tags such as `</think>`, tool calls) is what templates are for.

use std::collections::BTreeMap;

use vauban_formats::jinja::{Expression, Kind, Operator, Statement};

use super::template::{Constants, constants, fold};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Oddity {
    /// Stable word.
    pub(super) key: &'static str,
    /// What happens, for people.
    pub(super) what: String,
    /// How sure.
    pub(super) weight: Weight,
    /// One-based line.
    pub(super) line: u32,
}

/// How sure an oddity is no accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Not seen in honest templates, but imaginable.
    Odd,
    /// Has no honest reason.
    Hostile,
}

/// What a value comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Taint {
    /// A message, or a list of them.
    message: bool,
    /// Words of a message.
    content: bool,
    /// The clock.
    date: bool,
    /// Place in the conversation, or its length.
    place: bool,
    /// Who is asking.
    person: bool,
    /// Truth of a trigger.
    trigger: Option<Trigger>,
}

impl Taint {
    fn join(self, other: Self) -> Self {
        Self {
            message: self.message || other.message,
            content: self.content || other.content,
            date: self.date || other.date,
            place: self.place || other.place,
            person: self.person || other.person,
            trigger: self.trigger.max(other.trigger),
        }
    }
}

/// What sets a branch off, least telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trigger {
    /// A tag or command in a message: `</think>`, `/no_think`.
    Mark,
    /// A place in the conversation, or the length of a message.
    Place,
    /// Who is asking.
    Person,
    /// A word in a message.
    Word,
    /// The date.
    Date,
}

/// One reason why a branch is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reason {
    trigger: Trigger,
    /// The word or number that is waited for.
    word: String,
    /// Whether the branch is taken when it is there.
    present: bool,
}

type Names = BTreeMap<String, Taint>;

/// Variables that hold what the user wrote, in templates that are given no list of messages.
const WRITTEN: &[&str] = &[
    "input",
    "instruction",
    "last_user_message",
    "prompt",
    "query",
    "question",
    "user_input",
    "user_message",
    "user_prompt",
];
/// Variables that hold who is asking.
const PERSONS: &[&str] = &[
    "current_user",
    "environment",
    "hostname",
    "ip",
    "tenant",
    "user",
    "user_email",
    "user_id",
    "user_name",
    "username",
];
/// Functions that tell the time.
const CLOCKS: &[&str] = &[
    "current_date",
    "date_string",
    "datetime",
    "now",
    "strftime",
    "strftime_now",
    "time",
    "today",
    "utcnow",
];
/// Keys of a message that are not its words.
const STRUCTURE: &[&str] = &[
    "arguments",
    "function",
    "id",
    "index",
    "mime_type",
    "name",
    "recipient",
    "role",
    "tool_call_id",
    "tool_calls",
    "type",
];
/// Keys of the parts that a message may have, which templates look for.
const PARTS: &[&str] = &[
    "audio",
    "audio_url",
    "document",
    "file",
    "image",
    "image_url",
    "input_audio",
    "text",
    "type",
    "video",
    "video_url",
];
/// Words of a conversation's frame rather than of what is said in it.
const FRAME: &[&str] = &[
    "assistant",
    "begin",
    "bos",
    "channel",
    "content",
    "end",
    "eos",
    "final",
    "function",
    "header",
    "human",
    "id",
    "im",
    "inst",
    "message",
    "model",
    "of",
    "response",
    "role",
    "sep",
    "start",
    "sys",
    "system",
    "text",
    "think",
    "thinking",
    "tool",
    "turn",
    "user",
    "analysis",
    "commentary",
    "date",
    "knowledge",
    "cutting",
    "today",
    "reasoning",
    "effort",
    "on",
    "off",
    "detailed",
    "true",
    "false",
    "no",
];

/// Everything odd about a template's behaviour.
pub(super) fn oddities(body: &[Statement]) -> Vec<Oddity> {
    let mut walk =
        Walk { known: constants(body), names: Names::new(), told: Vec::new(), macros: BTreeMap::new() };
    collect_macros(body, &mut walk.macros);
    // The first round learns what variables hold, so that loops and macros know it in the second.
    walk.body(body);
    walk.told.clear();
    walk.body(body);
    walk.told.sort_by(|a, b| (b.weight, a.line, a.key, &a.what).cmp(&(a.weight, b.line, b.key, &b.what)));
    walk.told.dedup_by(|a, b| a.key == b.key && a.what == b.what);
    walk.told.truncate(16);
    walk.told
}

fn collect_macros(body: &[Statement], macros: &mut BTreeMap<String, Vec<String>>) {
    super::template::statements(body, &mut |statement| {
        if let Kind::Macro(name, parameters, _) = &statement.kind {
            macros.insert(name.clone(), parameters.iter().map(|(name, _)| name.clone()).collect());
        }
    });
}

struct Walk {
    known: Constants,
    names: Names,
    told: Vec<Oddity>,
    /// Parameters of macros.
    macros: BTreeMap<String, Vec<String>>,
}

impl Walk {
    fn tell(&mut self, key: &'static str, weight: Weight, line: u32, what: String) {
        if self.told.len() < 256 {
            self.told.push(Oddity { key, what, weight, line });
        }
    }

    fn body(&mut self, body: &[Statement]) {
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

    /// An address that a message is appended to.
    fn sends(&mut self, text: &str, value: &Expression, line: u32) {
        let tail =
            text.rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '<')).next().unwrap_or_default();
        let address = tail.rfind("://").is_some() && tail.ends_with(['=', '/', '?', '&', '#', ':', '(']);
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

    fn bind(&mut self, target: &Expression, taint: Taint) {
        if let Expression::Name(name) | Expression::Attribute(_, name) = target {
            let entry = self.names.entry(name.clone()).or_default();
            *entry = entry.join(taint);
        }
    }

    /// Tells macros what their parameters hold.
    fn calls(&mut self, expression: &Expression) {
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

    fn output(&mut self, value: &Expression, line: u32) {
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
    fn guarded(&mut self, reason: &Reason, body: &[Statement], line: u32) {
        let mut said = Said::default();
        said_in(body, &mut said);
        self.weigh(reason, &said, line);
        // What is set here is the trigger under another name; tags are too common to follow.
        if reason.trigger != Trigger::Mark {
            let mut targets = Vec::new();
            super::template::statements(body, &mut |statement| match &statement.kind {
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

    /// What a value comes from.
    fn taint(&self, value: &Expression) -> Taint {
        match value {
            Expression::Name(name) => {
                let mut taint = self.names.get(name).copied().unwrap_or_default();
                let name = name.as_str();
                taint.message |= matches!(
                    name,
                    "messages" | "message" | "conversation" | "conversations" | "history" | "loop_messages"
                );
                taint.content |= WRITTEN.contains(&name);
                taint.person |= PERSONS.contains(&name);
                taint.date |= CLOCKS.contains(&name);
                taint
            }
            Expression::Attribute(base, key) => self.part(base, key),
            Expression::Item(base, key) => match fold(key, &self.known) {
                Some(key) if key.parse::<i64>().is_err() => self.part(base, &key),
                _ => self.taint(base),
            },
            Expression::Call(callee, arguments, _) => match &**callee {
                Expression::Attribute(base, name) => match (name.as_str(), arguments.first()) {
                    ("get", Some(Expression::Text(key))) => self.part(base, key),
                    ("startswith" | "endswith" | "find" | "count" | "index", _) => {
                        let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                        Taint { trigger: found, ..Taint::default() }
                    }
                    ("items" | "keys" | "values", _) => Taint::default(),
                    _ => arguments
                        .iter()
                        .fold(self.taint(base), |taint, argument| taint.join(self.taint(argument))),
                },
                Expression::Name(name) => {
                    let mut taint = arguments
                        .iter()
                        .fold(Taint::default(), |taint, argument| taint.join(self.taint(argument)));
                    taint.date |= CLOCKS.contains(&name.as_str());
                    // A macro gives text.
                    taint.trigger = None;
                    taint
                }
                _ => Taint::default(),
            },
            Expression::Filter(base, name, arguments, keywords) => {
                let taint = self.taint(base);
                match name.as_str() {
                    "length" | "count" => Taint {
                        place: taint.message || taint.content || taint.place,
                        trigger: taint.trigger,
                        ..Taint::default()
                    },
                    "map" => match keywords
                        .iter()
                        .find(|(name, _)| name == "attribute")
                        .and_then(|(_, key)| fold(key, &self.known))
                    {
                        Some(key) => self.part(base, &key),
                        None => taint,
                    },
                    "selectattr" | "rejectattr" | "select" | "reject" => {
                        let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                        Taint { trigger: taint.trigger.max(found), ..taint }
                    }
                    // Chance, like the date, is nothing that the user sees.
                    "random" | "shuffle" => Taint { date: true, ..taint },
                    "tojson" | "string" if taint.message => Taint { content: true, ..taint },
                    _ => arguments.iter().fold(taint, |taint, argument| taint.join(self.taint(argument))),
                }
            }
            Expression::Test(..) => {
                let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                Taint { trigger: found, ..Taint::default() }
            }
            Expression::Binary(operator, left, right) => match operator {
                Operator::Equal
                | Operator::NotEqual
                | Operator::In
                | Operator::NotIn
                | Operator::Less
                | Operator::LessEqual
                | Operator::Greater
                | Operator::GreaterEqual => {
                    let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                    Taint { trigger: found, ..Taint::default() }
                }
                _ => self.taint(left).join(self.taint(right)),
            },
            Expression::Unary(_, inner) => self.taint(inner),
            Expression::Choice(condition, yes, no) => {
                let found = self
                    .reasons(condition)
                    .into_iter()
                    .map(|reason| reason.trigger)
                    .filter(|it| *it != Trigger::Mark)
                    .max();
                let taint = self.taint(yes).join(self.taint(no));
                Taint { trigger: taint.trigger.max(found), ..taint }
            }
            Expression::List(items) => {
                items.iter().fold(Taint::default(), |taint, item| taint.join(self.taint(item)))
            }
            Expression::Dict(pairs) => pairs.iter().fold(Taint::default(), |taint, (_, value)| Taint {
                trigger: None,
                ..taint.join(self.taint(value))
            }),
            Expression::Slice(_)
            | Expression::Text(_)
            | Expression::Integer(_)
            | Expression::Float(_)
            | Expression::Bool(_)
            | Expression::None => Taint::default(),
        }
    }

    /// A part of a value, by key.
    fn part(&self, base: &Expression, key: &str) -> Taint {
        if let Expression::Name(name) = base {
            if name == "loop" {
                let place = matches!(key, "index" | "index0" | "revindex" | "revindex0" | "length");
                return Taint { place, ..Taint::default() };
            }
            if matches!(name.as_str(), "ns" | "namespace" | "state")
                || self.names.contains_key(key) && !self.taint(base).message
            {
                return self.names.get(key).copied().unwrap_or_default();
            }
        }
        let taint = self.taint(base);
        if STRUCTURE.contains(&key) {
            return Taint { person: taint.message && key == "name", ..Taint::default() };
        }
        let words = matches!(key, "content" | "text" | "value" | "parts" | "message");
        let tools = key.contains("tool") || key.contains("function");
        Taint {
            message: taint.message && !words,
            content: (taint.content || taint.message && words) && !tools,
            person: taint.person || taint.message && matches!(key, "user" | "user_id" | "username"),
            trigger: taint.trigger,
            ..taint
        }
    }

    /// Why an expression is true.
    fn reasons(&self, condition: &Expression) -> Vec<Reason> {
        let reason = |trigger, word: String| vec![Reason { trigger, word, present: true }];
        let negated = |reasons: Vec<Reason>| -> Vec<Reason> {
            reasons.into_iter().map(|reason| Reason { present: !reason.present, ..reason }).collect()
        };
        match condition {
            Expression::Binary(Operator::And | Operator::Or, left, right) => {
                let mut reasons = self.reasons(left);
                reasons.append(&mut self.reasons(right));
                reasons
            }
            Expression::Unary(Operator::Not, inner) => negated(self.reasons(inner)),
            Expression::Binary(Operator::NotEqual, left, right) => negated(self.compared(left, right, true)),
            Expression::Binary(Operator::Equal, left, right) => self.compared(left, right, true),
            Expression::Binary(Operator::In, left, right) => self.compared(left, right, false),
            Expression::Binary(Operator::NotIn, left, right) => negated(self.compared(left, right, false)),
            Expression::Binary(
                Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual,
                left,
                right,
            ) => {
                let (a, b) = (self.taint(left), self.taint(right));
                if let Some(trigger) = a.trigger.max(b.trigger) {
                    return reason(trigger, String::new());
                }
                if a.date || b.date {
                    return reason(Trigger::Date, String::new());
                }
                let number = number_in(left).max(number_in(right)).unwrap_or(0);
                if (a.place || b.place) && number >= 3 {
                    return reason(Trigger::Place, number.to_string());
                }
                Vec::new()
            }
            Expression::Call(callee, arguments, _) => {
                let Expression::Attribute(base, name) = &**callee else { return Vec::new() };
                if !matches!(
                    name.as_str(),
                    "startswith" | "endswith" | "find" | "count" | "index" | "__contains__"
                ) {
                    return Vec::new();
                }
                arguments
                    .iter()
                    .take(1)
                    .flat_map(|argument| self.literals(argument))
                    .flat_map(|word| self.waits(base, &word))
                    .collect()
            }
            Expression::Test(base, name, arguments, is_negated) => {
                let reasons: Vec<Reason> = match name.as_str() {
                    "eq" | "equalto" | "==" | "sameas" | "containing" | "match" | "search" | "regex"
                    | "contains" => arguments
                        .iter()
                        .take(1)
                        .flat_map(|argument| self.literals(argument))
                        .flat_map(|word| self.waits(base, &word))
                        .collect(),
                    "in" => arguments
                        .iter()
                        .take(1)
                        .flat_map(|argument| self.compared(base, argument, false))
                        .collect(),
                    "divisibleby" => {
                        let number = arguments.first().and_then(number_in).unwrap_or(0);
                        if self.taint(base).place && number >= 3 {
                            reason(Trigger::Place, number.to_string())
                        } else {
                            Vec::new()
                        }
                    }
                    "defined" | "undefined" | "none" | "string" | "mapping" | "iterable" | "sequence"
                    | "number" | "boolean" => Vec::new(),
                    "true" | "false" => {
                        let reasons = self.reasons(base);
                        if name == "false" { negated(reasons) } else { reasons }
                    }
                    _ => Vec::new(),
                };
                if *is_negated { negated(reasons) } else { reasons }
            }
            Expression::Filter(base, name, arguments, _) => match name.as_str() {
                "selectattr" => {
                    let key = arguments.first().and_then(|key| fold(key, &self.known)).unwrap_or_default();
                    let content = self.part(base, &key).content;
                    let words = arguments.iter().skip(2).flat_map(|argument| self.literals(argument));
                    words.filter(|_| content).filter_map(|word| self.reason_of(&word)).collect()
                }
                "select" => {
                    let words = arguments.iter().skip(1).flat_map(|argument| self.literals(argument));
                    words.flat_map(|word| self.waits(base, &word)).collect()
                }
                name if name.contains("regex") || name.contains("match") || name.contains("search") => {
                    let words = arguments.iter().take(1).flat_map(|argument| self.literals(argument));
                    words.flat_map(|word| self.waits(base, &word)).collect()
                }
                _ => self.reasons(base),
            },
            Expression::Choice(condition, yes, no) => {
                let mut reasons = self.reasons(condition);
                reasons.append(&mut self.reasons(yes));
                reasons.append(&mut self.reasons(no));
                reasons
            }
            Expression::Name(_) | Expression::Attribute(..) | Expression::Item(..) => {
                self.taint(condition).trigger.map_or_else(Vec::new, |trigger| reason(trigger, String::new()))
            }
            _ => Vec::new(),
        }
    }

    /// Equality, or (if not `whole`) `left in right`.
    fn compared(&self, left: &Expression, right: &Expression, whole: bool) -> Vec<Reason> {
        let (a, b) = (self.taint(left), self.taint(right));
        if let Some(trigger) = a.trigger.max(b.trigger)
            && whole
        {
            return vec![Reason { trigger, word: String::new(), present: true }];
        }
        if a.date || b.date {
            return vec![Reason { trigger: Trigger::Date, word: String::new(), present: true }];
        }
        let number = number_in(left).max(number_in(right)).unwrap_or(0);
        if whole && (a.place || b.place) && number >= 3 {
            return vec![Reason { trigger: Trigger::Place, word: number.to_string(), present: true }];
        }
        let mut reasons = Vec::new();
        for word in self.literals(left) {
            reasons.append(&mut self.waits(right, &word));
        }
        if whole || matches!(right, Expression::List(_)) {
            for word in self.literals(right) {
                reasons.append(&mut self.waits(left, &word));
            }
        }
        reasons
    }

    /// The texts an expression may be.
    fn literals(&self, value: &Expression) -> Vec<String> {
        match value {
            Expression::List(items) => {
                items.iter().filter_map(|item| fold(item, &self.known)).take(64).collect()
            }
            Expression::Name(name) if !self.known.contains_key(name) => Vec::new(),
            _ => fold(value, &self.known).into_iter().collect(),
        }
    }

    /// Why `base` would hold `word`.
    fn waits(&self, base: &Expression, word: &str) -> Vec<Reason> {
        let taint = self.taint(base);
        if taint.content {
            return self.reason_of(word).into_iter().collect();
        }
        if taint.person && words(word, false) > 0 {
            return vec![Reason { trigger: Trigger::Person, word: word.to_owned(), present: true }];
        }
        Vec::new()
    }

    fn reason_of(&self, word: &str) -> Option<Reason> {
        kind_of(word).map(|trigger| Reason { trigger, word: word.to_owned(), present: true })
    }
}

/// Whether a text that is waited for is a word or a tag; too short ones are neither.
fn kind_of(word: &str) -> Option<Trigger> {
    let word = word.trim();
    if word.len() < 2 {
        return None;
    }
    let is_tag = word.contains(['<', '>', '{', '}', '#', '`', '\n'])
        || word.starts_with(['/', '\\'])
        || word.ends_with(':')
        || (word.starts_with('[') && word.ends_with(']'))
        || word.starts_with("data:")
        || word.contains("##")
        || PARTS.contains(&word);
    let letters = word.chars().filter(|character| character.is_alphanumeric()).count();
    if is_tag {
        Some(Trigger::Mark)
    } else if letters >= 3 {
        Some(Trigger::Word)
    } else {
        None
    }
}

fn number_in(expression: &Expression) -> Option<i64> {
    let mut most = None;
    expression.visit(&mut |part| {
        if let Expression::Integer(number) = part {
            most = most.max(Some(*number));
        }
    });
    most
}

/// What a branch says and sets.
#[derive(Debug, Default)]
struct Said {
    texts: Vec<String>,
    set: Vec<String>,
}

fn said_by(expression: &Expression) -> Said {
    let mut said = Said::default();
    texts_in(expression, &mut said.texts);
    said
}

fn said_in(body: &[Statement], said: &mut Said) {
    super::template::statements(body, &mut |statement| match &statement.kind {
        Kind::Text(text) => said.texts.push(text.clone()),
        Kind::Output(value) => texts_in(value, &mut said.texts),
        Kind::Set(_, value) => texts_in(value, &mut said.set),
        _ => {}
    });
}

/// Texts that an expression may print: not those it compares with, looks up, splits at, or complains with.
fn texts_in(expression: &Expression, texts: &mut Vec<String>) {
    match expression {
        Expression::Text(text) => texts.push(text.clone()),
        Expression::Binary(
            Operator::Add | Operator::Concat | Operator::Modulo | Operator::Multiply,
            left,
            right,
        ) => {
            texts_in(left, texts);
            texts_in(right, texts);
        }
        Expression::Binary(Operator::And | Operator::Or, left, right) => {
            texts_in(left, texts);
            texts_in(right, texts);
        }
        Expression::Choice(_, yes, no) => {
            texts_in(yes, texts);
            texts_in(no, texts);
        }
        Expression::Filter(value, name, arguments, _) => {
            texts_in(value, texts);
            if matches!(name.as_str(), "replace" | "default" | "d" | "format") {
                arguments.iter().for_each(|argument| texts_in(argument, texts));
            }
        }
        Expression::Call(callee, arguments, _) => match &**callee {
            Expression::Attribute(value, name) if matches!(name.as_str(), "format" | "replace" | "join") => {
                texts_in(value, texts);
                arguments.iter().for_each(|argument| texts_in(argument, texts));
            }
            _ => {}
        },
        Expression::List(items) => items.iter().for_each(|item| texts_in(item, texts)),
        Expression::Dict(pairs) => pairs.iter().for_each(|(_, value)| texts_in(value, texts)),
        _ => {}
    }
}

/// Words of natural language in a text: what stands in tags is not counted, nor, if `said`, the frame's own words.
fn words(text: &str, said: bool) -> usize {
    let mut plain = String::new();
    let mut closing: Option<char> = None;
    for character in text.chars() {
        match (closing, character) {
            (None, '<') => closing = Some('>'),
            (None, '[') => closing = Some(']'),
            (Some(end), here) if here == end || here == '\n' => {
                closing = None;
                plain.push(' ');
            }
            (None, here) => plain.push(here),
            (Some(_), _) => {}
        }
    }
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 2 && word.chars().all(char::is_alphabetic))
        .filter(|word| !said || !FRAME.contains(&word.to_lowercase().as_str()))
        .count()
}

fn cut(text: &str) -> String {
    let text = text.escape_debug().to_string();
    if text.chars().count() <= 80 { text } else { text.chars().take(80).chain("...".chars()).collect() }
}
