//! Finds and reads what the owner declared.

use std::path::Path;

use anyhow::{Context, bail};
use vauban_connect::Content;
use vauban_domain::Declaration;
use vauban_formats::declaration::{Vocabulary, nearest, parse_with, render_problem};
use vauban_knowledge::Knowledge;

use crate::DeclarationSource;

/// Name of the declaration at the root of what is reviewed.
const FILE_NAME: &str = "vauban.toml";

/// Reads the declaration; an absent one at the root declares nothing.
///
/// # Errors
/// When it cannot be read or says something wrong: a mistyped key must not silently drop a claim.
pub fn read(root: &Path, source: &DeclarationSource) -> anyhow::Result<Declaration> {
    let at_root = root.join(FILE_NAME);
    let (path, name) = match source {
        DeclarationSource::File(path) => (path, path.to_string_lossy().into_owned()),
        DeclarationSource::AtRoot if at_root.is_file() => (&at_root, FILE_NAME.to_owned()),
        DeclarationSource::AtRoot | DeclarationSource::None => return Ok(Declaration::default()),
    };
    let mut declaration = read_file(path, &name)?;
    for include in declaration.includes.clone() {
        let inside = Path::new(&include.path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_) | std::path::Component::CurDir));
        if !inside {
            bail!(
                "{}: `{}` is not below the folder under review; include a file that is",
                include.locator,
                include.path
            );
        }
        let included = read_file(&root.join(&include.path), &include.path)
            .with_context(|| format!("{} includes it", include.locator))?;
        if let Some(nested) = included.includes.first() {
            bail!(
                "{}: an included file includes another; name `{}` in {FILE_NAME}",
                nested.locator,
                nested.path
            );
        }
        let twice = included
            .systems
            .iter()
            .find(|system| declaration.systems.iter().any(|known| known.name == system.name));
        if let Some(twice) = twice {
            bail!(
                "{}: a system called `{}` is declared already; give each its own name",
                twice.locator,
                twice.name
            );
        }
        declaration.take_in(included);
    }
    for statement in &declaration.requirements {
        let systems = || declaration.systems.iter().map(|system| system.name.as_str());
        if !statement.system.is_empty() && !systems().any(|name| name == statement.system) {
            let instead = match nearest(&statement.system, systems()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a [[system]], or leave `system` out for the organisation".to_owned(),
            };
            bail!("{}: no system is called `{}`; {instead}", statement.locator, statement.system);
        }
    }
    Ok(declaration)
}

/// Reads one file; `name` is what locators say.
fn read_file(path: &Path, name: &str) -> anyhow::Result<Declaration> {
    let content = Content::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let text = std::str::from_utf8(&content)
        .with_context(|| format!("`{}` is not UTF-8; save it as UTF-8", path.display()))?;
    // A statement about a requirement that does not exist would speak of nothing, and nobody would notice.
    let requirements = &Knowledge::builtin().requirements;
    let (ids, frameworks) = (requirements.ids().collect::<Vec<_>>(), requirements.names());
    let vocabulary = Vocabulary {
        frameworks: &frameworks.iter().map(String::as_str).collect::<Vec<_>>(),
        requirements: &ids.iter().map(String::as_str).collect::<Vec<_>>(),
        ..Vocabulary::default()
    };
    let (declaration, problems) = parse_with(text, name, vocabulary);
    if !problems.is_empty() {
        let shown: Vec<_> = problems.iter().take(10).map(|problem| render_problem(text, problem)).collect();
        bail!("`{}` has {} mistakes\n{}", path.display(), problems.len(), shown.join("\n"));
    }
    Ok(declaration)
}
