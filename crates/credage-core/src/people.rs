//! People: users of several domains who share a mail address.

use std::collections::BTreeMap;

use crate::assessment::Assessment;
use crate::inventory::DomainInventory;
use crate::user::User;

/// Somebody who is a user of more than one domain.
#[derive(Clone, Debug, PartialEq)]
pub struct Person<'a> {
    /// The mail address, in lower case as far as it is ASCII: beyond that, folding makes one address of two.
    pub email: String,
    /// The users, in the order of the domains.
    pub users: Vec<(&'a DomainInventory, &'a User)>,
    /// How many credentials they own in all domains together.
    pub credentials: u64,
}

impl<'a> Assessment<'a> {
    /// Everybody who is a user of more than one domain and owns a credential, by mail address.
    pub fn people(&'a self) -> Vec<Person<'a>> {
        let mut people: BTreeMap<String, Person<'a>> = BTreeMap::new();
        if self.domains.len() < 2 {
            return Vec::new();
        }
        for inventory in self.domains.iter().map(|domain| domain.inventory) {
            for user in &inventory.users {
                let Some(email) = user.email.as_deref().map(str::to_ascii_lowercase) else { continue };
                let person = people.entry(email).or_insert_with_key(|email| Person {
                    email: email.clone(),
                    users: Vec::new(),
                    credentials: 0,
                });
                person.users.push((inventory, user));
            }
        }
        people.retain(|_, person| {
            let mut domains = person.users.iter().map(|(domain, _)| domain.domain.id());
            let first = domains.next();
            domains.any(|other| Some(&other) != first.as_ref())
        });
        for assessed in &self.credentials {
            let email = assessed.owner.and_then(|owner| owner.email.as_deref()).map(str::to_ascii_lowercase);
            if let Some(person) = email.and_then(|email| people.get_mut(&email)) {
                person.credentials += 1;
            }
        }
        people.into_values().filter(|person| person.credentials > 0).collect()
    }
}
