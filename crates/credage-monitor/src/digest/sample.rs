//! A digest that is made up, to try a channel.

use credage_core::{DueReason, Kind, Standing};
use jiff::{SignedDuration, Timestamp};

use super::steps::steps;
use super::{Counts, Digest, DigestDomain, Item};

const DAY: i64 = 24 * 60 * 60;

impl Digest {
    /// Four credentials that nobody has, one of each standing that is told.
    pub fn sample(now: Timestamp) -> Self {
        let url = "https://idcs-00000000000000000000000000000000.identity.oraclecloud.com";
        let made = [
            (Standing::Expired, Kind::AuthToken, "container registry", -3),
            (Standing::Overdue, Kind::ApiKey, "deploy key", -12),
            (Standing::DueSoon, Kind::CustomerSecretKey, "backup", 9),
            (Standing::Unknown, Kind::SmtpCredential, "mailer", 0),
        ];
        let items = made.into_iter().zip(1_u32..).map(|((standing, kind, description, days), number)| {
            let dated = standing != Standing::Unknown;
            let reason = if standing == Standing::Expired { DueReason::Expiry } else { DueReason::Policy };
            let mut item = Item {
                standing,
                level: None,
                waived: false,
                kind,
                description: Some(description.to_owned()),
                credential_id: format!("{number:032x}"),
                fingerprint: None,
                user_name: "ada@example.com".to_owned(),
                user_id: format!("{:032x}", 0xada),
                user_email: Some("ada@example.com".to_owned()),
                domain: "Sample".to_owned(),
                domain_url: url.to_owned(),
                due_on: now.checked_add(SignedDuration::from_secs(days * DAY)).ok().filter(|_| dated),
                due_reason: dated.then_some(reason),
                days_left: dated.then_some(days),
                age_days: dated.then_some(90 - days),
                undated: (!dated).then(|| "the domain gives no creation date".to_owned()),
                steps: Vec::new(),
            };
            item.steps = steps(&item);
            item
        });
        Self {
            as_of: now,
            tenancies: Vec::new(),
            domains: vec![DigestDomain { name: "Sample".to_owned(), url: url.to_owned() }],
            max_age_days: 90,
            warn_before_days: 15,
            counts: Counts { expired: 1, overdue: 1, due_soon: 1, unknown: 1, fresh: 40, waived: 0 },
            items: items.collect(),
            problems: Vec::new(),
            sample: true,
        }
    }
}
