//! `[[confirmed_empty]]` and `strict` of the policy file, and the options that lie over it.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{NOW, Run, credage, finish};

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
