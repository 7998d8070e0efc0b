//! What a command line fetches before it runs it: the package, image or address, and in which version.

/// Something that is fetched and run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where it comes from.
    pub origin: Origin,
    /// Its name there, without a version: `@scope/name`, `name`, `registry/image`, an address.
    pub name: String,
    /// The version, tag, digest or commit as written, if any.
    pub version: Option<String>,
    /// Whether every start fetches the same thing.
    pub pinned: bool,
    /// As written.
    pub written: String,
}

/// Where a package comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A repository that is cloned.
    Git,
    /// The Go module proxy.
    Golang,
    /// JSR, the registry of Deno.
    Jsr,
    /// A folder or file of this machine.
    Local,
    /// npm.
    Npm,
    /// A registry of images.
    Oci,
    /// The Python package index.
    Pypi,
    /// An address that is downloaded.
    Url,
}

impl Origin {
    /// The type of a package URL, for those that have one.
    pub const fn purl_type(self) -> Option<&'static str> {
        match self {
            Self::Golang => Some("golang"),
            Self::Npm => Some("npm"),
            Self::Pypi => Some("pypi"),
            _ => None,
        }
    }

    /// The origin that a registry type of a server manifest names.
    pub(super) fn of_registry(word: &str) -> Option<Self> {
        Some(match word {
            "npm" => Self::Npm,
            "pypi" => Self::Pypi,
            "oci" | "docker" => Self::Oci,
            "mcpb" => Self::Url,
            _ => return None,
        })
    }
}

/// Words that a shell is given with `-c`; `None` if the command is no shell with a script.
pub fn shell_script<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut rest = words.get(1..)?.iter();
    match program(words.first()?) {
        "sh" | "bash" | "zsh" | "dash" | "ash" | "fish" => {
            rest.find(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('c'))?;
            rest.next().copied()
        }
        "powershell" | "pwsh" => {
            rest.find(|word| {
                let flag = word.trim_start_matches(['-', '/']).to_lowercase();
                !flag.is_empty()
                    && ("command".starts_with(&flag) || "encodedcommand".starts_with(&flag) || flag == "ec")
            })?;
            rest.next().copied()
        }
        "cmd" => {
            let at =
                rest.position(|word| word.eq_ignore_ascii_case("/c") || word.eq_ignore_ascii_case("/k"))?;
            // The rest of the line is the script; only one word that holds it all is told apart from a wrapped program.
            let script = words.get(at + 2..)?;
            match script {
                [one] => Some(one),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Last part of a program's path, without the extension that Windows needs.
pub fn program(word: &str) -> &str {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    [".cmd", ".exe", ".bat"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// What a command line fetches, if it starts something that fetches.
pub fn fetched(words: &[&str]) -> Option<Package> {
    fetched_below(words, 0)
}

fn fetched_below(words: &[&str], depth: u32) -> Option<Package> {
    if depth > 4 {
        return None;
    }
    let rest = words.get(1..)?;
    let second = rest.first().copied();
    match (program(words.first()?), second) {
        ("cmd", Some("/c" | "/C")) => match rest.get(1..)? {
            [one] => fetched_below(&one.split_whitespace().collect::<Vec<_>>(), depth + 1),
            more => fetched_below(more, depth + 1),
        },
        ("env" | "sudo" | "exec" | "nice", _) => {
            let skip = rest.iter().take_while(|word| word.contains('=') || word.starts_with('-')).count();
            fetched_below(rest.get(skip..)?, depth + 1)
        }
        ("npx" | "bunx" | "pnpx", _) => node(rest),
        ("npm", Some("exec" | "x")) | ("pnpm" | "yarn", Some("dlx")) | ("bun", Some("x")) => {
            node(rest.get(1..)?)
        }
        ("uvx", _) => python(rest),
        ("uv", Some("tool")) => python(rest.get(2..)?),
        ("pipx", Some("run")) => python(rest.get(1..)?),
        ("deno", Some("run")) => deno(rest.get(1..)?),
        ("go", Some("run")) => go(rest.get(1..)?),
        ("docker" | "podman" | "nerdctl", Some("run")) => image(rest.get(1..)?),
        ("docker" | "podman" | "nerdctl", Some("container")) if rest.get(1) == Some(&"run") => {
            image(rest.get(2..)?)
        }
        _ => {
            let script = shell_script(words)?;
            // The last command of a script is what stays running.
            script.split([';', '\n', '|']).flat_map(|line| line.split("&&")).find_map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                fetched_below(&words, depth + 1)
            })
        }
    }
}

fn node(words: &[&str]) -> Option<Package> {
    let written = named(words, &["-p", "--package"], &["-c", "--call", "--registry"])?;
    if let Some(other) = elsewhere(written) {
        return Some(other);
    }
    // `owner/repository` is a repository of GitHub to npm, unlike `@scope/name`.
    if !written.starts_with('@') && written.contains('/') {
        return Some(git(written));
    }
    let at = written.get(1..)?.find('@').map(|at| at + 1);
    let (name, version) = at.map_or((written, None), |at| (&written[..at], Some(&written[at + 1..])));
    let pinned = version.is_some_and(|version| {
        version.bytes().any(|byte| byte.is_ascii_digit()) && !version.starts_with(['^', '~', '>', '<', '*'])
    });
    Some(package(Origin::Npm, name, version, pinned, written))
}

fn python(words: &[&str]) -> Option<Package> {
    let written = named(
        words,
        &["--from", "--spec"],
        &[
            "--default-index",
            "--extra-index-url",
            "--index",
            "--index-url",
            "--python",
            "--with",
            "--with-editable",
            "-p",
            "-w",
        ],
    )?;
    if let Some(other) = elsewhere(written) {
        return Some(other);
    }
    let end = written.find(['=', '<', '>', '~', '!', '@', '[', ' ']).unwrap_or(written.len());
    let (name, rest) = written.split_at(end);
    let rest = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(rest, |(_, rest)| rest);
    let (version, pinned) = match rest.strip_prefix("==").or_else(|| rest.strip_prefix('@')) {
        Some(version) => (Some(version), version != "latest" && !version.contains('*')),
        None => (Some(rest).filter(|rest| !rest.is_empty()), false),
    };
    Some(package(Origin::Pypi, name, version, pinned, written))
}

fn deno(words: &[&str]) -> Option<Package> {
    let written = words.iter().find(|word| !word.starts_with('-'))?;
    if let Some(name) = written.strip_prefix("npm:") {
        return node(&[name]);
    }
    if let Some(name) = written.strip_prefix("jsr:") {
        let at = name.get(1..)?.find('@').map(|at| at + 1);
        let (name, version) = at.map_or((name, None), |at| (&name[..at], Some(&name[at + 1..])));
        let pinned = version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        return Some(package(Origin::Jsr, name, version, pinned, written));
    }
    elsewhere(written)
}

fn go(words: &[&str]) -> Option<Package> {
    let written = words.iter().find(|word| !word.starts_with('-'))?;
    let first = written.split('/').next()?;
    if is_local(written)
        || !first.contains('.')
        || std::path::Path::new(written).extension().is_some_and(|e| e == "go")
    {
        return Some(package(Origin::Local, written, None, true, written));
    }
    let (name, version) =
        written.split_once('@').map_or((*written, None), |(name, version)| (name, Some(version)));
    let pinned = version.is_some_and(|version| version.starts_with('v') || version.len() >= 12);
    Some(package(Origin::Golang, name, version, pinned, written))
}

fn image(words: &[&str]) -> Option<Package> {
    Some(image_reference(named(words, &[], WITH_VALUE)?))
}

/// An image by its reference.
pub(super) fn image_reference(written: &str) -> Package {
    let (name, digest) =
        written.split_once('@').map_or((written, None), |(name, digest)| (name, Some(digest)));
    let last = name.rfind('/').map_or(0, |at| at + 1);
    let (name, tag) = match name[last..].find(':') {
        Some(at) => (&name[..last + at], Some(&name[last + at + 1..])),
        None => (name, None),
    };
    let pinned = digest.is_some() || tag.is_some_and(|tag| tag != "latest");
    package(Origin::Oci, name, digest.or(tag), pinned, written)
}

/// What is no name of a registry: folders, repositories, addresses.
fn elsewhere(written: &str) -> Option<Package> {
    if is_local(written) {
        return Some(package(Origin::Local, written, None, true, written));
    }
    let hosted = ["github:", "gitlab:", "bitbucket:", "gist:"].iter().any(|host| written.starts_with(host));
    if written.starts_with("git+") || written.starts_with("git@") || hosted {
        return Some(git(written));
    }
    // `name @ https://…` as Python has it.
    let address = written.split_once(" @ ").map_or(written, |(_, address)| address.trim());
    if address.starts_with("git+") {
        return Some(git(address));
    }
    if address.starts_with("https://") || address.starts_with("http://") {
        let bare = address.split(['?', '#']).next().unwrap_or(address);
        if bare.strip_suffix(".git").is_some() {
            return Some(git(address));
        }
        let checked = address.contains("#sha256=") || address.contains("#sha512=");
        return Some(package(Origin::Url, bare, None, checked, written));
    }
    None
}

fn git(written: &str) -> Package {
    let body = written.split_once("://").map_or(0, |(scheme, _)| scheme.len() + 3);
    let path = written[body..].find('/').map_or(written.len(), |at| body + at);
    let rest = &written[path..];
    let (name, commit) = match rest.rfind(['@', '#']) {
        Some(at) => (&written[..path + at], Some(&rest[at + 1..])),
        None => (written, None),
    };
    let commit = commit
        .map(|commit| commit.split('&').next().unwrap_or(commit))
        .filter(|commit| !commit.contains('='));
    let pinned =
        commit.is_some_and(|commit| commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()));
    package(Origin::Git, name, commit, pinned, written)
}

fn package(origin: Origin, name: &str, version: Option<&str>, pinned: bool, written: &str) -> Package {
    Package {
        origin,
        name: name.to_owned(),
        version: version.map(str::to_owned),
        pinned,
        written: written.to_owned(),
    }
}

fn is_local(package: &str) -> bool {
    package.starts_with(['.', '/', '~', '$'])
        || package.starts_with("file:")
        || package.get(1..3) == Some(":\\")
}

/// Flags of `docker run` that take a value of their own.
pub const WITH_VALUE: &[&str] = &[
    "--add-host",
    "--cap-add",
    "--cap-drop",
    "--cpus",
    "--device",
    "--dns",
    "--entrypoint",
    "--env",
    "--env-file",
    "--gpus",
    "--hostname",
    "--ipc",
    "--label",
    "--memory",
    "--mount",
    "--name",
    "--net",
    "--network",
    "--pid",
    "--platform",
    "--publish",
    "--pull",
    "--restart",
    "--runtime",
    "--security-opt",
    "--shm-size",
    "--tmpfs",
    "--user",
    "--userns",
    "--volume",
    "--volumes-from",
    "--workdir",
    "-e",
    "-h",
    "-l",
    "-m",
    "-p",
    "-u",
    "-v",
    "-w",
];

/// The value of one of the flags `naming`, or else the first word that is no flag and no value of one.
fn named<'a>(words: &[&'a str], naming: &[&str], with_value: &[&str]) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some((flag, value)) = word.split_once('=').filter(|(flag, _)| flag.starts_with('-')) {
            if naming.contains(&flag) {
                return Some(value);
            }
        } else if naming.contains(word) {
            return words.next().copied();
        } else if with_value.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str) -> Option<Package> {
        fetched(&command.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn runners_and_their_spellings_are_known() {
        for (command, origin, name, version, pinned) in [
            ("npx -y @a/b@1.2.3", Origin::Npm, "@a/b", Some("1.2.3"), true),
            ("npx -y @a/b", Origin::Npm, "@a/b", None, false),
            ("npx -y a@latest", Origin::Npm, "a", Some("latest"), false),
            ("npx -y a@^1.0.0", Origin::Npm, "a", Some("^1.0.0"), false),
            ("npx --package=a@1 a", Origin::Npm, "a", Some("1"), true),
            ("cmd /c npx -y a", Origin::Npm, "a", None, false),
            ("npx -y github:owner/name", Origin::Git, "github:owner/name", None, false),
            ("npx owner/name#0123456", Origin::Git, "owner/name", Some("0123456"), true),
            ("npx -y https://x.example/a.tgz", Origin::Url, "https://x.example/a.tgz", None, false),
            ("uvx a==1", Origin::Pypi, "a", Some("1"), true),
            ("uvx a[x]==1", Origin::Pypi, "a", Some("1"), true),
            ("uvx a>=1", Origin::Pypi, "a", Some(">=1"), false),
            ("uvx a@1.0", Origin::Pypi, "a", Some("1.0"), true),
            ("uvx a@latest", Origin::Pypi, "a", Some("latest"), false),
            ("uvx --from git+https://x/y y", Origin::Git, "git+https://x/y", None, false),
            ("uvx --from git+https://x/y@main y", Origin::Git, "git+https://x/y", Some("main"), false),
            (
                "uvx --from git+https://x/y@0123456789 y",
                Origin::Git,
                "git+https://x/y",
                Some("0123456789"),
                true,
            ),
            ("uvx --with b a", Origin::Pypi, "a", None, false),
            ("pipx run --spec a==2 b", Origin::Pypi, "a", Some("2"), true),
            ("docker run -i --rm -e TOKEN a/b", Origin::Oci, "a/b", None, false),
            (
                "docker run -i --rm r.example:5000/a/b:1.2",
                Origin::Oci,
                "r.example:5000/a/b",
                Some("1.2"),
                true,
            ),
            ("docker run a/b@sha256:00", Origin::Oci, "a/b", Some("sha256:00"), true),
            ("deno run -A jsr:@a/b@1.0.0", Origin::Jsr, "@a/b", Some("1.0.0"), true),
            ("deno run -A npm:a", Origin::Npm, "a", None, false),
            ("deno run https://x.example/a.ts", Origin::Url, "https://x.example/a.ts", None, false),
            ("go run example.com/a/b@latest", Origin::Golang, "example.com/a/b", Some("latest"), false),
            ("/usr/local/bin/npx ./local", Origin::Local, "./local", None, true),
        ] {
            let found = of(command).unwrap_or_else(|| panic!("nothing for {command}"));
            assert_eq!(
                (found.origin, found.name.as_str(), found.version.as_deref(), found.pinned),
                (origin, name, version, pinned),
                "{command}"
            );
        }
        assert_eq!(of("node server.js"), None);
        assert_eq!(of("npx"), None);
    }

    #[test]
    fn a_shell_is_looked_into() {
        let words = ["bash", "-lc", "source ~/.profile && npx -y a@1.0.0"];
        assert_eq!(shell_script(&words), Some(words[2]));
        assert_eq!(fetched(&words).map(|package| package.pinned), Some(true));
        assert_eq!(shell_script(&["bash", "start.sh"]), None);
        assert_eq!(shell_script(&["cmd", "/c", "npx", "-y", "a"]), None);
        assert_eq!(shell_script(&["powershell", "-NoProfile", "-Command", "x"]), Some("x"));
    }
}
