//! Refuses source that would nest a tree deeper than the parser's stack bears.
//!
//! The parser descends recursively and has no bound of its own. CPython refuses 100 nested brackets and 100
//! indentations too; chains of operators, which nest as deeply as they are long, are bounded together.

use rustpython_ruff_python_ast::token::TokenKind;
use rustpython_ruff_python_parser::Mode;
use rustpython_ruff_python_parser::lexer::lex;

use crate::Defect;

/// Open brackets and f-strings.
const BRACKETS: usize = 100;
/// Indentations.
const INDENTS: usize = 100;
/// Operators and keywords of one statement that are not yet closed off by a comma or bracket.
const CHAIN: usize = 500;

/// The defect, if the source nests too deeply.
pub(super) fn too_deep(source: &str, mode: Mode) -> Option<Defect> {
    let mut lexer = lex(source, mode);
    let mut indents = 0_usize;
    // One count for the statement and for every open bracket in it.
    let mut chains = vec![0_usize];
    let mut total = 0_usize;
    loop {
        let kind = lexer.next_token();
        let top = chains.len() - 1;
        match kind {
            TokenKind::EndOfFile => return None,
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi => {
                chains.truncate(1);
                chains[0] = 0;
                total = 0;
            }
            TokenKind::Comma => {
                total -= chains[top];
                chains[top] = 0;
            }
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => chains.push(0),
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                if chains.len() > 1 {
                    total -= chains.pop().unwrap_or(0);
                }
                // A call or subscript nests what is before it.
                if let Some(last) = chains.last_mut() {
                    *last += 1;
                }
                total += 1;
            }
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline => {}
            _ => {
                chains[top] += 1;
                total += 1;
            }
        }
        if chains.len() > BRACKETS || indents > INDENTS || total > CHAIN {
            let detail = "expressions or blocks nest deeper than is parsed; the source was not looked at";
            return Some(Defect::whole("limit-depth", detail));
        }
    }
}
