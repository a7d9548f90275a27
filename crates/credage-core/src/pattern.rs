//! Which users to look at.

use wildmatch::WildMatch;

/// A pattern for users: `*` stands for any text and `?` for one character, without regard to case. It is held
/// against the user name and the id.
#[derive(Clone, Debug, PartialEq)]
pub struct UserPattern(WildMatch);

impl UserPattern {
    /// The pattern as people write it.
    pub fn new(pattern: &str) -> Self {
        Self(WildMatch::new(&pattern.to_lowercase()))
    }

    /// Whether a user of this name and id is meant.
    pub fn matches(&self, name: &str, id: &str) -> bool {
        self.0.matches(&name.to_lowercase()) || self.0.matches(&id.to_lowercase())
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
}
