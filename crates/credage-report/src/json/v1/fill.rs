//! What an assessment says, put into the types of the report.

use credage_core::coverage::{Control, Expected};
use credage_core::{
    Assessed, Assessment, Coverage, DateReading, Days, DomainAssessment, IndexState, Kind, Reading, Source,
    Standing, Witness,
};
use jiff::Timestamp;

use super::super::findings_v1;
use super::{
    CoverageV1, CredentialV1, DomainV1, GapV1, KindV1, PersonUserV1, PersonV1, RefusalV1, StandingsV1,
    UnreadableV1, UsersV1,
};

pub(super) fn gap(gap: &credage_core::Gap) -> GapV1<'_> {
    GapV1 {
        tenancy: &gap.tenancy,
        what: &gap.what,
        status: gap.why.status,
        reason: &gap.why.reason,
        hint: &gap.why.hint,
        request_id: gap.why.request_id.as_deref(),
    }
}

pub(super) fn person(person: credage_core::Person<'_>) -> PersonV1<'_> {
    PersonV1 {
        email: person.email,
        credentials: person.credentials,
        users: person
            .users
            .into_iter()
            .map(|(domain, user)| PersonUserV1 {
                domain: &domain.domain.name,
                domain_url: &domain.domain.url,
                user_name: &user.name,
                user_id: user.id.as_str(),
            })
            .collect(),
    }
}

pub(super) fn may_create(user: &credage_core::User) -> Vec<&'static str> {
    let may = |kind: &Kind| user.capability(*kind) == credage_core::Capability::Enabled;
    Kind::ALL.into_iter().filter(may).map(Kind::as_str).collect()
}

pub(super) fn standings(count: impl Fn(Standing) -> u64) -> StandingsV1 {
    StandingsV1 {
        expired: count(Standing::Expired),
        overdue: count(Standing::Overdue),
        due_soon: count(Standing::DueSoon),
        unknown: count(Standing::Unknown),
        waived: count(Standing::Waived),
        fresh: count(Standing::Fresh),
    }
}

pub(super) fn domain<'a>(assessed: &'a DomainAssessment<'_>) -> DomainV1<'a> {
    let inventory = assessed.inventory;
    DomainV1 {
        name: &inventory.domain.name,
        url: &inventory.domain.url,
        profile: inventory.domain.profile.as_deref(),
        ocid: inventory.domain.ocid.as_deref(),
        tenancy: inventory.domain.tenancy.as_deref(),
        licence: inventory.domain.licence.as_deref(),
        home_region: inventory.domain.home_region.as_deref(),
        complete: inventory.coverages().all(Coverage::is_tolerable),
        index: if inventory.index.iter().any(|(_, state)| *state == IndexState::Available) {
            "available"
        } else {
            "absent"
        },
        control: match inventory.control {
            Control::Seen => "seen",
            Control::Missing => "missing",
            Control::NotTried(_) => "not_tried",
        },
        clock_ahead_seconds: inventory.clock_ahead.map(|ahead| ahead.as_secs()),
        requests: inventory.requests,
        rate_limited: inventory.rate_limited,
        users: UsersV1 {
            count: u64::try_from(inventory.users.len()).unwrap_or(u64::MAX),
            requests: inventory.users_reading.requests,
            coverage: coverage(&inventory.users_reading.coverage),
            witnesses: witnesses(&inventory.users_reading),
        },
        kinds: Kind::ALL.into_iter().map(|each| kind(assessed, each)).collect(),
        user_attributes: inventory
            .details
            .iter()
            .map(|(attribute, reading)| (attribute.as_str(), reading.as_str()))
            .collect(),
        unreadable: inventory
            .unreadable_parts()
            .into_iter()
            .map(|part| UnreadableV1 { what: part.what, attribute: part.attribute, rows: part.rows })
            .collect(),
        owners: assessed.owners,
        may_but_has_none: assessed.may_but_has_none,
    }
}

fn kind<'a>(assessed: &'a DomainAssessment<'_>, kind: Kind) -> KindV1<'a> {
    let reading = assessed.inventory.readings.get(kind);
    let summary = assessed.kinds.get(kind);
    let refusals = reading.refusals.iter();
    KindV1 {
        kind: kind.as_str(),
        coverage: coverage(&reading.coverage),
        witnesses: witnesses(reading),
        index: assessed.inventory.index.get(kind).as_str(),
        listing: reading.listing.map(credage_core::Listing::as_str),
        requests: reading.requests,
        rows: reading.rows,
        refusals: refusals
            .map(|each| RefusalV1 { listing: each.listing.as_str(), reason: &each.reason })
            .collect(),
        credentials: summary.credentials(),
        standings: standings(|standing| summary.of(standing)),
        capability_off: summary.capability_off,
        may_but_has_none: summary.may_but_has_none,
    }
}

fn witnesses(reading: &Reading) -> Vec<&'static str> {
    reading.witnesses.iter().copied().map(Witness::as_str).collect()
}

fn coverage(coverage: &Coverage) -> CoverageV1<'_> {
    let (read, expected) = match coverage {
        Coverage::Partial { read, expected: Expected::Rows(rows), .. } => (Some(*read), Some(*rows)),
        Coverage::Partial { read, .. } => (Some(*read), None),
        Coverage::Complete
        | Coverage::Unconfirmed { .. }
        | Coverage::Unreadable(_)
        | Coverage::NotApplicable => (None, None),
    };
    let why = coverage.incomplete();
    CoverageV1 {
        verdict: coverage.as_str(),
        read,
        expected,
        status: why.and_then(|why| why.status),
        rights: why.map(|why| why.rights),
        reason: why.map(|why| why.reason.as_str()),
        hint: why.map(|why| why.hint.as_str()),
        request_id: why.and_then(|why| why.request_id.as_deref()),
    }
}

pub(super) fn credential<'a>(assessed: &'a Assessed<'_>, assessment: &'a Assessment<'_>) -> CredentialV1<'a> {
    let (credential, judgement) = (assessed.credential, &assessed.judgement);
    CredentialV1 {
        domain: &assessed.domain.name,
        domain_url: &assessed.domain.url,
        user_name: assessed.owner_name(),
        user_id: credential.owner.as_str(),
        user_ocid: assessed.owner.and_then(|owner| owner.ocid.as_deref()),
        user_email: assessed.owner.and_then(|owner| owner.email.as_deref()),
        kind: credential.kind.as_str(),
        credential_id: credential.id.as_str(),
        description: credential.description.as_deref(),
        fingerprint: credential.fingerprint.as_deref(),
        created: date(&credential.created),
        last_set: date(&credential.last_set),
        expires_on: date(&credential.expires_on),
        age_days: judgement.age_days,
        due_on: judgement.due.map(|due| text(due.on)),
        due_reason: judgement.due.map(|due| due.reason.as_str()),
        days_left: judgement.days_left,
        standing: judgement.standing.as_str(),
        unwaived: judgement.unwaived.as_str(),
        waiver: findings_v1::waiver(assessment.policy, assessed.waiver(assessment.policy)),
        level: assessment
            .findings_of(assessed)
            .find(|finding| finding.waiver.is_none())
            .map(|finding| finding.level.as_str()),
        rules: assessment.findings_of(assessed).map(|finding| finding.rule.id).collect(),
        limit_days: assessed.limit.max_age().map(Days::get),
        class: assessed.class_name(assessment.policy),
        possible_classes: assessed.possible_classes(assessment.policy),
        undecided: assessed.undecided(assessment),
        unreadable: credential.unreadable.iter().map(credage_core::CredentialField::as_str).collect(),
        undated: judgement.undated.as_ref().map(credage_core::Undated::reason),
        capability: assessed.capability().as_str(),
        owner_active: assessed.owner_active(),
        owner_listed: assessed.owner.is_some(),
        owner_state: assessed.owner_state().as_str(),
        source: match credential.source {
            Source::Listed => "listed",
            Source::IndexOnly => "index_only",
        },
    }
}

fn date(reading: &DateReading) -> Option<String> {
    match reading {
        DateReading::At(at) => Some(text(*at)),
        DateReading::Missing => None,
        DateReading::Unreadable(text) => Some(text.to_string()),
    }
}

pub(super) fn text(at: Timestamp) -> String {
    at.to_string()
}
