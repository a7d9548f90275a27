//! The example is a policy, as it is and with everything in it that can be tried.

use jiff::civil::date;

use super::*;

const NOW: &str = "2026-06-01T12:00:00Z";

fn policy(text: &str) -> Policy {
    let source = ConfigSource::new("credage.toml", text);
    check(Some(&source), &Overrides::default(), NOW.parse().unwrap())
        .unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// The example without the marks in front of settings.
fn tried(text: &str) -> String {
    let setting = |line: &str| {
        let mark = line.strip_prefix('#').filter(|rest| !rest.is_empty() && !rest.starts_with([' ', ':']));
        format!("{}\n", mark.unwrap_or(line))
    };
    text.lines().map(setting).collect()
}

#[test]
fn as_it_is_it_says_the_defaults() {
    let text = example(date(2026, 9, 1));
    let (example, usual) = (policy(&text), Policy::default());
    assert_eq!(example.limits(), usual.limits());
    assert_eq!((example.rules(), example.boundary()), (usual.rules(), usual.boundary()));
    assert_eq!(example.max_waiver(), usual.max_waiver());
    assert!(example.classes().is_empty() && example.waivers().is_empty());
    assert!(text.starts_with("#:schema https://"), "editors find the schema");
}

#[test]
fn everything_that_can_be_tried_is_right() {
    let text = tried(&example(date(2026, 9, 1)));
    let policy = policy(&text);
    assert_eq!(policy.boundary().zone(), Some("Europe/Berlin"));
    let age = |kind| policy.limits().of(kind).max_age().map(Days::get);
    assert_eq!((age(crate::Kind::ApiKey), age(crate::Kind::SmtpCredential)), (Some(60), Some(84)));
    let names: Vec<&str> = policy.classes().iter().map(|class| class.name.as_str()).collect();
    assert_eq!(names, ["pipelines", "machines"]);
    assert_eq!(policy.classes()[1].limits.of(crate::Kind::Oauth2ClientCredential).max_age(), None);
    assert_eq!(policy.waivers()[0].until, date(2026, 9, 1));
    assert_eq!(policy.rule("excess-api-keys").unwrap().values.iter().next().unwrap().1.to_string(), "2");
    let document = text.parse::<toml::Table>().unwrap();
    let channels = document["channel"].as_array().unwrap();
    let types: Vec<&str> = channels.iter().map(|channel| channel["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["email", "email", "oci-notifications", "slack", "webhook"]);
}

#[test]
fn limits_know_where_they_come_from() {
    let policy = policy(
        "[rotation]\nwarn_before = \"10d\"\n[rotation.smtp_credential]\nexempt = true\n[rotation.api_key]\nmax_age = 60\n\
         [[class]]\nname = \"m\"\nmatch = { service_user = true }\nmax_age = 30\n[class.api_key]\nwarn_before = 5\n",
    );
    let origins = |class, kind| {
        let of = policy.limit_origins(class, kind);
        (of.age.to_string(), of.warning.to_string())
    };
    let line = |number: u32| format!("credage.toml line {number}");
    assert_eq!(origins(None, None), ("default".to_owned(), line(2)));
    assert_eq!(origins(None, Some(crate::Kind::SmtpCredential)), (line(4), line(2)));
    assert_eq!(origins(None, Some(crate::Kind::ApiKey)), (line(6), line(2)));
    assert_eq!(origins(Some("m"), None), (line(10), line(2)));
    assert_eq!(origins(Some("m"), Some(crate::Kind::ApiKey)), (line(10), line(12)));
}
