//! Every fault that the simulation can play: the audit ends complete, or says what is not.

use credage_sim::{Collection, Denied, DeniedHow, Fault, FaultAction, SimConfig};

use crate::harness::{Tenancy, assert_gap, assert_same, assert_whole, config, ids, kind, verdict};

const PASSING: [FaultAction; 8] = [
    FaultAction::Status(500),
    FaultAction::Status(503),
    FaultAction::Status(429),
    FaultAction::Reset,
    FaultAction::CutBody,
    FaultAction::Html,
    FaultAction::Malformed,
    FaultAction::Stall,
];

fn with_fault(fault: Fault) -> Tenancy {
    Tenancy::start(SimConfig { faults: vec![fault], page_cap: Some(40), ..config() })
}

/// Seconds a request may take: few where nothing will come, many where a busy machine must not look like silence.
fn timeout(action: FaultAction) -> &'static str {
    if action == FaultAction::Stall { "2" } else { "20" }
}

/// The ids of the rows of a kind that were read themselves.
fn listed(report: &serde_json::Value, kind: &str) -> std::collections::BTreeSet<String> {
    let rows = report["credentials"].as_array().unwrap().iter();
    let rows = rows.filter(|row| row["source"] == "listed" && row["kind"] == kind);
    rows.map(|row| row["credential_id"].as_str().unwrap().to_owned()).collect()
}

fn denied(collection: Collection, how: DeniedHow) -> Denied {
    Denied { collection, how }
}

#[test]
fn what_passes_is_lived_through() {
    for action in PASSING {
        for collection in [Collection::Users, Collection::ApiKeys] {
            let tenancy = with_fault(Fault::once(collection, 2, action));
            let (run, report) = tenancy.report(&["--timeout", timeout(action)]);
            assert_whole(&tenancy, &run, &report);
        }
    }
}

#[test]
fn a_row_that_comes_twice_counts_once() {
    let tenancy = with_fault(Fault::once(Collection::ApiKeys, 1, FaultAction::Duplicate));
    let (run, report) = tenancy.report(&[]);
    assert_whole(&tenancy, &run, &report);
}

#[test]
fn a_total_that_cannot_be_is_not_chased_to_its_end() {
    let inflated = FaultAction::Inflated;
    let fault = Fault { collection: Some(Collection::ApiKeys), nth: 1, times: u64::MAX, action: inflated };
    let tenancy = with_fault(fault);
    let (run, report) = tenancy.report(&[]);
    assert_gap(&run, &report, "api_key");
    let requests = tenancy.stats().requests;
    assert!(requests < 150, "{requests} requests for a few pages");
}

#[test]
fn what_stays_is_said_with_numbers() {
    for action in PASSING.into_iter().filter(|&action| action != FaultAction::Status(429)) {
        let fault = Fault { collection: Some(Collection::ApiKeys), nth: 2, times: u64::MAX, action };
        let tenancy = with_fault(fault);
        let (run, report) = tenancy.report(&["--retries", "0", "--timeout", timeout(action)]);
        assert_gap(&run, &report, "api_key");
        let coverage = &kind(&report, "api_key")["coverage"];
        assert_eq!(coverage["verdict"], "partial", "{action:?}");
        let total = u64::try_from(tenancy.count(Collection::ApiKeys)).unwrap();
        assert_eq!((coverage["read"].as_u64(), coverage["expected"].as_u64()), (Some(40), Some(total)));
        assert!(ids(&report).is_subset(&tenancy.truth()), "no row is invented");
        assert_eq!(listed(&report, "api_key").len(), 40, "what the index names beside them is marked");
        for other in ["auth_token", "smtp_credential"] {
            assert_eq!(verdict(&report, other), "complete", "one kind's trouble is not another's");
        }
        let again = with_fault(fault);
        let table = again.audit(&["--retries", "0", "--timeout", timeout(action)]);
        assert!(table.stdout.contains("NOT COMPLETE"), "{}", table.stdout);
        assert!(table.stdout.contains("api_key: partial (40 of"), "{}", table.stdout);
    }
}

#[test]
fn a_domain_that_never_answers_is_no_pass() {
    for action in [FaultAction::Status(503), FaultAction::Reset, FaultAction::Html, FaultAction::Stall] {
        let fault = Fault { collection: None, nth: 1, times: u64::MAX, action };
        let tenancy = with_fault(fault);
        let (run, report) = tenancy.report(&["--retries", "0", "--timeout", timeout(action)]);
        assert_eq!(run.code, 4, "{action:?}");
        assert_eq!(report["complete"], false);
        assert_eq!(report["domains"][0]["users"]["coverage"]["verdict"], "unreadable");
    }
}

#[test]
fn missing_rights_for_a_kind_are_said() {
    for how in [DeniedHow::Status(401), DeniedHow::Status(403), DeniedHow::Status(404), DeniedHow::EmptyOk] {
        let tenancy =
            Tenancy::start(SimConfig { denied: vec![denied(Collection::SmtpCredentials, how)], ..config() });
        let (run, report) = tenancy.report(&[]);
        assert_gap(&run, &report, "smtp_credential");
        let coverage = &kind(&report, "smtp_credential")["coverage"];
        assert_eq!(
            (&coverage["verdict"], &coverage["rights"]),
            (&"unreadable".into(), &true.into()),
            "{how:?}"
        );
        if let DeniedHow::Status(status) = how {
            assert_eq!(coverage["status"], status);
            assert!(coverage["request_id"].as_str().unwrap().starts_with("SIMULATED/"));
        }
        let wide = tenancy.audit(&["--format", "wide-csv"]);
        assert!(
            wide.stdout
                .lines()
                .nth(1)
                .unwrap()
                .ends_with("UNAUTHORIZED,UNAUTHORIZED,UNAUTHORIZED,UNAUTHORIZED")
        );
        let csv = tenancy.audit(&["--format", "csv"]);
        let first = csv.stdout.lines().nth(1).unwrap();
        assert!(
            first.contains("smtp_credential")
                && first.contains("not complete")
                && first.ends_with(",unreadable,,,,,")
        );
    }
}

#[test]
fn rights_for_nothing_are_no_pass() {
    for how in [DeniedHow::Status(401), DeniedHow::Status(403), DeniedHow::EmptyOk] {
        let everything = Collection::ALL.into_iter().map(|collection| denied(collection, how)).collect();
        let tenancy = Tenancy::start(SimConfig { denied: everything, ..config() });
        let (run, report) = tenancy.report(&[]);
        assert_eq!(run.code, 4, "{how:?}: {}", run.stderr);
        assert_eq!(report["complete"], false);
        assert!(report["credentials"].as_array().unwrap().is_empty());
        let table = tenancy.audit(&[]);
        assert!(table.stdout.contains("NOT COMPLETE"));
    }
}

#[test]
fn users_that_cannot_be_read_leave_credentials_that_can() {
    let tenancy = Tenancy::start(SimConfig {
        denied: vec![denied(Collection::Users, DeniedHow::Status(403))],
        ..config()
    });
    let (run, report) = tenancy.report(&[]);
    assert_eq!(run.code, 3);
    assert_eq!(report["domains"][0]["users"]["coverage"]["verdict"], "unreadable");
    assert_same(&ids(&report), &tenancy.truth());
    assert!(report["credentials"][0]["user_name"].as_str().is_some_and(|name| !name.is_empty()));
}

#[test]
fn to_see_nothing_but_one_s_own_is_no_pass() {
    for index in [true, false] {
        let own = denied(Collection::ApiKeys, DeniedHow::OwnOnly);
        let tenancy = Tenancy::start(SimConfig { denied: vec![own], index, ..config() });
        let (run, report) = tenancy.report(&[]);
        assert_gap(&run, &report, "api_key");
        // The index names credentials of others that are not shown; without it, nothing tells.
        let expected = if index { "partial" } else { "unconfirmed" };
        assert_eq!(verdict(&report, "api_key"), expected, "index {index}");
        assert_eq!(verdict(&report, "auth_token"), "complete");
    }
}
