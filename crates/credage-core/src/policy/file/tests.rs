use super::*;
use crate::attributes::AttributeReadings;
use crate::domain::Domain;
use crate::id::UserId;
use crate::kind::Kind;
use crate::known::Known;
use crate::pattern::Folded;
use crate::policy::{Candidate, Class};
use crate::rules::{Level, Value};
use crate::user::{Tag, User};

const NOW: &str = "2026-06-01T12:00:00Z";

fn parse(text: &str) -> Result<Policy, ConfigError> {
    read(Some(&ConfigSource::new("credage.toml", text)), &Overrides::default(), NOW.parse().unwrap())
}

fn refused(text: &str) -> ConfigError {
    match parse(text) {
        Ok(policy) => panic!("taken: {policy:?}"),
        Err(error) => error,
    }
}

fn days(policy: &Policy, kind: Kind) -> Option<u32> {
    policy.limits().of(kind).max_age().map(Days::get)
}

#[test]
fn an_empty_file_is_the_default() {
    let policy = Policy { file: None, ..parse("").unwrap() };
    assert_eq!(policy, Policy::default());
}

#[test]
fn what_is_not_said_is_taken_from_around_it() {
    let policy = parse(
        r#"
        [rotation]
        max_age = "120d"
        [rotation.api_key]
        max_age = 60
        [rotation.smtp_credential]
        exempt = true
        [[class]]
        name = "machines"
        match = { service_user = true }
        max_age = "180d"
        [class.api_key]
        warn_before = "30d"
        "#,
    )
    .unwrap();
    assert_eq!((days(&policy, Kind::AuthToken), days(&policy, Kind::ApiKey)), (Some(120), Some(60)));
    assert_eq!(days(&policy, Kind::SmtpCredential), None);
    let machines = &policy.classes()[0].limits;
    assert_eq!(
        machines.of(Kind::ApiKey).max_age().map(Days::get),
        Some(180),
        "the class is closer than the kind"
    );
    assert_eq!(machines.of(Kind::ApiKey).warn_before().get(), 30);
    assert_eq!(machines.of(Kind::SmtpCredential).max_age().map(Days::get), Some(180));
    let line = |key: &str| policy.origins().of(key).to_string();
    assert_eq!(line("rotation.max_age"), "credage.toml line 3");
    assert_eq!(line("class.machines.api_key.warn_before"), "credage.toml line 13");
    assert_eq!(line("rotation.warn_before"), "default");
}

#[test]
fn a_flag_lies_over_the_general_limit_and_nothing_closer() {
    let source = ConfigSource::new(
        "credage.toml",
        "[rotation]\nmax_age = \"120d\"\n[rotation.api_key]\nmax_age = \"60d\"",
    );
    let overrides =
        Overrides { max_age: Some((Days::literal(30), Origin::Flag("--max-age"))), ..Overrides::default() };
    let policy = read(Some(&source), &overrides, NOW.parse().unwrap()).unwrap();
    assert_eq!((days(&policy, Kind::AuthToken), days(&policy, Kind::ApiKey)), (Some(30), Some(60)));
    assert_eq!(policy.origins().of("rotation.max_age").to_string(), "option --max-age");
    let bare = read(None, &overrides, NOW.parse().unwrap()).unwrap();
    assert_eq!(days(&bare, Kind::ApiKey), Some(30));
}

fn class_of(policy: &Policy, user: &User, domain: &str) -> Option<String> {
    let domain = Domain::at(domain, "https://x");
    let who = Candidate {
        name: Folded::new(&user.name),
        id: Folded::new(user.id.as_str()),
        user: Some(user),
        gone: false,
        domain: &domain,
        readings: &AttributeReadings::all_read(),
    };
    let membership = policy.membership(&who);
    assert!(membership.doubt.is_empty(), "{:?}", membership.doubt);
    membership.class.map(|place| policy.classes()[place].name.clone())
}

#[test]
fn the_class_that_means_a_user_most_closely_wins() {
    let policy = parse(
        r#"
        [[class]]
        name = "default domain"
        match = { domain = "Default" }
        [[class]]
        name = "machines"
        match = { service_user = true }
        [[class]]
        name = "data team"
        match = { tag = { "Ops.Team" = "data-*" } }
        [[class]]
        name = "operators"
        match = { group = ["Oper*"] }
        [[class]]
        name = "pipelines"
        match = { user = "ci-*" }
        [[class]]
        name = "root pipeline"
        match = { user = "ci-root" }
        [[class]]
        name = "contractors"
        match = { user_type = "Contractor" }
        priority = 5
        "#,
    )
    .unwrap();
    let mut user = User {
        service: Known::Value(false),
        user_type: Known::Nothing,
        groups: Known::Nothing,
        tags: Known::Nothing,
        ..User::named(UserId::new("1"), "ada")
    };
    assert_eq!(class_of(&policy, &user, "Other"), None);
    assert_eq!(class_of(&policy, &user, "DEFAULT").as_deref(), Some("default domain"));
    user.service = Known::Value(true);
    assert_eq!(class_of(&policy, &user, "Default").as_deref(), Some("machines"));
    user.tags = Known::Value(Box::new([Tag { key: "ops.team".into(), value: "Data-lake".into() }]));
    assert_eq!(class_of(&policy, &user, "Default").as_deref(), Some("data team"));
    user.groups = Known::Value(Box::new(["Readers".into(), "operators".into()]));
    assert_eq!(class_of(&policy, &user, "Default").as_deref(), Some("operators"));
    user.name = "CI-build".into();
    assert_eq!(class_of(&policy, &user, "Default").as_deref(), Some("pipelines"));
    user.name = "ci-root".into();
    assert_eq!(class_of(&policy, &user, "Default").as_deref(), Some("root pipeline"));
    user.user_type = Known::Value("contractor".into());
    assert_eq!(class_of(&policy, &user, "Default").as_deref(), Some("contractors"));
}

#[test]
fn two_classes_with_equal_right_are_refused() {
    let two = |one: &str, two: &str| {
        parse(&format!("[[class]]\nname = \"a\"\nmatch = {one}\n[[class]]\nname = \"b\"\nmatch = {two}\n"))
    };
    let error = two("{ group = \"A\" }", "{ group = \"B\" }").unwrap_err();
    assert_eq!((error.line, error.column), (5, 8));
    assert!(error.message.contains("`a` (line 2) and `b`"), "{error}");
    assert!(error.hint.as_deref().unwrap().contains("priority = 1"));
    assert!(two("{ user = \"svc-*\" }", "{ user = \"ci-*\" }").is_ok(), "no user begins with both");
    assert!(two("{ user = \"svc-*\" }", "{ user = \"*-prod\" }").is_err());
    assert!(two("{ service_user = true }", "{ service_user = false }").is_ok());
    assert!(two("{ group = \"A\" }", "{ group = \"B\", domain = \"X\" }").is_ok(), "more criteria win");
    let id = "{ user = \"0123456789abcdef0123456789abcdef\" }";
    assert!(two(id, "{ user = \"ada\" }").is_err(), "an id may be anybody's");
}

#[test]
fn rules_take_levels_and_settings() {
    let policy = parse(
        "[rules]\nno-own-expiry = \"low\"\n[rules.stale-owner]\nlevel = \"critical\"\nafter = \"30d\"\n\
         [rules.excess-api-keys]\nmax = 2\n[rules.administrator-api-key]\nlevel = \"off\"\n",
    )
    .unwrap();
    assert_eq!(policy.rule("no-own-expiry").unwrap().level, Level::Low);
    let stale = policy.rule("stale-owner").unwrap();
    assert_eq!(stale.level, Level::Critical);
    assert!(
        stale.values.iter().any(|(key, value)| key == "after" && *value == Value::Days(Days::literal(30)))
    );
    assert_eq!(policy.origins().of("rules.excess-api-keys.max").to_string(), "credage.toml line 7");
    assert!(!policy.needs().groups, "nobody needs groups now");
    assert!(Policy::default().needs().groups);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one line a mistake, side by side")]
fn every_mistake_shows_its_line_and_what_to_write() {
    let waiver =
        |rest: &str| format!("[[waiver]]\nuser = \"ada\"\nreason = \"r\"\napproved_by = \"b\"\n{rest}\n");
    for (text, line, message, hint) in [
        ("[rotation]\nmax_agee = \"90d\"", 2, "unknown key `max_agee`", "write `max_age`"),
        ("[rotation]\nmax_age = \"-5d\"", 2, "`-5d` is not a number of days", ""),
        ("[rotation]\nmax_age = -5", 2, "`-5` is not a number of days", ""),
        ("[rotation]\nmax_age = \"99999d\"", 2, "more than 36500 days", ""),
        ("[rotation]\nmax_age = 0", 2, "0 days would make every credential overdue", ""),
        (
            "[rotation]\nmax_age = \"10d\"",
            2,
            "does not fit a maximum age of 10 days",
            "add `warn_before` of at most 10",
        ),
        ("[rotation]\nmax_age = true", 2, "number of days", ""),
        ("[rotation]\nexempt = true\nmax_age = 5", 3, "exclude each other", "remove one"),
        ("boundary = \"calender\"", 1, "no way to count days", "calendar"),
        ("boundary = \"calendar\"\ntime_zone = \"Berlin\"", 2, "no time zone", "Europe/Berlin"),
        ("time_zone = \"UTC\"", 1, "calendar days alone", "boundary"),
        ("max_waiver = \"0d\"", 1, "0 days", ""),
        ("[[class]]\nname = \"x\"\nmatch = {}", 3, "means nobody", "at least one"),
        ("[[class]]\nname = \"x\"\nmatch = { user = \"^svc\" }", 3, "regular expression", "svc-*"),
        ("[[class]]\nname = \"x\"\nmatch = { user = [\"a\", \"\"] }", 3, "empty pattern", ""),
        ("[[class]]\nname = \"x\"\nmatch = { users = \"a\" }", 3, "unknown key `users`", "write `user`"),
        ("[[class]]\nmatch = { user = \"a\" }", 1, "missing field `name`", ""),
        ("[rules.stale-ownr]\nlevel = \"low\"", 1, "no rule `stale-ownr`", "write `stale-owner`"),
        ("[rules.stale-owner]\nlevel = \"hihg\"", 2, "no level", "write \"high\""),
        ("[rules.stale-owner]\nafterr = \"3d\"", 2, "no setting `afterr`", "write `after`"),
        ("[rules.excess-api-keys]\nmax = \"two\"", 2, "`max` is a whole number", "max = 1"),
        ("[rules]\nstale-owner = 3", 2, "takes a level, or a table", ""),
        (
            "[[waiver]]\nreason = \"r\"\napproved_by = \"b\"\nuntil = 2026-07-01",
            1,
            "everybody from everything",
            "at least one",
        ),
        (&waiver(""), 1, "no `until`", "until = "),
        (&waiver("until = 2027-06-05"), 5, "365 days ahead at most", "max_waiver"),
        (&waiver("until = \"soon\""), 5, "`soon` is no day", "until = 2027-01-31"),
        (&waiver("until = 2026-07-01\nkind = \"api_keey\""), 6, "not a kind", "write \"api_key\""),
        (&waiver("until = 2026-07-01\nrule = \"stale\""), 6, "no rule `stale`", ""),
        (&waiver("until = 2026-07-01\ncredential = \"ab*\""), 6, "whole id", "csv"),
        (
            "[[waiver]]\nuser = \"a\"\nreason = \" \"\napproved_by = \"b\"\nuntil = 2026-07-01",
            3,
            "no `reason`",
            "reason =",
        ),
        (
            "[[waiver]]\nuser = \"a\"\nreason = \"r\"\nuntil = 2026-07-01",
            1,
            "no `approved_by`",
            "approved_by =",
        ),
        ("[rotation\n", 1, "", ""),
        ("= 5", 1, "", ""),
    ] {
        let error = refused(text);
        assert_eq!(error.line, line, "{text}\n{error}");
        assert!(error.message.contains(message), "{text}\n{error}");
        assert!(
            error.hint.as_deref().unwrap_or_default().contains(hint),
            "{text}\n{error}\n{:?}",
            error.hint
        );
    }
}

#[test]
fn waivers_that_could_except_the_same_finding_are_refused() {
    let one = |select: &str| {
        format!("[[waiver]]\n{select}\nreason = \"r\"\napproved_by = \"b\"\nuntil = 2026-07-01\n")
    };
    let both = |a: &str, b: &str| parse(&format!("{}{}", one(a), one(b)));
    let error = both("user = \"svc-*\"", "user = \"svc-db\"\nkind = \"api_key\"").unwrap_err();
    assert_eq!(error.line, 6, "{error}");
    assert!(error.message.contains("the one in line 1 (user svc-*)"), "{error}");
    assert!(both("user = \"svc-*\"", "user = \"ci-*\"").is_ok());
    assert!(both("user = \"a\"\nkind = \"api_key\"", "user = \"a\"\nkind = \"auth_token\"").is_ok());
    assert!(
        both("user = \"a\"\nrule = \"stale-owner\"", "user = \"a\"\nrule = \"owner-without-mfa\"").is_ok()
    );
    assert!(both("credential = \"1\"", "credential = \"2\"").is_ok());
    let policy = parse(&one("user = \"a\"")).unwrap();
    let waiver = &policy.waivers()[0];
    assert_eq!(waiver.ends.to_string(), "2026-07-02T00:00:00Z", "the last day counts in full");
    assert!(waiver.holds("2026-07-01T23:59:59Z".parse().unwrap()));
}

#[test]
fn the_schema_names_every_rule_and_every_key() {
    let schema: serde_json::Value =
        serde_json::from_str(&schema(&serde_json::json!({"type": "object"}))).unwrap();
    let rules = schema["properties"]["rules"]["properties"].as_object().unwrap();
    assert_eq!(rules.len(), crate::rules::REGISTRY.len());
    assert_eq!(rules["stale-owner"]["anyOf"][1]["properties"]["after"]["default"], "45d");
    assert!(schema["properties"]["rotation"].is_object() && schema["properties"]["waiver"].is_object());
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn a_class_is_found_by_name() {
    let policy = parse("[[class]]\nname = \" machines \"\nmatch = { service_user = true }").unwrap();
    let names: Vec<&str> = policy.classes().iter().map(|class: &Class| class.name.as_str()).collect();
    assert_eq!(names, ["machines"]);
}
