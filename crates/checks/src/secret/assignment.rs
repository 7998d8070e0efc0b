//! Names that say they are secret, and the literals they are given.

use vauban_knowledge::secrets::entropy;

use super::placeholder::is_placeholder;
use super::scan::bounded;

/// How values are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Literals stand in quotes; anything else is an expression.
    Code,
    /// Values may stand bare.
    Configuration,
    /// Prose: only values that cannot be a word count.
    Prose,
}

impl Style {
    /// The style of a file, by its name.
    pub(super) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "cfg" | "conf" | "env" | "ini" | "properties" | "yaml" | "yml" => Self::Configuration,
            "htm" | "html" | "log" | "md" | "rst" | "txt" | "xml" => Self::Prose,
            _ if name.starts_with(".env") || name == ".netrc" || name == ".pypirc" || name == ".npmrc" => {
                Self::Configuration
            }
            _ => Self::Code,
        }
    }
}

/// Names and values of the secrets that a line assigns.
pub(super) fn secrets_assigned(line: &str, style: Style) -> Vec<(&str, &str)> {
    let line = bounded(line);
    let trimmed = line.trim_start();
    if style != Style::Prose
        && (trimmed.starts_with('#') || trimmed.starts_with("//") || trimmed.starts_with(';'))
    {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, sign) in line.match_indices(['=', ':']) {
        let after = &line[at + sign.len()..];
        // Neither comparisons nor `:=`, `::` and addresses assign.
        let before_sign = line[..at].chars().next_back();
        if after.starts_with(['=', ':', '/'])
            || matches!(before_sign, Some('=' | '!' | '<' | '>' | ':' | '+'))
        {
            continue;
        }
        let Some(name) = name_before(&line[..at]).filter(|name| is_secret_name(name)) else { continue };
        let Some((value, quoted)) = value_after(after) else { continue };
        let long_enough = if name.to_lowercase().contains("token") { 16 } else { 8 };
        let plausible = match style {
            Style::Code => quoted,
            Style::Configuration => true,
            Style::Prose => value.bytes().any(|byte| byte.is_ascii_digit()) && value.len() >= 12,
        };
        if plausible && value.len() >= long_enough && is_secret_value(value) {
            found.push((name, value));
        }
    }
    found.dedup();
    found
}

/// The identifier, or the quoted key, that ends the text; a type annotation behind it is passed over.
fn name_before(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let text = text.strip_suffix(": str").or_else(|| text.strip_suffix(": SecretStr")).unwrap_or(text);
    let text = text.trim_end_matches([']', ')']).trim_end_matches(['"', '\'']);
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        .last()
        .map(|(at, _)| at)?;
    let name = text[start..].trim_matches(['-', '.']);
    (!name.is_empty() && name.len() <= 80).then_some(name)
}

/// The value that begins the text, and whether it is quoted.
fn value_after(text: &str) -> Option<(&str, bool)> {
    let text = text.trim_start();
    // `r"…"`, `b"…"`; an f-string has holes and is no literal, but `is_placeholder` sees those.
    let text =
        text.strip_prefix(['r', 'b', 'u', 'f']).filter(|rest| rest.starts_with(['"', '\''])).unwrap_or(text);
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inner = &text[1..];
        let end = inner.find(quote)?;
        // What goes on behind the quote is an expression: `"a" + b`, `"x".join(…)`.
        let goes_on = inner[end + 1..].trim_start().starts_with(['+', '.', '%', '[']);
        return (!goes_on).then_some((&inner[..end], true));
    }
    let end = text.find(|c: char| c.is_whitespace() || c == ',').unwrap_or(text.len());
    let value = &text[..end];
    let call = value.contains('(') || value.starts_with(['[', '{', '&', '*', '|', '>']);
    (!value.is_empty() && !call).then_some((value, false))
}

/// Whether the last words of a name say that its value is secret.
fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let before =
        words.len().checked_sub(2).and_then(|at| words.get(at)).map(String::as_str).unwrap_or_default();
    match last {
        "password" | "passwd" | "pwd" | "passphrase" | "secret" | "apikey" | "passcode" => true,
        // `publicKeyToken` is public; `pad_token`, `eos_token` and their kind are no credentials.
        "token" if words.iter().any(|word| word == "public") => false,
        "token" => {
            !matches!(before, "bos" | "cls" | "eos" | "mask" | "pad" | "sep" | "special" | "stop" | "unk")
        }
        "key" => matches!(
            before,
            "access"
                | "account"
                | "api"
                | "auth"
                | "encryption"
                | "master"
                | "private"
                | "secret"
                | "shared"
                | "signing"
                | "storage"
        ),
        _ => false,
    }
}

/// Lower-case words of `snake_case`, `kebab-case`, `dotted.names` and `camelCase`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if matches!(c, '_' | '-' | '.') || (c.is_ascii_uppercase() && lower_before) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.push(c.to_ascii_lowercase());
        }
        lower_before = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a literal looks made rather than written: no blanks, no plain word or path, some variety.
fn is_secret_value(value: &str) -> bool {
    if is_placeholder(value) || value.chars().any(char::is_whitespace) || value.contains("://") {
        return false;
    }
    if value.starts_with(['/', '.', '~', '(', '[', '<']) || value.contains("()") || !value.is_ascii() {
        return false;
    }
    let word_like = value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-./:".contains(&byte));
    let mixed = value.bytes().any(|b| b.is_ascii_lowercase())
        && value.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    let separated = value.bytes().any(|byte| b"_-./:".contains(&byte));
    if word_like && (separated || !mixed) {
        return false;
    }
    entropy(value.as_bytes()) >= 2.5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str, style: Style) -> Vec<&str> {
        secrets_assigned(line, style).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn literals_given_to_secret_names_are_found() {
        let value = "k7-Lm2.q9Zt";
        for (line, style) in [
            (format!("DB_PASSWORD = \"{value}\""), Style::Code),
            (format!("connect(user='x', password='{value}')"), Style::Code),
            (format!("config = {{\"password\": \"{value}\"}}"), Style::Code),
            (format!("os.environ[\"API_KEY\"] = '{value}'"), Style::Code),
            (format!("dbPassword: {value}"), Style::Configuration),
            (format!("export CLIENT_SECRET={value}"), Style::Configuration),
            (format!("password: str = \"{value}\""), Style::Code),
        ] {
            assert_eq!(names(&line, style).len(), 1, "{line}");
        }
    }

    #[test]
    fn everything_else_is_silent() {
        for line in [
            "password = os.environ[\"PASSWORD\"]",
            "password = getpass(\"password: \")",
            "PASSWORD_HELP = \"ask-the-desk-2\"",
            "password = \"\"",
            "password = \"changeme\"",
            "password = \"ask the service desk 24/7\"",
            "tokenizer.pad_token = \"<|pad_0123456789|>\"",
            "eos_token = \"<|endoftext|>17\"",
            "publicKeyToken=\"1fc8b3b9a1e18e3b\"",
            "password_field = \"k7-Lm2.q9Zt\"",
            "if password == \"k7-Lm2.q9Zt\":",
            "print('password set:', bool(password))",
            "secret = client.get(\"projects/x1\")",
            "password = f\"{user}-{number}-1\"",
            "api_key = settings.api_key_v2",
            "TOKEN_URL = \"https://a.example/token1\"",
            "max_tokens = \"1234567890123456\"",
            "password=\"password_reset_form\"",
            "# password = \"k7-Lm2.q9Zt\"",
        ] {
            assert!(names(line, Style::Code).is_empty(), "{line}");
        }
        for line in [
            "password: ${DB_PASSWORD}",
            "secretKeyRef:",
            "password: \"{{ .Values.pw1 }}\"",
            "secret: my-secret-name",
            "token: $TOKEN_FOR_CI_12345",
        ] {
            assert!(names(line, Style::Configuration).is_empty(), "{line}");
        }
        assert!(names("The password: see the vault, entry 12.", Style::Prose).is_empty());
    }
}
