//! A place in the tokens of one tag or output, and the bounds on what is read from there.

use super::DEPTH;
use crate::jinja::lexer::Token;

/// Operators in a row, which nest as deeply as they are many.
const CHAIN: usize = 400;

/// Reads expressions off the tokens of one tag or output.
pub(super) struct Reader<'a> {
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// Brackets around it.
    depth: usize,
    /// Operators in a row so far.
    chain: usize,
    /// Nodes that the template may still have.
    pub(super) nodes: &'a mut usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tokens: Vec<Token>, nodes: &'a mut usize) -> Self {
        Self { tokens, at: 0, depth: 0, chain: 0, nodes }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Passes a symbol, if it is next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(here)) if *here == symbol);
        self.at += usize::from(found);
        found
    }

    /// Passes a word, if it is next.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(here)) if here == word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn name(&mut self) -> Option<String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// Counts one node of a chain; `None` once there are too many.
    pub(super) fn link(&mut self) -> Option<()> {
        *self.nodes = self.nodes.checked_sub(1)?;
        self.chain += 1;
        (self.chain <= CHAIN).then_some(())
    }

    /// Goes one bracket deeper.
    pub(super) fn below<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let outer = std::mem::take(&mut self.chain);
        let result = if self.depth > DEPTH { None } else { read(self) };
        self.chain = outer;
        self.depth -= 1;
        result
    }
}
