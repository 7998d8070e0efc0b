//! What a configuration makes its loader call: the judgement that the instantiation rules share.

use vauban_domain::Evidence;
use vauban_formats::instantiation::{Instantiation, Target, Way};
use vauban_knowledge::calls::{Calls, Effect};

use super::command::command;
use crate::{Report, Subject};

/// What naming a target amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A class or function of a library that configurations name, or a class of a library that nobody knows.
    Expected,
    /// The table knows it, and it does this.
    Does(Effect),
    /// A function that nobody knows, of the standard library, called the way pickles call, or given a command.
    Unknown,
}

/// Functions of configuration libraries that look up or call the name they are given.
const FORWARDERS: &[&str] = &[
    "functools.partial",
    "hydra._internal.utils._locate",
    "hydra.utils.call",
    "hydra.utils.get_class",
    "hydra.utils.get_method",
    "hydra.utils.get_object",
    "hydra.utils.get_static_method",
    "hydra.utils.instantiate",
    "omegaconf.OmegaConf.register_new_resolver",
    "pkgutil.resolve_name",
    "pydoc.locate",
];

/// Modules that read, write or send whatever they are told. A data set's own reader is what a configuration is for.
const RAW: &[&str] = &[
    "aiohttp",
    "builtins",
    "ftplib",
    "glob",
    "http",
    "httpx",
    "io",
    "os",
    "pathlib",
    "requests",
    "shutil",
    "smtplib",
    "socket",
    "ssl",
    "tarfile",
    "telnetlib",
    "tempfile",
    "urllib",
    "urllib3",
    "webbrowser",
    "xmlrpc",
    "zipfile",
];

/// Names of raw modules that only look at the environment.
const SURROUNDINGS: &[&str] = &[
    "os.cpu_count",
    "os.environ.get",
    "os.getcwd",
    "os.getenv",
    "os.path.expanduser",
    "pathlib.Path.cwd",
    "pathlib.Path.home",
];

/// Parts of the names of functions that say themselves that they run what they are given.
const RUNNERS: &[&str] = &["eval", "exec", "popen", "shell", "spawn", "subprocess", "system"];

/// Packages whose functions the configuration of documentation tools names by tag.
const DOCUMENTATION: &[&str] = &["material", "materialx", "mermaid2", "pymdownx"];

/// What the target amounts to, and the name that decides it.
pub(super) fn judge<'a>(target: &'a Target, calls: &Calls) -> (Verdict, &'a str) {
    let (verdict, name) = judge_target(target, calls);
    // Whoever is given a command will run it.
    let commanded = || target.arguments.iter().any(|argument| command(argument).is_some());
    (if verdict == Verdict::Expected && commanded() { Verdict::Unknown } else { verdict }, name)
}

fn judge_target<'a>(target: &'a Target, calls: &Calls) -> (Verdict, &'a str) {
    if FORWARDERS.contains(&target.name.as_str()) {
        // The name that is forwarded stands among the arguments.
        let forwarded = target
            .arguments
            .iter()
            .map(|argument| argument.split_once('=').map_or(argument.as_str(), |(_, value)| value))
            .map(|value| (judge_name(value, target.way, calls), value))
            .find(|(verdict, value)| value.contains('.') && matches!(verdict, Verdict::Does(_)));
        if let Some(forwarded) = forwarded {
            return forwarded;
        }
        if target.name.starts_with("hydra.") || target.name.starts_with("functools.") {
            return (Verdict::Expected, &target.name);
        }
    }
    (judge_name(&target.name, target.way, calls), &target.name)
}

fn judge_name(name: &str, way: Way, calls: &Calls) -> Verdict {
    // PyYAML and jsonpickle take names of builtins without their module.
    let (module, attribute) = name.rsplit_once('.').unwrap_or(("builtins", name));
    if name.split('.').any(|part| part.starts_with("__") && part.ends_with("__") && part != "__main__") {
        return Verdict::Does(Effect::CodeExecution);
    }
    let package = name.split('.').next().unwrap_or(name);
    let class = attribute.trim_start_matches('_').starts_with(|c: char| c.is_uppercase());
    match calls.lookup(module, attribute) {
        Some(call) if call.effect.is_expected() => Verdict::Expected,
        Some(_) if SURROUNDINGS.contains(&name) => Verdict::Expected,
        // A row for a whole library says nothing about one class of it.
        Some(call) if class && !call.named && !calls.is_standard(package) => Verdict::Expected,
        Some(call) => match call.effect {
            Effect::FileRead | Effect::FileWrite | Effect::Network if !RAW.contains(&package) => {
                Verdict::Expected
            }
            effect => Verdict::Does(effect),
        },
        None if class || DOCUMENTATION.contains(&package) => Verdict::Expected,
        None if calls.is_standard(package) || matches!(way, Way::Applied | Way::Looked) => Verdict::Unknown,
        None if attribute.split('_').any(|part| RUNNERS.contains(&part)) => Verdict::Unknown,
        None => Verdict::Expected,
    }
}

/// Reports every target whose verdict is `wanted`.
pub(super) fn tell(
    subject: &Subject<'_, Instantiation>,
    report: &mut Report,
    wanted: impl Fn(Verdict) -> bool,
    what: &str,
) {
    for target in &subject.facts.targets {
        let (verdict, name) = judge(target, &subject.knowledge.calls);
        if !wanted(verdict) {
            continue;
        }
        let how = match target.way {
            Way::Called | Way::Applied => "calls",
            Way::Made => "makes an object of",
            Way::Looked => "imports",
        };
        let place = if target.path.is_empty() { String::new() } else { format!("`{}` ", target.path) };
        let message = format!("{place}{how} `{}`{what}", name.escape_debug());
        let excerpt = format!("{}({})", target.name, target.arguments.join(", "));
        let locator = subject.locator.clone().at_line(target.line);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, name, excerpt)]);
    }
}
