//! Command lines as a shell splits them, without expanding anything.

/// Words of a command line; quotes and backslashes are taken away, at most a thousand words.
pub fn words(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut open = None;
    let mut started = false;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (open, character) {
            (Some(quote), c) if c == quote => open = None,
            (Some('\''), c) => word.push(c),
            (_, '\\') => {
                started = true;
                word.extend(characters.next());
            }
            (Some(_), c) => word.push(c),
            (None, c @ ('\'' | '"')) => {
                open = Some(c);
                started = true;
            }
            (None, c) if c.is_whitespace() => {
                if started {
                    found.push(std::mem::take(&mut word));
                    started = false;
                }
            }
            (None, c) => {
                word.push(c);
                started = true;
            }
        }
        if found.len() >= 1000 {
            return found;
        }
    }
    if started {
        found.push(word);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        assert_eq!(words("a 'b c' \"d \\\" e\" f\\ g ''"), ["a", "b c", "d \" e", "f g", ""]);
        assert_eq!(words("'open"), ["open"]);
        assert_eq!(words("  "), [""; 0]);
    }
}
