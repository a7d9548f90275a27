use super::*;

fn sample() -> Digest {
    Digest::sample("2026-06-01T12:00:00Z".parse().unwrap())
}

#[test]
fn the_subject_says_the_most_urgent_fact() {
    let page = Page::of(&sample(), Audience::Administrators, 50);
    assert_eq!(
        page.subject,
        "[credage] SAMPLE: 1 expired, 1 overdue, 1 due soon, 1 unknown; first: auth token \"container registry\" of \
         ada@example.com expired on 2026-05-29"
    );
    let mine = Page::of(&sample(), Audience::Owner, 50);
    assert_eq!(
        mine.subject,
        "[credage] SAMPLE: your auth token \"container registry\" expired on 2026-05-29 (and 3 more)"
    );
    let nothing = Digest { counts: Counts { fresh: 7, ..Counts::default() }, ..sample().only(Vec::new()) };
    let page = Page::of(&nothing, Audience::Administrators, 50);
    assert_eq!((page.headline.as_str(), page.entries.len()), ("Nothing is due: 7 fresh.", 0));
}

#[test]
fn dates_and_days_are_said() {
    let page = Page::of(&sample(), Audience::Administrators, 50);
    let when: Vec<_> = page.entries.iter().map(|entry| entry.when.as_str()).collect();
    assert_eq!(
        when,
        [
            "expired on 2026-05-29, 3 days ago; it is 30 days old",
            "overdue since 2026-05-20, 12 days ago (the limit of its age); it is 102 days old",
            "due on 2026-06-10, in 9 days (the limit of its age); it is 81 days old",
            "no usable date: the domain gives no creation date",
        ]
    );
    assert!(page.entries.iter().all(|entry| !entry.steps.is_empty()));
}

#[test]
fn what_does_not_fit_is_counted() {
    let page = Page::of(&sample(), Audience::Administrators, 1);
    assert_eq!(page.entries.len(), 1);
    let more = page.more.unwrap();
    assert!(more.starts_with("… and 3 more (1 overdue, 1 due soon, 1 unknown)."), "{more}");
    let whole = Page::of(&sample(), Audience::Administrators, 4);
    assert_eq!((whole.entries.len(), whole.more), (4, None));
    let problem = Problem {
        domain: Some("Default".to_owned()),
        what: "api_key".to_owned(),
        verdict: "unreadable",
        status: Some(403),
        reason: "403: no rights".to_owned(),
        hint: "ask for them".to_owned(),
        request_id: None,
    };
    let many = Digest { problems: vec![problem; 30], ..sample() };
    let page = Page::of(&many, Audience::Administrators, 4);
    assert_eq!(page.problems.len(), 21);
    assert_eq!(page.problems[20], "and 10 more; see Coverage in the report");
    assert!(page.alarm.unwrap().starts_with("NOT COMPLETE"));
    assert!(Page::of(&many.only(Vec::new()), Audience::Owner, 4).problems.is_empty());
}

#[test]
fn hostile_texts_stay_on_their_line() {
    let mut digest = sample();
    digest.items[0].description = Some("x\r\nBcc: eve@example.com\u{202e}".to_owned());
    digest.items[0].user_name = "a".repeat(5000);
    let page = Page::of(&digest, Audience::Administrators, 50);
    assert!(!page.subject.contains(['\r', '\n', '\u{202e}']));
    assert!(page.subject.chars().count() <= MAX_SUBJECT);
    assert!(page.entries[0].title.contains(r"x\r\nBcc"), "{}", page.entries[0].title);
    assert!(page.entries[0].owner.chars().count() < 300);
}
