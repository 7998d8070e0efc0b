//! Locks as their tools write them, in small.

use super::*;
use crate::Budget;

fn read(name: &str, text: &str) -> Lock {
    let (lock, defects) = parse(&Input::new(name, text.as_bytes(), &Budget::default()));
    assert_eq!(defects, [], "{name}");
    lock
}

/// `name version source hashes direct development line` of every package.
fn shown(lock: &Lock) -> Vec<String> {
    let show = |package: &LockedPackage| {
        let direct = package.direct.map_or("?", |direct| if direct { "direct" } else { "transitive" });
        let development = if package.development { " development" } else { "" };
        let (name, version, source) = (&package.name, &package.version, package.source.as_str());
        format!("{name} {version} {source} {} {direct}{development} {}", package.hashes.len(), package.line)
    };
    lock.packages.iter().map(show).collect()
}

#[test]
fn every_name_has_a_reader_that_ends_on_anything() {
    let budget = Budget::default();
    for name in NAMES {
        for text in [
            "",
            "{",
            "[[package]]",
            "a: [",
            "\"",
            "a@1:\n  version",
            "{\"packages\": {\"\": 1, \"node_modules/\": {}}}",
        ] {
            let input = Input::new(name, text.as_bytes(), &budget);
            let explicit = *name == "conda-linux-64.lock";
            assert!(explicit || kind(&input).is_some(), "{name}");
            parse(&input);
        }
    }
    for name in ["a.lock", "METADATA", "package.json", "lock.json", "x/requirements.txt"] {
        assert!(kind(&Input::new(name, b"x", &budget)).is_none(), "{name}");
    }
}

#[test]
fn uv_says_what_is_direct_and_what_development_needs() {
    let lock = read(
        "uv.lock",
        "version = 1\n\n[[package]]\nname = \"Jinja2\"\nversion = \"3.1.4\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
         dependencies = [\n    { name = \"markupsafe\" },\n]\nsdist = { url = \"u\", hash = \"sha256:aa\", size = 1 }\n\
         wheels = [{ url = \"w\", hash = \"sha256:bb\" }]\n\n[[package]]\nname = \"markupsafe\"\nversion = \"3.0.0\"\n\
         source = { registry = \"https://pypi.org/simple\" }\n\n[[package]]\nname = \"own\"\nsource = { virtual = \".\" }\n\
         dependencies = [{ name = \"jinja2\" }]\n\n[package.dev-dependencies]\ndev = [{ name = \"pytest\" }]\n\n\
         [[package]]\nname = \"pytest\"\nversion = \"8.0.0\"\nsource = { git = \"https://g/pytest?rev=8#abc\" }\n",
    );
    assert_eq!(
        shown(&lock),
        [
            "jinja2 3.1.4 registry 2 direct 4",
            "markupsafe 3.0.0 registry 0 transitive 14",
            "own  path 0 ? 19",
            "pytest 8.0.0 git 0 direct development 27",
        ]
    );
    assert_eq!(lock.packages[0].dependencies, ["markupsafe"]);
    assert_eq!(lock.indexes, ["https://pypi.org/simple"]);
}

#[test]
fn poetry_and_pdm_are_read_old_and_new() {
    let lock = read(
        "poetry.lock",
        "[[package]]\nname = \"numpy\"\nversion = \"2.1.0\"\ngroups = [\"main\", \"dev\"]\nfiles = [{file = \"n.whl\", hash = \"sha256:aa\"}]\n\n\
         [[package]]\nname = \"pytest\"\nversion = \"8.0.0\"\ncategory = \"dev\"\n\n[package.dependencies]\nIni_Config = \"*\"\n\n\
         [package.source]\ntype = \"git\"\nurl = \"https://g/pytest\"\nresolved_reference = \"abc\"\n\n\
         [metadata.files]\npytest = [{file = \"p.whl\", hash = \"sha256:bb\"}]\n",
    );
    assert_eq!(shown(&lock), ["numpy 2.1.0 registry 1 ? 2", "pytest 8.0.0 git 1 ? development 8"]);
    assert_eq!(lock.packages[1].dependencies, ["ini-config"]);
    assert_eq!(lock.packages[1].address, "https://g/pytest@abc");
    let lock = read(
        "pdm.lock",
        "[[package]]\nname = \"httpx\"\nversion = \"0.27.0\"\ngroups = [\"default\"]\ndependencies = [\"anyio>=3\", \"idna\"]\nfiles = [{file = \"h\", hash = \"sha256:aa\"}]\n\n\
         [[package]]\nname = \"httpx\"\nversion = \"0.27.0\"\nextras = [\"http2\"]\ngroups = [\"default\"]\nfiles = []\n\n\
         [[package]]\nname = \"forms\"\nversion = \"1.0\"\ngit = \"https://g/forms\"\nrevision = \"abc\"\ngroups = [\"dev\"]\n",
    );
    assert_eq!(shown(&lock), ["httpx 0.27.0 registry 1 ? 2", "forms 1.0 git 0 ? development 16"]);
    assert_eq!(lock.packages[0].dependencies, ["anyio", "idna"]);
}

#[test]
fn pylock_and_pipfile_are_read() {
    let lock = read(
        "pylock.gpu.toml",
        "lock-version = \"1.0\"\n\n[[packages]]\nname = \"numpy\"\nversion = \"2.1.0\"\nindex = \"https://pypi.org/simple\"\n\
         sdist = {url = \"u\", hashes = {sha256 = \"aa\"}}\nwheels = [{url = \"w\", hashes = {sha256 = \"bb\"}}]\n\n\
         [[packages]]\nname = \"forms\"\nvcs = {type = \"git\", url = \"https://g/forms\", commit-id = \"abc\"}\n\n\
         [[packages]]\nname = \"own\"\ndirectory = {path = \".\", editable = true}\n",
    );
    assert_eq!(shown(&lock), ["numpy 2.1.0 registry 2 ? 4", "forms  git 0 ? 11", "own  path 0 ? 15"]);
    assert_eq!(lock.packages[0].hashes, ["sha256:aa", "sha256:bb"]);
    let lock = read(
        "Pipfile.lock",
        "{\n \"_meta\": {\"sources\": [{\"name\": \"pypi\", \"url\": \"https://pypi.org/simple\"}]},\n \"default\": {\n\
         \"numpy\": {\"hashes\": [\"sha256:aa\"], \"index\": \"pypi\", \"version\": \"==2.1.0\"}\n },\n \"develop\": {\n\
         \"forms\": {\"git\": \"https://g/forms\", \"ref\": \"abc\"}\n }\n}\n",
    );
    assert_eq!(shown(&lock), ["numpy 2.1.0 registry 1 ? 4", "forms  git 0 ? development 7"]);
    assert_eq!(lock.packages[0].address, "https://pypi.org/simple");
}

#[test]
fn npm_is_read_in_every_version() {
    let lock = read(
        "package-lock.json",
        "{\"lockfileVersion\": 3, \"packages\": {\n\"\": {\"dependencies\": {\"a\": \"^1\", \"alias\": \"npm:ms@2\"}, \"devDependencies\": {\"t\": \"1\"}},\n\
         \"node_modules/a\": {\"version\": \"1.0.0\", \"resolved\": \"https://registry.npmjs.org/a/-/a-1.0.0.tgz\", \"integrity\": \"sha512-aa\", \"license\": \"MIT\", \"hasInstallScript\": true},\n\
         \"node_modules/t/node_modules/a\": {\"version\": \"0.9.0\", \"resolved\": \"https://registry.npmjs.org/a/-/a-0.9.0.tgz\", \"dev\": true},\n\
         \"node_modules/alias\": {\"name\": \"ms\", \"version\": \"2.1.3\", \"resolved\": \"https://registry.npmjs.org/ms/-/ms-2.1.3.tgz\"},\n\
         \"node_modules/g\": {\"version\": \"1.0.0\", \"resolved\": \"git+ssh://git@github.com/o/g.git#abc\"},\n\
         \"node_modules/w\": {\"resolved\": \"packages/w\", \"link\": true},\n\"packages/w\": {\"name\": \"w\", \"version\": \"1.0.0\"}}}",
    );
    assert_eq!(
        shown(&lock),
        [
            "  path 0 ? 2",
            "a 1.0.0 registry 1 direct 3",
            "a 0.9.0 registry 0 transitive development 4",
            "ms 2.1.3 registry 0 direct 5",
            "g 1.0.0 git 0 transitive 6",
            "w  path 0 ? 7",
            "w 1.0.0 path 0 ? 8",
        ]
    );
    assert_eq!(lock.packages[1].licence.as_deref(), Some("MIT"));
    assert!(lock.packages[1].install_script && !lock.packages[2].install_script);
    assert_eq!(lock.packages[3].alias.as_deref(), Some("alias"));
    let lock = read(
        "npm-shrinkwrap.json",
        "{\"lockfileVersion\": 1, \"dependencies\": {\n\"a\": {\"version\": \"1.0.0\", \"resolved\": \"https://r/a/-/a-1.0.0.tgz\", \"integrity\": \"sha1-a\", \"requires\": {\"b\": \"2\"}, \"dependencies\": {\n\
         \"b\": {\"version\": \"2.0.0\", \"dev\": true}}},\n\"al\": {\"version\": \"npm:@s/real@1.2.3\"},\n\
         \"g\": {\"version\": \"git+https://h/g.git#abc\", \"from\": \"g@git+https://h/g.git\"}}}",
    );
    assert_eq!(
        shown(&lock),
        [
            "a 1.0.0 registry 1 ? 2",
            "b 2.0.0 registry 0 ? development 3",
            "@s/real 1.2.3 registry 0 ? 4",
            "g  git 0 ? 5"
        ]
    );
}

#[test]
fn bun_is_read() {
    let lock = read(
        "bun.lock",
        "{\n \"lockfileVersion\": 1,\n \"workspaces\": {\"\": {\"dependencies\": {\"@s/a\": \"^1\"}, \"devDependencies\": {\"t\": \"1\"}}},\n \"packages\": {\n\
         \"@s/a\": [\"@s/a@1.0.0\", \"\", { \"dependencies\": { \"ms\": \"2\" } }, \"sha512-aa\"],\n\
         \"@s/a/ms\": [\"ms@2.1.3\", \"\", {}, \"sha512-bb\"],\n\
         \"t\": [\"t@github:o/t#abc\", {}, \"o-t-abc\"],\n\"w\": [\"w@workspace:w\"],\n },\n}\n",
    );
    assert_eq!(
        shown(&lock),
        [
            "@s/a 1.0.0 registry 1 direct 5",
            "ms 2.1.3 registry 1 transitive 6",
            "t  git 0 direct development 7",
            "w  path 0 ? 8",
        ]
    );
    assert!(lock.packages.iter().all(|package| package.alias.is_none()));
}

#[test]
fn pnpm_is_read_in_every_version() {
    for (version, key, scoped) in [
        ("5.4", "/a/1.0.0_b@2.0.0", "/@s/n/2.0.0"),
        ("'6.0'", "/a@1.0.0(b@2.0.0)", "/@s/n@2.0.0"),
        ("'9.0'", "a@1.0.0", "'@s/n@2.0.0'"),
    ] {
        let lock = read(
            "pnpm-lock.yaml",
            &format!(
                "lockfileVersion: {version}\n\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: ^1\n        version: 1.0.0(b@2.0.0)\n\n\
                 packages:\n  {key}:\n    resolution: {{integrity: sha512-aa}}\n    dependencies:\n      '@s/n': 2.0.0\n  {scoped}:\n    resolution: {{integrity: sha512-bb}}\n"
            ),
        );
        assert_eq!(
            shown(&lock),
            ["a 1.0.0 registry 1 direct 11", "@s/n 2.0.0 registry 1 transitive 15"],
            "{version}"
        );
    }
}

#[test]
fn both_yarns_are_read() {
    let lock = read(
        "yarn.lock",
        "# yarn lockfile v1\n\n\n\"@s/a@^1.0.0\", \"@s/a@^1.1.0\":\n  version \"1.2.0\"\n  resolved \"https://registry.yarnpkg.com/@s/a/-/a-1.2.0.tgz#abc\"\n  integrity sha512-aa\n  dependencies:\n    ms \"^2\"\n\n\
         \"alias@npm:ms@^2\":\n  version \"2.1.3\"\n  resolved \"https://registry.yarnpkg.com/ms/-/ms-2.1.3.tgz#abc\"\n\n\
         g@o/g:\n  version \"1.0.0\"\n  resolved \"git+https://github.com/o/g.git#abc\"\n",
    );
    assert_eq!(shown(&lock), ["@s/a 1.2.0 registry 2 ? 4", "ms 2.1.3 registry 1 ? 11", "g 1.0.0 git 0 ? 15"]);
    assert_eq!(lock.packages[0].dependencies, ["ms"]);
    assert_eq!(lock.packages[1].alias.as_deref(), Some("alias"));
    let lock = read(
        "yarn.lock",
        "__metadata:\n  version: 8\n\n\"@s/a@npm:^1.0.0, @s/a@npm:^1.1.0\":\n  version: 1.2.0\n  resolution: \"@s/a@npm:1.2.0\"\n  dependencies:\n    ms: \"npm:^2\"\n  checksum: 10c0/aa\n  languageName: node\n  linkType: hard\n\n\
         \"ms@npm:^2\":\n  version: 2.1.3\n  resolution: \"ms@npm:2.1.3\"\n  checksum: 10c0/bb\n\n\
         \"own@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"own@workspace:.\"\n  dependencies:\n    \"@s/a\": \"npm:^1.0.0\"\n  linkType: soft\n",
    );
    assert_eq!(
        shown(&lock),
        [
            "@s/a 1.2.0 registry 1 direct 4",
            "ms 2.1.3 registry 1 transitive 13",
            "own 0.0.0-use.local path 0 ? 18"
        ]
    );
}

#[test]
fn cargo_go_and_conda_are_read() {
    let lock = read(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\"serde 1.0.0\"]\n\n\
         [[package]]\nname = \"serde\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"aa\"\n\n\
         [[package]]\nname = \"forms\"\nversion = \"0.2.0\"\nsource = \"git+https://g/forms?branch=main#abc\"\n",
    );
    assert_eq!(
        shown(&lock),
        ["own 0.1.0 path 0 ? 4", "serde 1.0.0 registry 1 direct 9", "forms 0.2.0 git 0 transitive 15"]
    );
    let lock = read(
        "go.sum",
        "github.com/a/b v1.0.0 h1:aa=\ngithub.com/a/b v1.0.0/go.mod h1:bb=\ngithub.com/c/d v0.1.0/go.mod h1:cc=\n",
    );
    assert_eq!(shown(&lock), ["github.com/a/b v1.0.0 registry 1 ? 1"]);
    let lock = read(
        "conda-lock.yml",
        "version: 1\nmetadata:\n  channels:\n  - url: conda-forge\npackage:\n- name: numpy\n  version: 1.26.4\n  manager: conda\n  platform: linux-64\n  url: https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311h_0.conda\n  hash:\n    md5: aa\n    sha256: bb\n\
         - name: numpy\n  version: 1.26.4\n  manager: conda\n  platform: osx-64\n  hash: {md5: cc}\n- name: Torch\n  version: 2.5.1\n  manager: pip\n  category: dev\n",
    );
    assert_eq!(shown(&lock), ["numpy 1.26.4 registry 3 ? 6", "torch 2.5.1 registry 0 ? development 19"]);
    assert_eq!(lock.packages[1].ecosystem, Ecosystem::PyPi);
    let lock = read(
        "pixi.lock",
        "version: 6\nenvironments:\n  default:\n    channels:\n    - url: https://conda.anaconda.org/conda-forge/\npackages:\n\
         - conda: https://conda.anaconda.org/conda-forge/linux-64/numpy-base-1.26.4-py311h_0.conda\n  sha256: aa\n  depends:\n  - python >=3.11\n\
         - pypi: https://files.pythonhosted.org/torch.whl\n  name: torch\n  version: 2.5.1\n  requires_dist:\n  - numpy>=1 ; extra == 'x'\n",
    );
    assert_eq!(shown(&lock), ["numpy-base 1.26.4 registry 1 ? 7", "torch 2.5.1 registry 0 ? 11"]);
    assert_eq!(lock.packages[0].dependencies, ["python"]);
    let lock = read(
        "conda-linux-64.lock",
        "# platform: linux-64\n@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/ca-certificates-2024.8.30-hbcca054_0.conda#aa\n",
    );
    assert_eq!(shown(&lock), ["ca-certificates 2024.8.30 registry 1 ? 3"]);
}

#[test]
fn installed_packages_say_what_they_are() {
    let lock = read(
        "site-packages/Numpy-2.1.0.dist-info/METADATA",
        "Metadata-Version: 2.4\nName: NumPy\nVersion: 2.1.0\nLicense-Expression: BSD-3-Clause\nRequires-Dist: a>=1\nRequires-Dist: b; extra == 'x'\n\nName: not this\n",
    );
    assert!(lock.installed);
    assert_eq!(shown(&lock), ["numpy 2.1.0 registry 0 ? 2"]);
    assert_eq!(lock.packages[0].dependencies, ["a"]);
    assert_eq!(lock.packages[0].licence.as_deref(), Some("BSD-3-Clause"));
    let lock = read("w/node_modules/@s/n/package.json", "{\"name\": \"@s/n\",\n\"version\": \"1.0.0\"}");
    assert_eq!(shown(&lock), ["@s/n 1.0.0 registry 0 ? 1"]);
    assert!(!is_installed_by_npm("w/node_modules/a/lib/package.json"));
}
