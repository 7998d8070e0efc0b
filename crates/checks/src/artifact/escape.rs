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
