use super::mails::render;
use super::*;
use crate::digest::{Item, Problem};

fn ops() -> Vec<Mailbox> {
    vec!["Operations <ops@example.com>".parse().unwrap()]
}

fn owned(email: Option<&str>, item: &Item) -> Item {
    Item { user_email: email.map(str::to_owned), ..item.clone() }
}

fn digest(emails: &[Option<&str>]) -> Digest {
    let sample = Digest::sample("2026-06-01T12:00:00Z".parse().unwrap());
    let items = emails.iter().map(|email| owned(*email, &sample.items[0])).collect();
    Digest { problems: Vec::new(), ..sample.only(items) }
}

fn to_owners(digest: &Digest) -> Vec<(String, usize)> {
    let mails = render(digest, &Recipients::Owners { fallback: ops() }, &[], 50);
    mails.iter().map(|mail| (mail.to.join(","), mail.body().matches("Next steps:").count())).collect()
}

#[test]
fn each_owner_is_told_once_and_of_their_own_alone() {
    let digest = digest(&[Some("ada@example.com"), Some("Ben@Example.com"), Some("ADA@example.com")]);
    assert_eq!(to_owners(&digest), [("ada@example.com".to_owned(), 2), ("ben@example.com".to_owned(), 1)]);
}

#[test]
fn nobody_s_credentials_are_not_lost() {
    let hostile = "eve@example.com\r\nBcc: all@example.com";
    let digest = digest(&[Some("ada@example.com"), None, Some("no address"), Some(hostile), Some("")]);
    let fallback = "Operations <ops@example.com>".to_owned();
    assert_eq!(to_owners(&digest), [("ada@example.com".to_owned(), 1), (fallback.clone(), 4)]);
    let problem = Problem {
        domain: None,
        what: "list domains".to_owned(),
        verdict: "gap",
        status: Some(404),
        reason: "404".to_owned(),
        hint: String::new(),
        request_id: None,
    };
    let gap = Digest { problems: vec![problem], ..digest.only(vec![digest.items[0].clone()]) };
    let mails = render(&gap, &Recipients::Owners { fallback: ops() }, &[], 50);
    assert_eq!(mails.len(), 2, "what could not be read is told to those who can do something about it");
    assert!(mails[1].body().contains("NOT COMPLETE") && !mails[0].body().contains("NOT COMPLETE"));
    let nothing = digest.only(Vec::new());
    assert_eq!(to_owners(&nothing), [(fallback, 0)], "asked for always: that all is well");
}

#[test]
fn the_html_part_is_escaped() {
    let mut digest = digest(&[Some("ada@example.com")]);
    digest.items[0].description = Some("<script>alert(1)</script>".to_owned());
    digest.items[0].user_name = "\"><img src=x>".to_owned();
    let mails = render(&digest, &Recipients::List(ops()), &[], 50);
    let html = &mails[0].parts[1].body;
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("script&#62;") || html.contains("script&gt;"), "{html}");
    assert_eq!(mails[0].parts[0].content_type, "text/plain");
}
