//! `.dvc/config`: where DVC keeps the content that it tracks.

/// A place that content is pushed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remote {
    /// Name.
    pub name: String,
    /// Address or path as written.
    pub url: String,
    /// Whether certificates are not checked.
    pub unchecked: bool,
    /// One-based line of the address.
    pub line: u32,
}

/// Remotes of one configuration.
const REMOTES: usize = 256;

/// Reads the remotes of a configuration.
pub fn remotes(text: &str) -> Vec<Remote> {
    let mut remotes: Vec<Remote> = Vec::new();
    let mut inside = false;
    for (line, number) in text.lines().map(str::trim).zip(1_u32..) {
        if let Some(section) = line.strip_prefix('[') {
            let name = section.trim_end_matches(']').trim_matches(['\'', ' ']);
            let name = name.strip_prefix("remote").map(|name| name.trim_matches([' ', '"', '\'']));
            inside = name.is_some() && remotes.len() < REMOTES;
            if let (true, Some(name)) = (inside, name) {
                remotes.push(Remote { name: name.to_owned(), ..Remote::default() });
            }
        } else if let (true, Some((key, value)), Some(remote)) =
            (inside, line.split_once('='), remotes.last_mut())
        {
            let value = value.trim().trim_matches('"');
            match key.trim() {
                "url" => {
                    value.clone_into(&mut remote.url);
                    remote.line = number;
                }
                "ssl_verify" => remote.unchecked = value.eq_ignore_ascii_case("false"),
                _ => {}
            }
        }
    }
    remotes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_are_read_with_their_lines() {
        let text = "[core]\n    remote = store\n['remote \"store\"']\n    url = http://dvc.clinic.example/x\n    ssl_verify = false\n";
        let expected = Remote {
            name: "store".into(),
            url: "http://dvc.clinic.example/x".into(),
            unchecked: true,
            line: 4,
        };
        assert_eq!(remotes(text), [expected]);
    }
}
