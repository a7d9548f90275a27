//! `[[confirmed_empty]]` and `strict` of the policy file, and the options that lie over it.

use std::fs;
use std::path::Path;

use credage_sim::{Collection, Denied, DeniedHow, EstateConfig, SimConfig};
use serde_json::Value;

use crate::harness::{NOW, Run, Tenancy, config, credage, finish, verdict};
use crate::tenancy::{Whole, one};

const ENTRY: &str = "[[confirmed_empty]]\ndomain = \"Default\"\nkind = \"smtp_credential\"\nreason = \"the console shows none\"\n\
                     approved_by = \"ciso@example.com\"\nuntil = 2026-07-01\n";

fn run(folder: &Path, text: &str, args: &[&str]) -> Run {
    fs::write(folder.join("credage.toml"), text).unwrap();
    let mut command = credage();
    command.current_dir(folder).args(args);
    finish(command)
}

#[test]
fn they_are_shown_and_their_ends_are_announced() {
    let folder = tempfile::tempdir().unwrap();
    let show = |text: &str, as_of: &str, format: &str| {
        run(folder.path(), text, &["policy", "show", "--as-of", as_of, "--format", format])
    };
    let strict = format!("strict = true\n{ENTRY}");
    let document: Value = show(&strict, NOW, "json").json();
    assert_eq!(document["strict"]["value"], true);
    assert_eq!(document["strict"]["origin"]["line"], 1);
    let entry = &document["confirmed_empty"][0];
    assert_eq!(
        (&entry["line"], &entry["state"], &entry["until"]),
        (&2.into(), &"holds".into(), &"2026-07-01".into())
    );
    assert_eq!(show(ENTRY, NOW, "json").json()["strict"]["value"], false);
    let table = show(ENTRY, NOW, "table").stdout;
    assert!(
        table.contains("Kinds confirmed to be empty") && table.contains("the console shows none"),
        "{table}"
    );
    let expired = show(ENTRY, "2026-07-02", "table").stdout;
    assert!(expired.contains("EXPIRED: held until 2026-07-01"), "{expired}");
    let check = |as_of: &str| run(folder.path(), ENTRY, &["policy", "check", "--as-of", as_of]);
    let fine = check(NOW);
    assert!(fine.code == 0 && fine.stderr.is_empty() && fine.stdout.contains("1 confirmation"), "{fine:?}");
    let soon = check("2026-06-25");
    assert!(
        soon.stderr.contains("line 1: the confirmation (kind smtp_credential, domain default) ends in"),
        "{soon:?}"
    );
    let late = check("2026-07-02");
    assert!(late.stderr.contains("ended with 2026-07-01 and confirms nothing any more"), "{late:?}");
}

#[test]
fn a_mistake_ends_an_audit_and_an_examination_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = ENTRY.replace("kind = \"smtp_credential\"\n", "");
    for command in [&["audit", "--strict", "--demo"][..], &["doctor", "--strict", "--demo"]] {
        let run = run(folder.path(), &wrong, command);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        assert!(
            run.stderr.contains("credage.toml line 1") && run.stderr.contains("which kinds"),
            "{}",
            run.stderr
        );
    }
    let misplaced = run(folder.path(), "[rotation]\nstrict = true\n", &["policy", "check"]);
    assert!(misplaced.stderr.contains("at the beginning of the file"), "{}", misplaced.stderr);
}

/// A domain whose SMTP credentials nobody can tell from none: an empty answer, and no index that says otherwise.
fn blind_for_smtp() -> Tenancy {
    let denied = Denied { collection: Collection::SmtpCredentials, how: DeniedHow::EmptyOk };
    Tenancy::start(SimConfig { index: false, denied: vec![denied], ..config() })
}

/// The lines of a policy file among those of standard error.
fn proposed(run: &Run) -> String {
    let (_, lines) = run.stderr.split_once("[[confirmed_empty]]").unwrap_or_else(|| panic!("{run:?}"));
    let lines = lines.lines().skip(1).take_while(|line| line.contains(" = "));
    lines.fold("[[confirmed_empty]]\n".to_owned(), |text, line| text + line + "\n")
}

#[test]
fn the_proposed_lines_settle_what_is_unconfirmed_until_their_end() {
    let tenancy = blind_for_smtp();
    let (open, report) = tenancy.report(&[]);
    assert_eq!(verdict(&report, "smtp_credential"), "unconfirmed");
    assert_eq!(open.code, 0, "an empty kind alone is no alarm: {}", open.stderr);
    assert!(
        open.stderr.contains("you may not see them") && open.stderr.contains("smtp_credential"),
        "{open:?}"
    );
    let strict = tenancy.audit(&["--strict", "--quiet"]);
    assert_eq!(strict.code, 3, "{}", strict.stderr);
    assert_eq!(proposed(&strict), proposed(&open));
    let policy = tenancy.path("credage.toml");
    let path = policy.to_str().unwrap().to_owned();
    fs::write(&policy, format!("strict = true\n{}", proposed(&open))).unwrap();
    let (settled, report) = tenancy.report(&["--policy", &path]);
    assert_eq!((settled.code, verdict(&report, "smtp_credential")), (0, "complete"), "{}", settled.stderr);
    assert!(!settled.stderr.contains("confirm"), "{}", settled.stderr);
    let late = tenancy.audit(&["--policy", &path, "--as-of", "2026-10-01"]);
    assert_eq!(late.code, 3, "{}", late.stderr);
    assert!(
        late.stderr.contains("The confirmation in line 2 of the policy ended with 2026-08-30"),
        "{late:?}"
    );
}

#[test]
fn a_confirmation_that_nothing_needs_is_told() {
    let whole = Whole::start(EstateConfig::new(one()));
    let policy = whole.dir.path().join("credage.toml");
    fs::write(&policy, ENTRY.replace("smtp_credential", "api_key")).unwrap();
    let path = policy.to_str().unwrap();
    let told = |args: &[&str]| {
        let run = whole.audit(&[&["--policy", path], args].concat());
        run.stderr.contains("line 1: nothing that was read needs this confirmation")
    };
    assert!(told(&[]));
    assert!(!told(&["--kind", "auth_token"]), "what was not asked for may need it");
}
