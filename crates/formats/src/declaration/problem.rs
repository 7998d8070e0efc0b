//! Mistakes in `vauban.toml`, and how they are shown.

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// One-based line.
    pub line: u32,
    /// One-based column in characters.
    pub column: u32,
    /// What is wrong, lower-case, no full stop.
    pub what: String,
    /// What would be right, if that can be guessed.
    pub suggestion: Option<String>,
}

/// The problem with the line it is in and a caret below the place; ends in a line break.
pub fn render_problem(source: &str, problem: &Problem) -> String {
    let written = source.lines().nth(problem.line.saturating_sub(1) as usize).unwrap_or_default();
    let number = problem.line.to_string();
    let margin = " ".repeat(number.len());
    // Tabs before the place are kept, so that the caret stands below it however wide they are shown.
    let pad: String = written
        .chars()
        .take(problem.column.saturating_sub(1) as usize)
        .map(|character| if character == '\t' { '\t' } else { ' ' })
        .collect();
    let mut out =
        format!("line {number}: {}\n{margin} |\n{number} | {written}\n{margin} | {pad}^\n", problem.what);
    if let Some(suggestion) = &problem.suggestion {
        out.push_str(&format!("{margin} = {suggestion}\n"));
    }
    out
}

/// The known word that is nearest to what was written, if one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (written.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(written, word), word))
        .filter(|(distance, word)| *distance <= most || (written.len() > 3 && word.starts_with(written)))
        .min()
        .map(|(_, word)| word)
}
