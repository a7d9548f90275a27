//! What `credage doctor` found out before the first audit: checks in groups, and what they mean for an audit.
//!
//! A check never stops those after it; one that makes no sense because of another says so and is `skipped`.

use crate::coverage::Listing;
use crate::kind::Kind;

/// Everything that was looked at, in the order in which it is told.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Examination {
    /// The groups.
    pub groups: Vec<Group>,
}

/// Checks of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is about.
    pub topic: Topic,
    /// Its heading, such as the name of a domain.
    pub title: String,
    /// The checks.
    pub checks: Vec<Check>,
    /// The domain, where it is about one.
    pub domain: Option<DomainFacts>,
}

/// What a group is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Profile, key, session.
    SigningIn,
    /// Proxy, authorities, name resolution, connections, clock.
    Network,
    /// The search for domains.
    Discovery,
    /// One domain.
    Domain,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// A lasting name for it, such as `clock`, or the name of a kind.
    pub subject: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// Whether a problem is one of usage or configuration, which ends an audit before it begins.
    pub misuse: bool,
    /// Whether an audit would call it unconfirmed, which a strict policy does not tolerate.
    pub unconfirmed: bool,
    /// What was found; of a skipped check, why it was not looked at.
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// IAM policy statements that grant what is missing.
    pub statements: Vec<String>,
    /// What about the remedy is not certain.
    pub uncertain: Option<String>,
    /// Oracle's id of the request that failed.
    pub request_id: Option<String>,
}

/// How something is, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Not looked at, for the reason in the check's detail.
    Skipped,
    /// An audit works all the same.
    Warning,
    /// An audit would be incomplete, or would not begin.
    Problem,
}

/// What was found out about a domain.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DomainFacts {
    /// Its URL.
    pub url: String,
    /// Its OCID, where discovery found it.
    pub ocid: Option<String>,
    /// Its licence type in the words of the Identity service.
    pub licence: Option<String>,
    /// Requests a second and a minute that an audit allows itself; nothing without a limit.
    pub budget: Option<(u32, u32)>,
    /// How many users it has.
    pub users: Option<u64>,
    /// How each kind can be listed.
    pub kinds: Vec<KindFacts>,
    /// What an audit takes, where every kind can be listed.
    pub estimate: Option<Estimate>,
}

/// How a kind can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindFacts {
    /// The kind.
    pub kind: Kind,
    /// The listing that answers; nothing where none does.
    pub listing: Option<Listing>,
    /// How many credentials there are, where a listing tells.
    pub total: Option<u64>,
}

/// About how much an audit of a domain takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Requests.
    pub requests: u64,
    /// Seconds for these at the domain's pace; network and retries come on top.
    pub seconds: u64,
}

/// What an audit would come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prospect {
    /// It can read everything that it finds.
    Complete,
    /// Usage or configuration ends it before it begins.
    Misuse,
    /// Something cannot be read, or cannot be looked for.
    Incomplete,
    /// Nothing can be read at all.
    Nothing,
}

impl Examination {
    /// The same under a strict policy: what an audit would call unconfirmed makes it incomplete.
    #[must_use]
    pub fn strictly(mut self) -> Self {
        for check in
            self.groups.iter_mut().flat_map(|group| &mut group.checks).filter(|check| check.unconfirmed)
        {
            check.verdict = Verdict::Problem;
        }
        self
    }
}

impl Check {
    fn new(subject: &'static str, verdict: Verdict, detail: impl Into<String>) -> Self {
        Self {
            subject,
            verdict,
            misuse: false,
            unconfirmed: false,
            detail: detail.into(),
            remedy: None,
            statements: Vec::new(),
            uncertain: None,
            request_id: None,
        }
    }

    /// It is as it should be.
    pub fn ok(subject: &'static str, detail: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Ok, detail)
    }

    /// It was not looked at, for this reason.
    pub fn skipped(subject: &'static str, reason: impl Into<String>) -> Self {
        Self::new(subject, Verdict::Skipped, reason)
    }

    /// It works, and should be mended all the same.
    pub fn warning(subject: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..Self::new(subject, Verdict::Warning, detail) }
    }

    /// It stands in the way of a complete audit.
    pub fn problem(subject: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..Self::new(subject, Verdict::Problem, detail) }
    }

    /// It is a mistake in usage or configuration, which an audit ends with.
    pub fn misuse(subject: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { misuse: true, ..Self::problem(subject, detail, remedy) }
    }
}

impl Verdict {
    /// All verdicts, from best to worst.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Skipped, Self::Warning, Self::Problem];

    /// `ok`, `skipped`, `warning` or `problem`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl Topic {
    /// `signing_in`, `network`, `discovery` or `domain`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SigningIn => "signing_in",
            Self::Network => "network",
            Self::Discovery => "discovery",
            Self::Domain => "domain",
        }
    }
}

impl Prospect {
    /// `complete`, `misuse`, `incomplete` or `nothing`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Misuse => "misuse",
            Self::Incomplete => "incomplete",
            Self::Nothing => "nothing",
        }
    }
}

impl Group {
    /// A group without checks so far.
    pub fn new(topic: Topic, title: impl Into<String>) -> Self {
        Self { topic, title: title.into(), checks: Vec::new(), domain: None }
    }
}

impl Examination {
    /// All checks.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.groups.iter().flat_map(|group| &group.checks)
    }

    /// How many checks ended so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks().filter(|check| check.verdict == verdict).count()
    }

    /// Everything that is to be granted, each statement once.
    pub fn statements(&self) -> Vec<&str> {
        let mut all: Vec<&str> = Vec::new();
        for statement in self.checks().flat_map(|check| &check.statements) {
            if !all.contains(&statement.as_str()) {
                all.push(statement);
            }
        }
        all
    }

    /// What an audit would come to.
    pub fn prospect(&self) -> Prospect {
        let mut problems = self.checks().filter(|check| check.verdict == Verdict::Problem).peekable();
        let some = problems.peek().is_some();
        if problems.any(|check| check.misuse) {
            return Prospect::Misuse;
        }
        let mut kinds =
            self.groups.iter().filter_map(|group| group.domain.as_ref()).flat_map(|domain| &domain.kinds);
        match (some, kinds.any(|kind| kind.listing.is_some())) {
            (false, _) => Prospect::Complete,
            (true, true) => Prospect::Incomplete,
            (true, false) => Prospect::Nothing,
        }
    }

    /// What an audit of all domains takes: the requests of all, and the time of the slowest, since all are read at once.
    /// Nothing where one of them is not known.
    pub fn estimate(&self) -> Option<Estimate> {
        let domains = self.groups.iter().filter_map(|group| group.domain.as_ref());
        let each = domains.map(|domain| domain.estimate).collect::<Option<Vec<_>>>()?;
        let seconds = each.iter().map(|estimate| estimate.seconds).max()?;
        Some(Estimate { requests: each.iter().map(|estimate| estimate.requests).sum(), seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(listing: Option<Listing>, checks: Vec<Check>, requests: Option<u64>) -> Group {
        let kinds = vec![KindFacts { kind: Kind::ApiKey, listing, total: None }];
        let estimate = requests.map(|requests| Estimate { requests, seconds: requests * 2 });
        let facts = DomainFacts { kinds, estimate, ..DomainFacts::default() };
        Group { checks, domain: Some(facts), ..Group::new(Topic::Domain, "Default") }
    }

    fn prospect(groups: Vec<Group>) -> Prospect {
        Examination { groups }.prospect()
    }

    #[test]
    fn problems_decide_what_an_audit_comes_to() {
        let (whole, bad) = (Some(Listing::Whole), || Check::problem("smtp_credential", "403", "grant it"));
        let warned = vec![Check::ok("a", ""), Check::warning("b", "", ""), Check::skipped("c", "")];
        assert_eq!(prospect(vec![domain(whole, warned, None)]), Prospect::Complete);
        assert_eq!(prospect(vec![domain(whole, vec![bad()], None)]), Prospect::Incomplete);
        assert_eq!(prospect(vec![domain(None, vec![bad()], None)]), Prospect::Nothing);
        let other = domain(whole, vec![], None);
        assert_eq!(prospect(vec![domain(None, vec![bad()], None), other]), Prospect::Incomplete);
        let misuse = Check::misuse("profile", "", "");
        assert_eq!(prospect(vec![domain(whole, vec![bad(), misuse], None)]), Prospect::Misuse);
    }

    #[test]
    fn statements_are_told_once_and_estimates_only_where_all_are_known() {
        let lacking = |text: &str| Check { statements: vec![text.to_owned()], ..Check::problem("x", "", "") };
        let groups = vec![
            domain(None, vec![lacking("one"), lacking("two"), lacking("one")], Some(3)),
            domain(None, vec![], Some(5)),
        ];
        let examination = Examination { groups };
        assert_eq!(examination.statements(), ["one", "two"]);
        assert_eq!(examination.estimate(), Some(Estimate { requests: 8, seconds: 10 }));
        let unknown = Examination { groups: vec![domain(None, vec![], Some(1)), domain(None, vec![], None)] };
        assert_eq!(unknown.estimate(), None);
        assert_eq!(Examination::default().estimate(), None);
    }
}
