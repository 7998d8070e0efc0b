//! Files that source reads, writes and deletes: credentials, places whose content runs later, what is not its own.

use vauban_domain::Severity;

use super::judge::{Judge, Verdict, starts_any, texts};
use super::{Harm, Moment, Place};

/// Paths that hold credentials.
pub(super) const SECRETS: &[&str] = &[
    "/etc/passwd",
    "/etc/shadow",
    "/proc/self/environ",
    ".aws/credentials",
    ".azure/",
    ".bash_history",
    ".config/gcloud",
    ".docker/config.json",
    ".git-credentials",
    ".gnupg",
    ".huggingface/token",
    "huggingface/token",
    ".kube/config",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    ".ssh/",
    "id_rsa",
    "id_ed25519",
    "Login Data",
    "cookies.sqlite",
    "wallet.dat",
    "/var/run/secrets/",
];
/// Paths whose content runs later.
const PERSISTENT: &[&str] = &[
    "/etc/",
    ".bash_profile",
    ".bashrc",
    ".profile",
    ".zshrc",
    ".config/autostart",
    "LaunchAgents",
    "LaunchDaemons",
    "Startup",
    "authorized_keys",
    "crontab",
    "cron.d",
    "site-packages",
    "dist-packages",
    "sitecustomize",
    "usercustomize",
    "systemd",
    ".pth",
    ".ssh/",
    ".gitconfig",
    ".config/pip",
    "/usr/lib",
    "/usr/local",
    "/usr/bin",
    "ipython_config",
    ".ipython/",
];

impl Judge<'_> {
    /// A file that is read, written or deleted.
    pub(super) fn file(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let found =
            |severity, what: &str| Some((Harm::File, severity, format!("{what}: `{}`", self.shown())));
        if self.moment == Moment::Main {
            return None;
        }
        let opens = matches!(callee, "open" | "io.open" | "codecs.open" | "os.open")
            || last == "open" && callee.contains("Path");
        let writes_text = matches!(last, "write_text" | "write_bytes" | "touch" | "symlink_to");
        let reads_text = matches!(last, "read_text" | "read_bytes");
        let copies = matches!(
            callee,
            "shutil.copy"
                | "shutil.copyfile"
                | "shutil.move"
                | "os.rename"
                | "os.replace"
                | "os.symlink"
                | "os.link"
                | "shutil.copy2"
        );
        let deletes =
            matches!(callee, "shutil.rmtree" | "os.remove" | "os.unlink" | "os.rmdir" | "os.removedirs");
        let chmods = callee == "os.chmod";
        if !(opens || writes_text || reads_text || copies || deletes || chmods) {
            return None;
        }
        // The path: of an object's method it is what the object was made of.
        let mut paths: Vec<&str> = Vec::new();
        let wanted = if copies { 2 } else { 1 };
        for operand in self.deed.arguments.iter().take(wanted) {
            paths.extend(operand.text.iter().map(String::as_str));
            paths.extend(operand.pieces.iter().map(String::as_str));
        }
        let owner = writes_text || reads_text || callee.contains("Path");
        let made: Vec<String> = if owner { self.made_of(callee) } else { Vec::new() };
        paths.extend(made.iter().map(String::as_str));
        let mode = self
            .deed
            .keywords
            .iter()
            .find(|(name, _)| name == "mode")
            .map(|(_, value)| value)
            .or_else(|| self.deed.arguments.get(usize::from(!owner)))
            .and_then(|mode| mode.text.clone())
            .unwrap_or_else(|| "r".to_owned());
        let writes = writes_text
            || copies
            || chmods
            || opens && mode.len() <= 4 && mode.contains(['w', 'a', 'x', '+']);
        let touches = |list: &[&str]| paths.iter().any(|path| list.iter().any(|part| path.contains(part)));
        if writes {
            let site =
                self.operands().flat_map(|operand| operand.origins.iter()).chain(&self.deed.origins).any(
                    |origin| {
                        starts_any(
                            origin,
                            &["site.get", "sysconfig.get_path", "distutils.sysconfig.get_python_lib"],
                        )
                    },
                );
            let severity = if self.place == Place::Plain && self.moment != Moment::Import {
                Severity::Low
            } else {
                Severity::High
            };
            if (touches(PERSISTENT) || site) && self.place != Place::Setup {
                return found(severity, "writes where code is run later");
            }
            let outside = paths.iter().any(|path| path.starts_with('/') || path.starts_with('~'));
            if self.place == Place::Model && self.moment == Moment::Import && outside {
                return found(Severity::Medium, "writes outside the model's folder");
            }
        }
        if (opens || reads_text || copies) && touches(SECRETS) {
            return match self.place {
                Place::Model => found(Severity::High, "reads a file of credentials"),
                _ if self.moment == Moment::Import => found(Severity::Medium, "reads a file of credentials"),
                _ => None,
            };
        }
        if deletes {
            let whole = paths.iter().filter(|path| !path.is_empty()).any(|path| {
                matches!(
                    path.trim_end_matches(['/', '*']),
                    "" | "~" | "/home" | "/root" | "/etc" | "/usr" | "/var"
                )
            });
            if whole {
                return found(Severity::High, "deletes what is not its own");
            }
            let outside = paths.iter().any(|path| path.starts_with('/') || path.starts_with('~'));
            if self.place == Place::Model && outside {
                return found(Severity::Medium, "deletes what is not its own");
            }
        }
        None
    }

    /// Texts of the calls that made the object whose method this is.
    fn made_of(&self, callee: &str) -> Vec<String> {
        let Some((owner, _)) = callee.rsplit_once('.') else { return Vec::new() };
        let maker = owner.trim_end_matches("()");
        let nearby = self.flow.deeds.iter().filter(|deed| {
            deed.line.abs_diff(self.deed.line) <= 3
                && deed.scope == self.deed.scope
                && maker.starts_with(deed.callee.as_str())
        });
        nearby.flat_map(texts).collect()
    }
}
