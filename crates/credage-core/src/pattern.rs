//! Names with wildcards.

use wildmatch::WildMatch;

/// A pattern for a name: `*` stands for any text and `?` for one character, without regard to case.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    matcher: WildMatch,
    text: Box<str>,
    written: Box<str>,
}

/// A pattern for users, held against the user name and the id.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPattern(Pattern);

/// A name in lower case, as patterns are held against it.
#[derive(Clone, Debug)]
pub struct Folded(String);

/// A pattern that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing, or only blanks.
    #[error("an empty pattern matches nobody; `*` stands for any text")]
    Empty,
    /// What people write who think of regular expressions.
    #[error("`{0}` looks like a regular expression; `*` stands for any text and `?` for one character")]
    Regex(String),
}

impl Pattern {
    /// The pattern as people write it.
    pub fn new(pattern: &str) -> Self {
        let text = pattern.to_lowercase();
        Self { matcher: WildMatch::new(&text), text: text.into(), written: pattern.into() }
    }

    /// The same, where the pattern can be one.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        let trimmed = pattern.trim();
        let regex = trimmed.starts_with('^') || trimmed.ends_with('$') || trimmed.contains(".*");
        if trimmed.is_empty() {
            Err(PatternError::Empty)
        } else if regex {
            Err(PatternError::Regex(trimmed.to_owned()))
        } else {
            Ok(Self::new(trimmed))
        }
    }

    /// Whether it means `name`.
    pub fn matches(&self, name: &Folded) -> bool {
        self.matcher.matches(&name.0)
    }

    /// The pattern, in lower case.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The pattern as it was written.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// Whether it means one name only.
    pub fn is_literal(&self) -> bool {
        !self.text.contains(['*', '?'])
    }

    /// Whether no name can be meant by both, as far as their beginnings and ends tell.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        if self.is_literal() {
            return !other.matcher.matches(&self.text);
        }
        if other.is_literal() {
            return !self.matcher.matches(&other.text);
        }
        let apart = |one: &str, two: &str| !one.starts_with(two) && !two.starts_with(one);
        let ends_apart = |one: &str, two: &str| !one.ends_with(two) && !two.ends_with(one);
        apart(self.head(), other.head()) || ends_apart(self.tail(), other.tail())
    }

    /// The text before the first wildcard.
    pub(crate) fn head(&self) -> &str {
        self.text.split(['*', '?']).next().unwrap_or_default()
    }

    /// The text after the last wildcard.
    pub(crate) fn tail(&self) -> &str {
        self.text.rsplit(['*', '?']).next().unwrap_or_default()
    }
}

impl Folded {
    /// The name in lower case.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// A name.
    pub fn new(name: &str) -> Self {
        Self(name.to_lowercase())
    }

    /// Whether there is no name.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl UserPattern {
    /// The pattern as people write it.
    pub fn new(pattern: &str) -> Self {
        Self(Pattern::new(pattern))
    }

    /// The same, where the pattern can be one.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        Pattern::parse(pattern).map(Self)
    }

    /// Whether a user of this name and id is meant.
    pub fn matches(&self, name: &str, id: &str) -> bool {
        self.matches_folded(&Folded::new(name), &Folded::new(id))
    }

    /// The same, for names that were folded before.
    pub fn matches_folded(&self, name: &Folded, id: &Folded) -> bool {
        self.0.matches(name) || self.0.matches(id)
    }

    /// Whether it is a SCIM id (32 hexadecimal digits), which says nothing about a name.
    pub(crate) fn is_id(&self) -> bool {
        let text = self.0.as_str();
        text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// The pattern.
    pub const fn pattern(&self) -> &Pattern {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_match_without_regard_to_case() {
        let pattern = UserPattern::new("Ci-*@Example.com");
        assert!(pattern.matches("ci-deploy@example.COM", "x"));
        assert!(!pattern.matches("ada@example.com", "x"));
        assert!(UserPattern::new("9f8e7d").matches("ada", "9F8E7D"));
        assert!(!UserPattern::new("9f8e7").matches("ada", "9F8E7D"));
    }

    #[test]
    fn patterns_that_can_mean_the_same_name_are_known() {
        let disjoint = |one: &str, two: &str| Pattern::new(one).is_disjoint(&Pattern::new(two));
        assert!(disjoint("svc-*", "ci-*"));
        assert!(disjoint("*@a.example", "*@b.example"));
        assert!(disjoint("ada", "grace") && disjoint("svc-*", "ada") && disjoint("ada", "svc-*"));
        assert!(!disjoint("svc-*", "svc-db-*") && !disjoint("*", "ada") && !disjoint("svc-*", "*-prod"));
        assert!(!disjoint("Ada", "ada"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        assert_eq!(Pattern::parse("  "), Err(PatternError::Empty));
        assert!(matches!(Pattern::parse("^svc-.*$"), Err(PatternError::Regex(_))));
        assert!(Pattern::parse("svc-*").is_ok());
    }
}
