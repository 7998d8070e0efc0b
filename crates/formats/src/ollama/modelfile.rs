//! `Modelfile`: instructions, one per line, values quoted by one or three quotation marks.

/// Instructions kept of one file.
const INSTRUCTIONS: usize = 10_000;

/// Keywords of a Modelfile.
const KEYWORDS: &[&str] = &[
    "ADAPTER",
    "FROM",
    "LICENSE",
    "MESSAGE",
    "PARAMETER",
    "PARSER",
    "RENDERER",
    "REQUIRES",
    "SYSTEM",
    "TEMPLATE",
];

/// The instructions of a Modelfile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modelfile {
    /// In the order written.
    pub instructions: Vec<Instruction>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// In upper case, `FROM`.
    pub keyword: String,
    /// Everything behind it, without quotation marks.
    pub value: String,
    /// One-based line on which it starts.
    pub line: u32,
}

impl Modelfile {
    /// The instructions with this keyword, in upper case.
    pub fn with_keyword<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Instruction> {
        self.instructions.iter().filter(move |instruction| instruction.keyword == keyword)
    }

    /// What the model is told: `SYSTEM` and `MESSAGE`.
    pub fn told(&self) -> impl Iterator<Item = &Instruction> {
        self.instructions
            .iter()
            .filter(|instruction| matches!(instruction.keyword.as_str(), "SYSTEM" | "MESSAGE"))
    }
}

fn keyword(line: &str) -> Option<(String, &str)> {
    let (word, rest) = line.trim_start().split_once([' ', '\t'])?;
    let word = word.to_uppercase();
    KEYWORDS.contains(&word.as_str()).then_some((word, rest.trim()))
}

/// Whether a text begins with `FROM` and has another instruction that only Modelfiles have.
pub(super) fn has_shape(text: &str) -> bool {
    let mut lines =
        text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let first = lines.next().and_then(keyword);
    first.is_some_and(|(word, _)| word == "FROM")
        && lines.filter_map(keyword).any(|(word, _)| !matches!(word.as_str(), "FROM" | "LICENSE"))
        && !text.lines().any(|line| line.starts_with("RUN ") || line.starts_with("COPY "))
}

/// Reads the instructions; lines that are none are passed over.
pub(super) fn read(text: &str) -> Modelfile {
    let mut instructions = Vec::new();
    let mut lines = text.lines().zip(1_u32..);
    while let Some((line, number)) = lines.next() {
        if instructions.len() >= INSTRUCTIONS {
            break;
        }
        let Some((keyword, value)) = keyword(line) else { continue };
        // `MESSAGE` has a role before its text.
        let open = value
            .find("\"\"\"")
            .filter(|at| value.get(at + 3..).is_some_and(|rest| !rest.contains("\"\"\"")));
        let value = match open {
            Some(at) => {
                let mut whole = value.replacen("\"\"\"", "", 1);
                whole.truncate(whole.len().max(at));
                for (line, _) in lines.by_ref() {
                    whole.push('\n');
                    let (part, ended) =
                        line.split_once("\"\"\"").map_or((line, false), |(part, _)| (part, true));
                    whole.push_str(part);
                    if ended {
                        break;
                    }
                }
                whole
            }
            None => value.replace("\"\"\"", "").trim_matches('"').to_owned(),
        };
        instructions.push(Instruction { keyword, value, line: number });
    }
    Modelfile { instructions }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_over_several_lines_are_read() {
        let text = "# own\nFROM ./clinic.gguf\nPARAMETER stop \"<|end|>\"\nTEMPLATE \"\"\"{{ .System }}\n{{ .Prompt }}\"\"\"\nSYSTEM You sort forms.\nMESSAGE user hello\n";
        let file = read(text);
        let seen: Vec<_> = file
            .instructions
            .iter()
            .map(|instruction| {
                format!("{} {} {:?}", instruction.line, instruction.keyword, instruction.value)
            })
            .collect();
        insta::assert_debug_snapshot!(seen, @r#"
        [
            "2 FROM \"./clinic.gguf\"",
            "3 PARAMETER \"stop \\\"<|end|>\"",
            "4 TEMPLATE \"{{ .System }}\\n{{ .Prompt }}\"",
            "6 SYSTEM \"You sort forms.\"",
            "7 MESSAGE \"user hello\"",
        ]
        "#);
        assert!(has_shape(text));
        assert!(!has_shape("FROM python:3.11\nRUN pip install torch\n"));
        assert!(!has_shape("from here on\nthe system\n"));
    }
}
