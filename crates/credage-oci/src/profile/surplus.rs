//! What people leave in a value that does not belong to it: a comment, quotes, a line break. `configparser` and shells
//! keep all of it, so that the value is wrong in a way that its look does not tell.

/// What is too much in a value, and what is left without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surplus {
    found: Vec<Found>,
    /// The value as it was probably meant.
    pub rest: String,
}

/// One thing that is too much.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    LineBreak,
    /// A line that was meant as a setting of its own; its key.
    NextLine(String),
    /// A backslash and a letter, where a line break was meant.
    Escape,
    Comment(String),
    /// Characters at the start and at the end.
    Around(String, String),
    Invisible(char),
    Blank,
}

/// How much of a value is known beforehand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Letters, digits, and a few marks between them: an OCID, a fingerprint, a region.
    Strict,
    /// A path or a pass phrase: nearly anything may belong to it.
    Loose,
}

/// The quotes that keyboards and word processors write.
const QUOTES: [char; 14] = ['"', '\'', '`', '“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»', '´'];

impl Surplus {
    /// What is too much in an OCID, a fingerprint, a region or the like, where `is_right` knows it without.
    pub fn of_strict(value: &str, is_right: impl Fn(&str) -> bool) -> Option<Self> {
        Self::of(value, Shape::Strict).filter(|surplus| is_right(&surplus.rest))
    }

    /// What is probably too much in a path or in a pass phrase.
    pub fn of_text(value: &str) -> Option<Self> {
        Self::of(value, Shape::Loose)
    }

    /// What is too much in a path to which there is no file: whatever leads to one without it, else what is probably too much.
    pub fn of_path(value: &str, is_file: impl Fn(&str) -> bool) -> Option<Self> {
        let mut glued = Self { found: Vec::new(), rest: value.to_owned() };
        glued.cut_comment(Shape::Strict);
        let glued = Some(glued).filter(|glued| !glued.found.is_empty() && is_file(&glued.rest));
        glued.or_else(|| Self::of_text(value))
    }

    fn of(value: &str, shape: Shape) -> Option<Self> {
        let mut surplus = Self { found: Vec::new(), rest: value.to_owned() };
        surplus.cut_lines();
        surplus.cut_comment(shape);
        surplus.cut_ends(shape);
        surplus.cut_inside(shape);
        (!surplus.found.is_empty()).then_some(surplus)
    }

    fn take(&mut self, found: Found, rest: String) {
        self.found.push(found);
        self.rest = rest;
    }

    fn cut_lines(&mut self) {
        if self.rest.contains(['\n', '\r']) {
            let text = self.rest.clone();
            let lines: Vec<&str> = text.split(['\n', '\r']).map(str::trim).collect();
            let next =
                lines.iter().enumerate().skip(1).find_map(|(place, line)| Some((place, key_of(line)?)));
            match next {
                Some((place, key)) => {
                    self.take(
                        Found::NextLine(key.to_owned()),
                        lines.get(..place).unwrap_or_default().concat(),
                    );
                }
                None => self.take(Found::LineBreak, lines.concat()),
            }
        }
        let plain = ["\\n", "\\r"].iter().fold(self.rest.as_str(), |text, end| text.trim_end_matches(end));
        if plain.len() < self.rest.len() {
            self.take(Found::Escape, plain.to_owned());
        }
    }

    fn cut_comment(&mut self, shape: Shape) {
        let text = self.rest.clone();
        let starts = |(place, _): &(usize, &str)| {
            let before = text.get(..*place).unwrap_or_default();
            !before.is_empty() && (shape == Shape::Strict || before.ends_with(char::is_whitespace))
        };
        let marks = ["#", ";", "//"];
        let mut places: Vec<(usize, &str)> = marks.iter().flat_map(|mark| text.match_indices(mark)).collect();
        places.sort_unstable();
        let Some((place, _)) = places.into_iter().find(starts) else { return };
        let (before, comment) = text.split_at(place);
        self.take(Found::Comment(comment.trim().to_owned()), before.trim_end().to_owned());
    }

    fn cut_ends(&mut self, shape: Shape) {
        let text = self.rest.clone();
        let odd = |c: char| match shape {
            Shape::Strict => !c.is_alphanumeric(),
            Shape::Loose => QUOTES.contains(&c) || is_invisible(c) || matches!(c, '<' | '>'),
        };
        let rest = text.trim_start_matches(odd);
        let start = text.len() - rest.len();
        let rest = rest.trim_end_matches(odd);
        if rest.len() < text.len() {
            let before = text.get(..start).unwrap_or_default().to_owned();
            let after = text.get(start + rest.len()..).unwrap_or_default().to_owned();
            self.take(Found::Around(before, after), rest.to_owned());
        }
    }

    fn cut_inside(&mut self, shape: Shape) {
        if let Some(odd) = self.rest.chars().find(|&c| is_invisible(c)) {
            let rest = self.rest.replace(is_invisible, "");
            self.take(Found::Invisible(odd), rest);
        }
        if shape == Shape::Strict && self.rest.contains(char::is_whitespace) {
            let rest = self.rest.replace(char::is_whitespace, "");
            self.take(Found::Blank, rest);
        }
    }

    /// What is too much, in words: ``the comment `# TODO` at its end``.
    pub fn in_words(&self) -> String {
        let words: Vec<String> = self.found.iter().map(|found| found.in_words(true)).collect();
        words.join(" and ")
    }

    /// The same without any text of the value, which may be a secret.
    pub fn in_general(&self) -> String {
        let words: Vec<String> = self.found.iter().map(|found| found.in_words(false)).collect();
        words.join(" and ")
    }

    /// `is` or `are`, as it goes with what is too much.
    pub fn verb(&self) -> &'static str {
        if self.is_one() { "is" } else { "are" }
    }

    /// What to remove: `it`, `them`, or the blanks before a line that is right but for them.
    pub fn pronoun(&self) -> &'static str {
        match self.found.as_slice() {
            [Found::NextLine(_)] => "those blanks",
            _ if self.is_one() => "it",
            _ => "them",
        }
    }

    fn is_one(&self) -> bool {
        match self.found.as_slice() {
            [Found::Around(before, after)] => before.chars().count() + after.chars().count() == 1,
            found => found.len() == 1,
        }
    }
}

impl Found {
    fn in_words(&self, shows: bool) -> String {
        match self {
            Self::LineBreak => "a line break".to_owned(),
            Self::NextLine(key) if shows => format!("the next line (`{key}`), which starts with blanks,"),
            Self::NextLine(_) => "the next line, which starts with blanks,".to_owned(),
            Self::Escape => "`\\n` at its end".to_owned(),
            Self::Comment(text) if shows => {
                format!("the comment `{text}` at its end (a comment needs a line of its own)")
            }
            Self::Comment(text) => {
                format!(
                    "`{}` after a blank (a comment needs a line of its own)",
                    text.chars().next().unwrap_or('#')
                )
            }
            Self::Around(before, after) => around(before, after),
            Self::Invisible(c) => format!("the invisible character {}", shown(*c)),
            Self::Blank => "a blank".to_owned(),
        }
    }
}

fn around(before: &str, after: &str) -> String {
    let list = |text: &str| text.chars().map(shown).collect::<Vec<_>>().join(" ");
    match (list(before), list(after)) {
        (before, after) if after.is_empty() => format!("{before} at its start"),
        (before, after) if before.is_empty() => format!("{after} at its end"),
        (before, after) if before == after => format!("{before} at its start and end"),
        (before, after) => format!("{before} at its start and {after} at its end"),
    }
}

/// A character as people see it, or its number where they would see nothing.
fn shown(c: char) -> String {
    if c.is_control() || c.is_whitespace() || is_invisible(c) {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("`{c}`")
    }
}

/// Characters without width that copying from a web page or a document brings along.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The key of a line that sets one.
fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once(['=', ':'])?.0.trim_end();
    let word = |c: char| c.is_ascii_lowercase() || c == '_';
    (!key.is_empty() && key.chars().all(word)).then_some(key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OCID: &str = "ocid1.user.oc1..aaaa";

    fn strict(value: &str) -> Option<(String, &'static str)> {
        let surplus = Surplus::of_strict(value, |rest| rest == OCID)?;
        Some((surplus.in_words(), surplus.pronoun()))
    }

    #[test]
    fn what_is_too_much_is_named_to_the_character() {
        let cases = [
            (format!("\"{OCID}\""), "`\"` at its start and end", "them"),
            (format!("'{OCID}'"), "`'` at its start and end", "them"),
            (format!("“{OCID}”"), "`“` at its start and `”` at its end", "them"),
            (format!("„{OCID}“"), "`„` at its start and `“` at its end", "them"),
            (format!("«{OCID}»"), "`«` at its start and `»` at its end", "them"),
            (format!("{OCID}\""), "`\"` at its end", "it"),
            (format!("<{OCID}>"), "`<` at its start and `>` at its end", "them"),
            (format!("{OCID},"), "`,` at its end", "it"),
            (
                format!("{OCID} # mine"),
                "the comment `# mine` at its end (a comment needs a line of its own)",
                "it",
            ),
            (
                format!("{OCID}#mine"),
                "the comment `#mine` at its end (a comment needs a line of its own)",
                "it",
            ),
            (
                format!("{OCID} ; mine"),
                "the comment `; mine` at its end (a comment needs a line of its own)",
                "it",
            ),
            (
                format!("{OCID} // mine"),
                "the comment `// mine` at its end (a comment needs a line of its own)",
                "it",
            ),
            (format!("{OCID}\n"), "a line break", "it"),
            ("ocid1.user.oc1\n..aaaa".to_owned(), "a line break", "it"),
            (format!("{OCID}\\n"), "`\\n` at its end", "it"),
            (format!("{OCID}\\r\\n"), "`\\n` at its end", "it"),
            (
                format!("{OCID}\nregion=x"),
                "the next line (`region`), which starts with blanks,",
                "those blanks",
            ),
            (format!("\u{200b}{OCID}"), "U+200B at its start", "it"),
            ("ocid1.user\u{feff}.oc1..aaaa".to_owned(), "the invisible character U+FEFF", "it"),
            ("ocid1.user .oc1..aaaa".to_owned(), "a blank", "it"),
        ];
        for (value, words, pronoun) in cases {
            assert_eq!(strict(&value), Some((words.to_owned(), pronoun)), "{value}");
        }
        let both = strict(&format!("\"{OCID}\" # mine")).unwrap();
        assert!(both.0.contains("# mine") && both.0.contains("`\"` at its start and end"), "{both:?}");
        assert_eq!(strict(OCID), None);
        assert_eq!(strict("ocid1.tenancy.oc1..aaaa # not even then"), None, "what is left must be right");
    }

    #[test]
    fn a_path_may_hold_nearly_everything() {
        let rest = |value: &str| Surplus::of_text(value).map(|surplus| surplus.rest);
        for whole in
            ["~/.oci/key.pem", "/keys/#1.pem", "/my keys/a;b.pem", "C:\\keys\\a.pem", "//server/key.pem"]
        {
            assert_eq!(rest(whole), None, "{whole}");
        }
        for odd in ["\"/k.pem\"", "“/k.pem”", "/k.pem # TODO", "/k.pem\t; mine", "/k.pem\n", "<//k.pem> // x"]
        {
            assert!(rest(odd).is_some_and(|rest| rest.ends_with("/k.pem")), "{odd}");
        }
    }

    #[test]
    fn a_comment_that_is_glued_to_a_path_is_known_by_the_file_before_it() {
        let rest = |value: &str| Surplus::of_path(value, |path| path == "/k.pem").map(|surplus| surplus.rest);
        assert_eq!(rest("/k.pem#mine").as_deref(), Some("/k.pem"));
        assert_eq!(rest("/k.pem;mine").as_deref(), Some("/k.pem"));
        assert_eq!(rest("/other.pem#mine"), None, "which may be its name");
        assert_eq!(rest("\"/other.pem\"").as_deref(), Some("/other.pem"));
    }

    #[test]
    fn a_secret_is_not_repeated() {
        for value in ["hunter2 # hunter3", "\"hunter2\"", "hunter2\nhunter=3", "hunter2\n"] {
            let words = Surplus::of_text(value).unwrap().in_general();
            assert!(!words.contains("hunter"), "{words}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_added_to_a_value(value in "[a-z\"'“”#; \\n\\r\u{200b}<>=é]{0,40}") {
            for surplus in [Surplus::of(&value, Shape::Strict), Surplus::of(&value, Shape::Loose)].into_iter().flatten() {
                prop_assert!(surplus.rest.len() < value.len());
                prop_assert!(!surplus.in_words().is_empty());
            }
        }
    }
}
