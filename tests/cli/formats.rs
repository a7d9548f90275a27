//! What is written: columns, order, safety, sameness.

use std::collections::BTreeMap;

use credage_sim::SimConfig;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use crate::harness::{NOW, Tenancy, config, credage, finish, instant, read};

const CSV: &str = "domain,user_name,user_id,kind,credential_id,description,created,age_days,expires_on,due_on,\
                   due_reason,days_left,standing,capability,owner_active,coverage,level,rules,class,limit_days,waived_until";

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

#[test]
fn csv_tells_the_truth_of_every_credential() {
    let tenancy = Tenancy::start(config());
    let run = tenancy.audit(&["--format", "csv"]);
    assert_eq!(run.stdout.lines().next(), Some(CSV));
    assert!(run.stdout.ends_with("\r\n"));
    let rows = rows(&run.stdout);
    let by_id: BTreeMap<_, _> = rows.iter().map(|row| (row["credential_id"].as_str(), row)).collect();
    let truth = tenancy.sim.truth();
    assert_eq!(by_id.len(), truth.len());
    let now = instant(NOW);
    for real in &truth {
        let row = by_id[real.id.as_str()];
        assert_eq!(row["user_name"], real.user_name);
        let capability = real.capability.filter(|_| real.owner_listed);
        let capability = capability.map_or("unknown", |on| if on { "enabled" } else { "disabled" });
        assert_eq!(row["capability"], capability);
        let Some(created) = real.last_set.or(real.created).filter(|&created| created <= now) else {
            assert_eq!((row["age_days"].as_str(), row["standing"].as_str()), ("", "unknown"));
            continue;
        };
        let age = now.duration_since(created).as_hours() / 24;
        assert_eq!(row["age_days"], age.to_string());
        let expired = real.expires_on.is_some_and(|end| end <= now);
        let standing = row["standing"].as_str();
        assert_eq!(standing == "expired", expired);
        assert_eq!(standing == "overdue", !expired && age >= 90);
        assert_ne!(standing, if age >= 75 { "fresh" } else { "overdue" });
    }
}

#[test]
fn csv_comes_most_urgent_first() {
    let tenancy = Tenancy::start(config());
    let rows = rows(&tenancy.audit(&["--format", "csv"]).stdout);
    let order = ["expired", "overdue", "due_soon", "unknown", "waived", "fresh"];
    let places: Vec<_> =
        rows.iter().map(|row| order.iter().position(|each| *each == row["standing"]).unwrap()).collect();
    assert!(places.is_sorted());
    assert!(places.contains(&0) && places.contains(&5));
}

#[test]
fn wide_csv_has_the_columns_that_administrators_know() {
    let tenancy = Tenancy::start(config());
    let text = tenancy.audit(&["--format", "wide-csv"]).stdout;
    let kinds = [
        "api_keys",
        "auth_tokens",
        "customer_secret_keys",
        "db_credentials",
        "oauth2_client_credentials",
        "smtp_credentials",
    ];
    let of_kind = |kind: &&str| {
        format!("can_use_{kind},{kind}_count,{kind}_oldest_age_days,{kind}_days_until_expiry,{kind}_status")
    };
    let columns = format!("user_name,{}", kinds.iter().map(of_kind).collect::<Vec<_>>().join(","));
    assert_eq!(text.lines().next(), Some(columns.as_str()));
    let rows = rows(&text);
    let mut seen = std::collections::BTreeSet::new();
    for (row, kind) in rows.iter().flat_map(|row| kinds.iter().map(move |kind| (row, kind))) {
        let cell = |column: &str| row[&format!("{kind}_{column}")].as_str();
        let status = cell("status");
        seen.insert(status.split(" (").next().unwrap().to_owned());
        match status {
            "DISABLED" | "ENABLED, None CONFIGURED" | "CAPABILITY UNKNOWN, None CONFIGURED" => {
                assert_eq!(
                    (cell("count"), cell("oldest_age_days"), cell("days_until_expiry")),
                    ("0", "N/A", "N/A")
                );
            }
            _ if cell("oldest_age_days") == "Unknown" => assert_eq!(cell("days_until_expiry"), "Unknown"),
            _ => {
                let age: i64 = cell("oldest_age_days").parse().unwrap();
                assert_eq!(cell("days_until_expiry"), (90 - age).to_string());
                assert_eq!(
                    status.starts_with("ROTATION NEEDED"),
                    age >= 75 && row[&format!("can_use_{kind}")] != "False"
                );
                assert!(!status.contains('(') || status.ends_with(&format!("({age} days old)")));
            }
        }
    }
    for status in [
        "DISABLED",
        "ENABLED, None CONFIGURED",
        "ENABLED & CONFIGURED",
        "ROTATION NEEDED",
        "DISABLED BUT CONFIGURED",
    ] {
        assert!(seen.contains(status), "{status} in {seen:?}");
    }
    let names: Vec<_> = rows.iter().map(|row| row["user_name"].to_lowercase()).collect();
    assert!(names.is_sorted());
    let owners: std::collections::BTreeSet<_> =
        tenancy.sim.truth().into_iter().map(|row| row.owner).collect();
    assert_eq!(rows.len(), owners.len(), "a row for each who has a credential");
}

#[test]
fn hostile_names_reach_nobody() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, ..config() });
    for format in ["table", "csv", "wide-csv"] {
        let run = tenancy.audit(&["--format", format, "--rows", "0"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let harmful = |c: char| {
            (c.is_control() && c != '\n' && c != '\r')
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || c == '\u{200b}'
        };
        assert_eq!(run.stdout.chars().find(|&c| harmful(c)), None, "{format}");
    }
    let run = tenancy.audit(&["--format", "csv"]);
    let mut reader = csv::Reader::from_reader(run.stdout.as_bytes());
    let mut disarmed = 0;
    for record in reader.records() {
        let record = record.unwrap();
        for (place, cell) in record.iter().enumerate().filter(|(place, _)| !matches!(place, 7 | 11)) {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "column {place}: {cell}");
            disarmed += usize::from(cell.starts_with('\''));
        }
    }
    assert!(disarmed > 0, "there were some to disarm");
    let json = tenancy.audit(&["--format", "json"]).json();
    assert!(
        json["credentials"]
            .as_array()
            .unwrap()
            .iter()
            .any(|each| each["user_name"].as_str().unwrap().contains('\u{1b}'))
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = Tenancy::start(config());
    for format in ["table", "csv", "wide-csv", "findings-csv", "json"] {
        let (one, two) = (first.audit(&["--format", format]), first.audit(&["--format", format]));
        assert_eq!(one.stdout, two.stdout);
        assert!(!one.stdout.is_empty());
    }
}

#[test]
fn files_are_written_whole_beside_the_table() {
    let tenancy = Tenancy::start(config());
    let (csv, json) = (tenancy.path("c.csv"), tenancy.path("r.json"));
    let writes = [format!("csv={}", csv.display()), format!("json={}", json.display())];
    let run = tenancy.audit(&["--write", &writes[0], "--write", &writes[1]]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("Work list"));
    assert_eq!(read(&csv), tenancy.audit(&["--format", "csv"]).stdout);
    let report: Value = serde_json::from_str(&read(&json)).unwrap();
    assert_eq!(report["schema"], "credage.report/v1");
    let left: Vec<_> =
        std::fs::read_dir(tenancy.dir.path()).unwrap().map(|each| each.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".tmp")), "{left:?}");
}

#[test]
fn the_table_fits_80_columns() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, ..config() });
    let text = tenancy.audit(&["--rows", "0"]).stdout;
    let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
    assert!(widest <= 80, "{widest}");
    let cut = tenancy.audit(&["--rows", "5"]).stdout;
    assert!(cut.contains("more (") && cut.contains("--format findings-csv"), "{cut}");
}

#[test]
fn the_json_report_is_what_its_schema_says() {
    let tenancy = Tenancy::start(config());
    let report = tenancy.audit(&["--format", "json", "--all-users"]).json();
    let mut command = credage();
    command.args(["schema", "report"]);
    let run = finish(command);
    let schema: Value = serde_json::from_str(&run.stdout).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&report), keys(&schema["properties"]));
    let credential = &schema["$defs"]["CredentialV1"]["properties"];
    assert_eq!(keys(&report["credentials"][0]), keys(credential));
    assert_eq!(keys(&report["domains"][0]), keys(&schema["$defs"]["DomainV1"]["properties"]));
}

#[test]
fn the_same_seed_gives_the_same_domain() {
    let (one, two) = (Tenancy::start(config()), Tenancy::start(config()));
    assert_eq!(one.sim.truth(), two.sim.truth());
    let other = Tenancy::start(SimConfig { seed: 2, ..config() });
    assert_ne!(one.sim.truth(), other.sim.truth());
    let csv = |tenancy: &Tenancy| tenancy.audit(&["--format", "wide-csv"]).stdout;
    assert_eq!(csv(&one), csv(&two));
}

#[test]
fn every_csv_can_be_written_for_spreadsheet_programs() {
    let tenancy = Tenancy::start(SimConfig { hostile_names: true, ..config() });
    let text = |command: &str, format: &str, dialect: &[&str]| {
        let mut process = credage();
        process.args([command, "--domain-url", tenancy.sim.url(), "--as-of", NOW, "--rate-limit", "none"]);
        process.args(["--format", format]).args(dialect).arg("--config-file").arg(&tenancy.files.config);
        finish(process).stdout
    };
    let table = |text: &str, delimiter: u8| {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(text.as_bytes());
        reader.records().collect::<Result<Vec<_>, _>>().unwrap()
    };
    for (command, format) in
        [("audit", "csv"), ("audit", "wide-csv"), ("audit", "findings-csv"), ("capabilities", "csv")]
    {
        let usual = text(command, format, &[]);
        assert!(!usual.starts_with('\u{feff}') && !usual.is_ascii(), "{command} {format}");
        assert_eq!(text(command, format, &["--csv-dialect", "rfc4180"]), usual);
        let excel = text(command, format, &["--csv-dialect", "excel"]);
        let excel = excel.strip_prefix('\u{feff}').unwrap();
        assert!(excel.contains("\r\n") && table(excel, b';').len() > 1, "{command} {format}");
        assert_eq!(table(excel, b';'), table(&usual, b','), "{command} {format}");
    }
    let path = tenancy.path("for-excel.csv");
    let write = format!("csv={}", path.display());
    assert_eq!(tenancy.audit(&["--write", &write, "--csv-dialect", "excel"]).code, 0);
    assert!(std::fs::read(&path).unwrap().starts_with(b"\xef\xbb\xbfdomain;user_name;"));
    let run = tenancy.audit(&["--csv-dialect", "tsv"]);
    assert!(run.code == 2 && run.stderr.contains("the dialects are rfc4180 and excel"), "{run:?}");
}
