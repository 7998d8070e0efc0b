//! Continuous integration: GitHub Actions, GitLab CI and Jenkins in one shape - jobs, steps, what starts them and what
//! they may do.
//!
//! <https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions>,
//! <https://docs.gitlab.com/ci/yaml/>, <https://www.jenkins.io/doc/book/pipeline/syntax/>.

mod github;
mod gitlab;
mod jenkins;
#[cfg(test)]
mod tests;

use crate::{Defect, Facts, Format, Input, Parsed, Recognised, yaml};

/// The format.
pub const FORMAT: Format = Format {
    name: "ci",
    extensions: &["yaml", "yml"],
    recognise,
    parse: |input| {
        let (ci, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Ci(ci), defects, members: Vec::new() }
    },
};

/// Whose pipeline it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum System {
    /// A workflow or an action of GitHub.
    #[default]
    GitHub,
    /// GitLab.
    GitLab,
    /// Jenkins, declarative or scripted.
    Jenkins,
}

impl System {
    /// The word for it, `github-actions`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "github-actions",
            Self::GitLab => "gitlab-ci",
            Self::Jenkins => "jenkins",
        }
    }
}

/// The facts of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ci {
    /// The text, for what looks at lines.
    pub source: String,
    /// Whose it is.
    pub system: System,
    /// Its name, if it says one.
    pub name: String,
    /// Events that start it, `pull_request_target`.
    pub triggers: Vec<(String, u32)>,
    /// Rights of the token for all jobs: `contents: write`, or `write-all`.
    pub permissions: Vec<Permission>,
    /// In the order written.
    pub jobs: Vec<Job>,
    /// Pipelines taken in from elsewhere: address or `project@ref`, with the line.
    pub includes: Vec<Include>,
    /// Variables for all jobs.
    pub variables: Vec<Variable>,
}

/// A right of the workflow's token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `contents`; `*` for all.
    pub scope: String,
    /// `read`, `write`, `none`.
    pub access: String,
    /// One-based line.
    pub line: u32,
}

/// A pipeline taken in from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// `remote`, `project`, `template`, `local`, `component`.
    pub kind: String,
    /// Address, path or project.
    pub place: String,
    /// Branch, tag or commit, if it names one.
    pub reference: Option<String>,
    /// One-based line.
    pub line: u32,
}

/// A variable with its value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// One-based line.
    pub line: u32,
}

/// One job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Job {
    /// Its key.
    pub name: String,
    /// One-based line.
    pub line: u32,
    /// Labels of the machine it runs on.
    pub runners: Vec<String>,
    /// Rights of its own; none if those of the file hold.
    pub permissions: Vec<Permission>,
    /// Images that it runs in or beside, with their line.
    pub images: Vec<(String, u32)>,
    /// Options of its container, `--privileged`.
    pub options: String,
    /// Condition.
    pub condition: String,
    /// Jobs that must have run before.
    pub needs: Vec<String>,
    /// Variables.
    pub variables: Vec<Variable>,
    /// In order.
    pub steps: Vec<Step>,
    /// Another workflow that it calls.
    pub calls: Option<String>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Its name or number, `2`.
    pub name: String,
    /// One-based line.
    pub line: u32,
    /// Action, `actions/checkout@v4`.
    pub uses: String,
    /// Shell commands.
    pub run: String,
    /// Line of the commands.
    pub run_line: u32,
    /// Whether the commands are PowerShell, Python or the like.
    pub shell: String,
    /// Condition.
    pub condition: String,
    /// Inputs of the action.
    pub with: Vec<Variable>,
    /// Variables.
    pub variables: Vec<Variable>,
}

impl Ci {
    /// Whether one of these events starts it.
    pub fn starts_on(&self, events: &[&str]) -> bool {
        self.triggers.iter().any(|(event, _)| events.contains(&event.as_str()))
    }

    /// The conditions that a job runs under: its own and those of the jobs that it needs.
    pub fn conditions<'a>(&'a self, job: &'a Job) -> Vec<&'a str> {
        let mut waiting = vec![job];
        let mut conditions = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        while let Some(job) = waiting.pop().filter(|_| seen.len() < 64) {
            if seen.contains(&job.name.as_str()) {
                continue;
            }
            seen.push(&job.name);
            conditions.push(job.condition.as_str());
            waiting.extend(self.jobs.iter().filter(|other| job.needs.contains(&other.name)));
        }
        conditions
    }

    /// The rights that hold in a job.
    pub fn rights<'a>(&'a self, job: &'a Job) -> &'a [Permission] {
        if job.permissions.is_empty() { &self.permissions } else { &job.permissions }
    }
}

impl Step {
    /// The action without its version, `actions/checkout`.
    pub fn action(&self) -> &str {
        self.uses.split('@').next().unwrap_or_default()
    }

    /// An input of the action.
    pub fn input(&self, name: &str) -> Option<&Variable> {
        self.with.iter().find(|input| input.name == name)
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    let name = input.file_name();
    if name == "Jenkinsfile" || name.starts_with("Jenkinsfile.") || input.extension() == "jenkinsfile" {
        return Recognised::ByShape;
    }
    if !matches!(input.extension().as_str(), "yaml" | "yml") {
        return Recognised::No;
    }
    if name.ends_with(".gitlab-ci.yml") || name.ends_with(".gitlab-ci.yaml") {
        return Recognised::ByMagic;
    }
    let in_workflows =
        input.name.rsplit_once('/').is_some_and(|(folder, _)| folder.ends_with(".github/workflows"));
    let is_action = matches!(name, "action.yml" | "action.yaml");
    let head = String::from_utf8_lossy(input.head(1 << 16));
    let has = |key: &str| head.lines().any(|line| line.trim_start_matches('\u{feff}').starts_with(key));
    if (in_workflows && has("jobs:")) || (is_action && has("runs:")) {
        Recognised::ByMagic
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> (Ci, Vec<Defect>) {
    let (source, mut defects) = yaml::text_of(input.bytes, &input.budget.limits);
    let mut ci = match input.file_name() {
        name if name.starts_with("Jenkinsfile") || name.ends_with(".jenkinsfile") => jenkins::read(&source),
        name => {
            let mut read = yaml::read(input);
            defects.append(&mut read.defects);
            let root = read.documents.iter().find(|document| document.is_map());
            let root = root.cloned().unwrap_or_default();
            if name.contains(".gitlab-ci.") { gitlab::read(&root) } else { github::read(&root) }
        }
    };
    ci.source = source.into_owned();
    (ci, defects)
}
