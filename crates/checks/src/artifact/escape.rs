//! Whether a path leaves the folder it is relative to.

/// Whether a path is absolute, climbs out, or is an address, in any system's spelling.
pub(super) fn escapes(path: &str) -> bool {
    let path = path.trim();
    let drive = path.as_bytes().get(1) == Some(&b':');
    path.starts_with(['/', '\\', '~'])
        || drive
        || path.contains("://")
        || path.split(['/', '\\']).any(|part| part == "..")
}

/// The path with every character that some system takes for a slash as one, cut where C cuts it.
pub(super) fn straight(path: &str) -> String {
    let path = path.split('\0').next().unwrap_or_default();
    path.replace(['\\', '\u{2215}', '\u{2044}', '\u{ff0f}', '\u{ff3c}', '\u{29f8}'], "/")
        .replace(['\u{2024}', '\u{ff0e}'], ".")
        .replace("%2e", ".")
        .replace("%2f", "/")
}

/// Whether a path begins with a drive of Windows.
pub(super) fn has_drive(path: &str) -> bool {
    path.as_bytes().get(1) == Some(&b':') && path.starts_with(|char: char| char.is_ascii_alphabetic())
}

/// Whether a part of a path leads one folder up.
pub(super) fn climbs(path: &str) -> bool {
    path.split('/').any(|part| part.trim_end() == "..")
}

/// Whether a path is absolute, has a drive, or climbs.
pub(super) fn leaves(path: &str) -> bool {
    let path = straight(path);
    path.starts_with('/') || has_drive(&path) || climbs(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_are_told_from_those_that_stay() {
        for path in
            ["/etc/passwd", "../x", "a/../../x", "a\\..\\x", "C:\\x", "~/x", "\\\\host\\x", "http://h/x"]
        {
            assert!(escapes(path), "{path}");
        }
        for path in ["model.onnx", "1/model.plan", "a..b/c", "./x", "labels..txt"] {
            assert!(!escapes(path), "{path}");
        }
    }
}
