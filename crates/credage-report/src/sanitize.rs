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
const fn is_harmful(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
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
    fn formulas_are_disarmed_and_numbers_in_names_are_not() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", " =x", "＝1"] {
            assert!(for_cell(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(for_cell("\t=x"), r"\t=x", "a tab is shown, and then it starts with none of them");
        assert_eq!(for_cell("a=b"), "a=b");
        assert_eq!(for_cell("4711"), "4711");
    }
}
