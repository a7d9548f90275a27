//! One malformed value affects only itself, and what was not read is never taken for "no".

use serde_json::{Value, json};

use crate::harness::{kind, verdict};
use crate::odd_domain::{OddDomain, Rows, extension};

/// What a report says could not be read: what, attribute, rows.
fn unreadable(report: &Value) -> Vec<(&str, &str, u64)> {
    let parts = report["domains"][0]["unreadable"].as_array().unwrap().iter();
    let part = |part: &'_ Value| part["rows"].as_u64().unwrap();
    parts
        .map(|each| (each["what"].as_str().unwrap(), each["attribute"].as_str().unwrap(), part(each)))
        .collect()
}

fn rules_found(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

fn unjudged<'r>(report: &'r Value, rule: &str) -> Option<&'r str> {
    let all = report["unjudged"].as_array().unwrap();
    all.iter().find(|each| each["rule"] == rule).and_then(|each| each["reason"].as_str())
}

fn credential<'r>(report: &'r Value, id: &str) -> &'r Value {
    let all = report["credentials"].as_array().unwrap();
    all.iter().find(|each| each["credential_id"] == id).unwrap_or_else(|| panic!("{id} in {all:?}"))
}

/// Field case 10: `"Resources": null` where there are none.
#[test]
fn resources_that_are_null_are_none() {
    let domain = OddDomain::start(Rows::usual(), |_, mut page| {
        if page["Resources"].as_array().unwrap().is_empty() {
            page["Resources"] = Value::Null;
        }
        page.to_string()
    });
    let (run, report) = domain.report(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(report["credentials"].as_array().unwrap().len(), 12);
    for name in ["db_credential", "smtp_credential"] {
        assert!(matches!(verdict(&report, name), "complete" | "unconfirmed"), "{}", kind(&report, name));
        let asked = domain.asked().into_iter().filter(|path| path.starts_with("/admin/v1/SmtpCredentials?"));
        assert!(asked.count() <= 3, "nothing is tried again for it");
    }
}

/// Field case 12: one row of twenty has a description that is no text.
#[test]
fn an_odd_value_costs_no_more_than_itself() {
    for odd in [json!(7), json!(null), json!([1]), json!({"a": 1}), json!(true)] {
        let mut rows = Rows::usual();
        rows.of("ApiKeys")[1]["description"] = odd.clone();
        let (run, report) = OddDomain::plain(rows).report(&[]);
        assert_eq!(run.code, 0, "{odd}: {}", run.stderr);
        assert_eq!(verdict(&report, "api_key"), "complete", "{odd}");
        assert_eq!(unreadable(&report), [("api_key", "description", 1)], "{odd}");
        let row = credential(&report, "apiKeys1");
        assert_eq!((&row["description"], &row["unreadable"]), (&Value::Null, &json!(["description"])));
        assert_eq!(row["standing"], "overdue", "its date was read");
        assert!(run.stderr.contains("api_key: description could not be read in 1 row"), "{}", run.stderr);
    }
}

#[test]
fn half_a_surrogate_pair_costs_its_text_alone() {
    let mut rows = Rows::usual();
    rows.of("ApiKeys")[2]["description"] = "HERE".into();
    let domain = OddDomain::start(rows, |_, page| page.to_string().replace("HERE", r"laptop \ud83d"));
    let (run, report) = domain.report(&[]);
    assert_eq!((run.code, unreadable(&report)), (0, vec![("api_key", "description", 1)]), "{}", run.stderr);
    assert_eq!(report["credentials"].as_array().unwrap().len(), 12);
    let table = domain.run("audit", &[]);
    assert!(table.stdout.contains("description could not be read in 1 row"), "{}", table.stdout);
}

#[test]
fn a_row_without_a_usable_id_makes_its_kind_partial_and_no_other() {
    for id in [json!(7), json!(null), json!(""), json!(["x"])] {
        let mut rows = Rows::usual();
        rows.of("ApiKeys")[3]["id"] = id.clone();
        let (run, report) = OddDomain::plain(rows).report(&[]);
        assert_eq!((run.code, verdict(&report, "api_key")), (3, "partial"), "{id}: {}", run.stderr);
        assert_eq!(verdict(&report, "auth_token"), "complete", "{id}");
        for owner in [0, 1, 2, 4, 5] {
            credential(&report, &format!("apiKeys{owner}"));
        }
    }
}

#[test]
fn a_user_with_odd_values_is_still_a_user() {
    let rows = Rows::usual().users(|place, user| match place {
        1 => user["emails"] = json!(["user1@example.com"]),
        2 => user[extension("user:User")] = json!("service"),
        3 => user["groups"] = json!([null, {"display": 7}]),
        4 => user[extension("userState:User")]["lastSuccessfulLoginDate"] = json!(17),
        5 => user[extension("capabilities:User")]["canUseApiKeys"] = json!("false"),
        _ => {}
    });
    let (run, report) = OddDomain::plain(rows).report(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let users = unreadable(&report);
    for attribute in [
        "emails",
        "serviceUser",
        "isFederatedUser",
        "appRoles",
        "groups",
        "lastSuccessfulLoginDate",
        "canUseApiKeys",
    ] {
        assert!(users.contains(&("users", attribute, 1)), "{attribute} in {users:?}");
    }
    for rule in ["owner-without-email", "stale-owner", "dormant-credential"] {
        assert!(!rules_found(&report).contains(&rule), "{rule}");
        assert!(
            unjudged(&report, rule).is_some_and(|reason| reason.contains("1 user could not be read")),
            "{rule}"
        );
    }
    assert_eq!(credential(&report, "apiKeys5")["capability"], "unknown");
}

/// A rule finds nothing in an attribute that no user has, and is named instead.
#[test]
fn what_no_user_has_was_not_returned() {
    type Take = fn(&mut Value);
    let cases: [(&str, Take, &[&str]); 5] = [
        ("emails", |user| drop(user.as_object_mut().unwrap().remove("emails")), &["owner-without-email"]),
        ("lastSuccessfulLoginDate", |user| user[extension("userState:User")] = json!({}), &["stale-owner"]),
        ("groups", |user| drop(user.as_object_mut().unwrap().remove("groups")), &["administrator-api-key"]),
        ("mfaStatus", |user| user[extension("mfa:User")] = json!({}), &["owner-without-mfa"]),
        (
            "canUseApiKeys",
            |user| user[extension("capabilities:User")] = json!({"canUseConsolePassword": true}),
            &["dormant-credential", "unused-capability"],
        ),
    ];
    for (attribute, take, rules) in cases {
        let (run, report) = OddDomain::plain(Rows::usual().users(|_, user| take(user))).report(&[]);
        assert_eq!(run.code, 0, "{attribute}: {}", run.stderr);
        assert_eq!(report["domains"][0]["user_attributes"][attribute], "not_returned");
        for rule in rules {
            let reason = unjudged(&report, rule).unwrap_or_else(|| panic!("{rule}: {report:#}"));
            assert!(reason.contains(attribute), "{rule}: {reason}");
            // Who administers by an application role is one all the same.
            assert!(*rule == "administrator-api-key" || !rules_found(&report).contains(rule), "{rule}");
        }
    }
    let one = Rows::usual().users(|place, user| {
        if place == 1 {
            user.as_object_mut().unwrap().remove("emails");
            user[extension("userState:User")] = json!({});
        }
    });
    let (_, report) = OddDomain::plain(one).report(&[]);
    assert!(rules_found(&report).contains(&"owner-without-email"), "others have one");
    assert!(rules_found(&report).contains(&"stale-owner"), "others have signed in, so this one never did");
}

const BY_GROUP: &str = "[[class]]\nname = \"robots\"\nmatch = { group = \"Robots\" }\nmax_age = \"30d\"\n\
                        warn_before = \"5d\"\n";
const BY_SERVICE: &str = "[[class]]\nname = \"robots\"\nmatch = { service_user = true }\nmax_age = \"8d\"\n\
                          warn_before = \"2d\"\n[[class]]\nname = \"people\"\nmatch = { service_user = false }\n\
                          max_age = \"400d\"\n";

#[test]
fn a_class_that_cannot_be_decided_applies_its_strictest_limit_and_is_named() {
    let rows = Rows::usual().users(|_, user| drop(user.as_object_mut().unwrap().remove("groups")));
    let domain = OddDomain::plain(rows);
    let (run, report) = domain.under(BY_GROUP, &[]);
    assert_eq!((run.code, &report["complete"]), (3, &false.into()), "{}", run.stderr);
    let token = credential(&report, "authTokens0");
    assert_eq!((&token["class"], &token["limit_days"]), (&Value::Null, &30.into()));
    assert_eq!(token["possible_classes"], json!(["robots", null]));
    assert!(token["undecided"][0].as_str().unwrap().contains("groups was not returned"), "{token}");
    let undecided = &report["undecided"][0];
    assert_eq!((&undecided["what"], &undecided["owners"]), (&"class robots".into(), &6.into()));
    assert!(run.stderr.contains("class robots could not be decided for 6 owners"), "{}", run.stderr);
    let file = domain.policy_file();
    let csv = domain.run("audit", &["--policy", &file, "--format", "csv"]).stdout;
    assert!(
        csv.contains("class robots could not be decided") && csv.contains("not decided: robots or none"),
        "{csv}"
    );
    let table = domain.run("audit", &["--policy", &file]).stdout;
    assert!(table.contains("NOT COMPLETE") && table.contains("class robots could not be"), "{table}");
    let explained = domain.run("explain", &["user0@example.com", "--policy", &file]);
    assert_eq!(explained.code, 3);
    assert!(explained.stdout.contains("not decided: robots or none"), "{}", explained.stdout);
    let (run, report) = OddDomain::plain(Rows::usual()).under(BY_GROUP, &[]);
    assert_eq!((run.code, &report["undecided"]), (0, &json!([])), "groups were returned: {}", run.stderr);
    assert_eq!(credential(&report, "authTokens0")["limit_days"], 90);
}

#[test]
fn a_flag_that_may_be_false_is_judged_strictly_and_leaves_the_run_complete() {
    let without =
        |user: &mut Value| drop(user[extension("user:User")].as_object_mut().unwrap().remove("serviceUser"));
    let (run, report) = OddDomain::plain(Rows::usual().users(|_, user| without(user))).under(BY_SERVICE, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let token = credential(&report, "authTokens0");
    assert_eq!((&token["limit_days"], &token["standing"]), (&8.into(), &"overdue".into()));
    assert_eq!(report["undecided"][0]["incomplete"], false);
    assert!(run.stderr.contains("class robots could not be decided"), "{}", run.stderr);
    // Where others are said to be no service users, a missing flag says nothing at all.
    let one = Rows::usual().users(|place, user| {
        if place == 1 {
            without(user);
        }
    });
    let (run, report) = OddDomain::plain(one).under(BY_SERVICE, &[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(credential(&report, "authTokens1")["limit_days"], 8);
    assert_eq!(credential(&report, "authTokens2")["limit_days"], 400);
}

#[test]
fn a_waiver_that_cannot_be_decided_does_not_waive() {
    let waiver = "[[waiver]]\nuser = \"user1@*\"\nkind = \"api_key\"\nreason = \"r\"\napproved_by = \"a\"\nuntil = 2026-07-01\n";
    let (run, report) = OddDomain::plain(Rows::usual()).under(waiver, &[]);
    assert_eq!(
        (run.code, &credential(&report, "apiKeys1")["standing"]),
        (0, &"waived".into()),
        "{}",
        run.stderr
    );
    let nameless = Rows::usual().users(|place, user| {
        if place == 1 {
            user["userName"] = json!(7);
        }
    });
    let (run, report) = OddDomain::plain(nameless).under(waiver, &[]);
    assert_eq!(
        (run.code, &credential(&report, "apiKeys1")["standing"]),
        (3, &"overdue".into()),
        "{}",
        run.stderr
    );
    assert_eq!(report["undecided"][0]["what"], "waiver in line 1");
}

/// Field case 14: dates without a zone may be any age, and a pipeline hears of it.
#[test]
fn an_unknown_age_fails_the_gates() {
    let mut rows = Rows::usual();
    for collection in ["ApiKeys", "AuthTokens"] {
        rows.of(collection).iter_mut().for_each(|row| row["meta"]["created"] = "2026-05-31T10:00:00".into());
    }
    let domain = OddDomain::plain(rows);
    let (run, report) = domain.report(&[]);
    assert_eq!((run.code, &report["summary"]["unknown"]), (0, &12.into()), "{}", run.stderr);
    for standing in ["overdue", "due-soon"] {
        assert_eq!(domain.run("audit", &["--fail-on", standing]).code, 1, "{standing}");
    }
}

#[test]
fn a_filter_that_matches_nobody_is_a_mistake() {
    let domain = OddDomain::plain(Rows::usual());
    for command in ["audit", "capabilities"] {
        for blank in ["", "  "] {
            let run = domain.run(command, &["--user", blank]);
            assert_eq!(run.code, 2, "{}", run.stderr);
            assert!(run.stderr.contains("--user is empty"), "{}", run.stderr);
        }
        let run = domain.run(command, &["--user", "usr1@example.com"]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains("did you mean user1@example.com"), "{}", run.stderr);
        let nobody_has_one = domain.run(command, &["--user", "user1@*", "--kind", "smtp_credential"]);
        assert_ne!(nobody_has_one.code, 2, "{}", nobody_has_one.stderr);
    }
    let run = domain.run("explain", &["usr1@example.com"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("user1@example.com"), "{}", run.stderr);
    let partial = OddDomain::start(Rows::usual(), |collection, mut page| {
        if collection == "Users" {
            page["totalResults"] = json!(9);
        }
        page.to_string()
    });
    for command in ["audit", "capabilities"] {
        let run = partial.run(command, &["--user", "usr1@example.com"]);
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(run.stderr.contains("not all users could be read") && !run.stderr.contains("did you mean"));
    }
    assert_eq!(partial.run("explain", &["usr1@example.com"]).code, 3);
}
