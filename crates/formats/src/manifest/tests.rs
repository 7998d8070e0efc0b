//! Manifests as people write them.

use super::*;
use crate::{Budget, python};

fn read(name: &str, text: &str) -> Manifest {
    let (manifest, defects) = parse(&Input::new(name, text.as_bytes(), &Budget::default()));
    assert_eq!(defects, [], "{name}");
    manifest
}

/// `name specifier address index development line` of every requirement, what is empty left out.
fn shown(manifest: &Manifest) -> Vec<String> {
    let show = |requirement: &Requirement| {
        let development = if requirement.development { "development" } else { "" };
        let line = requirement.line.to_string();
        let parts = [
            requirement.name.as_str(),
            &requirement.specifier,
            requirement.url.as_deref().unwrap_or_default(),
            requirement.index.as_deref().unwrap_or_default(),
            development,
            &line,
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    };
    manifest.requirements.iter().map(show).collect()
}

#[test]
fn every_name_has_a_reader_that_ends_on_anything() {
    let budget = Budget::default();
    for name in NAMES {
        for text in [
            "",
            "{",
            "[",
            "a = [",
            "dependencies:\n- [",
            "require (",
            "[options]\n x",
            "{\"dependencies\": 1}",
        ] {
            parse(&Input::new(name, text.as_bytes(), &budget));
        }
    }
    for name in ["environment.yml", "node_modules/a/package.json", "conda.txt", "go.work"] {
        assert!(kind(&Input::new(name, b"{}", &budget)).is_none(), "{name}");
    }
}

#[test]
fn dependencies_of_every_dialect_of_pyproject_are_read_with_their_lines() {
    let manifest = read(
        "pyproject.toml",
        "[build-system]\nrequires = [\"hatchling\"]\n[project]\nname = \"x\"\ndependencies = [\n  \"numpy>=2\",\n  \"torch==2.5.1\",\n]\n[project.optional-dependencies]\ngpu = [\"cupy\"]\n\
         [dependency-groups]\ndev = [\"pytest==8.0.0\", {include-group = \"x\"}]\n[tool.poetry.dependencies]\npython = \"^3.11\"\nscipy = \"1.14.0\"\n\
         pandas = { version = \"^2\", source = \"acme\" }\nforms = { git = \"https://g.example/forms.git\", rev = \"abc\" }\n\
         [tool.uv.sources]\ntorch = { index = \"cuda\" }\ncupy = { workspace = true }\n",
    );
    assert_eq!(
        shown(&manifest),
        [
            "numpy >=2 6",
            "torch ==2.5.1 cuda 7",
            "cupy . 10",
            "pytest ==8.0.0 development 12",
            "hatchling development 2",
            "scipy ==1.14.0 15",
            "pandas ^2 acme 16",
            "forms https://g.example/forms.git@abc 17",
        ]
    );
    assert!(manifest.requirements[4].build && !manifest.requirements[3].build);
    assert_eq!(manifest.name.as_deref(), Some("x"));
}

#[test]
fn indexes_beside_the_main_one_are_told_apart() {
    let manifest = read(
        "pyproject.toml",
        "[[tool.uv.index]]\nurl = \"https://a.example\"\n[[tool.uv.index]]\nurl = \"https://b.example\"\ndefault = true\n\
         [[tool.uv.index]]\nurl = \"https://c.example\"\nexplicit = true\n[[tool.pdm.source]]\nname = \"d\"\nurl = \"https://d.example\"\nverify_ssl = false\n",
    );
    let extra: Vec<bool> = manifest.indexes.iter().map(|index| index.extra).collect();
    assert_eq!(extra, [true, false, false, true]);
    assert_eq!(manifest.unverified.len(), 1);
    let (_, defects) = parse(&Input::new("pyproject.toml", b"[project\nname = ", &Budget::default()));
    assert_eq!(defects[0].code, "toml-syntax");
}

#[test]
fn setuptools_and_pipenv_are_read() {
    let manifest = read(
        "setup.cfg",
        "[metadata]\nname = x\n[options]\ninstall_requires =\n    numpy>=2 # arrays\n    torch; python_version > '3'\n[options.extras_require]\ngpu = cupy\n",
    );
    assert_eq!(shown(&manifest), ["numpy >=2 5", "torch 6", "cupy 8"]);
    let source = "from setuptools import setup, find_packages\n\nNEEDS = [\n    'numpy>=2',\n    'torch',\n]\nsetup(\n    name='x',\n    install_requires=NEEDS,\n    extras_require={'gpu': ['cupy==13.0']},\n    tests_require=open('x').read(),\n)\n";
    let (python, _) = python::parse(&Input::new("setup.py", source.as_bytes(), &Budget::default()));
    let manifest = of_setup_py(&python).unwrap_or_default();
    assert_eq!(shown(&manifest), ["numpy >=2 4", "torch 5", "cupy ==13.0 10"]);
    let manifest = read(
        "Pipfile",
        "[[source]]\nname = \"pypi\"\nurl = \"https://pypi.org/simple\"\nverify_ssl = true\n[packages]\nnumpy = \"*\"\nforms = {path = \"./forms\", editable = true}\n[dev-packages]\npytest = \">=8\"\n",
    );
    assert_eq!(shown(&manifest), ["numpy 6", "forms ./forms 7", "pytest >=8 development 9"]);
}

#[test]
fn conda_and_pixi_hold_packages_of_pip_too() {
    let manifest = read(
        "environment-gpu.yaml",
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - nvidia::cuda-toolkit=12.1.0\n  - numpy >=2,<3\n  - scipy 1.14.0\n  - pip:\n    - torch==2.5.1\n    - --extra-index-url https://a.example/simple\n    - -r more.txt\n",
    );
    assert_eq!(
        shown(&manifest),
        [
            "python =3.11 4",
            "cuda-toolkit =12.1.0 nvidia 5",
            "numpy >=2,<3 6",
            "scipy ==1.14.0 7",
            "torch ==2.5.1 9"
        ]
    );
    let exact: Vec<_> = manifest.requirements.iter().map(Requirement::exact_version).collect();
    assert_eq!(exact, [None, Some("12.1.0"), None, Some("1.14.0"), Some("2.5.1")]);
    assert!(manifest.indexes[1].extra && manifest.includes.len() == 1);
    let manifest = read(
        "pixi.toml",
        "[workspace]\nname = \"x\"\nchannels = [\"conda-forge\"]\n[dependencies]\nnumpy = \">=2\"\n[pypi-dependencies]\ntorch = { version = \"==2.5.1\" }\n[feature.gpu.dependencies]\ncuda = \"12.*\"\n",
    );
    assert_eq!(shown(&manifest), ["numpy >=2 5", "torch ==2.5.1 7", "cuda ==12.* 9"]);
}

#[test]
fn npm_cargo_and_go_are_read() {
    let manifest = read(
        "package.json",
        "{\"name\": \"@a/x\", \"private\": true, \"license\": \"MIT\",\n\"dependencies\": {\n\"openai\": \"^4.0.0\",\n\"old\": \"npm:@s/real@1.2.3\",\n\"g\": \"o/g#main\",\n\"f\": \"file:../f\",\n\"w\": \"workspace:*\"},\n\
         \"devDependencies\": {\"t\": \"1.0.0\"},\n\"overrides\": {\"a\": {\"b\": \"npm:c@1\"}, \"d\": \"2.0.0\"}}",
    );
    assert_eq!(
        shown(&manifest),
        [
            "openai ^4.0.0 3",
            "@s/real 1.2.3 4",
            "g git+https://github.com/o/g#main 5",
            "f file:../f 6",
            "w 7",
            "t 1.0.0 development 8",
        ]
    );
    let replaced: Vec<_> = manifest.replacements.iter().map(|r| (r.name.as_str(), r.by.as_str())).collect();
    assert_eq!(replaced, [("old", "npm:@s/real@1.2.3"), ("b", "npm:c@1")]);
    let manifest = read(
        "Cargo.toml",
        "[package]\nname = \"x\"\nlicense = \"MIT\"\n[dependencies]\nserde = \"1\"\ntok = { package = \"tokenizers\", version = \"=0.20.0\" }\nshared.workspace = true\n\
         [target.'cfg(unix)'.dependencies]\nforms = { git = \"https://g/forms\", rev = \"abc\" }\n[patch.crates-io]\nserde = { git = \"https://g/serde\" }\nrand = { path = \"rand\" }\n",
    );
    assert_eq!(shown(&manifest), ["serde 1 5", "tokenizers =0.20.0 6", "forms git+https://g/forms@abc 9"]);
    assert_eq!(manifest.requirements[1].exact_version(), Some("0.20.0"));
    assert_eq!(manifest.replacements.iter().map(Replacement::is_local).collect::<Vec<_>>(), [false, true]);
    let manifest = read(
        "go.mod",
        "module example.com/x\n\ngo 1.22\n\nrequire github.com/a/b v1.0.0\n\nrequire (\n\tgithub.com/c/d v0.1.0 // indirect\n)\n\nreplace github.com/a/b v1.0.0 => github.com/e/f v1.1.0\n\nreplace (\n\tgithub.com/c/d => ../d\n)\n",
    );
    assert_eq!(shown(&manifest), ["github.com/a/b v1.0.0 5", "github.com/c/d v0.1.0 8"]);
    assert!(manifest.requirements[1].transitive);
    assert_eq!(manifest.replacements[0].by, "github.com/e/f@v1.1.0");
    assert!(manifest.replacements[1].is_local());
}
