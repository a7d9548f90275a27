//! Which requests for a whole collection a domain answers. What real domains do is disputed: Oracle's
//! Python SDK calls the filter optional, while the comment in mql's `identitydomains_depth.go` reports
//! that credential lists without a filter on the user are refused with 400.

use crate::collection::{Collection, PerCollection};

/// Which list requests a collection answers. Reading one row by its id is always answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListingPolicy {
    /// Any request, with or without a filter.
    #[default]
    Whole,
    /// Requests with any filter.
    AnyFilter,
    /// Requests whose filter narrows the users: `user.value` or `user.ocid` with `eq` (also several,
    /// or-ed) or `pr`. On `Users` the same as [`Self::AnyFilter`].
    UserFilter,
    /// Requests whose filter names users with `eq`, one or several.
    NamedUsers,
    /// Requests whose filter names exactly one user. On `Users` the same as [`Self::AnyFilter`].
    OneUser,
}

/// A policy, and the status of its refusal, for each collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListingPolicies {
    policies: PerCollection<ListingPolicy>,
    refusals: PerCollection<u16>,
}

impl ListingPolicies {
    /// The same policy for all collections, refusing with 400.
    pub fn all(policy: ListingPolicy) -> Self {
        Self { policies: PerCollection::build(|_| policy), refusals: PerCollection::build(|_| 400) }
    }

    /// The same for the six credential collections, while `Users` may be listed as a whole.
    pub fn credentials(policy: ListingPolicy) -> Self {
        Self::all(policy).set(Collection::Users, ListingPolicy::Whole)
    }

    /// With `policy` for `collection`.
    #[must_use]
    pub const fn set(mut self, collection: Collection, policy: ListingPolicy) -> Self {
        *self.policies.get_mut(collection) = policy;
        self
    }

    /// With `status` (400, 403, 404, 405) as the answer of `collection` to what its policy refuses.
    #[must_use]
    pub const fn refuse_with(mut self, collection: Collection, status: u16) -> Self {
        *self.refusals.get_mut(collection) = status;
        self
    }

    /// The policy of `collection`.
    pub const fn policy(&self, collection: Collection) -> ListingPolicy {
        *self.policies.get(collection)
    }

    /// The status with which `collection` refuses.
    pub const fn refusal(&self, collection: Collection) -> u16 {
        *self.refusals.get(collection)
    }
}

impl Default for ListingPolicies {
    fn default() -> Self {
        Self::all(ListingPolicy::Whole)
    }
}
