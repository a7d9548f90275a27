//! What a seed means: a domain, how it may be asked, and what is wrong with it.

use std::collections::BTreeSet;

use credage_sim::{Asked, Collection, ListingPolicies, ListingPolicy, Refusal, SimConfig};
use jiff::Timestamp;

use crate::class::Class;
use crate::draw;
use crate::rng::Rng;

/// The instant that every run judges at.
pub(crate) const NOW: &str = "2026-06-01T12:00:00Z";

/// Everything about one seed.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) config: SimConfig,
    pub(crate) classes: BTreeSet<Class>,
    /// What was drawn, in words.
    pub(crate) notes: Vec<String>,
    /// Whether every answer is true, nothing changes and nothing fails.
    pub(crate) honest: bool,
    /// Seconds that a request may take.
    pub(crate) timeout: u16,
    /// Requests on their way at one time; with one, a replay takes the very same course.
    pub(crate) concurrency: u16,
}

impl Plan {
    /// Draws what `seed` means.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let now = NOW.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let mut plan = Self {
            seed,
            config: SimConfig { seed, ..SimConfig::new(now) },
            classes: BTreeSet::new(),
            notes: Vec::new(),
            honest: true,
            timeout: 20,
            concurrency: 8,
        };
        plan.draw_domain(&mut rng);
        plan.draw_listings(&mut rng);
        plan.draw_manners(&mut rng);
        plan.concurrency = rng.pick([1, 1, 8]);
        // One in five is left as it is, to see false alarms.
        if !rng.percent(20) {
            plan.honest = false;
            draw::faults(&mut plan, &mut rng);
        }
        plan
    }

    /// Notes what was drawn.
    pub(crate) fn note(&mut self, class: Class, what: impl std::fmt::Debug) {
        self.classes.insert(class);
        self.notes.push(format!("{class}: {what:?}"));
    }

    fn draw_domain(&mut self, rng: &mut Rng) {
        let users = match rng.between(0, 9) {
            0 => rng.between(1, 5),
            1..=3 => rng.between(6, 20),
            _ => rng.between(21, 60),
        };
        let credentials = match rng.between(0, 9) {
            0 => rng.between(1, 3),
            1..=3 => users,
            _ => users * rng.between(2, 4),
        };
        self.config.users = users;
        self.config.credentials = Some(credentials);
        self.config.odd_users = rng.percent(60);
        if self.config.odd_users && users >= 20 {
            self.note(Class::OddUsers, "as the simulation has them");
        }
        self.config.index = rng.percent(75);
        if !self.config.index {
            self.note(Class::NoIndex, "absent");
        }
        self.config.empty_index_lists = rng.percent(50);
        self.config.hostile_names = rng.percent(10);
        let cap = match rng.between(0, 9) {
            0..=4 => None,
            5..=6 => Some(3),
            _ => Some(rng.between(1, 25)),
        };
        self.config.page_cap = cap;
        if let Some(cap) = cap {
            self.note(Class::SmallPages, cap);
        }
        self.notes.insert(0, format!("{users} users, {credentials} credentials"));
    }

    fn draw_listings(&mut self, rng: &mut Rng) {
        const POLICIES: [ListingPolicy; 5] = [
            ListingPolicy::Whole,
            ListingPolicy::AnyFilter,
            ListingPolicy::UserFilter,
            ListingPolicy::NamedUsers,
            ListingPolicy::OneUser,
        ];
        let one = rng.pick(POLICIES);
        let mixed = rng.percent(40);
        let mut listing = ListingPolicies::credentials(one);
        for collection in Collection::CREDENTIALS {
            if mixed {
                listing = listing.set(collection, rng.pick(POLICIES));
            }
            listing = listing.refuse_with(collection, rng.pick([400, 400, 400, 403, 404, 405]));
        }
        self.config.listing = listing;
        let policies = Collection::CREDENTIALS.map(|each| listing.policy(each));
        if policies.iter().any(|policy| *policy != ListingPolicy::Whole) {
            self.note(Class::RestrictedListings, policies);
        }
        if rng.percent(20) {
            self.config.max_or_terms = Some(rng.between(1, 20));
            self.notes.push(format!("at most {:?} terms or-ed", self.config.max_or_terms));
        }
    }

    /// What an honest domain may do as well.
    fn draw_manners(&mut self, rng: &mut Rng) {
        if rng.percent(20) {
            self.config.phantom_next_page = true;
            self.note(Class::Headers, "opc-next-page on every page");
        }
        if rng.percent(12) {
            let of = rng.pick([Asked::Sorting, Asked::Search, Asked::Or]);
            let refusal = Refusal { collection: None, of, status: rng.pick([400, 403, 405, 500, 501]) };
            self.config.lies.refusals.push(refusal);
            self.note(Class::RefusedQuestions, refusal);
        }
    }
}
