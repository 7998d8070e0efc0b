//! Dockerfiles and Containerfiles: instructions, stages, and what they would run.
//!
//! Continuation lines, here-documents, the `escape` directive and literal `ARG`/`ENV` values in `FROM` as in
//! <https://docs.docker.com/reference/dockerfile/>. Nothing is built.

mod reader;

use std::collections::BTreeMap;

use crate::{Defect, Facts, Format, Input, Parsed, Recognised, yaml};

/// The format.
pub const FORMAT: Format =
    Format { name: "dockerfile", extensions: &["dockerfile", "containerfile"], recognise, parse };

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// In upper case, `RUN`.
    pub keyword: String,
    /// One-based line on which it starts.
    pub line: u32,
    /// Everything behind the keyword, continuation lines joined by a blank, here-documents by line breaks.
    pub arguments: String,
    /// Index of the stage it belongs to; `None` before the first `FROM`.
    pub stage: Option<usize>,
}

/// One build stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// One-based line of its `FROM`.
    pub line: u32,
    /// The image it starts from, with variables replaced where their value is written in the file.
    pub image: String,
    /// Name behind `AS`, lower case.
    pub name: Option<String>,
    /// Index of an earlier stage that it starts from instead of an image.
    pub parent: Option<usize>,
}

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dockerfile {
    /// In the order written.
    pub instructions: Vec<Instruction>,
    /// In the order written.
    pub stages: Vec<Stage>,
    /// Literal values of `ARG` and `ENV`, the last one of each name.
    pub variables: BTreeMap<String, String>,
}

/// An assignment of `ARG`, `ENV` or `LABEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Name of the variable.
    pub name: String,
    /// Its value without quotes; `None` for an `ARG` without a default.
    pub value: Option<String>,
}

impl Dockerfile {
    /// The instructions with this keyword (upper case).
    pub fn with_keyword<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Instruction> {
        self.instructions.iter().filter(move |instruction| instruction.keyword == keyword)
    }

    /// The instruction `USER` that holds at the end of the build, looked for in the last stage and its parents.
    pub fn final_user(&self) -> Option<&Instruction> {
        let mut stage = self.stages.len().checked_sub(1);
        while let Some(index) = stage {
            let user = self.with_keyword("USER").filter(|user| user.stage == Some(index)).last();
            if user.is_some() {
                return user;
            }
            // A parent always stands before its child, so this ends.
            stage = self.stages.get(index)?.parent.filter(|parent| *parent < index);
        }
        None
    }

    /// Text with `$NAME`, `${NAME}` and `${NAME:-default}` replaced where the value is known.
    pub fn substitute(&self, text: &str) -> String {
        reader::substitute(text, &self.variables)
    }
}

impl Instruction {
    /// The assignments of `ARG`, `ENV` and `LABEL`, quotes removed.
    pub fn assignments(&self) -> Vec<Assignment> {
        match self.keyword.as_str() {
            "ARG" | "ENV" | "LABEL" => reader::assignments(&self.keyword, &self.arguments),
            _ => Vec::new(),
        }
    }

    /// The words of the command with flags such as `--mount=…` left out; JSON form and shell form alike.
    pub fn words(&self) -> Vec<String> {
        reader::words(&self.arguments)
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    let name = input.file_name().to_lowercase();
    let named = name == "dockerfile"
        || name == "containerfile"
        || name.starts_with("dockerfile.")
        || name.starts_with("containerfile.")
        || matches!(input.extension().as_str(), "dockerfile" | "containerfile");
    if named { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = yaml::text_of(input.bytes, &input.budget.limits);
    let (facts, mut more) = read_text(&text, input.budget.limits.records);
    defects.append(&mut more);
    Parsed { format: FORMAT.name, facts: Facts::Dockerfile(facts), defects, members: Vec::new() }
}

/// Reads a Dockerfile of at most `most` instructions.
pub fn read_text(text: &str, most: usize) -> (Dockerfile, Vec<Defect>) {
    reader::read(text, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Dockerfile {
        let (facts, defects) = read_text(text, 1000);
        assert_eq!(defects, []);
        facts
    }

    #[test]
    fn continuation_lines_and_comments_between_them_are_one_instruction() {
        let file = read("FROM a\nRUN one \\\n  # why\n  && two \\\n\n  && three\nUSER 7\n");
        assert_eq!(file.instructions.len(), 3);
        assert_eq!(file.instructions[1].arguments, "one && two && three");
        assert_eq!(file.instructions[2].line, 7);
    }

    #[test]
    fn here_documents_belong_to_their_instruction() {
        let file = read("FROM a\nRUN <<EOF\ncurl x | sh\nUSER root\nEOF\nUSER 7\n");
        assert_eq!(file.instructions.len(), 3);
        assert!(file.instructions[1].arguments.contains("curl x | sh"));
        assert_eq!(file.final_user().map(|user| user.arguments.as_str()), Some("7"));
    }

    #[test]
    fn stages_and_variables_are_resolved() {
        let file = read(
            "ARG TAG=3.11\nFROM --platform=linux/amd64 python:${TAG} AS Base\nUSER 10\nFROM base\nARG X\n\
             ENV A=1 B=\"two words\"\nENV OLD style value\n",
        );
        assert_eq!(file.stages[0].image, "python:3.11");
        assert_eq!(file.stages[1].parent, Some(0));
        assert_eq!(file.final_user().map(|user| user.line), Some(3));
        let env: Vec<_> = file.with_keyword("ENV").flat_map(Instruction::assignments).collect();
        assert_eq!(env[1], Assignment { name: "B".into(), value: Some("two words".into()) });
        assert_eq!(env[2], Assignment { name: "OLD".into(), value: Some("style value".into()) });
        assert_eq!(file.substitute("${NOPE:-d} $A ${NOPE} $"), "d 1 ${NOPE} $");
    }

    #[test]
    fn command_forms_give_the_same_words() {
        let file = read("FROM a\nCMD [\"python\", \"a.py\"]\nRUN --mount=type=secret,id=x python a.py\n");
        assert_eq!(file.instructions[1].words(), ["python", "a.py"]);
        assert_eq!(file.instructions[2].words(), ["python", "a.py"]);
    }

    #[test]
    fn unfinished_and_odd_files_are_defects_not_crashes() {
        for (text, code) in [
            ("FROM a\nRUN <<EOF\nnever ends", "dockerfile-heredoc"),
            ("RUN \\", "dockerfile-no-from"),
            ("FROM a\nétrange b\n", "dockerfile-instruction"),
        ] {
            assert_eq!(read_text(text, 1000).1[0].code, code, "{text}");
        }
        assert_eq!(read_text(&"FROM a\n".repeat(50), 10).1[0].code, "limit-records");
    }
}
