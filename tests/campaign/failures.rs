//! Draws what changes, is refused, fails or makes a caller wait.

use credage_sim::{
    Asked, Change, Collection, DateHeader, Denied, DeniedHow, Fault, FaultAction, ListingPolicy, NextPage,
    Noise, Refusal, RetryAfter, What,
};
use jiff::SignedDuration;

use crate::attributes;
use crate::class::Class;
use crate::plan::Plan;
use crate::rng::Rng;

pub(crate) fn churn(plan: &mut Plan, rng: &mut Rng) {
    if rng.percent(40) {
        return slip(plan, rng);
    }
    for _ in 0..rng.between(1, 3) {
        let collection = if rng.percent(40) { Collection::Users } else { rng.pick(Collection::CREDENTIALS) };
        let count = if rng.percent(20) { rng.between(10, 30) } else { rng.between(1, 4) };
        let what = match rng.between(0, 6) {
            0 => What::DeleteFirst(collection, count),
            1 => What::DeleteLast(collection, count),
            2 => What::InsertFirst(collection, count),
            3 => What::InsertLast(collection, count),
            4 | 5 => What::Slip(collection, count.min(4)),
            _ => What::Orphan(count.min(3)),
        };
        let counted = rng.percent(60).then_some(collection);
        let most = if counted.is_some() { 6 } else { 20 };
        let change = Change { counted, at: u64::try_from(rng.between(2, most)).unwrap_or(2), what };
        plan.config.changes.push(change);
        plan.note(Class::Churn, change);
    }
    if plan.config.page_cap.is_none() && rng.percent(60) {
        plan.config.page_cap = Some(rng.between(3, 9));
        plan.note(Class::SmallPages, plan.config.page_cap);
    }
}

/// Rows that slip past a reader between two of the first pages while totals stay, mostly where no index tells of them.
fn slip(plan: &mut Plan, rng: &mut Rng) {
    let collection = rng.pick(Collection::ALL);
    plan.config.index &= rng.percent(40);
    plan.config.page_cap = Some(rng.between(3, 6));
    plan.note(Class::SmallPages, plan.config.page_cap);
    plan.config.listing = plan.config.listing.set(collection, ListingPolicy::Whole);
    let what = What::Slip(collection, rng.between(1, 3));
    let change = Change { counted: Some(collection), at: rng.pick([2, 2, 3, 4]), what };
    plan.config.changes.push(change);
    plan.note(Class::Churn, change);
    if !plan.config.index {
        plan.note(Class::NoIndex, "absent");
    }
    if rng.percent(40) {
        let refusal = Refusal { collection: Some(collection), of: Asked::Sorting, status: 400 };
        plan.config.lies.refusals.push(refusal);
        plan.note(Class::RefusedQuestions, refusal);
    }
}

pub(crate) fn denied(plan: &mut Plan, rng: &mut Rng) {
    let how = rng.pick([
        DeniedHow::Status(401),
        DeniedHow::Status(403),
        DeniedHow::Status(404),
        DeniedHow::EmptyOk,
        DeniedHow::OwnOnly,
    ]);
    for collection in rng.some(&Collection::ALL, 3) {
        let denied = Denied { collection, how };
        plan.config.denied.push(denied);
        plan.note(Class::Denied, denied);
    }
}

fn add_noise(plan: &mut Plan, rng: &mut Rng, class: Class, action: FaultAction, percent: u8) {
    let collection = if rng.percent(50) { None } else { Some(rng.pick(Collection::ALL)) };
    let noise = Noise { collection, percent, salt: rng.next(), times: 1, action };
    plan.config.lies.noise.push(noise);
    plan.note(class, noise);
}

pub(crate) fn status_noise(plan: &mut Plan, rng: &mut Rng) {
    let action = FaultAction::Status(rng.pick([500, 502, 503, 504]));
    let percent = rng.pick([5, 20, 50]);
    add_noise(plan, rng, Class::StatusNoise, action, percent);
}

pub(crate) fn broken_bodies(plan: &mut Plan, rng: &mut Rng) {
    let action =
        rng.pick([FaultAction::Reset, FaultAction::CutBody, FaultAction::Html, FaultAction::Malformed]);
    let percent = rng.pick([5, 20, 50]);
    add_noise(plan, rng, Class::BrokenBodies, action, percent);
    if rng.percent(10) {
        plan.timeout = 2;
        let stall = Fault { collection: None, nth: 3, times: 1, action: FaultAction::Stall };
        plan.config.faults.push(stall);
        plan.note(Class::BrokenBodies, stall);
    }
}

pub(crate) fn lasting(plan: &mut Plan, rng: &mut Rng) {
    let action = rng.pick([
        FaultAction::Status(500),
        FaultAction::Status(501),
        FaultAction::Status(503),
        FaultAction::Status(400),
        FaultAction::Status(403),
        FaultAction::Reset,
        FaultAction::Html,
        FaultAction::Malformed,
        FaultAction::CutBody,
        FaultAction::Duplicate,
        FaultAction::Inflated,
    ]);
    let collection = if rng.percent(20) { None } else { Some(rng.pick(Collection::ALL)) };
    let nth = u64::try_from(rng.between(1, 4)).unwrap_or(1);
    let fault = Fault { collection, nth, times: u64::MAX, action };
    plan.config.faults.push(fault);
    plan.note(Class::LastingFaults, fault);
}

pub(crate) fn waiting(plan: &mut Plan, rng: &mut Rng) {
    let how = rng.pick([
        RetryAfter::Unsaid,
        RetryAfter::Seconds,
        RetryAfter::Date,
        RetryAfter::Zero,
        RetryAfter::Past,
        RetryAfter::Fixed(1),
        RetryAfter::Nonsense,
    ]);
    let status = rng.pick([429, 429, 503]);
    add_noise(plan, rng, Class::Waiting, FaultAction::Wait(status, how), 10);
}

pub(crate) fn headers_and_questions(plan: &mut Plan, rng: &mut Rng) {
    let of = match rng.between(0, 3) {
        0 => Asked::StartBeyond(rng.between(1, 12)),
        1 => Asked::MoreThan(rng.pick([1, 10, 100, 500])),
        2 => Asked::Attribute(attributes::any(rng).1),
        _ => rng.pick([Asked::Filter, Asked::ById, Asked::Sorting]),
    };
    let collection = if rng.percent(50) { None } else { Some(rng.pick(Collection::ALL)) };
    let refusal = Refusal { collection, of, status: rng.pick([400, 400, 403, 404, 500, 501]) };
    plan.config.lies.refusals.push(refusal);
    plan.note(Class::RefusedQuestions, refusal);
    let hours = rng.pick([-30, -2, 2, 30]);
    plan.config.lies.date_header = rng.pick([
        DateHeader::True,
        DateHeader::Skewed(SignedDuration::from_hours(hours)),
        DateHeader::Nonsense,
    ]);
    plan.config.lies.next_page = rng.pick([NextPage::AsConfigured, NextPage::WhereRowsRemain]);
    plan.note(Class::Headers, (plan.config.lies.date_header, plan.config.lies.next_page));
}
