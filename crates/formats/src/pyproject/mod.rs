//! `pyproject.toml`: dependencies of PEP 621, dependency groups, Poetry; indexes of uv and Poetry.
//!
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/>

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::requirements::{Index, Requirement, normalised_name};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// Python project files.
pub const FORMAT: Format = Format {
    name: "pyproject",
    extensions: &["toml"],
    recognise: |input| {
        if input.file_name() == "pyproject.toml" { Recognised::ByShape } else { Recognised::No }
    },
    parse: |input| {
        let (project, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::PyProject(project), defects, members: Vec::new() }
    },
};

/// What a project file says about what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PyProject {
    /// Name of the project.
    pub name: Option<String>,
    /// Dependencies of all groups and of the build, in order of their groups.
    pub requirements: Vec<Requirement>,
    /// Indexes of `[[tool.uv.index]]` and `[[tool.poetry.source]]`.
    pub indexes: Vec<Index>,
}

/// Reads a project file.
pub fn parse(input: &Input<'_>) -> (PyProject, Vec<Defect>) {
    let (text, mut defects) = crate::yaml::text_of(input.bytes, &input.budget.limits);
    let (root, errors) = DeTable::parse_recoverable(&text);
    if let Some(error) = errors.first() {
        let offset = error.span().map_or(0, |span| span.start as u64);
        defects.push(Defect::at("toml-syntax", offset, error.message().to_owned()));
    }
    let reader = Reader { text: &text };
    (reader.project(root.get_ref()), defects)
}

struct Reader<'a> {
    text: &'a str,
}

type Table<'a> = DeTable<'a>;

fn get<'t, 'a>(table: &'t Table<'a>, path: &str) -> Option<&'t Spanned<DeValue<'a>>> {
    let mut parts = path.split('.');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = value.get_ref().as_table()?.get(part)?;
    }
    Some(value)
}

fn table<'t, 'a>(root: &'t Table<'a>, path: &str) -> Option<&'t Table<'a>> {
    get(root, path)?.get_ref().as_table()
}

impl Reader<'_> {
    fn line(&self, offset: usize) -> u32 {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        u32::try_from(before.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap_or(u32::MAX)
    }

    fn project(&self, root: &Table<'_>) -> PyProject {
        let mut project = PyProject::default();
        let name = get(root, "project.name").or_else(|| get(root, "tool.poetry.name"));
        project.name = name.and_then(|name| name.get_ref().as_str()).map(str::to_owned);
        for path in ["project.dependencies", "build-system.requires", "tool.uv.dev-dependencies"] {
            if let Some(list) = get(root, path) {
                self.list(list.get_ref(), &mut project);
            }
        }
        for path in ["project.optional-dependencies", "dependency-groups"] {
            for list in table(root, path).into_iter().flat_map(|groups| groups.values()) {
                self.list(list.get_ref(), &mut project);
            }
        }
        for path in ["tool.poetry.dependencies", "tool.poetry.dev-dependencies"] {
            if let Some(dependencies) = table(root, path) {
                self.poetry(dependencies, &mut project);
            }
        }
        for group in table(root, "tool.poetry.group").into_iter().flat_map(|groups| groups.values()) {
            if let Some(dependencies) =
                group.get_ref().as_table().and_then(|group| table(group, "dependencies"))
            {
                self.poetry(dependencies, &mut project);
            }
        }
        self.indexes(root, &mut project);
        self.uv_sources(root, &mut project);
        project
    }

    fn list(&self, value: &DeValue<'_>, project: &mut PyProject) {
        for item in value.as_array().into_iter().flat_map(|array| array.iter()) {
            if let Some(text) = item.get_ref().as_str() {
                project.requirements.push(Requirement::parse(text, self.line(item.span().start)));
            }
        }
    }

    /// `name = "^1.2"`, `name = { version = …, url = …, git = … }`.
    fn poetry(&self, dependencies: &Table<'_>, project: &mut PyProject) {
        for (name, value) in dependencies {
            let written = name.get_ref().to_string();
            if written == "python" {
                continue;
            }
            let line = self.line(name.span().start);
            let field = |key: &str| {
                let value = value.get_ref().as_table()?.get(key)?;
                value.get_ref().as_str().map(str::to_owned)
            };
            let version = value.get_ref().as_str().map(str::to_owned).or_else(|| field("version"));
            let specifier = match version.unwrap_or_default().replace(' ', "") {
                any if any == "*" => String::new(),
                // Poetry reads a bare version as exactly that one.
                bare if bare.starts_with(|c: char| c.is_ascii_digit()) => format!("=={bare}"),
                range => range,
            };
            project.requirements.push(Requirement {
                name: normalised_name(&written),
                written,
                specifier,
                url: field("url").or_else(|| field("git")).or_else(|| field("path")),
                line,
                ..Requirement::default()
            });
        }
    }

    fn indexes(&self, root: &Table<'_>, project: &mut PyProject) {
        for (path, main) in [("tool.uv.index", "default"), ("tool.poetry.source", "priority")] {
            for item in get(root, path).and_then(|list| list.get_ref().as_array()).into_iter().flatten() {
                let Some(index) = item.get_ref().as_table() else { continue };
                let Some(url) = get(index, "url").and_then(|url| url.get_ref().as_str()) else { continue };
                let takes_the_place = get(index, main).is_some_and(|value| match value.get_ref() {
                    DeValue::Boolean(default) => *default,
                    // An explicit source only serves packages that name it.
                    DeValue::String(priority) => {
                        matches!(priority.as_ref(), "default" | "primary" | "explicit")
                    }
                    _ => false,
                });
                let explicit =
                    get(index, "explicit").and_then(|value| value.get_ref().as_bool()) == Some(true);
                let line = self.line(item.span().start);
                project.indexes.push(Index {
                    url: url.to_owned(),
                    extra: !takes_the_place && !explicit,
                    line,
                });
            }
        }
        for (path, extra) in [("tool.uv.index-url", false), ("tool.uv.extra-index-url", true)] {
            let Some(value) = get(root, path) else { continue };
            let line = self.line(value.span().start);
            let urls: Vec<&str> = match value.get_ref() {
                DeValue::String(url) => vec![url.as_ref()],
                DeValue::Array(urls) => urls.iter().filter_map(|url| url.get_ref().as_str()).collect(),
                _ => Vec::new(),
            };
            project.indexes.extend(urls.into_iter().map(|url| Index { url: url.to_owned(), extra, line }));
        }
    }

    /// `[tool.uv.sources]` sends a named dependency to a URL or repository.
    fn uv_sources(&self, root: &Table<'_>, project: &mut PyProject) {
        for (name, source) in table(root, "tool.uv.sources").into_iter().flatten() {
            let Some(source) = source.get_ref().as_table() else { continue };
            let url = ["git", "url"].iter().find_map(|key| get(source, key)?.get_ref().as_str());
            let wanted = normalised_name(name.get_ref());
            for requirement in
                project.requirements.iter_mut().filter(|requirement| requirement.name == wanted)
            {
                if let Some(url) = url {
                    let pin = ["rev", "tag"].iter().find_map(|key| get(source, key)?.get_ref().as_str());
                    requirement.url = Some(pin.map_or_else(|| url.to_owned(), |pin| format!("{url}@{pin}")));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn read(text: &str) -> (PyProject, Vec<Defect>) {
        parse(&Input::new("pyproject.toml", text.as_bytes(), &Budget::default()))
    }

    #[test]
    fn dependencies_of_every_dialect_are_read_with_their_lines() {
        let (project, defects) = read(
            "[project]\nname = \"x\"\ndependencies = [\n  \"numpy>=2\",\n  \"torch==2.5.1\",\n]\n[project.optional-dependencies]\ngpu = [\"cupy\"]\n\
             [dependency-groups]\ndev = [\"pytest==8.0.0\", {include-group = \"x\"}]\n[tool.poetry.dependencies]\npython = \"^3.11\"\nscipy = \"1.14.0\"\n\
             pandas = \"^2\"\nforms = { git = \"https://g.example/forms.git\" }\n",
        );
        assert_eq!(defects, []);
        let seen: Vec<_> =
            project.requirements.iter().map(|r| (r.name.as_str(), r.specifier.as_str(), r.line)).collect();
        assert_eq!(
            seen,
            [
                ("numpy", ">=2", 4),
                ("torch", "==2.5.1", 5),
                ("cupy", "", 8),
                ("pytest", "==8.0.0", 10),
                ("forms", "", 15),
                ("pandas", "^2", 14),
                ("scipy", "==1.14.0", 13),
            ]
        );
        assert_eq!(project.requirements[4].url.as_deref(), Some("https://g.example/forms.git"));
    }

    #[test]
    fn indexes_beside_the_main_one_are_told_apart() {
        let (project, _) = read(
            "[[tool.uv.index]]\nurl = \"https://a.example\"\n[[tool.uv.index]]\nurl = \"https://b.example\"\ndefault = true\n\
             [[tool.uv.index]]\nurl = \"https://c.example\"\nexplicit = true\n",
        );
        assert_eq!(project.indexes.iter().map(|index| index.extra).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn broken_files_give_a_defect() {
        let (_, defects) = read("[project\nname = ");
        assert_eq!(defects[0].code, "toml-syntax");
        let deep = format!("a = {}", "[".repeat(20_000));
        assert_eq!(read(&deep).1[0].code, "toml-syntax");
    }
}
