//! What there is to tell, before anybody has decided how: owned, complete, and the same for every channel.

mod assessed;
mod sample;

pub use credage_core::remedy::Step;
use credage_core::{DueReason, Kind, Level, Standing};
use jiff::Timestamp;

/// What an audit found, most urgent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// The instant of the judgement.
    pub as_of: Timestamp,
    /// The OCIDs of the tenancies, as far as they are known.
    pub tenancies: Vec<String>,
    /// The domains that were asked.
    pub domains: Vec<DigestDomain>,
    /// Days from which on a credential is overdue, where no class or kind says otherwise; nothing where age does not
    /// matter.
    pub max_age_days: Option<u32>,
    /// Days before it is due from which on a credential is due soon.
    pub warn_before_days: u32,
    /// How many credentials stand how.
    pub counts: Counts,
    /// Every credential that is neither fresh nor waived, most urgent first.
    pub items: Vec<Item>,
    /// What could not be read. Where there is something, absence proves nothing.
    pub problems: Vec<Problem>,
    /// Whether it is made up, to try a channel.
    pub sample: bool,
}

/// A domain by name and URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestDomain {
    /// Its name.
    pub name: String,
    /// Its URL.
    pub url: String,
}

/// How many credentials stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Past their own expiry.
    pub expired: u64,
    /// Past the policy's maximum age.
    pub overdue: u64,
    /// Inside the warning window.
    pub due_soon: u64,
    /// Without a usable date.
    pub unknown: u64,
    /// None of these.
    pub fresh: u64,
    /// Excepted by a waiver.
    pub waived: u64,
}

/// One credential that somebody should do something about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub standing: Standing,
    /// How grave the rules find it, where one speaks.
    pub level: Option<Level>,
    /// Which of the six kinds.
    pub kind: Kind,
    /// What people call it.
    pub description: Option<String>,
    /// The SCIM id.
    pub credential_id: String,
    /// Of API keys.
    pub fingerprint: Option<String>,
    /// The owner's user name; empty where nobody knows it.
    pub user_name: String,
    /// The owner's SCIM id.
    pub user_id: String,
    /// The owner's mail address.
    pub user_email: Option<String>,
    /// The domain's name.
    pub domain: String,
    /// The domain's URL.
    pub domain_url: String,
    /// When it is due.
    pub due_on: Option<Timestamp>,
    /// Because of what.
    pub due_reason: Option<DueReason>,
    /// Whole days until then; 0 or less once it is due.
    pub days_left: Option<i64>,
    /// Whole days since its age basis.
    pub age_days: Option<i64>,
    /// Why it has no usable date.
    pub undated: Option<String>,
    /// What to do, in this order.
    pub steps: Vec<Step>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The domain; none where domains were looked for in vain.
    pub domain: Option<String>,
    /// A kind, `users`, or what could not be searched.
    pub what: String,
    /// `partial`, `unconfirmed`, `unreadable`, `gap`, or `undecided` for a class or waiver.
    pub verdict: &'static str,
    /// The HTTP status that stood in the way.
    pub status: Option<u16>,
    /// What happened, with the numbers.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
    /// `opc-request-id`.
    pub request_id: Option<String>,
}

impl Digest {
    /// Whether somebody should hear of it: of a credential, or of something unread.
    pub const fn has_news(&self) -> bool {
        !self.problems.is_empty() || !self.items.is_empty()
    }

    /// Whether everything that was asked for was read.
    pub const fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }

    /// The same about these credentials alone: their numbers, and nothing of what could not be read.
    #[must_use]
    pub fn only(&self, items: Vec<Item>) -> Self {
        let mut counts = Counts::default();
        for item in &items {
            counts.count(item.standing);
        }
        Self { counts, items, problems: Vec::new(), ..self.without_items() }
    }

    /// The same about the credentials that pass; the numbers stay those of everything.
    #[must_use]
    pub fn keeping(&self, keep: impl Fn(&Item) -> bool) -> Self {
        let items = self.items.iter().filter(|item| keep(item)).cloned().collect();
        Self { items, problems: self.problems.clone(), ..self.without_items() }
    }

    fn without_items(&self) -> Self {
        Self {
            as_of: self.as_of,
            tenancies: self.tenancies.clone(),
            domains: self.domains.clone(),
            max_age_days: self.max_age_days,
            warn_before_days: self.warn_before_days,
            counts: self.counts,
            items: Vec::new(),
            problems: Vec::new(),
            sample: self.sample,
        }
    }
}

impl Counts {
    const fn count(&mut self, standing: Standing) {
        match standing {
            Standing::Expired => self.expired += 1,
            Standing::Overdue => self.overdue += 1,
            Standing::DueSoon => self.due_soon += 1,
            Standing::Unknown => self.unknown += 1,
            Standing::Waived => self.waived += 1,
            Standing::Fresh => self.fresh += 1,
        }
    }
}
