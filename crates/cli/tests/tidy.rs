//! Holds the repository to its conventions.

#[test]
fn the_repository_is_tidy() {
    let complaints = xtask::tidy::complaints(&xtask::root()).expect("the repository can be read");
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}
