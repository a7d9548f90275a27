//! What somebody means who names a user, a credential or a finding.

use std::fmt;

use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::findings::{LOCATOR, Named, fingerprint, id_of_waiver, locator};
use crate::id::{CredentialId, UserId};
use crate::inventory::{DomainInventory, Inventory};
use crate::kind::Kind;
use crate::near::closest;
use crate::policy::Policy;
use crate::rules::{About, Meta, REGISTRY};
use crate::user::User;

/// Candidates that an error names before it only counts them.
const NAMED: usize = 10;

/// Something that can be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thing {
    /// What it is, or what the finding is about.
    pub target: Target,
    /// The place of its domain in the inventory that it was found in; a waiver has none.
    pub domain: Option<usize>,
    /// The rule, where a finding is meant.
    pub rule: Option<&'static Meta>,
}

/// What a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A user, or an owner who is not in the listing of users.
    User(UserId),
    /// A credential.
    Credential(Kind, CredentialId),
    /// The waiver at this place of [`Policy::waivers`].
    Waiver(usize),
}

/// Why nothing can be explained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// Nothing is called so.
    #[error("nothing that was read is called `{text}`: no user, no credential, no finding")]
    Unknown {
        /// What was asked for.
        text: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// Several things are called so.
    #[error("`{text}` means several things: {candidates}")]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// What it may mean.
        candidates: Candidates,
    },
}

/// What a text may mean; the first of them by name, the rest as a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    /// Each with what tells it apart.
    pub named: Vec<String>,
    /// How many there are in all.
    pub count: usize,
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.named.join("; "))?;
        match self.count.saturating_sub(self.named.len()) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// What `text` means: the name, id or OCID of a user, the id or fingerprint of a credential (with its kind before it or
/// not), then a mail address, then the fingerprint of a finding, last the beginning of one of these. Case does not matter.
pub fn find(inventory: &Inventory, policy: &Policy, text: &str) -> Result<Thing, NotFound> {
    let asked = Asked::new(text);
    let ways: [&dyn Fn() -> Vec<Thing>; 4] = [
        &|| asked.by(inventory, &|name| asked.is(name), &|name| asked.is(name)),
        &|| asked.by_email(inventory),
        &|| by_fingerprint(inventory, policy, &asked.folded),
        &|| asked.by(inventory, &|name| asked.begins(name), &|name| asked.begins(name)),
    ];
    for way in ways {
        let mut found = if asked.folded.is_empty() { Vec::new() } else { way() };
        match found.len() {
            0 => {}
            1 => return found.pop().ok_or_else(|| asked.unknown(inventory)),
            count => {
                let named = found.iter().take(NAMED).map(|thing| described(inventory, thing)).collect();
                let candidates = Candidates { named, count };
                return Err(NotFound::Ambiguous { text: text.to_owned(), candidates });
            }
        }
    }
    Err(asked.unknown(inventory))
}

/// What is asked for, in the ways in which it is compared.
struct Asked<'t> {
    text: &'t str,
    folded: String,
    /// Kind and id, where it is written so.
    full: Option<(Kind, String)>,
}

impl<'t> Asked<'t> {
    fn new(text: &'t str) -> Self {
        let text = text.trim();
        let full = text.split_once('/').and_then(|(kind, id)| Some((kind.parse().ok()?, id.to_lowercase())));
        Self { text, folded: text.to_lowercase(), full }
    }

    fn is(&self, name: &str) -> bool {
        same(name, &self.folded)
    }

    fn begins(&self, name: &str) -> bool {
        if let Some(head) = name.as_bytes().get(..self.folded.len())
            && name.is_ascii()
        {
            return head.eq_ignore_ascii_case(self.folded.as_bytes());
        }
        name.to_lowercase().starts_with(&self.folded)
    }

    /// Users and credentials that a comparison means.
    fn by(
        &self,
        inventory: &Inventory,
        user: &dyn Fn(&str) -> bool,
        credential: &dyn Fn(&str) -> bool,
    ) -> Vec<Thing> {
        let mut found = Vec::new();
        for (place, domain) in inventory.domains.iter().enumerate() {
            let mut add = |target: Target| {
                let thing = Thing { target, domain: Some(place), rule: None };
                if !found.contains(&thing) {
                    found.push(thing);
                }
            };
            for each in &domain.users {
                if user(&each.name) || user(each.id.as_str()) || each.ocid.as_deref().is_some_and(user) {
                    add(Target::User(each.id.clone()));
                }
            }
            for each in &domain.credentials {
                let of_kind = || {
                    self.full
                        .as_ref()
                        .is_some_and(|(kind, id)| *kind == each.kind && same(each.id.as_str(), id))
                };
                if credential(each.id.as_str())
                    || each.fingerprint.as_deref().is_some_and(credential)
                    || of_kind()
                {
                    add(Target::Credential(each.kind, each.id.clone()));
                }
                let owner = user(each.owner.as_str()) || each.owner_name.as_deref().is_some_and(user);
                if owner && !domain.users.iter().any(|user| user.id == each.owner) {
                    add(Target::User(each.owner.clone()));
                }
            }
        }
        found
    }

    fn by_email(&self, inventory: &Inventory) -> Vec<Thing> {
        let mut found = Vec::new();
        for (place, domain) in inventory.domains.iter().enumerate() {
            let meant =
                domain.users.iter().filter(|user| user.email.as_deref().is_some_and(|email| self.is(email)));
            found.extend(meant.map(|user| Thing {
                target: Target::User(user.id.clone()),
                domain: Some(place),
                rule: None,
            }));
        }
        found
    }

    fn unknown(&self, inventory: &Inventory) -> NotFound {
        // Whoever was not read may be closer than everybody who was.
        let read = |domain: &DomainInventory| domain.users_reading.coverage == Coverage::Complete;
        let whole = inventory.gaps.is_empty() && inventory.domains.iter().all(read);
        let users = inventory.domains.iter().filter(|_| whole).flat_map(|domain| domain.users.iter());
        let near = closest(self.text, users.map(|user| &*user.name));
        let near = (!near.is_empty()).then(|| near.join(", "));
        NotFound::Unknown { text: self.text.to_owned(), near }
    }
}

/// Whether a name is a text that was folded before.
fn same(name: &str, folded: &str) -> bool {
    name.eq_ignore_ascii_case(folded) || (!name.is_ascii() && name.to_lowercase() == folded)
}

/// The finding of a fingerprint: every rule is held against what the fingerprint points at.
fn by_fingerprint(inventory: &Inventory, policy: &Policy, text: &str) -> Vec<Thing> {
    let Some(wanted) = digest(text) else { return Vec::new() };
    let rules = |about: About| REGISTRY.iter().map(|rule| rule.meta).filter(move |meta| meta.about == about);
    let points_at = |id: &str| wanted.first_chunk::<LOCATOR>() == Some(&locator(id));
    let mut found = Vec::new();
    let mut hold = |about: About, named: Named<'_>, target: Target, domain: Option<usize>| {
        let meant = rules(about).filter(|meta| fingerprint(meta, named) == wanted);
        found.extend(meant.map(|meta| Thing { target: target.clone(), domain, rule: Some(meta) }));
    };
    for (place, domain) in inventory.domains.iter().enumerate() {
        for user in domain.users.iter().filter(|user| points_at(user.id.as_str())) {
            hold(About::User, Named::Other(user.id.as_str()), Target::User(user.id.clone()), Some(place));
        }
        for each in domain.credentials.iter().filter(|each| points_at(each.id.as_str())) {
            let target = Target::Credential(each.kind, each.id.clone());
            hold(About::Credential, Named::Credential(each), target, Some(place));
        }
    }
    for (place, waiver) in policy.waivers().iter().enumerate() {
        hold(About::Waiver, Named::Other(&id_of_waiver(waiver)), Target::Waiver(place), None);
    }
    found
}

/// The bytes of 32 hexadecimal digits.
fn digest(text: &str) -> Option<[u8; 16]> {
    let is = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}

/// A candidate, with what tells it apart.
fn described(inventory: &Inventory, thing: &Thing) -> String {
    let domain = thing.domain.and_then(|place| inventory.domains.get(place));
    let (Some(domain), rule) = (domain, thing.rule) else { return "a waiver".to_owned() };
    let what = match &thing.target {
        Target::User(id) => {
            let name = user(domain, id).map_or("who is not listed", |user| &user.name);
            format!("user {name} (id {id})")
        }
        Target::Credential(kind, id) => format!("{kind}/{id}"),
        Target::Waiver(_) => "a waiver".to_owned(),
    };
    let rule = rule.map_or_else(String::new, |rule| format!("{} of ", rule.id));
    format!("{rule}{what} in {}", domain.domain.label())
}

pub(super) fn user<'d>(domain: &'d DomainInventory, id: &UserId) -> Option<&'d User> {
    domain.users.iter().find(|user| user.id == *id)
}

pub(super) fn credential<'d>(
    domain: &'d DomainInventory,
    kind: Kind,
    id: &CredentialId,
) -> Option<&'d Credential> {
    domain.credentials.iter().find(|credential| credential.kind == kind && credential.id == *id)
}

impl Thing {
    /// Leaves in an inventory what has to do with it: its domain, its owner, and everything that the owner has. Nothing
    /// else is needed to judge it, and of a large tenancy it is little. Of a waiver everything is needed.
    pub fn narrow(&self, mut inventory: Inventory) -> Inventory {
        let Some(place) = self.domain else { return inventory };
        let mut domains = std::mem::take(&mut inventory.domains);
        if place >= domains.len() {
            return inventory;
        }
        let mut domain = domains.swap_remove(place);
        let owner = match &self.target {
            Target::User(id) => Some(id.clone()),
            Target::Credential(kind, id) => credential(&domain, *kind, id).map(|each| each.owner.clone()),
            Target::Waiver(_) => None,
        };
        domain.users.retain(|user| Some(&user.id) == owner.as_ref());
        domain.credentials.retain(|each| Some(&each.owner) == owner.as_ref());
        Inventory { domains: vec![domain], narrowed: true, ..inventory }
    }
}
