//! Texts that a pickle puts together while it is loaded: joined, reversed, decoded. Worked out here, within a bound,
//! so that `'sys' + 'tem'` is read as what it is.

use vauban_formats::encoded::{base64, hexadecimal, rot13};
use vauban_formats::pickle::Value;

use super::denote::Denoted;
use super::judge::Judge;
use super::name::full_name;

/// Characters of a text that is worked out.
const LONGEST: usize = 4096;
/// Steps of working out.
const DEPTH: u32 = 24;

impl Judge<'_> {
    /// The text that a value is or becomes; bytes count as the text they spell.
    pub(super) fn text_of(&self, value: Value, depth: u32) -> Option<String> {
        if depth > DEPTH || !self.spend() {
            return None;
        }
        if let Some(text) = self.stream.text_or_bytes(value) {
            return (text.length as usize <= LONGEST).then(|| text.head.clone());
        }
        let call = self.stream.call(value)?;
        let arguments = self.stream.items(call.arguments);
        let text = |at: usize| self.text_of(*arguments.get(at)?, depth + 1);
        let made = match self.denote(call.callee, depth + 1) {
            Denoted::Name(module, name) => match full_name(&module, &name).as_str() {
                "builtins.str" | "builtins.unicode" | "builtins.bytes" | "builtins.bytearray" => {
                    text(0).or_else(|| self.spelt_in_numbers(*arguments.first()?))
                }
                "builtins.chr" | "builtins.unichr" => match arguments.first()? {
                    Value::Int(code) => u32::try_from(*code).ok().and_then(char::from_u32).map(String::from),
                    _ => None,
                },
                "operator.add" | "operator.concat" | "operator.iadd" | "operator.iconcat" => {
                    Some(text(0)? + &text(1)?)
                }
                "operator.mod" => Some(text(0)?.replacen("%s", &text(1)?, 1)),
                "builtins.str.join" => self.joined(&text(0)?, *arguments.get(1)?, depth),
                "base64.b64decode"
                | "base64.standard_b64decode"
                | "base64.urlsafe_b64decode"
                | "binascii.a2b_base64"
                | "base64.decodebytes"
                | "base64.decodestring" => decoded(base64(text(0)?.as_bytes())),
                "binascii.unhexlify" | "binascii.a2b_hex" | "builtins.bytes.fromhex" | "base64.b16decode" => {
                    decoded(hexadecimal(text(0)?.as_bytes()))
                }
                "codecs.decode" | "_codecs.decode" | "codecs.encode" | "_codecs.encode" => {
                    let codec =
                        text(1).unwrap_or_else(|| "utf-8".to_owned()).to_lowercase().replace('_', "-");
                    match codec.trim_end_matches("-codec") {
                        "rot13" | "rot-13" => Some(rot13(&text(0)?)),
                        "hex" => decoded(hexadecimal(text(0)?.as_bytes())),
                        "base64" | "base-64" => decoded(base64(text(0)?.as_bytes())),
                        "utf-8" | "utf8" | "ascii" | "latin-1" | "latin1" | "iso-8859-1"
                        | "unicode-escape" => text(0),
                        _ => None,
                    }
                }
                full => {
                    let method = full
                        .strip_prefix("builtins.str.")
                        .or_else(|| full.strip_prefix("builtins.bytes."))?;
                    method_of(&text(0)?, method, &[text(1), text(2)])
                }
            },
            Denoted::TextMethod(base, method) => match method.as_str() {
                "join" => self.joined(&base, *arguments.first()?, depth),
                method => method_of(&base, method, &[text(0), text(1)]),
            },
            _ => None,
        };
        made.filter(|made| made.len() <= LONGEST)
    }

    fn joined(&self, between: &str, parts: Value, depth: u32) -> Option<String> {
        let container = self.stream.container(parts)?;
        if container.items.len() as u64 != container.length {
            return None;
        }
        let parts: Option<Vec<String>> =
            container.items.iter().map(|part| self.text_of(*part, depth + 1)).collect();
        Some(parts?.join(between))
    }

    fn spelt_in_numbers(&self, numbers: Value) -> Option<String> {
        let items = self.stream.items(numbers);
        let bytes: Option<Vec<u8>> = items
            .iter()
            .map(|item| if let Value::Int(number) = item { u8::try_from(*number).ok() } else { None })
            .collect();
        bytes.filter(|bytes| !bytes.is_empty()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// What a method of `str` or `bytes` makes of a text.
fn method_of(text: &str, method: &str, arguments: &[Option<String>; 2]) -> Option<String> {
    Some(match method {
        "decode" | "encode" | "format" | "__str__" => text.to_owned(),
        "lower" | "casefold" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "swapcase" => text
            .chars()
            .map(
                |char| {
                    if char.is_lowercase() { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() }
                },
            )
            .collect(),
        "strip" => match &arguments[0] {
            Some(set) => text.trim_matches(|char| set.contains(char)).to_owned(),
            None => text.trim().to_owned(),
        },
        "lstrip" => text.trim_start().to_owned(),
        "rstrip" => text.trim_end().to_owned(),
        "replace" => text.replace(arguments[0].as_deref()?, arguments[1].as_deref()?),
        "removeprefix" => text.strip_prefix(arguments[0].as_deref()?).unwrap_or(text).to_owned(),
        "removesuffix" => text.strip_suffix(arguments[0].as_deref()?).unwrap_or(text).to_owned(),
        "__add__" => format!("{text}{}", arguments[0].as_deref()?),
        _ => return None,
    })
}

/// Decoded bytes as text; nothing where there are none.
fn decoded(bytes: Option<Vec<u8>>) -> Option<String> {
    bytes.filter(|bytes| !bytes.is_empty()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
