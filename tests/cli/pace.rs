//! Rate limits: never exceeded when they are known, and lived with when they are not.

use credage_sim::{ListingPolicies, ListingPolicy, RateLimit, RetryAfter, SimConfig};

use crate::harness::{Tenancy, assert_whole, config};

#[test]
fn a_licence_s_own_limit_is_never_exceeded() {
    let listing = ListingPolicies::credentials(ListingPolicy::OneUser);
    let limits = [("free", RateLimit::Free, 60), ("premium", RateLimit::Premium, 250)];
    for (name, rate_limit, users) in limits {
        let tenancy = Tenancy::start(SimConfig { listing, rate_limit, users, odd_users: false, ..config() });
        let (run, report) = tenancy.report(&["--rate-limit", name, "--concurrency", "64"]);
        assert_whole(&tenancy, &run, &report);
        assert_eq!(tenancy.stats().rate_limited(), 0, "{name}");
        assert_eq!(report["domains"][0]["rate_limited"], 0);
    }
}

#[test]
fn a_domain_that_is_slower_than_thought_is_waited_for() {
    for retry_after in [RetryAfter::Unsaid, RetryAfter::Seconds, RetryAfter::Date] {
        let rate_limit = RateLimit::custom(4, 1_000);
        let tenancy = Tenancy::start(SimConfig { rate_limit, retry_after, ..config() });
        let (run, report) = tenancy.report(&["--rate-limit", "none"]);
        assert_whole(&tenancy, &run, &report);
        assert!(tenancy.stats().rate_limited() > 0, "the limit was felt");
        assert_eq!(report["domains"][0]["rate_limited"], tenancy.stats().rate_limited());
    }
}

#[test]
fn concurrency_is_bounded() {
    let latency = std::time::Duration::from_millis(20);
    let listing = ListingPolicies::credentials(ListingPolicy::OneUser);
    let tenancy = Tenancy::start(SimConfig { listing, latency, users: 60, odd_users: false, ..config() });
    let (run, report) = tenancy.report(&["--concurrency", "3"]);
    assert_whole(&tenancy, &run, &report);
    assert_eq!(tenancy.stats().max_concurrency, 3);
}

#[test]
fn two_audits_at_once_do_not_disturb_each_other() {
    let tenancy = Tenancy::start(config());
    let runs: Vec<_> = std::thread::scope(|scope| {
        let audits: Vec<_> = (0..2).map(|_| scope.spawn(|| tenancy.report(&[]))).collect();
        audits.into_iter().map(|audit| audit.join().unwrap()).collect()
    });
    for (run, report) in &runs {
        assert_whole(&tenancy, run, report);
    }
    assert_eq!(runs[0].0.stdout, runs[1].0.stdout);
}
