//! Texts that source puts together from pieces, computed without running it. Bytes are kept as Latin-1 text.

use rustpython_ruff_python_ast::Operator;

use super::flow::{Held, LONGEST};
use crate::encoded::{base32, base64, hexadecimal, rot13};

/// Bytes as text, each byte one character; valid UTF-8 as what it spells.
pub(super) fn latin(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

pub(super) fn repeat(text: &str, times: i64) -> Option<String> {
    let times = usize::try_from(times).ok()?;
    (text.len().checked_mul(times)? <= LONGEST).then(|| text.repeat(times))
}

pub(super) fn arithmetic(a: i64, operator: Operator, b: i64) -> Option<i64> {
    match operator {
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::FloorDiv => a.checked_div_euclid(b),
        Operator::Mod => a.checked_rem_euclid(b),
        Operator::BitXor => Some(a ^ b),
        Operator::BitAnd => Some(a & b),
        Operator::BitOr => Some(a | b),
        Operator::LShift => a.checked_shl(u32::try_from(b).ok()?),
        Operator::RShift => a.checked_shr(u32::try_from(b).ok()?),
        _ => None,
    }
}

/// `text[from:to:step]`; the outer option says whether a bound is there, the inner whether it is known.
pub(super) fn slice(text: Option<&str>, [from, to, step]: [Option<Option<i64>>; 3]) -> Option<String> {
    let characters: Vec<char> = text?.chars().collect();
    let length = i64::try_from(characters.len()).ok()?;
    let step = step.unwrap_or(Some(1))?;
    let place = |bound: Option<Option<i64>>, default: i64| -> Option<i64> {
        let at = bound.unwrap_or(Some(default))?;
        Some(if at < 0 && bound.is_some() { at + length } else { at })
    };
    let (first, last) = if step > 0 { (0, length) } else { (length - 1, -1) };
    let (mut at, to) = (place(from, first)?, place(to, last)?);
    let mut out = String::new();
    if step == 0 {
        return None;
    }
    at = at.clamp(if step > 0 { 0 } else { -1 }, length);
    while if step > 0 { at < to.min(length) } else { at > to } {
        out.extend(usize::try_from(at).ok().and_then(|at| characters.get(at)));
        at = at.checked_add(step)?;
    }
    Some(out)
}

/// `pattern % values`.
pub(super) fn printf(pattern: &Held, values: &Held) -> Option<String> {
    let pattern = pattern.text.as_ref()?;
    let one = [(None, values.clone())];
    let mut values = values.items.as_deref().unwrap_or(&one).iter();
    let mut out = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        match characters.next()? {
            '%' => out.push('%'),
            's' | 'd' => out.push_str(&plain(&values.next()?.1)?),
            'c' => out.push_str(&spelt(&values.next()?.1)?),
            _ => return None,
        }
    }
    (out.len() <= LONGEST).then_some(out)
}

fn plain(held: &Held) -> Option<String> {
    held.text.clone().or_else(|| held.number.map(|number| number.to_string()))
}

/// A character, from its number or as it is.
fn spelt(held: &Held) -> Option<String> {
    match held.number {
        Some(number) => u32::try_from(number).ok().and_then(char::from_u32).map(String::from),
        None => held.text.clone(),
    }
}

/// Bytes of a text in which each character is one byte; UTF-8 otherwise.
fn bytes_of(text: &str) -> Vec<u8> {
    match text.chars().map(|character| u8::try_from(u32::from(character))).collect() {
        Ok(bytes) => bytes,
        Err(_) => text.as_bytes().to_vec(),
    }
}

fn text(text: String) -> Option<Held> {
    Some(Held::of_text(text))
}

/// The result of a call of a known pure function.
pub(super) fn call(name: &str, callee: &Held, arguments: &[Held]) -> Option<Held> {
    let first = arguments.first();
    let given = || first.and_then(|first| first.text.clone());
    match name {
        "chr" => return text(spelt(first?)?),
        "ord" => {
            let number = given()?.chars().next().map(|character| i64::from(u32::from(character)));
            return Some(Held { number, ..Held::default() });
        }
        "str" | "bytes" | "bytearray" | "repr" | "print" => {
            if let Some(numbers) = first.and_then(|first| first.items.as_ref()) {
                let spelt: Option<Vec<String>> = numbers.iter().map(|(_, item)| spelt(item)).collect();
                return text(spelt?.concat());
            }
            return text(plain(first?)?);
        }
        "reversed" => {
            if let Some(items) = first.and_then(|first| first.items.clone()) {
                return Some(Held { items: Some(items.into_iter().rev().collect()), ..Held::default() });
            }
            return text(given()?.chars().rev().collect());
        }
        "list" | "tuple" => {
            let first = first?;
            let items = match (&first.items, &first.text) {
                (Some(items), _) => items.clone(),
                (None, Some(text)) => text
                    .chars()
                    .take(4096)
                    .map(|character| (None, Held::of_text(character.to_string())))
                    .collect(),
                _ => return None,
            };
            return Some(Held { items: Some(items), ..Held::default() });
        }
        "map" => {
            let function = first?.name.as_deref()?;
            let items = arguments.get(1)?.items.as_ref()?;
            let mapped: Option<Vec<_>> = items
                .iter()
                .map(|(_, item)| match function {
                    "chr" => Some((None, Held::of_text(spelt(item)?))),
                    "str" => Some((None, Held::of_text(plain(item)?))),
                    _ => None,
                })
                .collect();
            return Some(Held { items: Some(mapped?), ..Held::default() });
        }
        "base64.b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.standard_b64decode"
        | "base64.decodebytes"
        | "binascii.a2b_base64" => return text(latin(&base64(given()?.as_bytes())?)),
        "base64.b32decode" => return text(latin(&base32(given()?.as_bytes())?)),
        "bytes.fromhex" | "bytearray.fromhex" | "binascii.unhexlify" | "binascii.a2b_hex"
        | "base64.b16decode" => {
            return text(latin(&hexadecimal(given()?.as_bytes())?));
        }
        "codecs.decode" | "codecs.encode" => {
            return match arguments.get(1)?.text.as_deref()? {
                "rot13" | "rot_13" | "rot-13" => text(rot13(&given()?)),
                "hex" | "hex_codec" => text(latin(&hexadecimal(given()?.as_bytes())?)),
                "base64" | "base64_codec" => text(latin(&base64(given()?.as_bytes())?)),
                _ => None,
            };
        }
        "zlib.decompress" => {
            let bytes = bytes_of(&given()?);
            let mut out = Vec::new();
            let reader = flate2::read::ZlibDecoder::new(bytes.as_slice());
            std::io::Read::read_to_end(&mut std::io::Read::take(reader, LONGEST as u64), &mut out).ok()?;
            return text(latin(&out));
        }
        "os.path.join" | "posixpath.join" => {
            let parts: Option<Vec<String>> = arguments.iter().map(|argument| argument.text.clone()).collect();
            return text(parts?.join("/"));
        }
        "os.path.expanduser" | "os.path.expandvars" | "os.path.abspath" | "pathlib.Path" | "Path"
        | "os.fspath" | "shlex.split" | "textwrap.dedent" | "inspect.cleandoc" => return text(given()?),
        "pathlib.Path.home" | "Path.home" => return text("~".to_owned()),
        _ => {}
    }
    // Methods of texts and lists.
    let method = name.rsplit('.').next()?;
    let base = callee.text.as_ref();
    match method {
        "join" => {
            let between = base?;
            let items = first?;
            let items = match items.texts() {
                Some(texts) => texts,
                None => items.text.as_ref()?.chars().map(String::from).collect(),
            };
            let length: usize = items.iter().map(|item| item.len() + between.len()).sum();
            (length <= LONGEST).then(|| Held::of_text(items.join(between)))
        }
        "decode" | "encode" | "expanduser" | "absolute" | "resolve" | "as_posix" => {
            match given().as_deref() {
                Some("rot13" | "rot_13") => text(rot13(base?)),
                Some("hex") => text(latin(&hexadecimal(base?.as_bytes())?)),
                _ => text(base?.clone()),
            }
        }
        "joinpath" => text(format!("{}/{}", base?, given()?)),
        "replace" => {
            let (from, to) = (given()?, arguments.get(1)?.text.as_ref()?);
            let base = base?;
            if from.is_empty() || base.len().saturating_mul(to.len().max(1)) > LONGEST * 4 {
                return None;
            }
            text(base.replace(&from, to))
        }
        "lower" => text(base?.to_lowercase()),
        "upper" => text(base?.to_uppercase()),
        "swapcase" => text(
            base?
                .chars()
                .map(|character| {
                    if character.is_lowercase() {
                        character.to_ascii_uppercase()
                    } else {
                        character.to_ascii_lowercase()
                    }
                })
                .collect(),
        ),
        "strip" | "lstrip" | "rstrip" => text(base?.trim().to_owned()),
        "split" => {
            let base = base?;
            let parts: Vec<&str> = match given() {
                Some(at) if !at.is_empty() => base.split(at.as_str()).collect(),
                _ => base.split_whitespace().collect(),
            };
            let items = parts.into_iter().take(4096).map(|part| (None, Held::of_text(part.to_owned())));
            Some(Held { items: Some(items.collect()), ..Held::default() })
        }
        "format" => {
            let mut out = base?.clone();
            for (at, argument) in arguments.iter().enumerate().take(32) {
                let value = plain(argument)?;
                out = if out.contains("{}") {
                    out.replacen("{}", &value, 1)
                } else {
                    out.replace(&format!("{{{at}}}"), &value)
                };
                if out.len() > LONGEST {
                    return None;
                }
            }
            text(out)
        }
        _ => None,
    }
}
