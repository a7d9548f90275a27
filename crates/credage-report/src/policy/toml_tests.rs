use credage_core::policy::{Origin, Overrides, example, read};
use credage_core::{ConfigSource, Days, Policy};
use proptest::prelude::*;

use super::*;

const NOW: &str = "2026-06-01T12:00:00Z";

fn parse(text: &str, overrides: &Overrides) -> Policy {
    let source = ConfigSource::new("credage.toml", text);
    read(Some(&source), overrides, NOW.parse().unwrap()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Everything that decides anything: without lines and origins.
fn essence(policy: &Policy) -> impl PartialEq + std::fmt::Debug {
    let classes: Vec<Class> = policy.classes().iter().map(|each| Class { line: 0, ..each.clone() }).collect();
    let waivers: Vec<Waiver> =
        policy.waivers().iter().map(|each| Waiver { line: 0, ..each.clone() }).collect();
    let confirmations: Vec<ConfirmedEmpty> =
        policy.confirmations().iter().map(|each| ConfirmedEmpty { line: 0, ..each.clone() }).collect();
    let limits = policy.limits().clone();
    let rest = (policy.rules().to_vec(), policy.max_waiver(), policy.boundary().clone(), policy.strict());
    (limits, classes, waivers, confirmations, rest)
}

fn reads_back(policy: &Policy) {
    let mut text = Vec::new();
    render_toml(policy, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let again = parse(&text, &Overrides::default());
    assert_eq!(format!("{:?}", essence(policy)), format!("{:?}", essence(&again)), "{text}");
}

#[test]
fn defaults_and_everything_else_read_back() {
    reads_back(&Policy::default());
    let mark = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', ':']) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    let everything: String = example(jiff::civil::date(2026, 9, 1)).lines().map(mark).collect();
    reads_back(&parse(&everything, &Overrides::default()));
    let flag = Some((Days::literal(40), Origin::Flag("--max-age")));
    reads_back(&parse(&everything, &Overrides { max_age: flag, ..Overrides::default() }));
    reads_back(&parse(
        "[rotation]\nexempt = true\n[rotation.api_key]\nmax_age = 60\n[rotation.auth_token]\nexempt = true\nwarn_before = 3\n\
         [[class]]\nname = \"a \\\"b\\\" ü\"\nmatch = { tag = { \"Ops.Team\" = \"data-*\" }, group = [\"A\", \"B\"] }\nexempt = false\n\
         [class.smtp_credential]\nexempt = true\n[[class]]\nname = \"x\"\nmatch = { user = \"Ada\" }\npriority = -1\n\
         [rules]\nstale-owner = \"off\"\n[rules.administrator-api-key]\ngroups = [\"Admins-*\"]\napp_roles = []\n\
         [[waiver]]\ncredential = [\"aa:bb\", \"1\"]\ndomain = \"Default\"\nrule = \"rotation-overdue\"\nreason = \"a\\nb\"\n\
         approved_by = \"c\"\nuntil = \"2026-07-01\"\n\
         [[confirmed_empty]]\nall = true\ndomain = [\"ocid1.domain.oc1..Aa\", \"https://A.example.com:443/\"]\nreason = \"r\"\n\
         ticket = \"T\"\napproved_by = \"c\"\nuntil = 2026-07-01\n",
        &Overrides::default(),
    ));
}

#[test]
fn what_a_terminal_obeys_is_escaped_and_reads_back() {
    let text =
        "[[class]]\nname = \"a\\u202Eb\\u009Bc\\u007F\"\nmatch = { user = \"x\\u200B*\" }\nexempt = true\n";
    let policy = parse(text, &Overrides::default());
    let mut shown = Vec::new();
    render_toml(&policy, &mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(!shown.chars().any(|c| is_harmful(c) && c != '\n'), "{shown:?}");
    reads_back(&policy);
}

fn limit() -> impl Strategy<Value = String> {
    (0_u8..3, 20_u32..400, 0_u32..20).prop_map(|(sort, age, warn)| match sort {
        0 => format!("max_age = {age}\nwarn_before = {warn}\n"),
        1 => format!("exempt = true\nwarn_before = {warn}\n"),
        _ => String::new(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_limits_read_back(general in limit(), kind in limit(), class in limit(), inner in limit(), other in limit()) {
        reads_back(&parse(
            &format!(
                "[rotation]\n{general}[rotation.api_key]\n{kind}[[class]]\nname = \"m\"\nmatch = {{ service_user = true }}\n\
                 {class}[class.api_key]\n{inner}[class.smtp_credential]\n{other}"
            ),
            &Overrides::default(),
        ));
    }
}
