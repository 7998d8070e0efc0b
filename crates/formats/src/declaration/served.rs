//! `[[target]]`: an endpoint that may be attacked.

use vauban_domain::{Declaration, DeclaredTarget};

use super::Problem;
use super::section::Section;

/// Headers that carry secrets.
const SECRET: &[&str] = &["authorization", "cookie", "proxy-authorization"];

pub(super) fn target(section: &mut Section<'_>) -> Option<DeclaredTarget> {
    let usual = DeclaredTarget::default();
    let (name, url, protocol) =
        (section.required("name"), section.required("url"), section.required("protocol"));
    section.missing("budget");
    let headers = section.text_table("headers");
    for name in headers.keys() {
        let lower = name.to_lowercase();
        if SECRET.contains(&lower.as_str())
            || ["key", "token", "secret"].iter().any(|word| lower.contains(word))
        {
            let what = format!("the header `{name}` carries a secret, which belongs in no file");
            let instead = format!(
                "put it into an environment variable and write `headers_env = {{ {name} = \"NAME\" }}`"
            );
            section.problem_at_value("headers", what, Some(instead));
        }
    }
    let target = DeclaredTarget {
        name: name?,
        url: url?,
        protocol: protocol?,
        model: section.text("model"),
        version: section.text("version"),
        input: section.text("input"),
        output: section.text("output"),
        format: section.text_or("format", ""),
        columns: section.texts("columns"),
        datatype: section.text_or("datatype", ""),
        body: section.text("body"),
        pointer: section.text("pointer"),
        answers: section.text_or("answers", ""),
        labels: section.texts("labels"),
        classes: section.days("classes", 0),
        shape: section.counts("shape"),
        low: section.number_or("low", usual.low),
        high: section.number_or("high", usual.high),
        headers,
        headers_env: section.text_table("headers_env"),
        token_env: section.text("token_env"),
        budget: section.count("budget").unwrap_or(0),
        requests_per_second: section.number_or("requests_per_second", usual.requests_per_second),
        batch: section.days("batch", usual.batch),
        timeout_seconds: section.days("timeout_seconds", usual.timeout_seconds),
        from: section.date("from"),
        until: section.date("until"),
        journal: section.text("journal"),
        locator: section.locator(),
    };
    if target.low >= target.high {
        let what = format!("`low` is {}, which is not below `high`, {}", target.low, target.high);
        section.problem_at_value("low", what, None);
    }
    if let (Some(from), Some(until)) = (target.from, target.until)
        && from >= until
    {
        section.problem_at_value("until", "the window ends before it starts".to_owned(), None);
    }
    Some(target)
}

/// Tests of targets that nobody declares, and targets of one name.
pub(super) fn problems(said: &Declaration) -> Vec<Problem> {
    let mut problems = Vec::new();
    let at = |line: Option<u32>, what: String, suggestion: &str| Problem {
        line: line.unwrap_or(1),
        column: 1,
        what,
        suggestion: Some(suggestion.to_owned()),
    };
    for (index, target) in said.targets.iter().enumerate() {
        if said.targets[..index].iter().any(|other| other.name == target.name) {
            let what = format!("two targets are called `{}`", target.name);
            problems.push(at(target.locator.line, what, "give each its own name"));
        }
    }
    for test in said.tests.iter().filter(|test| !test.served.is_empty()) {
        if !said.targets.iter().any(|target| target.name == test.served) {
            let what = format!("no target is called `{}`", test.served);
            problems.push(at(test.locator.line, what, "declare it as a `[[target]]`"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    const TARGET: &str = r#"
[[target]]
name = "reader"
url = "http://10.0.0.5:8080/v2/models/reader"
protocol = "v2"
budget = 5000
until = 2026-12-24T18:00:00Z
shape = [1, 28, 28]
low = -1.5
headers_env = { api-key = "READER_KEY" }

[[test]]
served = "reader"
inputs = "x.npy"
labels = "y.npy"
"#;

    #[test]
    fn a_target_and_its_test_are_read() {
        let (said, problems) = parse(TARGET, "vauban.toml");
        assert_eq!(problems, []);
        let (target, test) = (&said.targets[0], &said.tests[0]);
        assert_eq!((target.budget, target.batch, target.low, target.high), (5000, 32, -1.5, 1.0));
        assert_eq!(target.shape, [1, 28, 28]);
        assert_eq!(target.until.unwrap().to_string(), "2026-12-24T18:00:00Z");
        assert_eq!(target.headers_env["api-key"], "READER_KEY");
        assert_eq!((test.served.as_str(), test.model.as_str()), ("reader", "reader"));
    }

    #[test]
    fn mistakes_in_targets_are_shown() {
        for (from, to, wanted) in [
            ("budget = 5000", "", "has no `budget`"),
            ("served = \"reader\"", "served = \"writer\"", "no target is called `writer`"),
            ("served = \"reader\"", "", "has no `model`"),
            ("low = -1.5", "low = 2", "not below `high`"),
            ("shape = [1, 28, 28]", "shape = [0]", "`shape` must be"),
            ("protocol = \"v2\"", "protocol = \"v3\"", "unknown protocol"),
            ("until = 2026", "from = 2027-01-01\nuntil = 2026", "ends before"),
            ("headers_env = { api-key = \"READER_KEY\" }", "headers = { X-Api-Key = \"abc\" }", "secret"),
        ] {
            let (_, problems) = parse(&TARGET.replace(from, to), "vauban.toml");
            assert!(problems.iter().any(|problem| problem.what.contains(wanted)), "{wanted}: {problems:?}");
        }
    }
}
