//! What a bill of materials says, whoever wrote it in whichever format.

/// A bill of materials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bom {
    /// `CycloneDX 1.6`, `SPDX-2.3`, `SPDX 3.0.1`.
    pub format: String,
    /// Serial number or namespace.
    pub serial: Option<String>,
    /// When it was made, as written.
    pub created: Option<String>,
    /// What made it, `syft 1.30`.
    pub tools: Vec<String>,
    /// Who made it.
    pub authors: Vec<String>,
    /// Reference of what it is about.
    pub subject: Option<String>,
    /// Name of what it is about.
    pub name: Option<String>,
    /// Components and services, in stored order.
    pub components: Vec<Component>,
    /// What needs or was made of what.
    pub dependencies: Vec<Dependency>,
    /// Vulnerabilities with what was decided about them.
    pub vulnerabilities: Vec<Vulnerability>,
}

/// What a component is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A trained model.
    Model,
    /// Data.
    Data,
    /// Something that answers requests.
    Service,
    /// A container image.
    Container,
    /// An operating system.
    System,
    /// A file of its own.
    File,
    /// An application, mostly the subject.
    Application,
    /// A package.
    #[default]
    Package,
}

/// One component or service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// What the document calls it; unique in sound documents.
    pub reference: String,
    /// What it is.
    pub kind: Kind,
    /// Name with its group before it, `@scope/name`, `org.example/name`.
    pub name: String,
    /// Version as written; empty if there is none.
    pub version: String,
    /// Package URL.
    pub purl: Option<String>,
    /// Licences: ids, expressions or names, in stored order.
    pub licences: Vec<String>,
    /// Algorithm in lower case without hyphen (`sha256`) and hexadecimal value.
    pub hashes: Vec<(String, String)>,
    /// Who supplies it.
    pub supplier: Option<String>,
    /// What it is, in words.
    pub description: Option<String>,
    /// Where it comes from or answers.
    pub addresses: Vec<String>,
    /// Facts of its model card or data description under our names: `task`, `architecture`, `limitations` ...
    pub card: Vec<(String, String)>,
    /// References of data it was trained or tested on, and of what it was made from.
    pub datasets: Vec<String>,
    /// Names or package URLs of its ancestors.
    pub ancestors: Vec<String>,
    /// One-based line; 0 where the format has none.
    pub line: u32,
}

/// An edge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependency {
    /// Reference where it starts.
    pub from: String,
    /// `dependsOn`, `contains`, `trainedOn`, `testedOn`, `ancestorOf` ...
    pub kind: String,
    /// Reference where it ends.
    pub to: String,
}

/// A vulnerability.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vulnerability {
    /// CVE, GHSA or another id.
    pub id: String,
    /// Worst severity of its ratings.
    pub severity: Option<String>,
    /// References of components that it is about.
    pub affects: Vec<String>,
    /// What was decided: `not_affected`, `exploitable`, `in_triage` ...
    pub state: Option<String>,
    /// Why it has no effect.
    pub justification: Option<String>,
    /// In whose words.
    pub detail: Option<String>,
    /// One-based line.
    pub line: u32,
}

impl Bom {
    /// Drops what is over the bound; true if something was.
    pub(super) fn bound(&mut self, most: usize) -> bool {
        let over = self.components.len() > most
            || self.dependencies.len() > most
            || self.vulnerabilities.len() > most;
        self.components.truncate(most);
        self.dependencies.truncate(most);
        self.vulnerabilities.truncate(most);
        over
    }

    /// Whether this tool is named as what made it.
    pub fn is_made_by(&self, tool: &str) -> bool {
        self.tools.iter().any(|name| name.split([' ', '-']).next() == Some(tool))
    }
}

/// Algorithm names without the hyphens in which formats differ.
pub(super) fn algorithm(name: &str) -> String {
    name.to_lowercase().replace("sha-", "sha").replace("sha3-", "sha3_").replace('_', "-")
}
