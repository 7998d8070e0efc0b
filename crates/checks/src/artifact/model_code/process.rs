//! Programs that source starts, and the shells that it hands to a host.
//!
//! Source: the libraries' documentation.

use vauban_domain::Severity;
use vauban_formats::python::Flow;

use super::commands::{SUSPECT, TOOLS, WEAPONS};
use super::execution::DECODE;
use super::judge::{Judge, Verdict, cut, starts_any, texts};
use super::network::is_network;
use super::{Harm, Moment, Place};

/// Starts programs.
const PROCESS: &[&str] = &[
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
    "asyncio.subprocess.create_subprocess_exec",
    "asyncio.subprocess.create_subprocess_shell",
    "commands.getoutput",
    "commands.getstatusoutput",
    "nt.system",
    "os.execl",
    "os.execle",
    "os.execlp",
    "os.execlpe",
    "os.execv",
    "os.execve",
    "os.execvp",
    "os.execvpe",
    "os.popen",
    "os.popen2",
    "os.popen3",
    "os.posix_spawn",
    "os.posix_spawnp",
    "os.spawnl",
    "os.spawnle",
    "os.spawnlp",
    "os.spawnlpe",
    "os.spawnv",
    "os.spawnve",
    "os.spawnvp",
    "os.spawnvpe",
    "os.startfile",
    "os.system",
    "pip._internal.main",
    "pip._internal.cli.main.main",
    "pip.main",
    "platform.popen",
    "popen2.popen2",
    "posix.popen",
    "posix.system",
    "pty.spawn",
    "sh.Command",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "subprocess.run",
    "torch.utils.cpp_extension.load_inline",
    "IPython.get_ipython().system",
    "get_ipython().system",
    "pexpect.spawn",
    "plumbum.local",
    "_posixsubprocess.fork_exec",
];

impl Judge<'_> {
    /// A program that is started.
    pub(super) fn process(&self, callee: &str) -> Verdict {
        let all = texts(self.deed).join(" ").to_lowercase();
        let found = |severity, what: String| Some((Harm::Code, severity, what));
        let starts = || format!("starts a program: `{}`", self.shown());
        if self.deed.computed && (self.runs() || self.place == Place::Plain) {
            return found(
                Severity::High,
                format!("starts a program under a hidden name: `{}`", self.shown()),
            );
        }
        if WEAPONS.iter().any(|weapon| all.contains(weapon)) {
            let severity = if self.moment == Moment::Main { Severity::Medium } else { Severity::High };
            return found(severity, starts());
        }
        if let Some(origin) = self.comes_from(|origin| is_network(origin) || starts_any(origin, DECODE)) {
            let decoded = starts_any(origin, DECODE);
            if decoded || self.runs() {
                return found(
                    Severity::High,
                    format!("starts a program out of `{}`: `{}`", cut(origin), self.shown()),
                );
            }
        }
        let installs = all.contains("pip") && all.contains("install") || callee.starts_with("pip.");
        if installs {
            return match (self.place, self.moment) {
                (Place::Model, Moment::Import) => {
                    found(Severity::High, format!("installs packages: `{}`", self.shown()))
                }
                (Place::Model, Moment::Called) => {
                    found(Severity::Medium, format!("installs packages: `{}`", self.shown()))
                }
                (Place::Plain, Moment::Import) if all.contains("http") => {
                    found(Severity::Medium, format!("installs packages: `{}`", self.shown()))
                }
                _ => None,
            };
        }
        let first = self.deed.arguments.first().or_else(|| {
            self.deed
                .keywords
                .iter()
                .find(|(name, _)| matches!(name.as_str(), "args" | "cmd" | "command"))
                .map(|(_, value)| value)
        });
        let command = first.and_then(|first| first.text.clone().or_else(|| first.pieces.first().cloned()));
        let program =
            command.as_deref().and_then(|command| command.split_whitespace().next()).unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let suspect = SUSPECT.iter().any(|part| format!("{all} ").contains(part));
        let tool = TOOLS.contains(&program) && !suspect;
        // Programs that are started with what is computed: an interpreter's own path, a tool that was looked up.
        let own = first.is_some_and(|first| {
            first
                .origins
                .iter()
                .any(|origin| matches!(origin.as_str(), "shutil.which" | "distutils.spawn.find_executable"))
        });
        match (self.place, self.moment) {
            _ if tool || own && !suspect => None,
            (Place::Model, Moment::Import) => found(Severity::High, starts()),
            (Place::Model, Moment::Called) => {
                let known = first.is_some_and(|first| first.text.is_some());
                found(if known || suspect { Severity::High } else { Severity::Medium }, starts())
            }
            (Place::Plain, Moment::Import) if suspect => found(Severity::High, starts()),
            (Place::Plain, Moment::Import) if callee == "os.system" || callee == "os.popen" => {
                found(Severity::Medium, starts())
            }
            (Place::Setup, Moment::Import) if suspect && (all.contains("http") || all.contains("/tmp/")) => {
                found(Severity::High, starts())
            }
            (Place::Setup, Moment::Import)
                if (callee == "os.system" || callee == "os.popen") && command.is_some() =>
            {
                found(Severity::Medium, starts())
            }
            (Place::Model, Moment::Main) | (Place::Plain, Moment::Import) => found(Severity::Low, starts()),
            _ => None,
        }
    }
}

pub(super) fn is_process(callee: &str) -> bool {
    PROCESS.contains(&callee)
        || callee.ends_with("CDLL().system")
        || callee.starts_with("ctypes.") && callee.ends_with(".system")
}

/// The line where a socket is made whose ends become a shell's.
pub(super) fn reverse_shell(flow: &Flow) -> Option<u32> {
    let called = |name: &str| flow.deeds.iter().find(|deed| deed.callee == name);
    let connects = flow.deeds.iter().find(|deed| {
        deed.callee.starts_with("socket.")
            && (deed.callee.ends_with(".connect") || deed.callee.ends_with("create_connection"))
    })?;
    let dups = called("os.dup2").is_some() || called("pty.spawn").is_some();
    let fed = flow.deeds.iter().any(|deed| {
        is_process(&deed.callee)
            && deed
                .arguments
                .iter()
                .chain(deed.keywords.iter().map(|(_, value)| value))
                .any(|operand| operand.origins.iter().any(|origin| origin.starts_with("socket.")))
    });
    let shells = flow.deeds.iter().any(|deed| {
        is_process(&deed.callee)
            && texts(deed).iter().any(|text| text.contains("/bin/sh") || text.contains("/bin/bash"))
    });
    (dups && (shells || called("pty.spawn").is_some()) || fed).then_some(connects.line)
}
