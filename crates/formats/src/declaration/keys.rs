//! Every key of `vauban.toml`: what checks spelling and what the reference page is made of.

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A list of texts.
    Texts,
    /// A list of whole numbers, 1 or more.
    Counts,
    /// Any number.
    Number,
    /// An amount, 0 or more.
    Amount,
    /// A number from 0 to 1.
    Probability,
    /// A whole number, 0 or more.
    Count,
    /// A date, `2026-11-20`.
    Date,
    /// Free names with text values.
    TextTable,
    /// Free names with numbers.
    NumberTable,
    /// `[system.losses.<kind>]` tables with `low` and `high`.
    Losses,
}

impl Kind {
    /// How the reference page calls it.
    pub fn describe(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Word(words) => words.join(" | "),
            Self::Texts => "list of texts".to_owned(),
            Self::Counts => "list of whole numbers, 1 or more".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Amount => "amount, 0 or more".to_owned(),
            Self::Probability => "number from 0 to 1".to_owned(),
            Self::Count => "whole number, 0 or more".to_owned(),
            Self::Date => "date".to_owned(),
            Self::TextTable => "table of texts".to_owned(),
            Self::NumberTable => "table of numbers".to_owned(),
            Self::Losses => {
                "tables `confidentiality`, `integrity`, `availability`, `safety`, `compliance`".to_owned()
            }
        }
    }
}

/// One key of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Section, `system`.
    pub section: &'static str,
    /// Name within it.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What holds without it; `required` where it must be there.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Sections that may be repeated, and what one entry is.
pub const SECTIONS: &[(&str, bool, &str)] = &[
    ("accept", true, "a finding that the owner lives with"),
    ("appetite", true, "a point of the accepted loss curve"),
    ("asset", true, "an asset, or facts about one, that discovery cannot see"),
    ("claim", true, "a control that someone says is in place"),
    ("compliance", false, "which frameworks to hold the systems to"),
    ("control", true, "what the owner knows better about a control than the library does"),
    ("flow", true, "data or instructions that go from one asset to another; further texts become its facts"),
    ("import", true, "results of another engine that the review takes in"),
    ("incident", true, "something that happened; it outweighs assumptions about how often it does"),
    ("include", true, "a further declaration that is read as part of this one"),
    ("log", true, "a log that the review reads"),
    ("model", true, "a threat model of another tool, whose components and flows count as declared here"),
    ("organisation", false, "who this is about"),
    ("plan", false, "what the plan may cost"),
    ("remediation", false, "days until findings have to be closed, by severity"),
    ("requirement", true, "what someone says about one requirement of a framework"),
    ("review", false, "how often to look"),
    ("reviewer", true, "a person who signs off reviews"),
    ("source", true, "a running service or a store that is asked what it holds where `--live` says so"),
    ("system", true, "a group of assets with an owner and a value"),
    ("target", true, "an endpoint that a test may attack, where `--live` says so, and within which bounds"),
    ("test", true, "permission to attack a model, and what with"),
    ("vendor", true, "a third party"),
];

/// Kinds of loss.
pub const LOSSES: &[&str] = &["availability", "compliance", "confidentiality", "integrity", "safety"];

/// Ways along a flow.
const DIRECTIONS: &[&str] = &["backward", "both", "forward", "none"];

const ASSET_KINDS: &[&str] = &[
    "agent",
    "dataset",
    "endpoint",
    "identity",
    "infrastructure",
    "model",
    "notebook",
    "package",
    "pipeline",
    "prompt",
    "tool",
];

const fn key(
    section: &'static str,
    name: &'static str,
    kind: Kind,
    default: &'static str,
    meaning: &'static str,
) -> Key {
    Key { section, name, kind, default, meaning }
}

/// Every key, by section, in the order in which people write them.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("accept", "fingerprint", Kind::Text, "required", "sixteen digits of the finding, as reports show them"),
    key("accept", "reason", Kind::Text, "required", "why the owner lives with it"),
    key("accept", "until", Kind::Date, "required", "last day of the acceptance"),
    key("appetite", "loss", Kind::Amount, "required", "loss in a year, in the organisation's currency"),
    key("appetite", "probability", Kind::Probability, "required", "accepted chance of losing more than that in a year"),
    key("asset", "kind", Kind::Word(ASSET_KINDS), "required", "kind of asset"),
    key("asset", "name", Kind::Text, "required", "name; with the kind it makes the id `kind:name`"),
    key("asset", "component", Kind::Text, "the kind's usual one", "MAESTRO component kind, `inference_endpoint`"),
    key("asset", "attributes", Kind::TextTable, "none", "facts to add, `exposure = \"internet\"`"),
    key("claim", "control", Kind::Text, "required", "id of a control (`vauban explain` lists them)"),
    key("claim", "applies_to", Kind::Texts, "everything", "systems, asset ids or path patterns it is claimed for"),
    key("claim", "owner", Kind::Text, "empty", "who says so"),
    key("claim", "date", Kind::Date, "required", "when it was last said to be true"),
    key("claim", "statement", Kind::Text, "empty", "in whose words"),
    key("claim", "settings", Kind::NumberTable, "none", "numbers an exercise can put to the test, `requests_per_minute = 60`"),
    key("compliance", "frameworks", Kind::Texts, "those that the systems call for", "frameworks to assess, `eu-ai-act` or `iso-42001@2023`"),
    key("flow", "from", Kind::Text, "required", "asset id or path pattern; `outside` is the world"),
    key("flow", "to", Kind::Text, "required", "asset id or path pattern; `outside` is the world"),
    key("flow", "data", Kind::Texts, "none", "classes of data"),
    key("flow", "boundary", Kind::Text, "none", "name of the trust boundary it crosses"),
    key("flow", "protocol", Kind::Text, "empty", "how it travels"),
    key("flow", "authentication", Kind::Text, "empty", "how the other side is known"),
    key("flow", "identity", Kind::Word(&["anonymous", "delegated", "service", "shared-key", "user"]), "not known", "on whose authority the target acts"),
    key("flow", "instructions", Kind::Word(DIRECTIONS), "not known", "which way instructions travel: who can tell whom what to do"),
    key("flow", "data_direction", Kind::Word(DIRECTIONS), "not known", "which way data travels"),
    key("flow", "persistence", Kind::Word(&["memory", "none", "training"]), "not known", "where what arrives stays: in a memory, in training data, nowhere"),
    key("flow", "human_gate", Kind::Text, "empty", "`yes` where a person looks at it first"),
    key("flow", "rate_limit", Kind::Amount, "not known", "requests a minute at most"),
    key("flow", "tenancy", Kind::Word(&["shared", "single"]), "not known", "whether tenants share it"),
    key("control", "control", Kind::Text, "required", "id of a control (`vauban explain` lists them)"),
    key("control", "owner", Kind::Text, "the system's", "who puts it in place"),
    key("control", "cost_low", Kind::Amount, "the library's", "first-year cost, low end"),
    key("control", "cost_high", Kind::Amount, "the library's", "first-year cost, high end"),
    key("control", "effectiveness_low", Kind::Probability, "the library's", "share of attempts it stops, pessimistic"),
    key("control", "effectiveness", Kind::Probability, "the library's", "share of attempts it stops, most likely"),
    key("control", "effectiveness_high", Kind::Probability, "the library's", "share of attempts it stops, optimistic"),
    key("control", "utility_cost", Kind::Probability, "the library's", "share of usefulness it takes away"),
    key("import", "path", Kind::Text, "required", "file of results below the root: SARIF, or the output of a known engine"),
    key("incident", "date", Kind::Date, "required", "when it happened"),
    key("incident", "system", Kind::Text, "required", "system it happened to"),
    key("incident", "impact", Kind::Word(LOSSES), "required", "kind of loss"),
    key("incident", "loss", Kind::Amount, "not known", "what it cost"),
    key("incident", "what", Kind::Text, "empty", "what happened, in a line"),
    key("include", "path", Kind::Text, "required", "path of the declaration below the root"),
    key("log", "path", Kind::Text, "required", "path pattern of the log"),
    key("log", "format", Kind::Text, "otel-ndjson", "format of the log"),
    key("log", "about", Kind::Text, "empty", "asset id or pattern of what the log is about"),
    key("model", "path", Kind::Text, "required", "path of the model below the root: Threagile, Open Threat Model, OWASP Threat Dragon, pytm or CycloneDX"),
    key("organisation", "name", Kind::Text, "empty", "name of the organisation"),
    key("organisation", "currency", Kind::Text, "EUR", "ISO 4217 code of every amount"),
    key("plan", "budget", Kind::Amount, "not declared", "money for controls in the first year"),
    key("remediation", "critical", Kind::Count, "7", "days until a critical finding has to be closed"),
    key("remediation", "high", Kind::Count, "30", "days until a high one has to be"),
    key("remediation", "medium", Kind::Count, "90", "days until a medium one has to be"),
    key("remediation", "low", Kind::Count, "180", "days until a low one has to be"),
    key("requirement", "requirement", Kind::Text, "required", "id with edition, `A.4.2@2023`"),
    key("requirement", "system", Kind::Text, "the organisation", "system it is about"),
    key("requirement", "status", Kind::Word(&["not-applicable", "not-satisfied", "partly", "satisfied"]), "required", "how it stands"),
    key("requirement", "reason", Kind::Text, "required", "why"),
    key("requirement", "owner", Kind::Text, "empty", "who says so"),
    key("requirement", "date", Kind::Date, "required", "when it was last said to be true"),
    key("requirement", "evidence", Kind::Texts, "none", "paths below the root of what shows it"),
    key("review", "every_days", Kind::Count, "90", "days between reviews"),
    key("review", "half_life_days", Kind::Count, "90", "days after which evidence is worth one rung less"),
    key("reviewer", "name", Kind::Text, "required", "name, as a signature gives it"),
    key("reviewer", "role", Kind::Word(&["data-science", "owner", "security"]), "required", "in which role"),
    key("reviewer", "systems", Kind::Texts, "all", "systems they answer for"),
    key("reviewer", "key", Kind::Text, "none", "path of their public key below the root"),
    key("source", "kind", Kind::Word(&["bucket", "host", "mlflow"]), "required", "what it is: a bucket to list, a host to recognise, an MLflow server to read"),
    key("source", "url", Kind::Text, "required", "its address, `https://mlflow.example`, `s3://bucket/folder`"),
    key("source", "token_env", Kind::Text, "none", "environment variable that holds a token for it"),
    key("source", "token_header", Kind::Text, "authorization, as a bearer token", "header that carries the token, `api-key`"),
    key("source", "user_env", Kind::Text, "none", "environment variable that holds a user's name"),
    key("source", "password_env", Kind::Text, "none", "environment variable that holds the password"),
    key("system", "name", Kind::Text, "required", "what the business calls it"),
    key("system", "owner", Kind::Text, "empty", "who answers for it"),
    key("system", "criticality", Kind::Word(&["low", "medium", "high", "critical"]), "medium", "how much hangs on it"),
    key("system", "purpose", Kind::Text, "empty", "what it does, for readers of reports"),
    key("system", "assets", Kind::Texts, "none", "asset ids or path patterns of what belongs to it"),
    key("system", "exposure", Kind::Word(&["local", "internal", "partner", "internet"]), "internal", "who can reach it"),
    key("system", "data", Kind::Texts, "none", "classes of data, `health`, `personal`"),
    key("system", "every_days", Kind::Count, "that of [review]", "days between its reviews"),
    key("system", "incidents_since", Kind::Date, "not declared", "since when every incident is on record, so that none is evidence too"),
    key("system", "role", Kind::Word(&["deployer", "distributor", "importer", "provider"]), "not declared", "what the organisation is to it under the EU AI Act"),
    key("system", "risk_class", Kind::Word(&["gpai", "gpai-systemic", "high-annex-i", "high-annex-iii", "minimal", "prohibited", "transparency"]), "not declared", "its class under the EU AI Act"),
    key("system", "regions", Kind::Texts, "not declared", "where it is used, `eu`, `us`"),
    key("system", "in_service", Kind::Date, "not declared", "when it was put on the market or into service"),
    key("system", "losses", Kind::Losses, "none", "loss per event by kind, as a range `low`, `high` that the owner is 90 % sure of; with `likely` between them, the least, most likely and most that it can cost"),
    key("target", "name", Kind::Text, "required", "name, for `served` in a test"),
    key("target", "url", Kind::Text, "required", "address; nothing is sent to another host or path, redirects are not followed"),
    key("target", "protocol", Kind::Word(&["custom", "mlflow", "sagemaker", "tensorflow", "v2"]), "required", "how it is asked; `v2` is the Open Inference Protocol"),
    key("target", "budget", Kind::Count, "required", "rows that may be sent in all, over all runs with the same journal"),
    key("target", "requests_per_second", Kind::Amount, "10", "requests per second at most"),
    key("target", "batch", Kind::Count, "32", "rows in one request at most"),
    key("target", "from", Kind::Date, "always", "start of the window in which it may be asked (RFC 3339)"),
    key("target", "until", Kind::Date, "always", "end of the window"),
    key("target", "timeout_seconds", Kind::Count, "30", "seconds an answer may take"),
    key("target", "journal", Kind::Text, "vauban-journal/NAME.jsonl", "file for what was sent and answered; a run goes on from it"),
    key("target", "model", Kind::Text, "from the address", "name of the model"),
    key("target", "version", Kind::Text, "the server's choice", "version of the model"),
    key("target", "input", Kind::Text, "the only one", "name of the input"),
    key("target", "output", Kind::Text, "the likeliest", "name of the output, or key of the answers"),
    key("target", "format", Kind::Word(&["csv", "dataframe_split", "inputs", "instances", "json"]), "inputs for mlflow, csv for sagemaker", "form of the body"),
    key("target", "columns", Kind::Texts, "none", "names of columns, for `dataframe_split`"),
    key("target", "datatype", Kind::Word(&["FP16", "FP32", "FP64"]), "what the server tells, else FP32", "element type of protocol v2"),
    key("target", "body", Kind::Text, "none", "JSON body of protocol custom, with `$inputs` for the list of rows or `$input` for one"),
    key("target", "pointer", Kind::Text, "the whole answer", "JSON pointer to the answers of protocol custom"),
    key("target", "answers", Kind::Word(&["labels", "probability", "scores"]), "what the first answer shows", "what the model answers with; `probability` is that of class 1"),
    key("target", "labels", Kind::Texts, "numbers", "names of the classes in the order of their numbers"),
    key("target", "classes", Kind::Count, "from answers and labels", "number of classes"),
    key("target", "shape", Kind::Counts, "that of the inputs", "extents of one sample"),
    key("target", "low", Kind::Number, "0", "smallest value of an input"),
    key("target", "high", Kind::Number, "1", "largest value of an input"),
    key("target", "headers", Kind::TextTable, "none", "headers to send as they stand; no secrets"),
    key("target", "headers_env", Kind::TextTable, "none", "headers whose values are in environment variables, `api-key = \"MY_KEY\"`"),
    key("target", "token_env", Kind::Text, "none", "environment variable that holds a bearer token"),
    key("test", "model", Kind::Text, "required without served", "path of the model"),
    key("test", "served", Kind::Text, "none", "name of the target to attack instead of a file"),
    key("test", "endpoint", Kind::Text, "none", "name of the target where the model of the file is deployed; examples found are sent there where `--live` says so"),
    key("test", "inputs", Kind::Text, "required", "path of the inputs (NPY, CSV or Parquet)"),
    key("test", "labels", Kind::Text, "a column of the inputs", "path of the labels (NPY, CSV or Parquet)"),
    key("test", "label_column", Kind::Text, "the last", "column of the inputs that holds the labels"),
    key("test", "schema", Kind::Text, "none", "path of the columns and relations of tabular inputs (TOML); attacks then keep to them"),
    key("test", "train_inputs", Kind::Text, "none", "path of inputs that the model was trained on, to infer membership"),
    key("test", "train_labels", Kind::Text, "a column of them", "path of their labels"),
    key("test", "hidden_columns", Kind::Texts, "none", "columns whose values an attacker tries to infer, by number from 0 or by the schema's names"),
    key("test", "smoothing", Kind::Amount, "0", "deviation of the noise for certificates by randomised smoothing; 0 for none"),
    key("test", "norm", Kind::Word(&["linf", "l2", "l1"]), "linf", "norm that perturbations are measured in"),
    key("test", "eps", Kind::Amount, "0.1", "largest perturbation, in that norm and the units of the inputs"),
    key("test", "suite", Kind::Word(&["quick", "standard", "full"]), "quick", "which attacks to run: a few, the strong ones in sequence, or all"),
    key("test", "attacks", Kind::Texts, "those of the suite", "attacks by name, as `vauban attack --list` gives them"),
    key("test", "exercise", Kind::Texts, "square-linf and extraction", "attacks by name that exercises replay through detections and controls"),
    key("test", "groups", Kind::Text, "none", "path of the group of each sample (NPY), for a breakdown"),
    key("test", "against", Kind::Text, "none", "path of the model's last version; being measurably less robust is a finding"),
    key("test", "samples", Kind::Count, "500", "samples to attack at most"),
    key("test", "queries", Kind::Count, "1000", "queries per sample at most"),
    key("test", "seed", Kind::Count, "1", "seed of everything random"),
    key("test", "minimum_robust_accuracy", Kind::Probability, "0.5", "robust accuracy below which the model is called weak"),
    key("test", "membership_area", Kind::Probability, "0.6", "area under the curve of membership inference above which the model leaks"),
    key("test", "copy_fidelity", Kind::Probability, "0.9", "agreement from which a copy by queries is a finding"),
    key("vendor", "name", Kind::Text, "required", "name of the third party"),
    key("vendor", "supplies", Kind::Text, "empty", "what it supplies"),
    key("vendor", "assets", Kind::Texts, "none", "asset ids or path patterns that hang on it"),
    key("vendor", "assessed", Kind::Date, "never", "when it was last assessed"),
    key("vendor", "operates", Kind::Texts, "none", "ids of controls that it runs; they fall with it"),
    key("vendor", "contact", Kind::Text, "empty", "whom to ask there"),
    key("vendor", "answers", Kind::Text, "none", "path of its answers to the questionnaire below the root"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_in_a_section_and_every_section_has_keys() {
        for key in KEYS {
            assert!(SECTIONS.iter().any(|(section, ..)| *section == key.section), "{key:?}");
        }
        for (section, ..) in SECTIONS {
            assert!(KEYS.iter().any(|key| key.section == *section), "{section}");
        }
    }

    #[test]
    fn kinds_are_those_of_the_domain() {
        let known: Vec<&str> = vauban_domain::AssetKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(ASSET_KINDS, known);
    }
}
