//! Pointers of Git LFS: what stands in a file's place until its content is fetched.
//!
//! <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>

/// First words of every pointer, of today and of the time before the standard.
const FIRST: [&str; 2] =
    ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"];
/// Bytes of a pointer; the specification says fewer than 1 024.
const LARGEST: usize = 1024;

/// A pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pointer {
    /// SHA-256 of the content in lower-case hexadecimal; empty if it is none.
    pub sha256: String,
    /// Bytes of the content.
    pub size: u64,
}

/// Reads a pointer; `None` if the text is none.
pub fn read(text: &str) -> Option<Pointer> {
    if text.len() > LARGEST || !FIRST.iter().any(|first| text.starts_with(first)) {
        return None;
    }
    let mut pointer = Pointer::default();
    for (key, value) in text.lines().filter_map(|line| line.split_once(' ')) {
        match key {
            "oid" => {
                let digits = value.trim().strip_prefix("sha256:").unwrap_or_default();
                if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    pointer.sha256 = digits.to_lowercase();
                }
            }
            "size" => pointer.size = value.trim().parse().unwrap_or_default(),
            _ => {}
        }
    }
    Some(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_says_what_is_not_here() {
        let text =
            format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "Ab".repeat(32));
        assert_eq!(read(&text), Some(Pointer { sha256: "ab".repeat(32), size: 12 }));
        assert_eq!(read("version 1"), None);
    }
}
