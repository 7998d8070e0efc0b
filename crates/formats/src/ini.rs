//! Settings in sections with `key = value`, as pip, npm and setuptools read them.
//!
//! <https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>: indented lines continue the value
//! above them; npm's dialect has `key[] = value` for lists and no continuation.

/// One value, or one line of a value that goes over several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting<'a> {
    /// Section, empty before the first.
    pub(crate) section: &'a str,
    /// Key without the `[]` of a list.
    pub(crate) key: &'a str,
    /// Value without quotes around it.
    pub(crate) value: &'a str,
    /// One-based line.
    pub(crate) line: u32,
}

/// Every value in the order written, at most `records`; a value of several lines gives one for each that is not empty.
pub(crate) fn settings(text: &str, records: usize) -> Vec<Setting<'_>> {
    let (mut section, mut key) = ("", "");
    let mut settings = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if settings.len() >= records {
            break;
        }
        let continues = raw.starts_with([' ', '\t']) && !key.is_empty();
        if !continues && trimmed.starts_with('[') && trimmed.ends_with(']') {
            section = trimmed.trim_matches(['[', ']']).trim();
            key = "";
            continue;
        }
        let value = if continues {
            trimmed
        } else {
            // `//host:8080/:_authToken = …`: npm's keys hold colons, so only configparser's sections allow `key: value`.
            let at = trimmed.find('=').or_else(|| trimmed.find(':').filter(|_| !section.is_empty()));
            let Some(at) = at else { continue };
            let (before, after) = trimmed.split_at(at);
            key = before.trim().trim_end_matches("[]");
            after.get(1..).unwrap_or_default().trim()
        };
        let value = ['"', '\'']
            .into_iter()
            .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
            .unwrap_or(value);
        if !value.is_empty() {
            settings.push(Setting { section, key, value, line });
        }
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_over_lines_and_keys_hold_colons() {
        let text = "registry=https://r.example/\n//r.example:8080/:_authToken=${T}\n[options]\nrequires =\n    a>=1\n    b\n# c\nx: 1\n";
        let seen: Vec<_> =
            settings(text, 100).into_iter().map(|s| (s.section, s.key, s.value, s.line)).collect();
        assert_eq!(
            seen,
            [
                ("", "registry", "https://r.example/", 1),
                ("", "//r.example:8080/:_authToken", "${T}", 2),
                ("options", "requires", "a>=1", 5),
                ("options", "requires", "b", 6),
                ("options", "x", "1", 8),
            ]
        );
    }
}
