//! What bad input gets: a place, words, and what to write instead.

use super::*;

const NOW: &str = "2026-06-01T12:00:00Z";

fn parse(text: &str, overrides: &Overrides) -> Result<Policy, Mistakes> {
    check(Some(&ConfigSource::new("credage.toml", text)), overrides, NOW.parse().unwrap())
}

fn all(text: &str) -> Vec<ConfigError> {
    parse(text, &Overrides::default()).expect_err(text).into_all().collect()
}

fn refused(text: &str) -> ConfigError {
    let mut all = all(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn assert_mistakes(cases: &[(&str, usize, &str, &str)]) {
    for &(text, line, message, hint) in cases {
        let error = refused(text);
        let hinted = error.hint.as_deref().unwrap_or_default();
        assert_eq!(error.line, line, "{text}\n{error}");
        assert!(error.message.contains(message), "{text}\n{error}");
        assert!(hinted.contains(hint), "{text}\n{error}\n{hinted}");
    }
}

#[test]
fn what_tables_make_easy_to_get_wrong_is_explained() {
    assert_mistakes(&[
        ("max_age = \"60d\"", 1, "unknown key `max_age`", "below `[rotation]`"),
        ("[rotation]\nboundary = \"calendar\"", 2, "unknown key `boundary`", "beginning of the file"),
        ("[[class]]\nname = \"m\"\nuser = \"svc-*\"", 3, "unknown key `user`", "match = {"),
        ("[class]\nname = \"m\"", 1, "expected a sequence", "[[class]]"),
        ("[[rotation]]\nmax_age = 60", 1, "is a table", "`[rotation]`"),
        ("[[class]]\nname = \"m\"\nmatch = \"svc-*\"", 3, "expected a table", ""),
        ("[[class]]\nname = \"m\"", 1, "missing field `match`", "add `match = …`"),
        ("[[waivers]]\nuser = \"a\"", 1, "unknown key `waivers`", "write `waiver`"),
        ("[rotation]\nmax_age = \"60d\"\nmax_age = \"30d\"", 3, "duplicate key", ""),
        ("[rotation]\nmax_age = 99999999999999999999", 2, "", ""),
        ("[rotation]\nmax_age = 1.5", 2, "number of days", ""),
        ("[rotation]\nmax_age = 4294967386", 2, "more than 36500 days", ""),
    ]);
}

#[test]
fn names_of_rules_are_spelt_one_way() {
    assert_mistakes(&[
        ("[rules]\nstale_owner = \"low\"", 2, "no rule `stale_owner`", "write `stale-owner`"),
        (
            "[[waiver]]\nuser = \"a\"\nrule = \"stale_owner\"\nreason = \"r\"\napproved_by = \"b\"\nuntil = 2026-07-01",
            3,
            "no rule `stale_owner`",
            "write `stale-owner`",
        ),
    ]);
}

#[test]
fn nothing_is_widened_in_silence() {
    let waiver = |select: &str| {
        format!("[[waiver]]\n{select}\nreason = \"r\"\napproved_by = \"b\"\nuntil = 2026-07-01\n")
    };
    assert_mistakes(&[
        (
            "[[class]]\nname = \"m\"\nmatch = { user = [], domain = \"X\" }",
            3,
            "an empty list means nobody",
            "",
        ),
        (&waiver("user = []\nkind = \"api_key\""), 2, "an empty list means nobody", ""),
        (&waiver("user = \"*\""), 1, "everybody from everything", "at least one"),
        (&waiver("credential = \"c\"\nrule = \"stale-owner\""), 3, "is about users", "with `user`"),
        (
            &waiver("user = \"a\"\nkind = \"api_key\"\nrule = [\"rotation-overdue\", \"excess-api-keys\"]"),
            4,
            "`excess-api-keys` is about users",
            "of its own",
        ),
        (&waiver("user = \"a\"\nrule = \"waiver-expired\""), 3, "is about waivers", "level = \"off\""),
    ]);
    let hour = waiver("user = \"a\"").replace("2026-07-01", "2026-07-01T08:00:00");
    assert_mistakes(&[(&hour, 5, "`2026-07-01T08:00:00` is no day", "until = 2027-01-31")]);
}

#[test]
fn waivers_of_users_and_of_their_credentials_do_not_overlap() {
    let one = |select: &str| {
        format!("[[waiver]]\n{select}\nreason = \"r\"\napproved_by = \"b\"\nuntil = 2026-07-01\n")
    };
    let both = format!("{}{}", one("user = \"a\""), one("user = \"a\"\nrule = \"stale-owner\""));
    assert_eq!(parse(&both, &Overrides::default()).unwrap().waivers().len(), 2);
    let same = format!("{}{}", one("user = \"a\""), one("user = \"a\"\nrule = \"rotation-overdue\""));
    assert!(refused(&same).message.contains("can except the same finding"));
}

#[test]
fn the_last_day_that_may_be_chosen_is_named() {
    let until =
        |day: &str| format!("[[waiver]]\nuser = \"a\"\nreason = \"r\"\napproved_by = \"b\"\nuntil = {day}\n");
    let late = format!("boundary = \"calendar\"\ntime_zone = \"Europe/Berlin\"\n{}", until("2027-06-02"));
    assert_eq!(
        refused(&late).hint.as_deref(),
        Some("write 2027-06-01 or an earlier day, or raise `max_waiver`")
    );
    // The last day of October has 25 hours there, and counts in full.
    let longest = format!(
        "boundary = \"calendar\"\ntime_zone = \"Europe/Berlin\"\nmax_waiver = 146\n{}",
        until("2026-10-25")
    );
    assert!(parse(&longest, &Overrides::default()).is_ok());
}

#[test]
fn a_contradiction_is_shown_where_it_was_made() {
    let general = "[rotation]\nwarn_before = \"30d\"\n";
    let class =
        format!("{general}[[class]]\nname = \"m\"\nmatch = {{ service_user = true }}\nmax_age = \"20d\"\n");
    assert_mistakes(&[
        (
            &class,
            6,
            "a warning 30 days before",
            "that of credage.toml line 2; add `warn_before` of at most 20 days",
        ),
        ("[rotation]\nwarn_before = \"100d\"", 2, "maximum age of 90 days", "credage's default"),
        (
            "[rotation]\nmax_age = \"20d\"\n[rotation.api_key]\nwarn_before = \"21d\"",
            4,
            "maximum age of 20 days",
            "that of credage.toml line 2",
        ),
    ]);
    let flag = |name, days| Some((Days::literal(days), Origin::Flag(name)));
    let short = Overrides { max_age: flag("--max-age", 10), ..Overrides::default() };
    let error = parse("", &short).unwrap_err().first;
    assert_eq!((error.origin.as_str(), error.line), ("--max-age", 0));
    assert_eq!(error.hint.as_deref(), Some("the warning is credage's default; add --warn-before 10 or less"));
    let error = parse("[rotation.api_key]\nwarn_before = \"20d\"", &short).unwrap_err();
    let said: Vec<String> = error.into_all().map(|error| format!("{error}")).collect();
    assert!(said.iter().any(|said| said.contains("credage.toml line 2")), "{said:?}");
    let error = parse("[rotation]\nmax_age = \"90d\"\nwarn_before = \"15d\"", &short).unwrap_err().first;
    assert_eq!(
        (error.origin.as_str(), error.line),
        ("--max-age", 0),
        "not the file, which is right by itself"
    );
    assert_eq!(
        error.hint.as_deref(),
        Some("the warning is that of credage.toml line 3; add --warn-before 10 or less")
    );
    let none = Overrides { max_age: flag("--max-age", 0), ..Overrides::default() };
    assert_eq!(parse("", &none).unwrap_err().first.origin, "--max-age");
}

#[test]
fn an_age_over_the_file_lifts_its_general_exemption() {
    let flag = Some((Days::literal(30), Origin::Flag("--max-age")));
    let overrides = Overrides { max_age: flag, ..Overrides::default() };
    let text = "[rotation]\nexempt = true\n[rotation.api_key]\nexempt = true\n";
    let policy = parse(text, &overrides).unwrap();
    let age = |kind| policy.limits().of(kind).max_age().map(Days::get);
    assert_eq!(age(crate::Kind::AuthToken), Some(30));
    assert_eq!(age(crate::Kind::ApiKey), None, "what is closer stays");
    assert_eq!(policy.origins().of("rotation.exempt"), Origin::Default);
}

#[test]
fn every_mistake_is_told_at_once_and_each_once() {
    let text = "boundary = \"calender\"\n[rotation]\nmax_age = \"soon\"\n[[class]]\nname = \"a\"\nmatch = {}\n\
                [[class]]\nname = \"b\"\nmatch = { user = \"\" }\n[rules]\nstale-owner = \"hihg\"\nno-such = \"low\"\n\
                [[waiver]]\nuser = \"a\"\nreason = \"r\"\napproved_by = \"b\"\n";
    let lines: Vec<usize> = all(text).iter().map(|error| error.line).collect();
    assert_eq!(lines, [1, 3, 6, 9, 11, 12, 13]);
}

#[test]
fn an_empty_file_is_a_file() {
    let policy = parse("", &Overrides::default()).unwrap();
    assert_eq!(policy.file(), Some("credage.toml"));
}

#[test]
fn a_mark_at_the_beginning_that_editors_leave_does_no_harm() {
    let policy = parse("\u{feff}[rotation]\nmax_age = \"60d\"\n", &Overrides::default()).unwrap();
    assert_eq!(policy.origins().of("rotation.max_age").to_string(), "credage.toml line 2");
    let error = refused("\u{feff}[rotation]\nmax_agee = \"60d\"\n");
    assert_eq!((error.line, error.column), (2, 1));
}
