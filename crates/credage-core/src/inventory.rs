//! What was read from a tenancy: the one thing that `credage-oci` yields.

use std::collections::HashSet;

use crate::attributes::{AttributeReadings, UserAttribute};
use crate::coverage::{Control, Coverage, Incomplete, Reading};
use crate::credential::{Credential, CredentialField};
use crate::domain::Domain;
use crate::id::UserId;
use crate::kind::{Kind, PerKind};
use crate::pattern::UserPattern;
use crate::user::User;

/// Everything that was read, domain by domain.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The domains, in the order in which they were asked for.
    pub domains: Vec<DomainInventory>,
    /// Where domains were looked for in vain: more of them may exist than are here.
    pub gaps: Vec<Gap>,
    /// When it was read, where that was not just now but in a run before.
    pub collected_at: Option<jiff::Timestamp>,
    /// Whether less was read than there is, because less was asked for: some domains, kinds or users only.
    pub narrowed: bool,
}

impl Inventory {
    /// Whether everything that there is was read: what is not in here does not exist.
    pub fn is_whole(&self) -> bool {
        let complete = |domain: &DomainInventory| domain.coverages().all(|each| *each == Coverage::Complete);
        !self.narrowed && self.gaps.is_empty() && self.domains.iter().all(complete)
    }
}

/// A place that could not be searched for domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The OCID of the tenancy.
    pub tenancy: String,
    /// What could not be done, such as `list the domains of compartment team-1`.
    pub what: String,
    /// Why, and what to do about it.
    pub why: Incomplete,
}

/// What the index of one kind is worth: the credentials that the domain's users say they own (extension
/// `userCredentials:User`). Each kind is judged for itself, since a domain may return one kind's entries and not another's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndexState {
    /// Nobody asked for it.
    #[default]
    NotRequested,
    /// It was requested, and no user but the caller names a credential of the kind: there are none, or it was not returned.
    Silent,
    /// Users other than the caller name credentials of the kind.
    Available,
    /// Credentials were read that it does not name, or it names something that could not be read: what it does not name may
    /// exist all the same.
    Incomplete,
}

impl IndexState {
    /// `not_requested`, `silent`, `available` or `incomplete`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRequested => "not_requested",
            Self::Silent => "silent",
            Self::Available => "available",
            Self::Incomplete => "incomplete",
        }
    }
}

/// What is known of an owner who is not in the user listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerState {
    /// In the listing.
    Listed,
    /// Not in the listing, and not known to be gone.
    Unlisted,
    /// Not in the listing, and the domain answered 404 for them.
    Gone,
}

impl OwnerState {
    /// `listed`, `unlisted` or `gone`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Unlisted => "unlisted",
            Self::Gone => "gone",
        }
    }
}

/// An attribute that could not be read in some rows of a domain. The rows are there all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadablePart {
    /// `users`, or the kind.
    pub what: &'static str,
    /// The attribute's name in SCIM.
    pub attribute: &'static str,
    /// In how many rows.
    pub rows: u64,
}

impl UnreadablePart {
    /// In one sentence, without the domain: `api_key: description could not be read in 1 row`.
    pub fn sentence(&self) -> String {
        let rows = if self.rows == 1 { "1 row".to_owned() } else { format!("{} rows", self.rows) };
        format!("{}: {} could not be read in {rows}", self.what, self.attribute)
    }
}

/// What was read from one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainInventory {
    /// Which domain.
    pub domain: Domain,
    /// Its users, by id.
    pub users: Vec<User>,
    /// The credentials of all kinds, in no promised order. A credential whose owner is not among the users is here
    /// like all others.
    pub credentials: Vec<Credential>,
    /// How each attribute of the users was read.
    pub details: AttributeReadings,
    /// How well the users were read.
    pub users_reading: Reading,
    /// How well each kind was read.
    pub readings: PerKind<Reading>,
    /// Owners who are not among the users and for whom the domain answered 404, by id.
    pub gone: Vec<UserId>,
    /// What the index of each kind is worth.
    pub index: PerKind<IndexState>,
    /// Whether the domain has a user other than the caller, as far as users could be read.
    pub other_users: bool,
    /// Whether a credential of a user other than the caller was read, of any kind.
    pub others_visible: bool,
    /// Whether what we know to exist was seen.
    pub control: Control,
    /// All requests sent to the domain, retries included.
    pub requests: u64,
    /// How many of them the domain refused for coming too fast (429).
    pub rate_limited: u64,
    /// How far the clock of the reading machine was ahead of the domain's (behind it where negative), where the two disagreed
    /// by half a minute or more.
    pub clock_ahead: Option<jiff::SignedDuration>,
}

impl DomainInventory {
    /// A domain of which nothing could be read, for one reason.
    pub fn unreadable(domain: Domain, kinds: &[Kind], why: &Incomplete) -> Self {
        let unread = || Reading { coverage: Coverage::Unreadable(why.clone()), ..Reading::not_applicable() };
        Self {
            domain,
            users: Vec::new(),
            credentials: Vec::new(),
            details: AttributeReadings::default(),
            users_reading: unread(),
            readings: PerKind::from_fn(|kind| {
                if kinds.contains(&kind) { unread() } else { Reading::not_applicable() }
            }),
            gone: Vec::new(),
            index: PerKind::default(),
            other_users: true,
            others_visible: false,
            control: Control::NotTried("nothing of the domain could be read"),
            requests: 0,
            rate_limited: 0,
            clock_ahead: None,
        }
    }

    /// What is known of an owner who is not in the user listing.
    pub fn unlisted(&self, owner: &UserId) -> OwnerState {
        if self.gone.binary_search(owner).is_ok() { OwnerState::Gone } else { OwnerState::Unlisted }
    }

    /// Every verdict: the users' and each kind's.
    pub fn coverages(&self) -> impl Iterator<Item = &Coverage> {
        std::iter::once(&self.users_reading.coverage)
            .chain(self.readings.iter().map(|(_, reading)| &reading.coverage))
    }

    /// What could not be read in single rows: the users' first, then kind by kind.
    pub fn unreadable_parts(&self) -> Vec<UnreadablePart> {
        let mut users = [0_u64; UserAttribute::COUNT];
        for user in self.users.iter().filter(|user| !user.unreadable.is_empty()) {
            for (rows, attribute) in users.iter_mut().zip(UserAttribute::ALL) {
                *rows += u64::from(user.unreadable.has(attribute));
            }
        }
        let mut kinds: PerKind<[u64; CredentialField::ALL.len()]> = PerKind::from_fn(|_| Default::default());
        for credential in self.credentials.iter().filter(|credential| !credential.unreadable.is_empty()) {
            let fields = kinds.get_mut(credential.kind).iter_mut().zip(CredentialField::ALL);
            for (rows, field) in fields {
                *rows += u64::from(credential.unreadable.has(field));
            }
        }
        let part = |what, attribute, rows| UnreadablePart { what, attribute, rows };
        let users = UserAttribute::ALL.into_iter().zip(users);
        let users = users.map(|(attribute, rows)| part("users", attribute.as_str(), rows));
        let kinds = kinds.iter().flat_map(|(kind, rows)| {
            let fields = CredentialField::ALL.into_iter().zip(*rows);
            fields.map(move |(field, rows)| part(kind.as_str(), field.as_str(), rows))
        });
        users.chain(kinds).filter(|part| part.rows > 0).collect()
    }

    /// Keeps the users that `pattern` means, and their credentials; a credential without a user is held against
    /// what it says of its owner itself.
    pub fn retain_users(&mut self, pattern: &UserPattern) {
        let known: HashSet<_> = self.users.iter().map(|user| user.id.clone()).collect();
        self.users.retain(|user| pattern.matches(&user.name, user.id.as_str()));
        let kept: HashSet<_> = self.users.iter().map(|user| user.id.clone()).collect();
        self.credentials.retain(|credential| {
            if known.contains(&credential.owner) {
                kept.contains(&credential.owner)
            } else {
                pattern
                    .matches(credential.owner_name.as_deref().unwrap_or_default(), credential.owner.as_str())
            }
        });
    }
}
