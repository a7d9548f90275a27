//! Domains that are hard to read and honest, and domains that lie: what is there is read, and what is not is owned up to.

use credage_sim::{
    Asked, ByIdHow, ByIdLie, Collection, FilterLie, InLists, IndexLie, Lies, ListingPolicies, ListingPolicy,
    Odd, OddValue, Omission, PageLie, Refusal, SimConfig, TotalLie, Which,
};
use serde_json::Value;

use crate::harness::{Run, Tenancy, assert_same, assert_whole, config, ids, verdict};

const KEYS: Collection = Collection::ApiKeys;

fn lying(lies: Lies) -> SimConfig {
    SimConfig { users: 60, credentials: Some(180), lies, ..config() }
}

/// Nothing is reported as complete of which something is missing, and no run passes with something missing.
fn assert_not_silent(tenancy: &Tenancy, run: &Run, report: &Value) {
    let seen = ids(report);
    for collection in Collection::CREDENTIALS {
        let truth = tenancy.sim.truth();
        let gone = truth.iter().filter(|row| row.collection == collection && !seen.contains(&row.id)).count();
        let said = verdict(report, collection.kind_name());
        assert!(gone == 0 || said != "complete", "{collection} {said}, {gone} missing");
        assert!(gone == 0 || said == "unconfirmed" || run.code > 2, "{collection}: exit {}", run.code);
    }
    assert!(seen.is_subset(&tenancy.truth()), "nothing is invented");
}

#[test]
fn every_listing_policy_with_every_index_and_odd_users_is_read_in_full() {
    let policies = [
        ListingPolicy::Whole,
        ListingPolicy::AnyFilter,
        ListingPolicy::UserFilter,
        ListingPolicy::NamedUsers,
        ListingPolicy::OneUser,
    ];
    let some = Which::Share { percent: 30, salt: 7 };
    let partial = vec![IndexLie::Lacks(KEYS, Which::All), IndexLie::Lacks(Collection::SmtpCredentials, some)];
    for policy in policies {
        for (index, lies) in [(true, Vec::new()), (true, partial.clone()), (false, Vec::new())] {
            let about = format!("{policy:?}, index {index}, {lies:?}");
            let listing = ListingPolicies::credentials(policy);
            let lies = Lies { index: lies, ..Lies::default() };
            let tenancy = Tenancy::start(SimConfig { listing, index, page_cap: Some(40), ..lying(lies) });
            let (run, report) = tenancy.report(&[]);
            assert_eq!(run.code, 0, "{about}: {}", run.stderr);
            assert_whole(&tenancy, &run, &report);
        }
    }
}

#[test]
fn a_view_of_one_s_own_is_never_complete() {
    let own = |collection| Omission {
        collection,
        which: Which::NotOwn,
        lists: InLists::Hidden,
        by_id: true,
        index: true,
    };
    for policy in [ListingPolicy::Whole, ListingPolicy::NamedUsers, ListingPolicy::OneUser] {
        for views in
            [Collection::CREDENTIALS.to_vec(), Collection::ALL.to_vec(), vec![Collection::SmtpCredentials]]
        {
            let omissions = views.iter().map(|&view| own(view)).collect();
            let listing = ListingPolicies::credentials(policy);
            let tenancy =
                Tenancy::start(SimConfig { listing, ..lying(Lies { omissions, ..Lies::default() }) });
            let (_, report) = tenancy.report(&[]);
            for view in views.into_iter().filter(|view| *view != Collection::Users) {
                assert_ne!(verdict(&report, view.kind_name()), "complete", "{policy:?} {view}");
            }
        }
    }
}

#[test]
fn totals_that_lie_pass_for_nothing() {
    let lies = [
        TotalLie::Less(3),
        TotalLie::More(3),
        TotalLie::Fixed(u64::MAX),
        TotalLie::OfPage,
        TotalLie::Growing(1000),
        TotalLie::Absent,
        TotalLie::Null,
        TotalLie::Negative,
    ];
    for index in [true, false] {
        for lie in lies {
            let totals = Collection::ALL.map(|each| (each, lie)).to_vec();
            let lies = Lies { totals, ..Lies::default() };
            let tenancy = Tenancy::start(SimConfig { index, page_cap: Some(7), ..lying(lies) });
            let (run, report) = tenancy.report(&[]);
            assert_not_silent(&tenancy, &run, &report);
            let requests = tenancy.stats().requests;
            assert!(requests < 400, "{lie:?}: {requests} requests");
        }
    }
}

#[test]
fn pages_that_lie_are_found_out() {
    let lies = [
        PageLie::IgnoresStart,
        PageLie::StartIsPage,
        PageLie::Overlaps(2),
        PageLie::Skips(2),
        PageLie::EmptyFrom(9),
        PageLie::Shuffled(7),
        PageLie::NeverEnds,
        PageLie::Doubled,
    ];
    for lie in lies {
        let pages = Collection::ALL.map(|each| (each, lie)).to_vec();
        let lies = Lies { pages, ..Lies::default() };
        let tenancy = Tenancy::start(SimConfig { page_cap: Some(7), ..lying(lies) });
        let (run, report) = tenancy.report(&[]);
        assert_not_silent(&tenancy, &run, &report);
        let requests = tenancy.stats().requests;
        assert!(requests < 600, "{lie:?}: {requests} requests");
    }
}

#[test]
fn honest_pages_of_odd_sizes_are_read_in_full() {
    for lie in [PageLie::ShortFirst(1), PageLie::Random(7), PageLie::More(3), PageLie::Cap(2)] {
        let pages = Collection::ALL.map(|each| (each, lie)).to_vec();
        let tenancy = Tenancy::start(lying(Lies { pages, ..Lies::default() }));
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
    }
}

#[test]
fn filters_that_lie_are_found_out() {
    let lies = [
        FilterLie::Ignored,
        FilterLie::FirstTerms(1),
        FilterLie::FirstTerms(5),
        FilterLie::NothingPasses,
        FilterLie::Inverted,
    ];
    for policy in [ListingPolicy::AnyFilter, ListingPolicy::NamedUsers, ListingPolicy::OneUser] {
        for lie in lies {
            let filters = Collection::CREDENTIALS.map(|each| (each, lie)).to_vec();
            let listing = ListingPolicies::credentials(policy);
            let tenancy = Tenancy::start(SimConfig { listing, ..lying(Lies { filters, ..Lies::default() }) });
            let (run, report) = tenancy.report(&[]);
            assert_not_silent_but_for_orphans(&tenancy, &run, &report);
        }
    }
}

/// The same where orphans may be out of sight, and are said to be.
fn assert_not_silent_but_for_orphans(tenancy: &Tenancy, run: &Run, report: &Value) {
    let (seen, visible) = (ids(report), tenancy.visible(report));
    for row in tenancy.sim.truth().iter().filter(|row| visible.contains(&row.id) && !seen.contains(&row.id)) {
        assert_ne!(verdict(report, row.collection.kind_name()), "complete", "{} is missing", row.id);
        assert_ne!(run.code, 0, "{} is missing", row.id);
    }
    assert!(seen.is_subset(&tenancy.truth()), "nothing is invented");
}

#[test]
fn another_row_than_the_one_asked_for_is_not_taken_for_it() {
    let which = Which::First(4);
    let omission = Omission { collection: KEYS, which, lists: InLists::Hidden, by_id: false, index: false };
    for how in [ByIdHow::Another, ByIdHow::WithoutId, ByIdHow::Nothing, ByIdHow::Status(404)] {
        let by_id = vec![ByIdLie { collection: KEYS, which, how }];
        let tenancy = Tenancy::start(lying(Lies { omissions: vec![omission], by_id, ..Lies::default() }));
        let (run, report) = tenancy.report(&[]);
        assert_eq!(run.code, 3, "{how:?}");
        assert_eq!(verdict(&report, "api_key"), "partial", "{how:?}");
    }
}

#[test]
fn users_that_no_list_shows_are_missed() {
    let omission = |by_id| Omission {
        collection: Collection::Users,
        which: Which::Last(3),
        lists: InLists::Hidden,
        by_id,
        index: false,
    };
    let tenancy = Tenancy::start(lying(Lies { omissions: vec![omission(false)], ..Lies::default() }));
    let (run, report) = tenancy.report(&[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_ne!(report["domains"][0]["users"]["coverage"]["verdict"], "complete");
    assert_same(&ids(&report), &tenancy.truth());
    let orphaned =
        report["findings"].as_array().unwrap().iter().filter(|each| each["rule"] == "orphaned-credential");
    assert_eq!(orphaned.count(), 0, "nobody is an orphan while users are missing");
}

#[test]
fn one_odd_value_costs_only_itself() {
    let hows =
        [Odd::Null, Odd::Number, Odd::List, Odd::Object, Odd::Bool, Odd::Surrogate, Odd::Control, Odd::Empty];
    let attributes = [
        (KEYS, "description"),
        (KEYS, "user.name"),
        (KEYS, "fingerprint"),
        (Collection::Users, "displayName"),
        (Collection::Users, "userName"),
        (Collection::Users, "emails"),
    ];
    for how in hows {
        let odd = |(collection, attribute)| OddValue { collection, attribute, which: Which::First(2), how };
        let values = attributes.map(odd).to_vec();
        let tenancy = Tenancy::start(lying(Lies { values, ..Lies::default() }));
        let (run, report) = tenancy.report(&[]);
        assert_same(&ids(&report), &tenancy.truth());
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        assert_eq!(verdict(&report, "auth_token"), "complete", "{how:?}");
    }
}

#[test]
fn a_refused_question_is_put_in_another_way() {
    for of in [Asked::Sorting, Asked::Search, Asked::Or] {
        for status in [400, 500, 501] {
            let refusals = vec![Refusal { collection: None, of, status }];
            for policy in [ListingPolicy::Whole, ListingPolicy::NamedUsers] {
                let listing = ListingPolicies::credentials(policy);
                let lies = Lies { refusals: refusals.clone(), ..Lies::default() };
                let tenancy = Tenancy::start(SimConfig { listing, ..lying(lies) });
                let (run, report) = tenancy.report(&[]);
                assert_eq!(run.code, 0, "{of:?} {status} {policy:?}: {}", run.stderr);
                assert_whole(&tenancy, &run, &report);
            }
        }
    }
}
