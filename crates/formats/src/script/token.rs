//! One token, and the brackets that belong together.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Name,
    /// A string, or a template without holes.
    Text,
    /// A template with holes, written `{name}`.
    Template,
    /// A number.
    Number,
    /// An operator or bracket.
    Sign,
    /// A regular expression or an element of JSX.
    Other,
}

/// A token and the line on which it starts.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) line: u32,
}

impl Token {
    pub(super) fn new(kind: Kind, text: String, line: u32) -> Self {
        Self { kind, text, line }
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }

    /// As it is shown in the hole of a template.
    pub(super) fn written(&self) -> &str {
        match self.kind {
            Kind::Name | Kind::Number | Kind::Sign => &self.text,
            _ => "?",
        }
    }

    /// Whether a value ends here, so that what follows is an operator.
    pub(super) fn ends_operand(&self, before_expression: &[&str]) -> bool {
        match self.kind {
            Kind::Name => !before_expression.contains(&self.text.as_str()),
            Kind::Sign => matches!(self.text.as_str(), ")" | "]" | "}"),
            _ => true,
        }
    }
}

/// For every bracket the place of its other half; its own place where that is missing.
pub(super) fn brackets(tokens: &[Token]) -> Vec<usize> {
    let mut matching: Vec<usize> = (0..tokens.len()).collect();
    let mut open: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Sign) {
        let wanted = match token.text.as_str() {
            "(" | "[" | "{" => {
                open.push(at);
                continue;
            }
            ")" => "(",
            "]" => "[",
            "}" => "{",
            _ => continue,
        };
        // What was never closed inside is given up, within reason.
        let behind = open.iter().rev().take(64).position(|place| tokens[*place].text == wanted);
        let Some(place) = behind.map(|behind| open.len() - 1 - behind) else { continue };
        let from = open[place];
        open.truncate(place);
        matching[from] = at;
        matching[at] = from;
    }
    matching
}
