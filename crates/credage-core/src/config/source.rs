//! The text of a configuration file, and mistakes in it with their place.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// The most of a line that is shown with a mistake.
const EXCERPT: usize = 160;

/// A configuration file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSource {
    /// What to call it in messages: its path as the user wrote it.
    pub origin: String,
    /// What it holds.
    pub text: String,
    /// Where its lines begin, once somebody asked: a file of many megabytes is asked for thousands of places.
    lines: OnceLock<Vec<usize>>,
}

/// A mistake in a configuration file: where it stands, what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}{}", Place(self), Excerpt(self))]
pub struct ConfigError {
    /// The file.
    pub origin: String,
    /// The line, from 1; 0 where the mistake has no place.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line as it stands.
    pub excerpt: String,
    /// How many characters of it are wrong; at least 1.
    pub width: usize,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
}

impl ConfigSource {
    /// A file that was read.
    pub fn new(origin: impl Into<String>, text: impl Into<String>) -> Self {
        Self { origin: origin.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The line of a byte, from 1.
    pub fn line(&self, at: usize) -> usize {
        self.starts().partition_point(|start| *start <= at)
    }

    /// The bytes that lines begin with.
    fn starts(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let after = self.text.match_indices('\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(after).collect()
        })
    }

    /// A mistake at `span` (bytes of the text), or of the file as a whole.
    pub fn error(&self, span: Option<Range<usize>>, message: impl Into<String>) -> ConfigError {
        let message = message.into();
        let Some(span) = span else {
            let (origin, excerpt) = (self.origin.clone(), String::new());
            return ConfigError { origin, line: 0, column: 0, excerpt, width: 1, message, hint: None };
        };
        let (line, column, excerpt) = self.place(span.start);
        // What goes over several lines is marked to the end of its first.
        let marked = self.text.get(span).and_then(|text| text.lines().next()).unwrap_or_default();
        let room = excerpt.chars().count().saturating_sub(column - 1);
        let width = marked.chars().count().min(room).max(1);
        ConfigError { origin: self.origin.clone(), line, column, excerpt, width, message, hint: None }
    }

    /// What the parser says, in our words where we know better ones.
    pub fn parse_error(&self, error: &toml::de::Error) -> ConfigError {
        let said = error.message().trim();
        let wrong = self.error(error.span(), in_words(said.lines().next().unwrap_or(said)));
        if let Some((field, known)) = unknown_field(said) {
            let hint = did_you_mean(field, known.iter().copied()).map_or_else(
                || format!("known here are {}", known.join(", ")),
                |name| format!("write `{name}`"),
            );
            return ConfigError { message: format!("unknown key `{field}`"), hint: Some(hint), ..wrong };
        }
        match hint(said) {
            Some(hint) => wrong.hint(hint),
            None => wrong,
        }
    }

    /// Line and column of a byte, and the line.
    fn place(&self, at: usize) -> (usize, usize, String) {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = self.line(before.len());
        let start = self.starts().get(line - 1).copied().unwrap_or_default();
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        let whole = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        (line, column, whole.chars().take(EXCERPT).collect())
    }
}

impl ConfigError {
    /// The same, with what to write instead.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// `credage.toml line 3 column 5: `, or the file alone.
struct Place<'a>(&'a ConfigError);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigError { origin, line, column, .. } = self.0;
        if *line == 0 { write!(f, "{origin}: ") } else { write!(f, "{origin} line {line} column {column}: ") }
    }
}

/// The line with a mark below what is wrong in it.
struct Excerpt<'a>(&'a ConfigError);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigError { line, column, excerpt, width, .. } = self.0;
        if *line == 0 || excerpt.is_empty() {
            return Ok(());
        }
        let number = line.to_string();
        // Tabs stay, so that the mark stands below what it means.
        let indent: String =
            excerpt.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        write!(f, "\n  {number} | {excerpt}\n  {:>1$} | {indent}{2}", "", number.len(), "^".repeat(*width))
    }
}

/// The known name that was probably meant.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let written = written.to_lowercase().replace('-', "_");
    let distance = |name: &str| strsim::damerau_levenshtein(&written, &name.to_lowercase().replace('-', "_"));
    let near = |(distance, name): &(usize, &str)| *distance <= 1 + name.len() / 4;
    known.into_iter().map(|name| (distance(name), name)).filter(near).min().map(|(_, name)| name)
}

/// The field and the known ones, of serde's message about a field that is not known.
fn unknown_field(message: &str) -> Option<(&str, Vec<&str>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (field, rest) = rest.split_once('`')?;
    let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    (!known.is_empty()).then_some((field, known))
}

/// A message without the names of our own types.
fn in_words(said: &str) -> String {
    match said.split_once("expected struct ") {
        Some((before, _)) => format!("{before}expected a table"),
        None => said.to_owned(),
    }
}

/// What to write instead, for what people often write.
fn hint(said: &str) -> Option<String> {
    if said.starts_with("invalid type: map, expected a sequence") {
        return Some(
            "there can be several: write its name in double brackets, such as `[[class]]`".to_owned(),
        );
    }
    let missing = said.strip_prefix("missing field `")?.split('`').next()?;
    Some(format!("add `{missing} = …`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_shown_where_it_stands() {
        let source = ConfigSource::new("credage.toml", "[rotation]\n\tmäx = \"9x\"\n");
        let at = source.text.find("\"9x\"").unwrap();
        let error = source.error(Some(at..at + 4), "`9x` is no number of days").hint("write `90d`");
        assert_eq!((error.line, error.column, error.width), (2, 8, 4));
        let shown = "credage.toml line 2 column 8: `9x` is no number of days\n  2 | \tmäx = \"9x\"\n    | \t      ^^^^";
        assert_eq!(error.to_string(), shown);
        assert_eq!(source.error(None, "empty").to_string(), "credage.toml: empty");
    }

    #[test]
    fn a_misspelt_key_is_guessed() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            #[expect(dead_code, reason = "only its name matters")]
            max_age: Option<String>,
            #[expect(dead_code, reason = "only its name matters")]
            warn_before: Option<String>,
        }
        let guess = |text: &str| {
            let source = ConfigSource::new("x", text);
            source.parse_error(&toml::from_str::<Raw>(text).unwrap_err())
        };
        let error = guess("max-agee = 1");
        assert_eq!(
            (error.message.as_str(), error.hint.as_deref()),
            ("unknown key `max-agee`", Some("write `max_age`"))
        );
        let far = guess("colour = 1");
        assert_eq!(far.hint.as_deref(), Some("known here are max_age, warn_before"));
    }
}
