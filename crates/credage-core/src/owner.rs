//! The assessment, turned round: user by user instead of credential by credential.

use std::collections::HashMap;

use crate::assessment::{Assessed, Assessment};
use crate::domain::Domain;
use crate::id::UserId;
use crate::inventory::DomainInventory;
use crate::kind::Kind;
use crate::user::User;

/// One user with all their credentials. Somebody who owns credentials and is not in the user listing is here too.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerView<'a> {
    /// The domain that they live in.
    pub domain: &'a DomainInventory,
    /// The user's id.
    pub id: &'a UserId,
    /// The user name, as far as it is known; else empty.
    pub name: &'a str,
    /// The user; `None` where the user listing does not have them.
    pub user: Option<&'a User>,
    /// Their credentials, most urgent first.
    pub credentials: Vec<&'a Assessed<'a>>,
}

impl<'a> OwnerView<'a> {
    /// Their credentials of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &'a Assessed<'a>> {
        self.credentials.iter().copied().filter(move |assessed| assessed.credential.kind == kind)
    }
}

impl<'a> Assessment<'a> {
    /// Everybody who owns a credential, or with `all_users` everybody, by user name (case folded), then id.
    pub fn by_owner(&'a self, all_users: bool) -> Vec<OwnerView<'a>> {
        let mut views: HashMap<(*const Domain, &UserId), OwnerView<'a>> = HashMap::new();
        let inventories: HashMap<*const Domain, &DomainInventory> = self
            .domains
            .iter()
            .map(|domain| (&raw const domain.inventory.domain, domain.inventory))
            .collect();
        for domain in self.domains.iter().filter(|_| all_users) {
            for user in &domain.inventory.users {
                let view = OwnerView {
                    domain: domain.inventory,
                    id: &user.id,
                    name: &user.name,
                    user: Some(user),
                    credentials: Vec::new(),
                };
                views.insert((&raw const domain.inventory.domain, &user.id), view);
            }
        }
        for assessed in &self.credentials {
            let Some(inventory) = inventories.get(&(&raw const *assessed.domain)) else { continue };
            let key = (&raw const *assessed.domain, &assessed.credential.owner);
            let view = views.entry(key).or_insert_with(|| view_of(inventory, assessed));
            view.credentials.push(assessed);
        }
        let mut views: Vec<_> = views.into_values().collect();
        views.sort_by_cached_key(|view| {
            (view.name.to_lowercase(), view.id.clone(), view.domain.domain.url.clone())
        });
        views
    }
}

fn view_of<'a>(domain: &'a DomainInventory, assessed: &'a Assessed<'a>) -> OwnerView<'a> {
    OwnerView {
        domain,
        id: &assessed.credential.owner,
        name: assessed.owner_name(),
        user: assessed.owner,
        credentials: Vec::new(),
    }
}
