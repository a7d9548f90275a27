//! Lists of records as they are written, each with the keys that it is looked for by.

use credage_core::{Credential, User};
use serde::ser::{Serialize, SerializeSeq, Serializer};

use super::frames::{Log, Section};
use super::user_v1::UserV1;
use super::v1::CredentialV1;

/// Something that is looked for by itself.
pub(super) trait Record: Sized {
    /// As the format has it.
    type Written<'a>: Serialize + From<&'a Self>
    where
        Self: 'a;

    /// The section of its domain that it stands in.
    fn section(domain: usize) -> Section;

    /// What it is looked for by.
    fn keys(&self) -> impl Iterator<Item = &str>;
}

impl Record for User {
    type Written<'a> = UserV1<'a>;

    fn section(domain: usize) -> Section {
        Section::Users(domain)
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let name: &str = &self.name;
        let email = self.email.as_deref().filter(|email| *email != name);
        [Some(name), Some(self.id.as_str()), self.ocid.as_deref(), email].into_iter().flatten()
    }
}

impl Record for Credential {
    type Written<'a> = CredentialV1<'a>;

    fn section(domain: usize) -> Section {
        Section::Credentials(domain)
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let own = [Some(self.id.as_str()), self.fingerprint.as_deref()];
        own.into_iter().chain([Some(self.owner.as_str()), self.owner_name.as_deref()]).flatten()
    }
}

/// The records of one list of one domain.
pub(super) struct Records<'a, T> {
    items: &'a [T],
    domain: usize,
    log: &'a Log,
}

impl<'a, T> Records<'a, T> {
    pub(super) const fn new(items: &'a [T], domain: usize, log: &'a Log) -> Self {
        Self { items, domain, log }
    }
}

impl<T: Record> Serialize for Records<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.items.len()))?;
        for item in self.items {
            list.serialize_element(&One { item, of: self })?;
        }
        if !self.items.is_empty() {
            self.log.end();
        }
        list.end()
    }
}

struct One<'r, 'a, T> {
    item: &'r T,
    of: &'r Records<'a, T>,
}

impl<T: Record> Serialize for One<'_, '_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let log = self.of.log;
        log.record(T::section(self.of.domain));
        let done = T::Written::from(self.item).serialize(serializer)?;
        self.item.keys().for_each(|key| log.key(key));
        Ok(done)
    }
}
