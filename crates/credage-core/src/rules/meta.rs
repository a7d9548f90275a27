//! What is declared of a rule, once: lists, documentation, schema, validation and output all come from it.

use std::fmt;

use super::level::Level;
use crate::days::Days;
use crate::kind::Kind;
use crate::pattern::Pattern;

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A credential.
    Credential,
    /// A user.
    User,
    /// A waiver of the policy.
    Waiver,
}

impl About {
    /// `credential`, `user` or `waiver`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::User => "user",
            Self::Waiver => "waiver",
        }
    }
}

/// A control of the CIS Oracle Cloud Infrastructure Foundations Benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cis {
    /// The version of the benchmark: `1.2`, `2.0` or `3.1`.
    pub version: &'static str,
    /// The number of the control in that version.
    pub control: &'static str,
    /// The kind that the control is about, where it is about one.
    pub kind: Option<Kind>,
}

impl Cis {
    /// A control about users or all kinds.
    pub(super) const fn new(version: &'static str, control: &'static str) -> Self {
        Self { version, control, kind: None }
    }

    /// A control about one kind.
    pub(super) const fn of(version: &'static str, control: &'static str, kind: Kind) -> Self {
        Self { version, control, kind: Some(kind) }
    }
}

/// What mends a finding; `remedy.rs` turns it into steps with the finding's own ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Create a new one, switch over, test, delete the old one.
    Rotate,
    /// Delete the credential.
    Delete,
    /// Find out its age, then rotate or delete it.
    Date,
    /// Take capabilities away.
    TakeCapability,
    /// Delete what is more than allowed.
    DeleteSurplus,
    /// Deactivate the user, or take the console password away.
    Deactivate,
    /// Let the user enrol a second factor.
    EnrolMfa,
    /// Give the user a mail address.
    SetEmail,
    /// Mend the policy file.
    EditPolicy,
}

/// Everything that is declared of a rule.
#[derive(Debug)]
pub struct Meta {
    /// The id, which is also the name of its file and of its section in the documentation.
    pub id: &'static str,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// What a finding means.
    pub meaning: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// How to mend it, in general.
    pub fix: &'static str,
    /// What it is about.
    pub about: About,
    /// The level where the policy gives none.
    pub level: Level,
    /// What mends a finding.
    pub remedy: Remedy,
    /// The controls of the CIS benchmark that it speaks to, by version.
    pub cis: &'static [Cis],
    /// What can be set beside the level.
    pub settings: &'static [Setting],
}

impl PartialEq for Meta {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Meta {}

/// Something that can be set of a rule.
#[derive(Debug)]
pub struct Setting {
    /// The key in the policy file.
    pub key: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The value where the policy gives none.
    pub default: Preset,
}

/// The default of a setting, which is also its type.
#[derive(Debug)]
pub enum Preset {
    /// A number of days.
    Days(u32),
    /// A number of things.
    Count(u32),
    /// Names, with wildcards.
    Names(&'static [&'static str]),
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number of days.
    Days(Days),
    /// A number of things.
    Count(u32),
    /// Names, with wildcards.
    Names(Vec<Pattern>),
}

impl Preset {
    /// The default as a value.
    pub fn value(&self) -> Value {
        match self {
            Self::Days(days) => Value::Days(Days::literal(*days)),
            Self::Count(count) => Value::Count(*count),
            Self::Names(names) => Value::Names(names.iter().map(|name| Pattern::new(name)).collect()),
        }
    }

    /// The default as the policy file would say it.
    pub fn toml(&self) -> String {
        match self {
            Self::Days(days) => format!("\"{days}d\""),
            Self::Count(count) => count.to_string(),
            Self::Names(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
                format!("[{}]", names.join(", "))
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(days) => write!(f, "{days}d"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Names(names) => {
                let names: Vec<&str> = names.iter().map(Pattern::as_written).collect();
                f.write_str(&names.join(", "))
            }
        }
    }
}

/// The settings of one rule, in the order of its declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(Vec<(&'static str, Value)>);

impl Values {
    /// The defaults of a rule.
    pub fn defaults(meta: &Meta) -> Self {
        Self(meta.settings.iter().map(|setting| (setting.key, setting.default.value())).collect())
    }

    /// Gives a setting another value.
    pub(crate) fn set(&mut self, key: &'static str, value: Value) {
        if let Some((_, present)) = self.0.iter_mut().find(|(known, _)| *known == key) {
            *present = value;
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// A number of days.
    pub(super) fn days(&self, key: &str) -> Days {
        match self.get(key) {
            Some(Value::Days(days)) => *days,
            _ => Days::default(),
        }
    }

    /// A number of things.
    pub(super) fn count(&self, key: &str) -> u32 {
        match self.get(key) {
            Some(Value::Count(count)) => *count,
            _ => 0,
        }
    }

    /// Names.
    pub(super) fn names(&self, key: &str) -> &[Pattern] {
        match self.get(key) {
            Some(Value::Names(names)) => names,
            _ => &[],
        }
    }

    fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }
}
