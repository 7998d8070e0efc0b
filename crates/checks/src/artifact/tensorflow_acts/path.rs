//! Where a path of a file or an address leads.

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::artifact) enum Spot {
    /// Below the folder in which the program runs, or a bare name.
    Inside,
    /// Anywhere on the host.
    Absolute,
    /// Where secrets and programs of the host are.
    Sensitive,
    /// Up and out.
    Climbs,
    /// To another machine.
    Remote,
}

/// Pieces of paths behind which secrets and programs of a host are.
const SENSITIVE: &[&str] = &[
    "/.aws",
    "/.azure",
    "/.bash",
    "/.cache/huggingface/token",
    "/.config/",
    "/.docker",
    "/.env",
    "/.git",
    "/.kube",
    "/.netrc",
    "/.profile",
    "/.ssh",
    "/.zsh",
    "/bin/",
    "/boot/",
    "/cron",
    "/dev/",
    "/etc/",
    "/lib/",
    "/proc/",
    "/root/",
    "/sbin/",
    "/sys/",
    "/tmp/",
    "/usr/",
    "/var/",
    "authorized_keys",
    "credential",
    "id_rsa",
    "passwd",
    "secret",
    "shadow",
];

/// Where a path leads.
pub(in crate::artifact) fn spot(path: &str) -> Spot {
    let lower = path.to_lowercase();
    if let Some((scheme, _)) = lower.split_once("://")
        && !matches!(scheme, "file" | "ram")
        && scheme.chars().all(|char| char.is_ascii_alphanumeric())
    {
        return Spot::Remote;
    }
    if lower.split(['/', '\\']).any(|part| part == "..") {
        return Spot::Climbs;
    }
    let drive = matches!(lower.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let absolute = lower.starts_with('/') && lower.len() > 1
        || lower.starts_with('~')
        || lower.starts_with("file:")
        || lower.starts_with("\\\\")
        || drive;
    if !absolute {
        return Spot::Inside;
    }
    // What tests and notebooks leave in temporary folders says nothing; everything else there is somebody else's.
    let temporary =
        lower.starts_with("/tmp/") || lower.starts_with("/var/folders/") || lower.starts_with("/var/tmp/");
    let sensitive = SENSITIVE.iter().any(|piece| lower.contains(piece));
    if sensitive && !temporary { Spot::Sensitive } else { Spot::Absolute }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart() {
        assert_eq!(spot("model.ckpt-1"), Spot::Inside);
        assert_eq!(spot("/etc/hosts"), Spot::Sensitive);
        assert_eq!(spot("a/../../b"), Spot::Climbs);
        assert_eq!(spot("https://example.org/x"), Spot::Remote);
        assert_eq!(spot("/home/me/vocab.txt"), Spot::Absolute);
    }
}
