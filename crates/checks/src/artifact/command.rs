//! Texts that are no names, notes or settings but commands: for formats whose strings nobody should run.

/// What a text does if someone runs it, with the word that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// What was recognised, stable.
    pub(super) word: &'static str,
    /// Where it stands in the text, some characters of it.
    pub(super) excerpt: String,
}

/// Words that need an opening bracket behind them, and stand at the start of a name: calls into Python's own powers.
const CALLS: &[&str] = &[
    "__import__",
    "base64.b64decode",
    "builtins.eval",
    "builtins.exec",
    "compile",
    "ctypes.CDLL",
    "eval",
    "exec",
    "execfile",
    "execve",
    "importlib.import_module",
    "marshal.loads",
    "os.execv",
    "os.execvp",
    "os.popen",
    "os.posix_spawn",
    "os.remove",
    "os.spawnl",
    "os.system",
    "pickle.load",
    "pickle.loads",
    "popen",
    "pty.spawn",
    "requests.get",
    "requests.post",
    "runpy.run_path",
    "shutil.rmtree",
    "socket.socket",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.getoutput",
    "subprocess.run",
    "system",
    "urllib.request.urlopen",
    "urllib.request.urlretrieve",
    "webbrowser.open",
];

/// Pieces that no name, note or setting contains.
const PIECES: &[&str] = &[
    "/bin/bash -",
    "/bin/sh -",
    "/dev/tcp/",
    "<script",
    "__builtins__",
    "__globals__",
    "__subclasses__",
    "bash -c ",
    "bash -i",
    "cmd /c ",
    "cmd.exe",
    "curl http",
    "import os;",
    "import os\n",
    "import socket",
    "import subprocess",
    "javascript:",
    "nc -e ",
    "powershell -",
    "powershell.exe",
    "python -c ",
    "python3 -c ",
    "rm -rf ",
    "wget http",
    "| bash",
    "| sh",
    "|bash",
    "|sh",
];

/// The first sign of a command in a text.
pub(super) fn command(text: &str) -> Option<Command> {
    let found = |word: &'static str, at: usize| {
        let start = text.floor_char_boundary(at.saturating_sub(40));
        let excerpt = text.get(start..).unwrap_or_default().chars().take(160).collect::<String>();
        Some(Command { word, excerpt: excerpt.escape_debug().to_string() })
    };
    if text.starts_with("#!/") {
        return found("#!", 0);
    }
    for piece in PIECES {
        for (at, _) in text.match_indices(piece) {
            let behind = text.get(at + piece.len()..).and_then(|rest| rest.chars().next());
            // `| sh` must end a word.
            let ends = piece.ends_with(|char: char| !char.is_alphanumeric())
                || !behind.is_some_and(|char| char.is_alphanumeric() || char == '_');
            if ends || piece.contains("://") || piece.ends_with("http") {
                return found(piece, at);
            }
        }
    }
    for call in CALLS {
        for (at, _) in text.match_indices(call) {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let whole = !before.is_some_and(|char| char.is_alphanumeric() || char == '_' || char == '.');
            let behind = text.get(at + call.len()..).unwrap_or_default();
            if whole && behind.starts_with('(') {
                return found(call, at);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn commands_are_told_from_names() {
        let word = |text: &str| command(text).map(|command| command.word);
        assert_eq!(word(concat!("__import__('o", "s').sys", "tem('id')")), Some("__import__"));
        assert_eq!(word(concat!("curl http", "://example.org/x | s", "h")), Some("curl http"));
        assert_eq!(word("model/eval(1)/dense"), Some("eval"));
        for plain in [
            "evaluation (2019)",
            "file_system",
            "StatefulPartitionedCall/compile_1",
            "a | shape",
            "retrieval(x)",
        ] {
            assert_eq!(word(plain), None, "{plain}");
        }
    }
}
