//! Requirements files as people write them.

use super::*;
use crate::Budget;

fn read(text: &str) -> Requirements {
    let mut defects = Vec::new();
    let facts = parse_text(text, &Limits::default(), &mut defects);
    assert_eq!(defects, []);
    facts
}

#[test]
fn every_kind_of_line_is_read() {
    let facts = read(
        "# comment\n--index-url https://pypi.org/simple\n--extra-index-url=https://a.example/simple\n-r base.txt\n-cpins.txt\n\
         Torch.Vision == 0.20.1 ; python_version > '3.9'  # note\nrequests[socks, use] >= 2.0, < 3\n\
         numpy==2.1.0 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\n-e git+https://g.example/x.git@main#egg=some_x\n\
         forms @ https://h.example/forms.whl\n--trusted-host a.example\n./local\n",
    );
    let seen: Vec<_> =
        facts.requirements.iter().map(|r| (r.name.as_str(), r.specifier.as_str(), r.line)).collect();
    assert_eq!(
        seen,
        [
            ("torch-vision", "==0.20.1", 6),
            ("requests", ">=2.0,<3", 7),
            ("numpy", "==2.1.0", 8),
            ("some-x", "", 11),
            ("forms", "", 12),
            ("", "", 14),
        ]
    );
    assert_eq!(facts.requirements[0].marker.as_deref(), Some("python_version > '3.9'"));
    assert_eq!(facts.requirements[1].extras, ["socks", "use"]);
    assert_eq!(facts.requirements[2].hashes, ["sha256:aa", "sha256:bb"]);
    assert_eq!(facts.requirements[2].exact_version(), Some("2.1.0"));
    assert!(facts.requirements[3].editable && facts.requirements[3].is_direct());
    assert_eq!(facts.requirements[4].url.as_deref(), Some("https://h.example/forms.whl"));
    assert_eq!(facts.indexes.iter().map(|index| index.extra).collect::<Vec<_>>(), [false, true]);
    assert_eq!(facts.includes, [("base.txt".to_owned(), 4), ("pins.txt".to_owned(), 5)]);
}

#[test]
fn wildcards_and_ranges_are_no_exact_version() {
    for specifier in ["a==1.*", "a>=1", "a~=1.2", "a==1,!=2", "a"] {
        assert_eq!(Requirement::parse(specifier, 1).exact_version(), None, "{specifier}");
    }
    assert_eq!(Requirement::parse("a===1.0+cu121", 1).exact_version(), Some("1.0+cu121"));
}

#[test]
fn names_of_files_decide() {
    let budget = Budget::default();
    let sure = |name: &str| recognise(&Input::new(name, b"numpy\n", &budget));
    for name in [
        "requirements.txt",
        "a/requirements-dev.txt",
        "dev-requirements.in",
        "requirements/base.txt",
        "constraints.txt",
    ] {
        assert_eq!(sure(name), Recognised::ByShape, "{name}");
    }
    assert_eq!(sure("notes.txt"), Recognised::No);
}

#[test]
fn what_only_other_packages_need_is_transitive() {
    let facts = read(
        "anyio==4.0 \\\n    --hash=sha256:aa\n    # via\n    #   httpx\n    #   openai\nhttpx==0.27\n    # via\n    #   -r requirements.in\n    #   openai\nopenai==1.5\n    # via -r requirements.in\n\
         idna==3.0  # via anyio, httpx\nplain==1.0\n",
    );
    let transitive: Vec<_> =
        facts.requirements.iter().filter(|r| r.transitive).map(|r| r.name.as_str()).collect();
    assert_eq!(transitive, ["anyio", "idna"]);
}
