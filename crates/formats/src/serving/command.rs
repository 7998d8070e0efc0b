//! What the command line and the environment of a model server say: which models it answers with, at which revision, and
//! whether it runs code that comes with them.
//!
//! Options as the servers document them: vLLM, SGLang, Text Generation Inference, Text Embeddings Inference, Triton,
//! TorchServe, llama.cpp, Ollama, KServe's Hugging Face server.

/// What a server is told about its models.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Command {
    /// Models in the order named.
    pub models: Vec<Named>,
    /// Line on which it is told to run code that comes with a model.
    pub trusts_code: Option<u32>,
    /// Variables and options by which callers would have to prove who they are, as written.
    pub words: Vec<String>,
}

/// A model as a server names it: `owner/name`, an address, a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As written.
    pub reference: String,
    /// Revision or version, if the server is told one.
    pub revision: Option<String>,
    /// One-based line.
    pub line: u32,
}

/// Options whose value is a model.
const MODEL_OPTIONS: &[&str] = &[
    "--hf-repo",
    "--hf_repo",
    "--model",
    "--model-id",
    "--model-path",
    "--model-repository",
    "--model-store",
    "--model_base_path",
    "--model_dir",
    "--model_id",
    "--model_path",
    "--served-model-path",
    "-hf",
    "-m",
];

/// Variables whose value is a model.
const MODEL_VARIABLES: &[&str] = &[
    "HF_MODEL_ID",
    "LLAMA_ARG_HF_REPO",
    "LLAMA_ARG_MODEL",
    "MODEL",
    "MODEL_BASE_PATH",
    "MODEL_ID",
    "OLLAMA_MODEL",
    "VLLM_MODEL",
];

/// Words read of one command, at most.
const WORDS: usize = 4096;

/// Reads a command line and an environment; each word and value has its line.
pub fn read<'a>(
    words: impl Iterator<Item = (&'a str, u32)>,
    environment: impl Iterator<Item = (&'a str, &'a str, u32)>,
) -> Command {
    let mut command = Command::default();
    let mut split: Vec<(String, u32)> = Vec::new();
    for (word, line) in words.take(WORDS) {
        // `sh -c "vllm serve …"` is one word to the cluster and many to the shell.
        if word.contains(char::is_whitespace) {
            split.extend(shell_words(word).into_iter().map(|word| (word, line)).take(WORDS));
        } else {
            split.push((word.to_owned(), line));
        }
    }
    let mut revision = None;
    let mut at = 0;
    while let Some((word, line)) = split.get(at) {
        at += 1;
        let (option, own) = match word.split_once('=') {
            Some((option, value)) if option.starts_with('-') => (option, Some(value.to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || {
            own.clone().or_else(|| {
                let next =
                    split.get(at).map(|(word, _)| word.clone()).filter(|word| !word.starts_with('-'))?;
                at += 1;
                Some(next)
            })
        };
        if MODEL_OPTIONS.contains(&option) {
            // `python -m package` starts a module.
            let module = option == "-m"
                && split.iter().any(|(word, _)| word.ends_with("python") || word.ends_with("python3"));
            if !module && let Some(reference) = value() {
                command.models.push(Named { reference, revision: None, line: *line });
            }
        } else if matches!(option, "--revision" | "--code-revision" | "--model-revision") {
            revision = value();
        } else if matches!(option, "--trust-remote-code" | "--trust_remote_code") {
            let off = own.as_deref().is_some_and(is_off);
            if !off {
                command.trusts_code.get_or_insert(*line);
            }
        } else if matches!(word.as_str(), "serve" | "run" | "pull") {
            let server = at.checked_sub(2).and_then(|before| split.get(before));
            let known = server.is_some_and(|(word, _)| {
                matches!(word.rsplit('/').next(), Some("vllm" | "ollama" | "sglang" | "lmdeploy"))
            });
            let reference = split.get(at).filter(|(next, _)| known && !next.starts_with('-'));
            if let Some((reference, line)) = reference {
                command.models.push(Named { reference: reference.clone(), revision: None, line: *line });
                at += 1;
            }
        }
        if option.starts_with("--") {
            command.words.push(option.to_owned());
        }
    }
    for (name, value, line) in environment.take(WORDS) {
        command.words.push(name.to_owned());
        if MODEL_VARIABLES.contains(&name) && !value.is_empty() {
            command.models.push(Named { reference: value.to_owned(), revision: None, line });
        } else if matches!(name, "REVISION" | "HF_REVISION" | "HF_MODEL_REVISION") && !value.is_empty() {
            revision.get_or_insert_with(|| value.to_owned());
        } else if matches!(name, "TRUST_REMOTE_CODE" | "HF_TRUST_REMOTE_CODE" | "HF_MODEL_TRUST_REMOTE_CODE")
            && !is_off(value)
        {
            command.trusts_code.get_or_insert(line);
        }
    }
    if let (Some(revision), Some(first)) = (revision, command.models.first_mut()) {
        first.revision = Some(revision);
    }
    command
}

fn is_off(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "false" | "0" | "no" | "off" | "")
}

/// The words of a shell command: quotation marks group, a backslash keeps the next character; nothing is expanded.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut begun = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, quote) {
            (mark, Some(open)) if mark == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(character);
                begun = true;
            }
            ('\\', Some('"') | None) => {
                let next = characters.next();
                // A line that goes on is white space.
                if let Some(next) = next.filter(|next| *next != '\n') {
                    word.push(next);
                    begun = true;
                }
            }
            (space, None) if space.is_whitespace() || matches!(space, ';' | '&' | '|') => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
            }
            (other, _) => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str], environment: &[(&str, &str)]) -> Command {
        read(words.iter().map(|word| (*word, 1)), environment.iter().map(|(name, value)| (*name, *value, 2)))
    }

    fn models(command: &Command) -> Vec<(&str, Option<&str>)> {
        command.models.iter().map(|named| (named.reference.as_str(), named.revision.as_deref())).collect()
    }

    #[test]
    fn every_way_to_name_a_model_is_read() {
        let command = of(&["vllm", "serve", "owner/name", "--revision", "abc", "--trust-remote-code"], &[]);
        assert_eq!(models(&command), [("owner/name", Some("abc"))]);
        assert_eq!(command.trusts_code, Some(1));
        let command =
            of(&["sh", "-c", "exec python3 -m vllm.entrypoints.openai.api_server --model=\"a/b\""], &[]);
        assert_eq!(models(&command), [("a/b", None)]);
        let command = of(&["--model-id", "a/b", "--trust-remote-code=false"], &[("REVISION", "r1")]);
        assert_eq!(models(&command), [("a/b", Some("r1"))]);
        assert_eq!(command.trusts_code, None);
        let command = of(&[], &[("MODEL_ID", "a/b"), ("TRUST_REMOTE_CODE", "true")]);
        assert_eq!((models(&command).len(), command.trusts_code), (1, Some(2)));
        assert_eq!(models(&of(&["tritonserver", "--model-repository=s3://b/m"], &[])), [("s3://b/m", None)]);
        assert_eq!(models(&of(&["ollama", "run", "llama3.1:8b"], &[])), [("llama3.1:8b", None)]);
        assert_eq!(models(&of(&["python", "-m", "http.server"], &[])), []);
        assert_eq!(models(&of(&["npm", "run", "serve"], &[])), []);
    }

    #[test]
    fn shells_are_split_and_not_obeyed() {
        assert_eq!(shell_words("a 'b c' \\\n \"d\\\"e\" && f"), ["a", "b c", "d\"e", "f"]);
        assert_eq!(shell_words("'open"), ["open"]);
    }
}
