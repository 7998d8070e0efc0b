//! Settings as people write them; no value of a credential is kept.

use super::*;
use crate::Budget;

fn read(name: &str, text: &str) -> Installer {
    let (installer, defects) = parse(&Input::new(name, text.as_bytes(), &Budget::default()));
    assert_eq!(defects, [], "{name}");
    installer
}

#[test]
fn every_name_has_a_reader_that_ends_on_anything() {
    let budget = Budget::default();
    for name in NAMES {
        for text in ["", "{", "[", "=", "a", "a: [", "[[index]]", "\"registry\""] {
            parse(&Input::new(name, text.as_bytes(), &budget));
        }
    }
    assert!(kind(&Input::new("config.toml", b"", &budget)).is_none());
}

#[test]
fn pip_and_uv_say_which_indexes_they_ask() {
    let pip = read(
        "pip.conf",
        "[global]\nindex-url = https://a.example/simple\nextra_index_url =\n    https://b.example/simple\n    https://c.example/simple\ntrusted-host = b.example c.example\n",
    );
    let seen: Vec<_> =
        pip.indexes.iter().map(|index| (index.url.as_str(), index.extra, index.line)).collect();
    assert_eq!(
        seen,
        [
            ("https://a.example/simple", false, 2),
            ("https://b.example/simple", true, 4),
            ("https://c.example/simple", true, 5)
        ]
    );
    assert_eq!(pip.unverified.len(), 2);
    let uv = read(
        "uv.toml",
        "allow-insecure-host = [\"a.example\"]\n[[index]]\nname = \"a\"\nurl = \"https://a.example\"\nexplicit = true\n[pip]\nextra-index-url = [\"https://b.example\"]\n",
    );
    assert_eq!(
        uv.indexes.iter().map(|index| (index.extra, index.explicit)).collect::<Vec<_>>(),
        [(false, true), (true, false)]
    );
    assert_eq!(uv.unverified, [("a.example".to_owned(), 1)]);
}

#[test]
fn npm_and_yarn_say_where_credentials_stand() {
    let npm = read(
        ".npmrc",
        "registry=https://a.example/\n@acme:registry=https://b.example/\n//b.example/:_authToken=${TOKEN}\n//a.example:8080/:_auth = written\nstrict-ssl=false\nignore-scripts=true\n",
    );
    let names: Vec<_> = npm.indexes.iter().map(|index| index.name.as_deref()).collect();
    assert_eq!(names, [None, Some("@acme")]);
    let literal: Vec<_> =
        npm.credentials.iter().map(|credential| (credential.literal, credential.line)).collect();
    assert_eq!(literal, [(false, 3), (true, 4)]);
    assert!(npm.ignores_scripts && npm.unverified.len() == 1);
    let yarn = read(
        ".yarnrc.yml",
        "enableStrictSsl: false\nnpmScopes:\n  acme:\n    npmRegistryServer: https://b.example\n    npmAuthToken: written\nunsafeHttpWhitelist:\n  - c.example\n",
    );
    assert_eq!(yarn.indexes[0].name.as_deref(), Some("@acme"));
    assert_eq!((yarn.credentials[0].literal, yarn.unverified.len()), (true, 2));
    let yarn = read(
        ".yarnrc",
        "registry \"https://a.example\"\n\"@acme:registry\" \"https://b.example\"\nstrict-ssl false\n",
    );
    assert_eq!((yarn.indexes.len(), yarn.unverified.len()), (2, 1));
}

#[test]
fn conda_and_cargo_are_read() {
    let conda = read(".condarc", "channels:\n  - conda-forge\nssl_verify: false\n");
    assert_eq!((conda.indexes.len(), conda.unverified.len()), (1, 1));
    let cargo = read(
        ".cargo/config.toml",
        "[registries.acme]\nindex = \"sparse+https://a.example/\"\ntoken = \"written\"\n[source.crates-io]\nreplace-with = \"m\"\n[source.m]\nregistry = \"https://m.example\"\n",
    );
    let urls: Vec<_> = cargo.indexes.iter().map(|index| index.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/", "https://m.example"]);
    assert!(cargo.credentials[0].literal);
}
