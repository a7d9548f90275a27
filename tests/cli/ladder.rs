//! Whatever a domain lets itself be asked, the whole truth comes back, in as few requests as it allows.

use std::collections::BTreeSet;

use credage_sim::{Churn, Collection, ListingPolicies, ListingPolicy, SimConfig};

use crate::harness::{Tenancy, assert_gap, assert_same, assert_whole, config, ids, kind, verdict};

const KINDS: [&str; 6] = [
    "api_key",
    "auth_token",
    "customer_secret_key",
    "db_credential",
    "oauth2_client_credential",
    "smtp_credential",
];

fn listings(report: &serde_json::Value) -> BTreeSet<String> {
    KINDS.iter().map(|name| kind(report, name)["listing"].as_str().unwrap().to_owned()).collect()
}

fn only(listing: &str) -> BTreeSet<String> {
    BTreeSet::from([listing.to_owned()])
}

fn with_policy(policy: ListingPolicy) -> SimConfig {
    SimConfig { listing: ListingPolicies::credentials(policy), ..config() }
}

#[test]
fn whole_listings_take_a_request_a_page() {
    let tenancy = Tenancy::start(SimConfig { users: 2_000, credentials: Some(2_200), ..config() });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(listings(&report), only("whole"));
    let pages =
        2 + Collection::CREDENTIALS.iter().map(|&each| tenancy.count(each).div_ceil(1000)).sum::<usize>();
    let requests = tenancy.stats().requests;
    assert!(requests <= u64::try_from(pages + 8).unwrap(), "{requests} requests for {pages} pages");
    assert!(requests <= 14, "{requests} requests");
    assert_eq!(report["domains"][0]["requests"], requests);
}

#[test]
fn a_refusal_leads_one_rung_down() {
    for status in [400, 403, 404, 405] {
        let mut config = with_policy(ListingPolicy::AnyFilter);
        for collection in Collection::CREDENTIALS {
            config.listing = config.listing.refuse_with(collection, status);
        }
        let tenancy = Tenancy::start(config);
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
        assert_eq!(listings(&report), only("filtered"), "{status}");
        let refusals = kind(&report, "api_key")["refusals"].as_array().unwrap();
        assert_eq!(refusals[0]["listing"], "whole");
        assert!(refusals[0]["reason"].as_str().unwrap().contains(&status.to_string()));
    }
}

#[test]
fn a_filter_on_the_user_is_found() {
    let tenancy = Tenancy::start(with_policy(ListingPolicy::UserFilter));
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(listings(&report), only("filtered"));
}

#[test]
fn named_users_are_asked_for_in_batches() {
    for most in [None, Some(10)] {
        let policy = with_policy(ListingPolicy::NamedUsers);
        let tenancy = Tenancy::start(SimConfig { max_or_terms: most, ..policy });
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
        assert_eq!(listings(&report), only("batched"), "{most:?}");
        let requests = tenancy.stats().requests;
        assert!(requests <= if most.is_none() { 30 } else { 80 }, "{requests} requests");
    }
}

#[test]
fn one_user_at_a_time_costs_no_more_than_the_pairs() {
    let tenancy = Tenancy::start(with_policy(ListingPolicy::OneUser));
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(listings(&report), only("single"));
    let pairs: BTreeSet<_> = tenancy.sim.truth().into_iter().map(|row| (row.collection, row.owner)).collect();
    let requests = tenancy.stats().requests;
    assert!(
        requests <= u64::try_from(1 + pairs.len() + 20).unwrap(),
        "{requests} requests, {} pairs",
        pairs.len()
    );
}

#[test]
fn kinds_may_differ() {
    let listing = ListingPolicies::default()
        .set(Collection::AuthTokens, ListingPolicy::UserFilter)
        .set(Collection::SmtpCredentials, ListingPolicy::AnyFilter)
        .set(Collection::UserDbCredentials, ListingPolicy::OneUser);
    let tenancy = Tenancy::start(SimConfig { listing, ..config() });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    let of = |name| kind(&report, name)["listing"].as_str().unwrap();
    assert_eq!((of("api_key"), of("auth_token")), ("whole", "filtered"));
    assert_eq!((of("smtp_credential"), of("db_credential")), ("filtered", "single"));
}

#[test]
fn without_an_index_rows_prove_themselves_and_emptiness_does_not() {
    let tenancy = Tenancy::start(SimConfig { index: false, ..config() });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(report["domains"][0]["index"], "absent");
    // Nothing but the auditor's own key: with or without the index, nothing shows that others could be seen.
    for index in [true, false] {
        let few = SimConfig { users: 3, credentials: Some(1), index, ..config() };
        let (run, report) = Tenancy::start(few).report(&[]);
        assert_gap(&run, &report, "smtp_credential");
        assert_eq!(verdict(&report, "api_key"), "unconfirmed", "index {index}");
        assert_eq!(verdict(&report, "smtp_credential"), "unconfirmed", "index {index}");
    }
}

#[test]
fn without_an_index_every_user_is_asked() {
    let policy = with_policy(ListingPolicy::OneUser);
    let tenancy = Tenancy::start(SimConfig { index: false, users: 40, credentials: Some(120), ..policy });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(listings(&report), only("single"));
}

#[test]
fn pages_of_any_size_add_up() {
    for cap in [1, 7, 100] {
        let tenancy =
            Tenancy::start(SimConfig { users: 60, page_cap: Some(cap), phantom_next_page: true, ..config() });
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
    }
}

#[test]
fn rows_that_come_and_go_between_pages_are_read_again() {
    let collection = Collection::ApiKeys;
    let churns = [
        Churn::DeleteBetweenPages { collection, at: 2, rows: 5 },
        Churn::InsertBetweenPages { collection, at: 2, rows: 5 },
    ];
    for churn in churns {
        let tenancy = Tenancy::start(SimConfig { page_cap: Some(20), churn: Some(churn), ..config() });
        let (run, report) = tenancy.report(&[]);
        // The auditor's own key may be among what was deleted; then the control says so.
        assert_same(&ids(&report), &tenancy.truth());
        assert_eq!(run.code, if report["domains"][0]["control"] == "seen" { 0 } else { 3 });
    }
}

#[test]
fn many_rows_that_go_between_pages_are_no_pass() {
    let churn = Some(Churn::DeleteBetweenPages { collection: Collection::ApiKeys, at: 3, rows: 30 });
    let tenancy = Tenancy::start(SimConfig { page_cap: Some(20), churn, ..config() });
    let (run, report) = tenancy.report(&[]);
    // Whether the index was read before they went or after is a matter of a moment.
    if run.code == 0 {
        return assert_whole(&tenancy, &run, &report);
    }
    assert_gap(&run, &report, "api_key");
    assert!(ids(&report).is_superset(&tenancy.truth()), "what may be gone is in the report rather than lost");
}

#[test]
fn rows_that_no_list_shows_are_found_by_the_index() {
    let hidden = vec![(Collection::AuthTokens, 3)];
    let tenancy = Tenancy::start(SimConfig { hidden_rows: hidden.clone(), ..config() });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    let silent = Tenancy::start(SimConfig { hidden_rows: hidden, hidden_rows_answer: false, ..config() });
    let (run, report) = silent.report(&[]);
    assert_gap(&run, &report, "auth_token");
    assert_eq!(verdict(&report, "auth_token"), "partial");
    assert_same(&ids(&report), &silent.truth());
    let unknown =
        report["credentials"].as_array().unwrap().iter().filter(|each| each["source"] == "index_only");
    assert_eq!(unknown.map(|each| each["standing"].as_str().unwrap()).collect::<Vec<_>>(), ["unknown"; 3]);
}

#[test]
fn many_hidden_rows_are_never_a_pass() {
    let hidden = vec![(Collection::ApiKeys, 40)];
    let tenancy = Tenancy::start(SimConfig { hidden_rows: hidden, ..config() });
    let (run, report) = tenancy.report(&[]);
    assert_gap(&run, &report, "api_key");
    assert_same(&ids(&report), &tenancy.truth());
}

#[test]
fn one_user_may_own_ten_thousand() {
    let whale = Some((Collection::ApiKeys, 10_000));
    for policy in [ListingPolicy::Whole, ListingPolicy::OneUser] {
        let tenancy = Tenancy::start(SimConfig { whale, users: 30, ..with_policy(policy) });
        let (run, report) = tenancy.report(&[]);
        assert_whole(&tenancy, &run, &report);
        assert!(kind(&report, "api_key")["rows"].as_u64().unwrap() > 10_000);
    }
}

#[test]
fn a_domain_that_refuses_to_sort_is_asked_as_every_client_asks() {
    let tenancy = Tenancy::start(SimConfig { refuse_sorting: true, ..config() });
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(listings(&report), only("single"));
}

#[test]
fn an_index_that_names_nobody_is_not_the_end_of_the_ladder() {
    let policy = with_policy(ListingPolicy::OneUser);
    let few = SimConfig { users: 3, credentials: Some(1), ..policy };
    let (run, report) = Tenancy::start(few.clone()).report(&[]);
    assert_gap(&run, &report, "smtp_credential");
    assert_eq!(verdict(&report, "smtp_credential"), "unconfirmed", "nobody shows that others could be seen");
    let requests = kind(&report, "smtp_credential")["requests"].as_u64().unwrap();
    assert!(requests > 3, "all three users were asked: {requests} requests");
    let mut without_rights = few;
    without_rights.listing = without_rights.listing.refuse_with(Collection::SmtpCredentials, 403);
    let tenancy = Tenancy::start(without_rights);
    let (run, report) = tenancy.report(&[]);
    assert_gap(&run, &report, "smtp_credential");
}

#[test]
fn a_kind_that_nobody_has_is_no_error_even_where_it_alone_is_asked_for() {
    let tenancy = Tenancy::start(SimConfig { users: 12, credentials: Some(8), odd_users: false, ..config() });
    let truth = tenancy.sim.truth();
    let empty =
        Collection::CREDENTIALS.into_iter().find(|each| truth.iter().all(|row| row.collection != *each));
    let empty = empty.expect("with eight credentials one kind is empty").kind_name();
    let (run, report) = tenancy.report(&["--kind", empty]);
    assert_eq!(run.code, 0, "others' credentials of other kinds can be seen: {}", run.stderr);
    assert_eq!(verdict(&report, empty), "unconfirmed");
    let (strict, _) = tenancy.report(&["--kind", empty, "--strict"]);
    assert_eq!(strict.code, 3, "{}", strict.stderr);
}

#[test]
fn orphans_that_no_listing_by_owner_shows_fail_no_gate() {
    let tenancy = Tenancy::start(with_policy(ListingPolicy::OneUser));
    let off = |rule: &str| format!("[rules]\n{rule} = \"off\"\n");
    let text = ["rotation-overdue", "inactive-owner", "dormant-credential", "administrator-api-key"].map(off);
    let policy = tenancy.path("credage.toml");
    std::fs::write(&policy, text.join("").replace("\n[rules]", "")).unwrap();
    let policy = policy.to_str().unwrap();
    let (run, report) = tenancy.report(&["--policy", policy, "--fail-on", "high"]);
    let unjudged = report["unjudged"].as_array().unwrap();
    assert!(unjudged.iter().any(|each| each["rule"] == "orphaned-credential"), "{unjudged:?}");
    assert_eq!(run.code, 0, "{}", run.stderr);
}
