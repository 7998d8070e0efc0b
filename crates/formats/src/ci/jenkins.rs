//! Jenkinsfiles: stages, the images they run in and the shell steps, found by their words; Groovy is not parsed.

use super::{Ci, Job, Step, System, Variable};

/// Steps kept of one file.
const STEPS: usize = 10_000;

pub(super) fn read(text: &str) -> Ci {
    let mut ci = Ci { system: System::Jenkins, ..Ci::default() };
    let mut job = Job { name: "pipeline".to_owned(), line: 1, ..Job::default() };
    let mut in_environment = false;
    let mut steps = 0;
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let trimmed = line.trim();
        if trimmed.starts_with("//") || trimmed.starts_with('*') {
            continue;
        }
        if let Some(name) = called(trimmed, "stage").and_then(quoted) {
            if !job.steps.is_empty() || !job.images.is_empty() {
                ci.jobs.push(std::mem::take(&mut job));
            }
            job = Job { name: name.to_owned(), line: number, ..Job::default() };
            continue;
        }
        if trimmed.starts_with("environment") && trimmed.ends_with('{') {
            in_environment = true;
            continue;
        }
        if in_environment {
            if trimmed.starts_with('}') {
                in_environment = false;
            } else if let Some((name, value)) = trimmed.split_once('=')
                && let Some(value) = quoted(value.trim())
            {
                let (name, value) = (name.trim().to_owned(), value.to_owned());
                ci.variables.push(Variable { name, value, line: number });
            }
            continue;
        }
        if let Some(image) = called(trimmed, "image").and_then(quoted) {
            job.images.push((image.to_owned(), number));
        }
        if let Some(image) = trimmed.split("docker.image(").nth(1).and_then(quoted) {
            job.images.push((image.to_owned(), number));
        }
        let Some(rest) = called(trimmed, "sh").or_else(|| called(trimmed, "bat")) else { continue };
        if steps >= STEPS {
            break;
        }
        steps += 1;
        let rest = rest.trim_start_matches("script:").trim_start();
        let mut run = String::new();
        match ["'''", "\"\"\""].into_iter().find_map(|quote| Some((quote, rest.strip_prefix(quote)?))) {
            Some((quote, first)) => {
                let mut part = first;
                loop {
                    if let Some((last, _)) = part.split_once(quote) {
                        run.push_str(last);
                        break;
                    }
                    run.push_str(part);
                    run.push('\n');
                    match lines.next() {
                        Some((_, next)) => part = next,
                        None => break,
                    }
                }
            }
            None => run.push_str(quoted(rest).unwrap_or_default()),
        }
        let name = (job.steps.len() + 1).to_string();
        job.steps.push(Step { name, line: number, run, run_line: number, ..Step::default() });
    }
    ci.jobs.push(job);
    ci
}

/// What stands behind a step's name: `sh 'x'`, `sh('x')`.
fn called<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?;
    let open = rest.trim_start().trim_start_matches('(').trim_start();
    (rest.starts_with([' ', '(', '\'', '"'])).then_some(open)
}

/// The text in the quotes that begin here.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = &text[1..];
    inner
        .rfind(quote)
        .and_then(|end| inner.get(..end))
        .map(|inner| inner.split(quote).next().unwrap_or(inner))
}
