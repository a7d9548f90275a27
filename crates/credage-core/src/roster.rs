//! Who owns what: everybody of every domain with a number, so that an owner is looked up by id only once.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::assessment::Assessed;
use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::id::UserId;
use crate::inventory::DomainInventory;
use crate::rules::Holdings;
use crate::user::User;

/// Everybody who is listed or owns something, domain by domain: first the users in the order of their listing, then
/// owners who are not listed. An owner's place in it is their number.
#[derive(Debug, Default)]
pub(crate) struct Roster<'a>(Vec<Owner<'a>>);

/// Somebody who is listed or owns something.
#[derive(Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) inventory: &'a DomainInventory,
    id: &'a UserId,
    /// As far as it is known; else empty.
    name: &'a str,
    /// Nothing where the listing does not have them.
    pub(crate) user: Option<&'a User>,
    pub(crate) holdings: Holdings<'a>,
}

/// What was entered of a domain.
#[derive(Debug)]
pub(crate) struct Entered<'a> {
    /// The number of the first of its owners.
    pub(crate) first: usize,
    /// Its credentials, each with the number of its owner; owner by owner, so that what one judgement reads of an owner
    /// is still at hand for the next (a third of the time of a large domain).
    pub(crate) credentials: Vec<(usize, &'a Credential)>,
}

impl<'a> Roster<'a> {
    /// Enters everybody of a domain.
    pub(crate) fn enter(&mut self, inventory: &'a DomainInventory) -> Entered<'a> {
        let first = self.0.len();
        self.0.extend(inventory.users.iter().map(|user| Owner {
            inventory,
            id: &user.id,
            name: &user.name,
            user: Some(user),
            holdings: Holdings::default(),
        }));
        let mut numbers: HashMap<&str, usize> =
            inventory.users.iter().map(|user| user.id.as_str()).zip(first..).collect();
        let mut credentials = Vec::with_capacity(inventory.credentials.len());
        for credential in &inventory.credentials {
            let next = self.0.len();
            let number = *numbers.entry(credential.owner.as_str()).or_insert(next);
            if number == next {
                self.0.push(Owner::stranger(inventory, credential));
            } else if let Some(owner) = self.0.get_mut(number) {
                owner.also_called(credential);
            }
            credentials.push((number, credential));
        }
        credentials.sort_by_key(|(number, _)| *number);
        Entered { first, credentials }
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Owner<'a>> {
        self.0.get(number)
    }

    /// Everybody from a number on.
    pub(crate) fn since(&self, first: usize) -> &[Owner<'a>] {
        self.0.get(first..).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Owner<'a>> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Owner<'a>> {
        self.0.iter_mut()
    }

    /// Notes what an owner has.
    pub(crate) fn add(&mut self, assessed: &Assessed<'a>) {
        if let Some(owner) = self.0.get_mut(assessed.owner_number) {
            owner.holdings.add(assessed);
        }
    }

    /// For each number the rank of the owner by domain, user name and id, which is the same however they were read.
    pub(crate) fn ranks(&self) -> Vec<usize> {
        let mut order: Vec<(usize, &Owner<'a>)> = self.0.iter().enumerate().collect();
        let homes = homes(&self.0);
        order.sort_unstable_by(|(_, a), (_, b)| {
            let home = |owner: &Owner<'_>| homes.get(&std::ptr::from_ref(owner.inventory));
            home(a).cmp(&home(b)).then_with(|| Owner::by_name(a, b))
        });
        let mut ranks = vec![0; self.0.len()];
        for (rank, (number, _)) in order.into_iter().enumerate() {
            if let Some(place) = ranks.get_mut(number) {
                *place = rank;
            }
        }
        ranks
    }
}

impl<'a> Owner<'a> {
    /// An owner of whom only a credential tells.
    fn stranger(inventory: &'a DomainInventory, credential: &'a Credential) -> Self {
        let name = credential.owner_name.as_deref().unwrap_or_default();
        Self { inventory, id: &credential.owner, name, user: None, holdings: Holdings::default() }
    }

    /// Credentials come in no promised order; what their unlisted owner is called must not depend on it.
    fn also_called(&mut self, credential: &'a Credential) {
        if let (None, Some(name)) = (self.user, credential.owner_name.as_deref()) {
            self.name = self.name.max(name);
        }
    }

    /// Whether everybody of the domain is listed, so that who is not does not exist.
    pub(crate) fn users_complete(&self) -> bool {
        self.inventory.users_reading.coverage == Coverage::Complete
    }

    fn by_name(a: &Self, b: &Self) -> Ordering {
        a.name.cmp(b.name).then_with(|| a.id.cmp(b.id))
    }
}

/// The rank of each domain by what it is known by, since names change with how it was found.
fn homes(owners: &[Owner<'_>]) -> HashMap<*const DomainInventory, usize> {
    let mut homes: Vec<&DomainInventory> = owners.iter().map(|owner| owner.inventory).collect();
    homes.dedup_by(|a, b| std::ptr::eq(*a, *b));
    homes.sort_by_cached_key(|home| home.domain.id());
    homes.into_iter().enumerate().map(|(rank, home)| (std::ptr::from_ref(home), rank)).collect()
}
