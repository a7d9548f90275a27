//! Without an expiry of its own, where it could have one.

use super::meta::{About, Meta, Remedy};
use super::{CredentialCase, Evidence, Level, Rule};
use crate::credential::{DateReading, Source};
use crate::kind::Kind;

pub(super) static META: Meta = Meta {
    id: "no-own-expiry",
    title: "No expiry of its own",
    meaning: "The credential is of a kind that can be given an expiry when it is created, and has none.",
    why: "An expiry ends a forgotten credential even where nobody looks.",
    fix: "Give the next one an expiry when it is created (`expiresOn`); it cannot be added later.",
    about: About::Credential,
    level: Level::Off,
    remedy: Remedy::Rotate,
    cis: &[],
    settings: &[],
};

pub(super) struct NoOwnExpiry;

impl Rule for NoOwnExpiry {
    fn credential<'a>(&self, case: &CredentialCase<'_, 'a>) -> Option<Evidence<'a>> {
        let credential = case.assessed.credential;
        // API keys cannot have one (attribute tables of Oracle's Python SDK, `api_key.py`).
        let could = credential.kind != Kind::ApiKey && credential.source == Source::Listed;
        (could && credential.expires_on == DateReading::Missing).then_some(Evidence::Judgement)
    }
}
