//! `credage.explanation/v1`: frozen types of its own. Fields are added at most; a change of meaning is a `v2` beside it.

use schemars::JsonSchema;
use serde::Serialize;

/// Everything that credage knows about one user, credential or finding.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "credage.explanation/v1")]
pub(super) struct ExplanationV1<'a> {
    /// Always `credage.explanation/v1`.
    pub(super) schema: &'static str,
    /// The instant of the judgement (RFC 3339, UTC).
    pub(super) as_of: String,
    /// When the inventory was read, where that was in a run before (`--from`); else null.
    pub(super) collected_at: Option<String>,
    /// What was asked for: `user`, `credential` or `finding`.
    pub(super) thing: &'static str,
    /// Whether everything that bears on it was read. Where it is false, absence proves nothing.
    pub(super) complete: bool,
    /// What bears on it and was not, or not completely, read.
    pub(super) gaps: Vec<GapV1<'a>>,
    /// The policy file; null where there is none.
    pub(super) policy_file: Option<&'a str>,
    /// How days are counted: `instants`, or calendar days in a zone.
    pub(super) boundary: String,
    /// The finding that was asked for.
    pub(super) finding: Option<RuleV1<'a>>,
    /// The credential that was asked for, or that the finding is about.
    pub(super) credential: Option<CredentialV1<'a>>,
    /// The user that was asked for or that the finding is about, or the owner of the credential.
    pub(super) user: Option<UserV1<'a>>,
    /// The waiver that the finding is about.
    pub(super) waiver: Option<WaiverV1<'a>>,
    /// What to do, in this order.
    pub(super) steps: Vec<StepV1>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct GapV1<'a> {
    /// `users` or a kind.
    pub(super) what: &'static str,
    /// `partial` or `unreadable`.
    pub(super) verdict: &'static str,
    /// How much of it was read, in words.
    pub(super) numbers: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) reason: Option<&'a str>,
    /// What to do about it.
    pub(super) hint: Option<&'a str>,
    /// `opc-request-id`.
    pub(super) request_id: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct RuleV1<'a> {
    /// The id of the rule.
    pub(super) rule: &'static str,
    pub(super) title: &'static str,
    /// What a finding means.
    pub(super) meaning: &'static str,
    /// Why that matters.
    pub(super) why: &'static str,
    /// How to mend it, in general.
    pub(super) fix: &'static str,
    /// The finding; null where the rule finds nothing about the thing (any more).
    pub(super) found: Option<FindingV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FindingV1<'a> {
    pub(super) rule: &'static str,
    /// 32 hexadecimal digits: the same for the same rule and thing in every run.
    pub(super) fingerprint: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    pub(super) level: &'static str,
    /// How much is at stake, to order findings of one level by.
    pub(super) risk: u32,
    /// What is so, with dates and limits.
    pub(super) sentence: String,
    /// What it rests on.
    pub(super) facts: Vec<FactV1>,
    /// Controls of the CIS benchmark that it speaks to.
    pub(super) cis: Vec<CisV1>,
    /// The waiver that excepts it.
    pub(super) waiver: Option<WaiverV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct FactV1 {
    pub(super) name: &'static str,
    pub(super) value: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CisV1 {
    /// The version of the CIS OCI Foundations Benchmark.
    pub(super) version: &'static str,
    pub(super) control: &'static str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct WaiverV1<'a> {
    /// Whom and what it means, in words.
    pub(super) means: String,
    pub(super) reason: &'a str,
    pub(super) approved_by: &'a str,
    pub(super) ticket: Option<&'a str>,
    /// The last day on which it holds.
    pub(super) until: String,
    /// Whether it holds now.
    pub(super) holds: bool,
    /// The line of the policy file.
    pub(super) line: usize,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct StepV1 {
    /// In words.
    pub(super) text: String,
    /// The command that does it, for a POSIX shell.
    pub(super) command: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DomainV1<'a> {
    pub(super) name: &'a str,
    pub(super) url: &'a str,
    pub(super) ocid: Option<&'a str>,
    /// The OCID of its tenancy.
    pub(super) tenancy: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct LimitV1 {
    /// Days from which on a credential is overdue; null where age does not matter.
    pub(super) max_age_days: Option<u32>,
    /// The key of the policy that says so.
    pub(super) max_age_key: String,
    /// Where that is given: `default`, a line of the file, an environment variable or an option.
    pub(super) max_age_origin: String,
    /// Days before it is due from which on a credential is due soon.
    pub(super) warn_before_days: u32,
    pub(super) warn_before_key: String,
    pub(super) warn_before_origin: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialV1<'a> {
    pub(super) domain: DomainV1<'a>,
    pub(super) kind: &'static str,
    pub(super) credential_id: &'a str,
    pub(super) description: Option<&'a str>,
    /// Of API keys.
    pub(super) fingerprint: Option<&'a str>,
    /// `meta.created` (RFC 3339), or as the domain wrote it where that is no date.
    pub(super) created: Option<String>,
    /// `lastSetDate` of database passwords.
    pub(super) last_set: Option<String>,
    pub(super) expires_on: Option<String>,
    /// The attribute that its age counts from: `meta.created` or `lastSetDate`.
    pub(super) age_basis: &'static str,
    /// Whole days; null where there is no usable date.
    pub(super) age_days: Option<i64>,
    /// The name of the owner's class; null where the general limits hold, and where the class could not be decided.
    pub(super) class: Option<&'a str>,
    /// The classes that are possible where the class could not be decided, null among them for none: the strictest of their
    /// limits was used. Null where the class is certain.
    pub(super) possible_classes: Option<Vec<Option<&'a str>>>,
    /// What could not be decided about it: classes and waivers, each with what was not read.
    pub(super) undecided: Vec<String>,
    /// Attributes of its row that could not be read, by their names in SCIM.
    pub(super) unreadable: Vec<&'static str>,
    pub(super) limit: Option<LimitV1>,
    /// When its age reaches the limit.
    pub(super) due_by_age: Option<String>,
    pub(super) due_on: Option<String>,
    /// `policy` or `expiry`, whichever came first.
    pub(super) due_reason: Option<&'static str>,
    /// How the due date follows, in words.
    pub(super) reckoning: String,
    /// 0 or less once it is due.
    pub(super) days_left: Option<i64>,
    /// `expired`, `overdue`, `due_soon`, `unknown`, `waived` or `fresh`.
    pub(super) standing: &'static str,
    /// Where it would stand without a waiver.
    pub(super) standing_without_waiver: &'static str,
    /// The waiver because of which it stands as waived.
    pub(super) waiver: Option<WaiverV1<'a>>,
    /// Why it is not, or not fully, dated.
    pub(super) undated: Option<String>,
    /// How well its kind was read in its domain.
    pub(super) coverage: &'static str,
    pub(super) findings: Vec<FindingV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct UserV1<'a> {
    pub(super) domain: DomainV1<'a>,
    /// Empty where nobody knows it.
    pub(super) user_name: &'a str,
    pub(super) user_id: &'a str,
    pub(super) user_ocid: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    /// Whether the user is in the listing of users.
    pub(super) listed: bool,
    pub(super) active: Option<bool>,
    pub(super) service_user: Option<bool>,
    pub(super) federated: Option<bool>,
    pub(super) user_type: Option<&'a str>,
    pub(super) created: Option<String>,
    /// Null for never, and where logins were not read.
    pub(super) last_login: Option<String>,
    /// Whether logins were read.
    pub(super) logins_read: bool,
    /// `enrolled`, `not_enrolled` or `unknown`.
    pub(super) mfa: &'static str,
    /// Whether a password for the console is allowed: `enabled`, `disabled` or `unknown`.
    pub(super) console_password: &'static str,
    /// Null where they were not read; so are roles and tags.
    pub(super) groups: Option<Vec<&'a str>>,
    /// Application roles that administer the domain.
    pub(super) roles: Option<Vec<&'a str>>,
    pub(super) tags: Option<Vec<TagV1<'a>>>,
    /// Attributes that are not known of the user, by their names in SCIM. A null above says "none" only where its attribute is
    /// not among them.
    pub(super) unknown: Vec<&'static str>,
    /// The class that applies; null where the general limits hold, and where the class could not be decided.
    pub(super) class: Option<&'a str>,
    /// What could not be decided about the user and what they have: classes and waivers, each with what was not read.
    pub(super) undecided: Vec<String>,
    /// Every class that certainly claims the user, most specific first.
    pub(super) claims: Vec<ClaimV1<'a>>,
    pub(super) kinds: Vec<KindV1>,
    /// Most urgent first.
    pub(super) credentials: Vec<OwnedV1<'a>>,
    /// Findings about the user, not about what they have.
    pub(super) findings: Vec<FindingV1<'a>>,
    /// Waivers that mean the user or something that they have, whether they hold or not.
    pub(super) waivers: Vec<WaiverV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct TagV1<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ClaimV1<'a> {
    pub(super) class: &'a str,
    /// Which of its criteria mean the user.
    pub(super) by: Vec<String>,
    pub(super) priority: i32,
    /// The line of the policy file that declares it.
    pub(super) line: usize,
    /// Why it comes before the next one: `priority`, `closeness` or `criteria`; null for the last.
    pub(super) before_next_by: Option<&'static str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct KindV1 {
    pub(super) kind: &'static str,
    /// `enabled`, `disabled` or `unknown`.
    pub(super) capability: &'static str,
    /// `complete`, `partial`, `unreadable` or `not_applicable` (was not asked for).
    pub(super) coverage: &'static str,
    /// How many the user has, as far as they were read.
    pub(super) credentials: usize,
    /// How many a user may have.
    pub(super) slots: usize,
    pub(super) limit: LimitV1,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct OwnedV1<'a> {
    pub(super) kind: &'static str,
    pub(super) credential_id: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) age_days: Option<i64>,
    pub(super) due_on: Option<String>,
    pub(super) days_left: Option<i64>,
    pub(super) standing: &'static str,
    /// Ids of the rules that find something about it.
    pub(super) rules: Vec<&'static str>,
}
