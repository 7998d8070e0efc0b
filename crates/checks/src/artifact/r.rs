//! What calls in R's files do, and when: the judgement that the R rules share.

use vauban_domain::Severity;
use vauban_formats::rdata::{Call, Place, RData};

/// One thing that the file brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    /// Stable word, the function's name.
    pub(super) key: String,
    /// What it amounts to.
    pub(super) what: &'static str,
    /// How bad that is at this place.
    pub(super) severity: Severity,
    /// The code.
    pub(super) code: String,
    /// Where in the bytes.
    pub(super) offset: u64,
    /// When it runs.
    pub(super) when: &'static str,
    /// Whether touching the loaded object is enough.
    pub(super) by_itself: bool,
}

/// What a function of R can do, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Power {
    Process,
    Code,
    Network,
    Delete,
    Text,
    Environment,
    Write,
    Read,
}

/// Functions by what they can do; names of packages are cut off before the look-up.
const POWERS: &[(&str, Power)] = &[
    ("browseURL", Power::Network),
    ("callr", Power::Process),
    ("cat", Power::Write),
    ("close_socket", Power::Network),
    ("cppFunction", Power::Code),
    ("curl_download", Power::Network),
    ("curl_fetch_memory", Power::Network),
    ("delayedAssign", Power::Text),
    ("dget", Power::Code),
    ("do.call", Power::Read),
    ("download.file", Power::Network),
    ("download.packages", Power::Network),
    ("dput", Power::Write),
    ("dump", Power::Write),
    ("dyn.load", Power::Code),
    ("eval_string", Power::Text),
    ("evalCpp", Power::Code),
    ("exec_background", Power::Process),
    ("exec_internal", Power::Process),
    ("exec_wait", Power::Process),
    ("file.append", Power::Write),
    ("file.copy", Power::Write),
    ("file.create", Power::Write),
    ("file.remove", Power::Delete),
    ("file.rename", Power::Delete),
    ("fifo", Power::Write),
    ("getURL", Power::Network),
    ("getURLContent", Power::Network),
    ("install.packages", Power::Code),
    ("install_github", Power::Code),
    ("install_url", Power::Code),
    ("library.dynam", Power::Code),
    ("load", Power::Read),
    ("make.socket", Power::Network),
    ("pipe", Power::Process),
    ("process$new", Power::Process),
    ("py_run_file", Power::Code),
    ("py_run_string", Power::Code),
    ("py_eval", Power::Code),
    ("read.csv", Power::Read),
    ("read.socket", Power::Network),
    ("readLines", Power::Read),
    ("readRDS", Power::Read),
    ("readBin", Power::Read),
    ("r_bg", Power::Process),
    ("save.image", Power::Write),
    ("saveRDS", Power::Write),
    ("scan", Power::Read),
    ("serverSocket", Power::Network),
    ("setwd", Power::Environment),
    ("shell", Power::Process),
    ("shell.exec", Power::Process),
    ("sink", Power::Write),
    ("socketAccept", Power::Network),
    ("socketConnection", Power::Network),
    ("source", Power::Code),
    ("sourceCpp", Power::Code),
    ("source_gist", Power::Code),
    ("source_url", Power::Code),
    ("sys.source", Power::Code),
    ("Sys.chmod", Power::Write),
    ("Sys.getenv", Power::Read),
    ("Sys.setenv", Power::Environment),
    ("system", Power::Process),
    ("system2", Power::Process),
    ("unlink", Power::Delete),
    ("unserialize", Power::Read),
    ("url", Power::Network),
    ("url.show", Power::Network),
    ("write", Power::Write),
    ("write.csv", Power::Write),
    ("write.socket", Power::Network),
    ("write.table", Power::Write),
    ("writeBin", Power::Write),
    ("writeChar", Power::Write),
    ("writeLines", Power::Write),
];

/// Functions of packages for programs and the web, whatever their name.
const PACKAGES: &[(&str, Power)] = &[
    ("RCurl::", Power::Network),
    ("callr::", Power::Process),
    ("curl::", Power::Network),
    ("devtools::install", Power::Code),
    ("httr2::", Power::Network),
    ("httr::", Power::Network),
    ("inline::", Power::Code),
    ("pak::", Power::Code),
    ("processx::", Power::Process),
    ("remotes::install", Power::Code),
    ("sys::", Power::Process),
];

/// Names of variables that R calls by itself when a session or package starts or ends.
const HOOKS: &[&str] = &[
    ".First",
    ".First.lib",
    ".First.sys",
    ".Last",
    ".Last.lib",
    ".Last.sys",
    ".onAttach",
    ".onDetach",
    ".onLoad",
    ".onUnload",
];

/// Places that only an attacker writes to or reads from in a model.
const SENSITIVE: &[&str] = &[
    "/.aws",
    "/.ssh",
    "/bin/sh",
    "/dev/tcp",
    "/etc/",
    "/proc/self",
    "LD_PRELOAD",
    "R_PROFILE",
    "Rprofile",
    ".Renviron",
    ".bashrc",
    ".profile",
    "authorized_keys",
    "bash -c",
    "bash -i",
    "cmd.exe",
    "cron",
    "curl ",
    "id_rsa",
    "nc -e",
    "powershell",
    "wget ",
];

fn power(function: &str) -> Option<Power> {
    if let Some((_, power)) = PACKAGES.iter().find(|(package, _)| function.starts_with(package)) {
        return Some(*power);
    }
    let name = function.rsplit("::").next().unwrap_or(function).trim_start_matches(':');
    POWERS.iter().find(|(known, _)| *known == name).map(|(_, power)| *power)
}

/// Whether the text of some code names a function that starts programs or reaches the network.
fn mentions_power(text: &str) -> bool {
    text.split(|char: char| !(char.is_alphanumeric() || matches!(char, '.' | '_')))
        .any(|word| matches!(power(word), Some(Power::Process | Power::Network | Power::Code)))
}

/// Everything in the file that could do harm, worst first.
pub(super) fn deeds(rdata: &RData) -> Vec<Deed> {
    let mut deeds: Vec<Deed> = rdata.calls.iter().filter_map(judge).collect();
    for promise in rdata.promises.iter().filter(|promise| !promise.bound) {
        deeds.push(Deed {
            key: "loose promise".to_owned(),
            what: "it is a promise where R never writes one",
            severity: Severity::High,
            code: promise.code.clone(),
            offset: promise.offset,
            when: "when the loaded object is touched",
            by_itself: true,
        });
    }
    if rdata.workspace {
        for hook in rdata.functions.iter().filter(|name| HOOKS.contains(&name.as_str())) {
            deeds.push(Deed {
                key: hook.clone(),
                what: "R calls a function of this name by itself",
                severity: Severity::Medium,
                code: format!("{hook} <- <function>"),
                offset: 0,
                when: "when a session with this workspace starts or ends",
                by_itself: true,
            });
        }
    }
    for (class, package) in &rdata.computed {
        if class.starts_with("mmap") {
            deeds.push(Deed {
                key: class.clone(),
                what: "the vector is a file of the machine that loads it",
                severity: Severity::Medium,
                code: format!("{package}::{class}"),
                offset: 0,
                when: "when it is loaded",
                by_itself: true,
            });
        }
    }
    deeds.sort_by(|a, b| (b.severity, a.offset, &a.key).cmp(&(a.severity, b.offset, &b.key)));
    let mut seen = std::collections::BTreeSet::new();
    deeds.retain(|deed| seen.insert(deed.key.clone()));
    deeds
}

fn judge(call: &Call) -> Option<Deed> {
    let by_itself = matches!(call.place, Place::Promise | Place::LoosePromise);
    let compiled = call.text.starts_with("compiled ");
    let sensitive = SENSITIVE.iter().any(|word| call.text.contains(word));
    // Code out of text hides what it calls; where the text is there, it is looked at.
    let evaluates_text =
        matches!(call.function.as_str(), "eval" | "evalq" | "eval.parent" | "base::eval" | "eval_tidy")
            && (call.text.contains("parse(")
                || call.text.contains("str2lang(")
                || call.text.contains("str2expression("));
    let (power, what) = if evaluates_text {
        (if mentions_power(&call.text) { Power::Code } else { Power::Text }, "runs code out of text")
    } else {
        let power = power(&call.function)?;
        let what = match power {
            Power::Process => "starts programs",
            Power::Code => "loads or runs other code",
            Power::Network => "reaches the network",
            Power::Delete => "deletes files",
            Power::Text => "runs code out of text",
            Power::Environment => "changes the environment of the process",
            Power::Write => "writes files",
            Power::Read => "reads files",
        };
        (power, what)
    };
    if compiled && power != Power::Process {
        return None;
    }
    let severity = match (call.place, power) {
        (Place::Promise | Place::LoosePromise, Power::Process | Power::Code) => Severity::Critical,
        (Place::Promise | Place::LoosePromise, Power::Network | Power::Delete) => Severity::High,
        (Place::LoosePromise, _) => Severity::High,
        (_, Power::Process) => Severity::High,
        (Place::Promise, Power::Text | Power::Environment) => Severity::Medium,
        (Place::Data, Power::Code) => Severity::High,
        (Place::Function, Power::Code) => Severity::Medium,
        (Place::Data, Power::Text) => Severity::Medium,
        _ if sensitive => Severity::High,
        (_, Power::Network) if call.function.ends_with("url") => Severity::Low,
        (_, Power::Network) => Severity::Medium,
        (Place::Data, Power::Delete | Power::Environment) => Severity::Medium,
        (Place::Function, Power::Delete | Power::Text | Power::Environment) => Severity::Low,
        (_, Power::Write | Power::Read) => return None,
    };
    let when = match call.place {
        Place::Data => "when someone evaluates it",
        Place::Function => "when someone calls the function that it is in",
        Place::Promise => "when the variable is touched",
        Place::LoosePromise => "when the loaded object is touched",
    };
    let key = if call.function.is_empty() { "computed".to_owned() } else { call.function.clone() };
    Some(Deed { key, what, severity, code: call.text.clone(), offset: call.offset, when, by_itself })
}
