//! The whole tenancy: what discovery finds, what it may not see, and what one lost domain costs the others.

use std::collections::BTreeSet;

use credage_sim::{
    DomainSpec, Estate, EstateConfig, ListingPolicies, ListingPolicy, Place, ProfileFiles, RateLimit,
    SimConfig,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::harness::{NOW, Run, assert_same, config, credage, finish, ids};

/// A running tenancy and a profile that it lets in.
pub(crate) struct Whole {
    pub(crate) estate: Estate,
    pub(crate) files: ProfileFiles,
    pub(crate) dir: TempDir,
    pub(crate) runtime: Runtime,
}

impl Whole {
    pub(crate) fn start(config: EstateConfig) -> Self {
        let runtime = Runtime::new().unwrap();
        let estate = runtime.block_on(Estate::start(config)).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let files = estate.write_profile(dir.path()).unwrap();
        Self { estate, files, dir, runtime }
    }

    pub(crate) fn command(&self, args: &[&str]) -> assert_cmd::Command {
        let mut command = credage();
        command.args(args).args(["--identity-endpoint", self.estate.url(), "--config-file"]);
        command.arg(&self.files.config);
        command
    }

    pub(crate) fn audit(&self, args: &[&str]) -> Run {
        finish(self.command(&[&["audit", "--as-of", NOW], args].concat()))
    }

    pub(crate) fn report(&self, args: &[&str]) -> (Run, Value) {
        let run = self.audit(&[&["--format", "json"], args].concat());
        let json = run.json();
        (run, json)
    }

    /// The ids of all credentials of the running domains as they really are.
    pub(crate) fn truth(&self) -> BTreeSet<String> {
        self.estate.domains().iter().flat_map(credage_sim::Sim::truth).map(|row| row.id).collect()
    }
}

pub(crate) fn spec(name: &str, licence: &'static str, seed: u64) -> DomainSpec {
    let rate_limit = if licence == "premium" { RateLimit::Premium } else { RateLimit::Free };
    let config = SimConfig { users: 40, seed, rate_limit, odd_users: false, ..config() };
    DomainSpec::new(name, licence, config)
}

/// A tenancy's only domain.
pub(crate) fn one() -> Vec<DomainSpec> {
    vec![spec("Default", "premium", 1)]
}

pub(crate) fn names(report: &Value) -> Vec<&str> {
    report["domains"].as_array().unwrap().iter().map(|domain| domain["name"].as_str().unwrap()).collect()
}

pub(crate) fn domain<'r>(report: &'r Value, name: &str) -> &'r Value {
    report["domains"].as_array().unwrap().iter().find(|domain| domain["name"] == name).unwrap()
}

#[test]
fn every_domain_of_every_compartment_is_found_and_read() {
    let mut specs: Vec<_> = (0..9)
        .map(|number| {
            spec(&format!("Domain{number}"), if number % 2 == 0 { "free" } else { "premium" }, number)
        })
        .collect();
    for (place, spec) in specs.iter_mut().enumerate() {
        spec.compartment = place % 5;
    }
    // Pages of three items: compartments and domains come in several.
    let whole = Whole::start(EstateConfig { compartments: 4, page: 1, ..EstateConfig::new(specs) });
    let (run, report) = whole.report(&[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(names(&report), (0..9).map(|number| format!("Domain{number}")).collect::<Vec<_>>());
    assert_same(&ids(&report), &whole.truth());
    assert_eq!(report["complete"], true);
    assert_eq!(domain(&report, "Domain1")["licence"], "premium");
    assert_eq!(domain(&report, "Domain1")["home_region"], "us-ashburn-1");
    for sim in whole.estate.domains() {
        assert_eq!(sim.stats().rate_limited(), 0);
    }
    let people = report["people"].as_array().unwrap();
    let person = people.iter().find(|person| person["email"] == "person14@example.com").unwrap();
    assert_eq!(person["users"].as_array().unwrap().len(), 9, "the same mail address in nine domains");
}

#[test]
fn a_lost_domain_costs_no_other_one() {
    let mut specs = vec![
        spec("Default", "free", 1),
        spec("Asleep", "free", 2),
        spec("Away", "premium", 3),
        spec("Gone", "free", 4),
    ];
    specs[1].state = "INACTIVE";
    specs[2].place = Place::HomeRegion;
    specs[3].place = Place::Nowhere;
    let whole = Whole::start(EstateConfig::new(specs));
    let (run, report) = whole.report(&["--retries", "0"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(report["complete"], false);
    assert_eq!(domain(&report, "Default")["complete"], true);
    assert_eq!(domain(&report, "Away")["complete"], true, "read in its home region");
    let reason =
        |name: &str| domain(&report, name)["users"]["coverage"]["reason"].as_str().unwrap().to_owned();
    assert!(reason("Asleep").contains("INACTIVE"), "{}", reason("Asleep"));
    assert!(reason("Gone").contains("no connection"), "{}", reason("Gone"));
    let table = whole.audit(&["--retries", "0"]);
    assert!(table.stdout.contains("INACTIVE") && table.stdout.contains("NOT COMPLETE"), "{}", table.stdout);
    let wide = whole.audit(&["--retries", "0", "--format", "wide-csv"]);
    assert!(wide.stdout.contains("NOT COMPLETE: users of Gone"), "{}", wide.stdout);
    let (run, report) = whole.report(&["--exclude-domain", "gone", "--exclude-domain", "Asleep"]);
    assert_eq!((run.code, names(&report)), (0, vec!["Away", "Default"]));
}

#[test]
fn what_may_not_be_searched_is_a_gap() {
    let specs = || vec![spec("Default", "free", 1)];
    let whole = Whole::start(EstateConfig { denied_compartments: vec![1], ..EstateConfig::new(specs()) });
    let (run, report) = whole.report(&[]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(report["gaps"][0]["what"], "list the domains of the compartment team-1");
    assert!(report["gaps"][0]["hint"].as_str().unwrap().contains("read domains"));
    assert!(report["gaps"][0]["request_id"].as_str().unwrap().starts_with("SIMULATED/"));
    let table = whole.audit(&[]);
    assert!(table.stdout.contains("More domains may exist"), "{}", table.stdout);
    let csv = whole.audit(&["--format", "csv"]).stdout;
    assert!(
        csv.lines().nth(1).unwrap().contains("could not list the domains of the compartment team-1"),
        "{csv}"
    );
    let whole = Whole::start(EstateConfig { compartments_denied: true, ..EstateConfig::new(specs()) });
    let (run, report) = whole.report(&[]);
    assert_eq!(run.code, 3);
    assert_eq!(report["domains"].as_array().unwrap().len(), 1, "what may be searched is searched");
    let everything = EstateConfig { denied_compartments: vec![0, 1, 2], ..EstateConfig::new(specs()) };
    let run = Whole::start(everything).audit(&[]);
    assert_eq!(run.code, 4, "{run:?}");
}

#[test]
fn domains_are_chosen_by_name_ocid_url_and_compartment() {
    let mut specs = vec![spec("Default", "free", 1), spec("Partners", "premium", 2)];
    specs[1].compartment = 2;
    let whole = Whole::start(EstateConfig::new(specs));
    let url = whole.estate.domains()[1].url().to_owned();
    let chosen = |args: &[&str]| {
        names(&whole.report(args).1).iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(chosen(&["--domain", "partners"]), ["Partners"]);
    assert_eq!(chosen(&["--domain", &url]), ["Partners"]);
    assert_eq!(chosen(&["--domain", "ocid1.domain.oc1..aaaaaaaasimulatedtenancydomain0"]), ["Default"]);
    assert_eq!(chosen(&["--compartment", "team-2"]), ["Partners"]);
    assert_eq!(chosen(&["--compartment", "root"]), ["Default"]);
    let run = whole.audit(&["--domain", "Partner"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("the domains are: Default, Partners"), "{}", run.stderr);
    let run = whole.audit(&["--compartment", "team-9"]);
    assert!(run.stdout.contains("find the compartment team-9"), "{}", run.stdout);
}

#[test]
fn several_tenancies_are_one_report() {
    let one = Whole::start(EstateConfig::new(vec![spec("Default", "free", 1)]));
    // The second profile has a key of its own in the same tenancy: its domain is found once.
    let text = std::fs::read_to_string(&one.files.config).unwrap();
    let again = text.lines().skip(2).collect::<Vec<_>>().join("\n");
    std::fs::write(&one.files.config, format!("{text}\n[AGAIN]\n{again}\n")).unwrap();
    let (run, report) = one.report(&["--profile", "DEFAULT", "--profile", "AGAIN"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(names(&report), ["Default"]);
    assert_eq!(report["domains"][0]["profile"], "DEFAULT");
    assert_same(&ids(&report), &one.truth());
}

/// A tenancy of 20 domains of all licences, each at its own limit, some of which answer for one user at a time; the last
/// one is lost.
fn twenty(tenancy: &str, seed: u64) -> EstateConfig {
    let licences = [
        ("free", RateLimit::Free),
        ("oracle-apps", RateLimit::OracleApps),
        ("premium", RateLimit::Premium),
        ("external-user", RateLimit::ExternalUser),
    ];
    let mut specs: Vec<_> = (0..20)
        .map(|number| {
            let (licence, rate_limit) = licences[number % 4];
            let mut spec =
                spec(&format!("Domain{number:02}"), licence, seed + u64::try_from(number).unwrap());
            spec.compartment = number % 3;
            spec.config = SimConfig { users: 12, rate_limit, ..spec.config };
            if number % 3 == 0 {
                spec.config.listing = ListingPolicies::credentials(ListingPolicy::OneUser);
            }
            spec
        })
        .collect();
    specs[19].place = Place::Nowhere;
    EstateConfig { tenancy: tenancy.to_owned(), ..EstateConfig::new(specs) }
}

#[test]
fn two_profiles_of_twenty_domains_each_stay_within_every_limit() {
    let one = Whole::start(twenty("ocid1.tenancy.oc1..aaaaone", 1));
    let two = Whole::start(twenty("ocid1.tenancy.oc1..aaaatwo", 101));
    one.estate.serve_neighbour(&two.estate);
    let text = std::fs::read_to_string(&one.files.config).unwrap();
    let second = std::fs::read_to_string(&two.files.config).unwrap();
    let second = second.lines().skip(2).collect::<Vec<_>>().join("\n");
    std::fs::write(&one.files.config, format!("{text}\n[TWO]\n{second}\n")).unwrap();
    let (run, report) = one.report(&["--profile", "DEFAULT", "--profile", "TWO", "--retries", "1"]);
    assert_eq!(run.code, 3, "two domains are lost: {}", run.stderr);
    assert_eq!(report["domains"].as_array().unwrap().len(), 40);
    let lost: Vec<_> =
        report["domains"].as_array().unwrap().iter().filter(|domain| domain["complete"] != true).collect();
    assert_eq!(lost.len(), 2, "and cost no other one");
    assert!(lost.iter().all(|domain| domain["name"].as_str().unwrap() == "Domain19"));
    let truth: BTreeSet<_> = one.truth().union(&two.truth()).cloned().collect();
    assert_same(&ids(&report), &truth);
    for sim in one.estate.domains().iter().chain(two.estate.domains()) {
        assert_eq!(sim.stats().rate_limited(), 0);
    }
}

#[test]
fn the_domains_are_listed() {
    let mut specs = vec![spec("Default", "free", 1), spec("Partners", "premium", 2)];
    specs[1].state = "INACTIVE";
    let whole = Whole::start(EstateConfig::new(specs));
    let run = finish(whole.command(&["domains"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("16/s 120/m") && run.stdout.contains("Problems"), "{}", run.stdout);
    let run = finish(whole.command(&["domains", "--format", "json"]));
    let json = run.json();
    assert_eq!(json["schema"], "credage.domains/v1");
    assert_eq!(json["domains"][1]["state"], "INACTIVE");
    assert_eq!(json["domains"][0]["replica_regions"][0], "eu-frankfurt-1");
    assert_eq!(whole.estate.domains()[0].stats().requests, 0, "no domain is asked");
}

#[test]
fn an_inventory_is_saved_and_assessed_again_offline() {
    let whole =
        Whole::start(EstateConfig::new(vec![spec("Default", "free", 1), spec("Partners", "premium", 2)]));
    let path = whole.dir.path().join("inventory.json.zst");
    let path = path.to_str().unwrap();
    let (run, live) = whole.report(&["--save", path]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let truth = whole.truth();
    let Whole { estate, dir: _dir, .. } = whole;
    drop(estate);
    let replay = |args: &[&str]| {
        let mut command = credage();
        command.args(["audit", "--format", "json", "--from", path]).args(args);
        finish(command)
    };
    let again = replay(&["--as-of", NOW]).json();
    assert_eq!(again["credentials"], live["credentials"]);
    assert_eq!(again["domains"], live["domains"]);
    assert!(again["collected_at"].is_string());
    assert_same(&ids(&again), &truth);
    let later = replay(&["--as-of", "2027-06-01", "--max-age", "30d", "--warn-before", "5d"]).json();
    assert_eq!(later["summary"]["fresh"], 0, "{}", later["summary"]);
    let fewer = replay(&["--as-of", NOW, "--kind", "api_key", "--domain", "Partners"]).json();
    assert_eq!(fewer["domains"].as_array().unwrap().len(), 1);
    assert!(fewer["credentials"].as_array().unwrap().iter().all(|each| each["kind"] == "api_key"));
}

#[test]
fn a_saved_file_that_cannot_be_used_is_said_why() {
    let whole = Whole::start(EstateConfig::new(vec![spec("Default", "free", 1)]));
    let path = whole.dir.path().join("inventory.json.zst");
    let path = path.to_str().unwrap();
    assert_eq!(whole.audit(&["--save", path]).code, 0);
    let good = std::fs::read(path).unwrap();
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 0xff;
    let newer = r#"{"schema":"credage.inventory/v7","written_by":"credage 9.1.0","inventory":[]}"#;
    let newer = zstd::encode_all(newer.as_bytes(), 3).unwrap();
    let cases: [(&[u8], &str, bool); 7] = [
        (b"", "it is empty", true),
        (b"domain,user_name\n", "not packed with Zstandard", true),
        (&good[..good.len() / 2], "it is damaged", true),
        (&good[..good.len() - 1], "it is damaged", true),
        (&changed, "it is damaged", true),
        (&zstd::encode_all(&b"[]"[..], 3).unwrap(), "no inventory that credage saved", true),
        (
            &newer,
            "credage.inventory/v7, and this version of credage knows credage.inventory/v1 at most; use the credage that wrote it (credage 9.1.0)",
            false,
        ),
    ];
    for (bytes, said, hint) in cases {
        std::fs::write(path, bytes).unwrap();
        let mut command = credage();
        command.args(["audit", "--from", path]);
        let run = finish(command);
        assert_eq!(run.code, 2, "{said}: {run:?}");
        assert!(run.stderr.contains(said) && run.stderr.contains(path), "{said}: {}", run.stderr);
        assert_eq!(run.stderr.contains("hint:"), hint, "{}", run.stderr);
        assert!(run.stdout.is_empty());
    }
    std::fs::remove_file(path).unwrap();
    let mut command = credage();
    command.args(["audit", "--from", path]);
    assert_eq!(finish(command).code, 2);
    // What --user leaves out would be missing from the file, and nobody could see that.
    let run = whole.audit(&["--save", path, "--user", "svc-*"]);
    assert!(run.code == 2 && run.stderr.contains("--save"), "{run:?}");
}

#[test]
fn a_saved_file_of_several_profiles_is_narrowed_as_a_live_run_is() {
    let one = Whole::start(EstateConfig::new(vec![spec("Default", "free", 1), spec("Partners", "free", 2)]));
    let text = std::fs::read_to_string(&one.files.config).unwrap();
    let again = text.lines().skip(2).collect::<Vec<_>>().join("\n");
    std::fs::write(&one.files.config, format!("{text}\n[AGAIN]\n{again}\n")).unwrap();
    let path = one.dir.path().join("inventory.json.zst");
    let path = path.to_str().unwrap();
    let run = one.audit(&["--profile", "DEFAULT", "--profile", "AGAIN", "--save", path]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let with_port = one.estate.domains()[1].url().to_owned() + "/";
    for asked in ["partners", "DEFAULT/Partners", with_port.as_str()] {
        let mut command = credage();
        command.args(["audit", "--as-of", NOW, "--format", "json", "--from", path, "--domain", asked]);
        let run = finish(command);
        assert_eq!(run.code, 0, "{asked}: {}", run.stderr);
        assert_eq!(names(&run.json()), ["Partners"], "{asked}");
    }
}
