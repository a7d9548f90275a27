//! Texts from outside, made harmless for where they are shown.
//!
//! A user name can hold escape sequences that repaint a terminal, marks that turn text round, or a formula that a
//! spreadsheet runs. What could do harm is shown as what it is (`\u{202e}`); everything else stays.

use std::borrow::Cow;

/// Without anything that a terminal obeys or that hides or turns text.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_harmful(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The same, and disarmed where a spreadsheet would take it for a formula
/// (OWASP, "CSV Injection": `=`, `+`, `-`, `@`, also in full width, tab and carriage return).
pub fn for_cell(text: &str) -> Cow<'_, str> {
    let shown = for_terminal(text);
    let starts = shown.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if starts { Cow::Owned(format!("'{shown}")) } else { shown }
}

/// Control characters; marks that turn, join or hide text; line and paragraph separators; what is drawn as nothing.
///
/// Beside the controls these are the characters that Unicode calls `Default_Ignorable_Code_Point`, `Bidi_Control`, line
/// and paragraph separators, and those that are drawn as a blank without being one (the Braille blank, Hangul fillers).
pub const fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A text of several lines, each harmless. Tabs stay, so that a mark below a line stands below what it means.
pub fn for_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 1);
    for line in text.lines() {
        for (place, part) in line.split('\t').enumerate() {
            if place > 0 {
                shown.push('\t');
            }
            shown.push_str(&for_terminal(part));
        }
        shown.push('\n');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_do_harm_is_shown_as_what_it_is() {
        assert_eq!(for_terminal("Ada Łovelace 美咲"), "Ada Łovelace 美咲");
        assert_eq!(for_terminal("\u{1b}[2Jx\n"), r"\u{1b}[2Jx\n");
        assert_eq!(for_terminal("rtl\u{202e}gpj.exe"), r"rtl\u{202e}gpj.exe");
        assert_eq!(for_terminal("c1\u{9b}31m"), r"c1\u{9b}31m");
    }

    #[test]
    fn what_is_not_seen_is_shown() {
        for c in "\u{34f}\u{115f}\u{3164}\u{ffa0}\u{2800}\u{180e}\u{fe0f}\u{e0100}\u{e0041}\u{200d}\u{2028}\u{85}\u{7f}".chars() {
            assert!(is_harmful(c), "{c:?}");
            assert!(for_terminal(&format!("a{c}b")).is_ascii(), "{c:?}");
        }
        assert_eq!(for_lines("a\tb\u{1b}\nc\r\nd\re"), "a\tb\\u{1b}\nc\nd\\re\n");
    }

    proptest::proptest! {
        #[test]
        fn no_text_gets_past(text in "\\PC*|.*|[\\x00-\\xff\u{2000}-\u{206f}\u{e0000}-\u{e01ef}=+@ -]{0,40}") {
            let shown = for_terminal(&text);
            proptest::prop_assert!(!shown.chars().any(is_harmful), "{shown:?}");
            proptest::prop_assert!(!for_cell(&text).chars().any(is_harmful));
            let lines = for_lines(&text);
            proptest::prop_assert!(!lines.chars().any(|c| is_harmful(c) && c != '\n' && c != '\t'), "{lines:?}");
            proptest::prop_assert!(!for_cell(&text).trim_start().starts_with(['=', '+', '-', '@']));
            // What is harmless stays as it is.
            proptest::prop_assert!(text.chars().any(is_harmful) || shown == text);
        }
    }

    #[test]
    fn formulas_are_disarmed_and_numbers_in_names_are_not() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", " =x", "＝1"] {
            assert!(for_cell(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(for_cell("\t=x"), r"\t=x", "a tab is shown, and then it starts with none of them");
        assert_eq!(for_cell("a=b"), "a=b");
        assert_eq!(for_cell("4711"), "4711");
    }
}
