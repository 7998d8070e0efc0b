//! What stands before an instruction text: name, description, tools, permissions, hooks.

use crate::Limits;
use crate::agent::settings::{self, Settings};
use crate::yaml::{self, Node};

/// Front matter of a skill, sub-agent, command or rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Front {
    /// Its name; empty if none is written.
    pub name: String,
    /// What it says of itself, which is what a model chooses it by.
    pub description: String,
    /// The model it asks for.
    pub model: Option<String>,
    /// Tools that it is limited to.
    pub tools: Vec<String>,
    /// Permissions and hooks.
    pub settings: Settings,
    /// Everything.
    pub root: Node,
}

/// Reads the front matter, if a text begins with one. Broken YAML is none: many clients read `key: value` by line.
pub(super) fn read(text: &str, limits: &Limits) -> Option<Front> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let rest = text.strip_prefix("---")?;
    let (first, rest) = rest.split_once('\n')?;
    if !first.trim().is_empty() || rest.len() < 3 {
        return None;
    }
    let end = if rest.starts_with("---") { 0 } else { rest.find("\n---")? + 1 };
    // An empty line stands for the fence, so that lines are those of the file.
    let front = format!("\n{}", rest.get(..end)?);
    let mut read = yaml::read_text(&front, limits);
    let mut root = read.documents.drain(..).next().unwrap_or_default();
    if !read.defects.is_empty() || !root.is_map() {
        root = by_line(&front);
    }
    let text = |key: &str| root.get(key).text_or_empty().trim().to_owned();
    let tools = root.get("tools");
    let tools = match tools.text() {
        Some(text) => {
            text.split(',').map(|tool| tool.trim().to_owned()).filter(|tool| !tool.is_empty()).collect()
        }
        None => tools.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect(),
    };
    Some(Front {
        name: text("name"),
        description: text("description"),
        model: root.get("model").text().map(str::to_owned),
        tools,
        settings: settings::read(&root),
        root,
    })
}

/// `key: value` line by line.
fn by_line(front: &str) -> Node {
    let entries = front
        .lines()
        .zip(1_u32..)
        .filter_map(|(line, number)| {
            let (key, value) = line.split_once(':')?;
            let key = key.trim_end();
            let plain = !key.is_empty()
                && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            plain.then(|| yaml::Entry {
                key: key.to_owned(),
                line: number,
                node: Node::scalar(number, value.trim(), false),
            })
        })
        .take(1000)
        .collect();
    Node { line: 1, value: yaml::Value::Map(entries) }
}
