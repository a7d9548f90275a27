//! Users whose index is silent where that is no answer.
//!
//! Domains differ in how they say that a user has nothing: an empty list, no list, or no extension at all. What a domain
//! does is learned from its own users. Where it returns an empty list of a kind for one user, a list that is missing for
//! another was requested and not returned; and where it returns the extension for a user who has nothing, so it is with an
//! extension that is missing. Such users are asked themselves.

use credage_core::kind::PerKind;
use credage_core::rules::KindSet;
use credage_core::{Kind, UserId};

use super::rows::UserRecord;

/// What users' indexes leave out, gathered user by user.
#[derive(Debug, Default)]
pub(crate) struct Silences {
    /// Kinds of which an empty list was returned.
    empty_lists: KindSet,
    /// Whether a user who has nothing at all carries the extension.
    bare: bool,
    without_extension: Vec<UserId>,
    without_list: PerKind<Vec<UserId>>,
    unreadable: PerKind<Vec<UserId>>,
}

impl Silences {
    /// Notes what one user's index says of the `requested` kinds.
    pub(crate) fn note(&mut self, record: &UserRecord, requested: &[Kind]) {
        let id = &record.user.id;
        let Some(returned) = record.returned else {
            self.without_extension.push(id.clone());
            return;
        };
        let refs = record.refs.as_deref().unwrap_or_default();
        // With fewer kinds requested, a user may have others.
        self.bare |= refs.is_empty() && record.unreadable.is_empty() && requested.len() == Kind::COUNT;
        for &kind in requested {
            if record.unreadable.has(kind) {
                self.unreadable.get_mut(kind).push(id.clone());
            } else if !returned.has(kind) {
                self.without_list.get_mut(kind).push(id.clone());
            } else if refs.iter().all(|(named, _)| *named != kind) {
                self.empty_lists.insert(kind);
            }
        }
    }

    /// Of each kind, the users of whom the index does not say whether they have one.
    pub(crate) fn users(self) -> PerKind<Vec<UserId>> {
        let Self { empty_lists, bare, without_extension, mut without_list, mut unreadable } = self;
        PerKind::from_fn(|kind| {
            let mut users = std::mem::take(unreadable.get_mut(kind));
            if empty_lists.has(kind) {
                users.append(without_list.get_mut(kind));
            }
            if bare {
                users.extend(without_extension.iter().cloned());
            }
            users
        })
    }
}

#[cfg(test)]
mod tests {
    use credage_core::{CredentialId, User};

    use super::*;

    fn record(id: &str, returned: Option<&[Kind]>, named: &[Kind]) -> UserRecord {
        let refs = named.iter().map(|kind| (*kind, CredentialId::new(id))).collect();
        UserRecord {
            user: User::named(UserId::new(id), id),
            refs: returned.map(|_| refs),
            returned: returned.map(|kinds| KindSet::of(|kind| kinds.contains(&kind))),
            unreadable: KindSet::default(),
        }
    }

    fn unsaid(records: &[UserRecord], kind: Kind) -> Vec<String> {
        let mut silences = Silences::default();
        for record in records {
            silences.note(record, &Kind::ALL);
        }
        silences.users().get(kind).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_missing_list_says_nothing_where_others_are_empty() {
        let keys: &[Kind] = &[Kind::ApiKey];
        let lists = [record("a", Some(keys), &[]), record("b", Some(&[Kind::AuthToken]), &[Kind::AuthToken])];
        assert_eq!(unsaid(&lists, Kind::ApiKey), ["b"]);
        assert!(unsaid(&lists, Kind::SmtpCredential).is_empty(), "nobody shows an empty list of these");
        let none = [record("a", Some(keys), keys), record("b", Some(&[Kind::AuthToken]), &[Kind::AuthToken])];
        assert!(unsaid(&none, Kind::ApiKey).is_empty(), "this domain leaves out empty lists");
    }

    #[test]
    fn a_missing_extension_says_nothing_where_users_without_credentials_carry_it() {
        let carried = [record("a", Some(&Kind::ALL), &[]), record("b", None, &[])];
        assert_eq!(unsaid(&carried, Kind::ApiKey), ["b"]);
        let left_out = [record("a", Some(&Kind::ALL), &[Kind::ApiKey]), record("b", None, &[])];
        assert!(unsaid(&left_out, Kind::ApiKey).is_empty(), "users without credentials lack the extension");
    }

    #[test]
    fn what_cannot_be_read_is_not_said() {
        let unreadable = KindSet::of(|kind| kind == Kind::ApiKey);
        let odd = UserRecord { unreadable, ..record("a", Some(&Kind::ALL), &[]) };
        assert_eq!(unsaid(&[odd], Kind::ApiKey), ["a"]);
    }
}
