//! The filter language (RFC 7644 section 3.4.2.2, without `in` and regular expressions, as OCI documents it).

use jiff::Timestamp;
use serde_json::Value;

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Present(String),
    Compare(String, Op, Value),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 64;

impl Filter {
    /// Parses a filter; the error says where it stops making sense.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text, prefix: String::new(), depth: 0 };
        let filter = parser.or()?;
        parser.skip();
        if parser.rest.is_empty() { Ok(filter) } else { Err(format!("unexpected `{}`", first(parser.rest))) }
    }

    /// Every attribute that it names, in lower case.
    pub(crate) fn attributes(&self) -> Vec<&str> {
        match self {
            Self::And(a, b) | Self::Or(a, b) => [a.attributes(), b.attributes()].concat(),
            Self::Not(inner) => inner.attributes(),
            Self::Present(name) | Self::Compare(name, ..) => vec![name],
        }
    }

    /// The users that it names with `eq`, if the filter is a disjunction of such and nothing else.
    pub(crate) fn named_users(&self) -> Option<Vec<&str>> {
        match self {
            Self::Or(a, b) => Some([a.named_users()?, b.named_users()?].concat()),
            Self::Compare(name, Op::Eq, Value::String(id)) if is_user(name) => Some(vec![id]),
            _ => None,
        }
    }

    /// Of comparisons or-ed, the first so many.
    pub(crate) fn first_terms(self, count: usize) -> Self {
        let mut terms = self.terms().into_iter().take(count.max(1));
        let first = terms.next();
        let all = first.map(|first| terms.fold(first, |all, term| Self::Or(Box::new(all), Box::new(term))));
        // There is always a first: a filter is at least itself.
        all.unwrap_or(Self::Present(String::new()))
    }

    fn terms(self) -> Vec<Self> {
        match self {
            Self::Or(a, b) => a.terms().into_iter().chain(b.terms()).collect(),
            other => vec![other],
        }
    }

    /// Whether it narrows users at all.
    pub(crate) fn is_on_user(&self) -> bool {
        match self {
            Self::Present(name) => is_user(name),
            Self::And(a, b) => a.is_on_user() || b.is_on_user(),
            _ => self.named_users().is_some(),
        }
    }

    /// Whether a row passes; `value` looks an attribute up by its name in lower case.
    pub(crate) fn passes(&self, value: &impl Fn(&str) -> Vec<Value>) -> bool {
        match self {
            Self::And(a, b) => a.passes(value) && b.passes(value),
            Self::Or(a, b) => a.passes(value) || b.passes(value),
            Self::Not(inner) => !inner.passes(value),
            Self::Present(name) => !value(name).is_empty(),
            Self::Compare(name, Op::Ne, wanted) => {
                !value(name).iter().any(|found| compare(name, found, Op::Eq, wanted))
            }
            Self::Compare(name, op, wanted) => {
                value(name).iter().any(|found| compare(name, found, *op, wanted))
            }
        }
    }
}

fn is_user(name: &str) -> bool {
    matches!(name, "user.value" | "user.ocid")
}

fn compare(name: &str, found: &Value, op: Op, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => {
            if let (Ok(found), Ok(wanted)) = (found.parse::<Timestamp>(), wanted.parse::<Timestamp>()) {
                return ordered(&found, op, &wanted);
            }
            if is_exact(name) {
                text(found, op, wanted)
            } else {
                text(&found.to_lowercase(), op, &wanted.to_lowercase())
            }
        }
        _ => op == Op::Eq && found == wanted,
    }
}

/// Identifiers are compared as they are, other texts without regard to case (RFC 7643 section 3.1).
fn is_exact(name: &str) -> bool {
    matches!(name, "id" | "ocid" | "user.value" | "user.ocid")
}

fn text(found: &str, op: Op, wanted: &str) -> bool {
    match op {
        Op::Co => found.contains(wanted),
        Op::Sw => found.starts_with(wanted),
        Op::Ew => found.ends_with(wanted),
        _ => ordered(&found, op, &wanted),
    }
}

fn ordered<T: PartialOrd>(found: &T, op: Op, wanted: &T) -> bool {
    match op {
        Op::Eq => found == wanted,
        Op::Ne => found != wanted,
        Op::Gt => found > wanted,
        Op::Ge => found >= wanted,
        Op::Lt => found < wanted,
        Op::Le => found <= wanted,
        Op::Co | Op::Sw | Op::Ew => false,
    }
}

struct Parser<'a> {
    rest: &'a str,
    /// What stands before the names inside brackets: `user[value eq "x"]` means `user.value eq "x"`.
    prefix: String,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Filter, String> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter, String> {
        let mut left = self.term()?;
        while self.word("and") {
            left = Filter::And(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("too many parentheses".to_owned());
        }
        let term = if self.word("not") {
            Filter::Not(Box::new(self.term()?))
        } else if self.symbol('(') {
            let inner = self.or()?;
            self.expect(')')?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(term)
    }

    fn comparison(&mut self) -> Result<Filter, String> {
        let bare = self.name()?;
        let name = format!("{}{bare}", self.prefix);
        if self.symbol('[') {
            let outer = std::mem::replace(&mut self.prefix, format!("{name}."));
            let inner = self.or()?;
            self.prefix = outer;
            self.expect(']')?;
            return Ok(inner);
        }
        if self.word("pr") {
            return Ok(Filter::Present(name));
        }
        let op = self.op()?;
        Ok(Filter::Compare(name, op, self.value()?))
    }

    fn name(&mut self) -> Result<String, String> {
        self.skip();
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || "_-.:$".contains(c)))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err(format!("an attribute is missing before `{}`", first(self.rest)));
        }
        self.rest = rest;
        Ok(name.to_lowercase())
    }

    fn op(&mut self) -> Result<Op, String> {
        let ops = [
            ("eq", Op::Eq),
            ("ne", Op::Ne),
            ("co", Op::Co),
            ("sw", Op::Sw),
            ("ew", Op::Ew),
            ("gt", Op::Gt),
            ("ge", Op::Ge),
            ("lt", Op::Lt),
            ("le", Op::Le),
        ];
        let found = ops.into_iter().find(|(word, _)| self.word(word));
        found.map(|(_, op)| op).ok_or_else(|| format!("`{}` is no operator", first(self.rest)))
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip();
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        let value = match values.next() {
            Some(Ok(value)) if !value.is_object() && !value.is_array() => value,
            _ => return Err(format!("`{}` is no value", first(self.rest))),
        };
        let used = values.byte_offset();
        self.rest = self.rest.get(used..).unwrap_or_default();
        Ok(value)
    }

    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let Some((head, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = rest.chars().next().is_none_or(|c| !(c.is_alphanumeric() || "_-.:".contains(c)));
        let found = head.eq_ignore_ascii_case(word) && ends;
        if found {
            self.rest = rest;
        }
        found
    }

    fn symbol(&mut self, symbol: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(symbol);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, symbol: char) -> Result<(), String> {
        if self.symbol(symbol) {
            Ok(())
        } else {
            Err(format!("`{symbol}` is missing before `{}`", first(self.rest)))
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

fn first(rest: &str) -> String {
    rest.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passes(filter: &str, name: &str, found: &Value) -> bool {
        Filter::parse(filter)
            .unwrap()
            .passes(&|asked: &str| if asked == name { vec![found.clone()] } else { Vec::new() })
    }

    #[test]
    fn every_operator_means_what_scim_says() {
        for (filter, passed) in [
            (r#"userName eq "ADA""#, true),
            (r#"userName ne "ada""#, false),
            (r#"userName co "d""#, true),
            (r#"userName sw "ad" and userName ew "da""#, true),
            (r#"not (userName sw "x") and userName pr"#, true),
            (r#"userName gt "abz" and userName le "ada""#, true),
            (r#"userName eq "x" or userName eq "ada" and userName eq "y""#, false),
            (r#"(userName eq "x" or userName eq "ada") and userName pr"#, true),
            ("other pr", false),
        ] {
            assert_eq!(passes(filter, "username", &Value::from("ada")), passed, "{filter}");
        }
        assert!(passes(
            r#"meta.created ge "2026-01-01T00:00:00Z""#,
            "meta.created",
            &"2026-01-01T00:00:00.000Z".into()
        ));
        assert!(passes("active eq true", "active", &true.into()));
        assert!(!passes(r#"user.value eq "AB""#, "user.value", &"ab".into()), "ids are exact");
        assert!(passes(r#"user[value eq "ab"]"#, "user.value", &"ab".into()));
    }

    #[test]
    fn nonsense_is_refused() {
        for filter in
            ["", "userName", "userName eq", "eq \"x\"", "(userName pr", "userName pr)", "a in [1]", "a eq {}"]
        {
            assert!(Filter::parse(filter).is_err(), "{filter}");
        }
        assert!(Filter::parse(&"(".repeat(10_000)).is_err());
    }

    #[test]
    fn the_users_that_a_filter_names_are_known() {
        let named = |filter: &str| Filter::parse(filter).unwrap().named_users().map(|ids| ids.len());
        assert_eq!(named(r#"user.value eq "a" or user.ocid eq "b""#), Some(2));
        assert_eq!(named(r#"user.value eq "a" and user.value eq "b""#), None);
        let first = Filter::parse(r#"user.value eq "a" or user.value eq "b" or user.value eq "c""#).unwrap();
        assert_eq!(first.clone().first_terms(2).named_users(), Some(vec!["a", "b"]));
        assert_eq!(first.first_terms(0).named_users(), Some(vec!["a"]));
        assert!(Filter::parse("user.value pr").unwrap().is_on_user());
        assert!(!Filter::parse("meta.created pr").unwrap().is_on_user());
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in r#"[a-z \(\)\[\]"\\.é:]{0,80}"#) {
            let _ = Filter::parse(&text);
        }
    }
}
