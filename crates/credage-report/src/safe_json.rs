//! JSON that is harmless on a terminal, too.
//!
//! JSON itself escapes only what is below a blank. Here everything that a terminal obeys or that hides or turns text
//! (see [`crate::sanitize`]) is written as `\u….`, which every parser reads back to the same text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter};

use crate::sanitize::is_harmful;

/// Writes a value, indented.
pub fn write_pretty<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Harmless(PrettyFormatter::new())))
}

/// A value on one line.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Harmless(CompactFormatter)))?;
    // What is no UTF-8 is not written by anybody here.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Another formatter, with harmful characters escaped.
struct Harmless<F>(F);

/// Hands what the inner formatter knows better on to it.
macro_rules! inner {
    ($($name:ident($($arg:ident: $of:ty),*);)*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W $(, $arg: $of)*) -> io::Result<()> {
            self.0.$name(out $(, $arg)*)
        })*
    };
}

impl<F: Formatter> Formatter for Harmless<F> {
    inner! {
        write_char_escape(escape: CharEscape);
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        // Most texts are plain, and looked at no further.
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some((before, harmful, after)) = split(rest) {
            out.write_all(before.as_bytes())?;
            for unit in harmful.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = after;
        }
        out.write_all(rest.as_bytes())
    }
}

/// What is before the first harmful character, that character, and what is behind it.
fn split(text: &str) -> Option<(&str, char, &str)> {
    let (at, harmful) = text.char_indices().find(|(_, c)| is_harmful(*c))?;
    let (before, from) = text.split_at_checked(at)?;
    Some((before, harmful, from.get(harmful.len_utf8()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(text: &str) -> String {
        let mut out = Vec::new();
        write_pretty(&mut out, &serde_json::json!({ text: [text] })).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        let text = to_string("a\u{7f}\u{9b}31m\u{202e}\u{e0041}\u{1b}\n\"é").unwrap();
        assert_eq!(text, r#""a\u007f\u009b31m\u202e\udb40\udc41\u001b\n\"é""#);
    }

    proptest::proptest! {
        #[test]
        fn every_text_is_read_back_and_none_gets_past(text in ".*|[\\x00-\\xff\u{2000}-\u{206f}\u{e0000}-\u{e01ef}]{0,40}") {
            let (line, lines) = (to_string(&text).unwrap(), pretty(&text));
            proptest::prop_assert!(!line.chars().any(is_harmful), "{line:?}");
            proptest::prop_assert!(!lines.chars().any(|c| is_harmful(c) && c != '\n'), "{lines:?}");
            proptest::prop_assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text.clone());
            let back: serde_json::Value = serde_json::from_str(&lines).unwrap();
            proptest::prop_assert_eq!(&back[&text][0], &text);
        }
    }
}
