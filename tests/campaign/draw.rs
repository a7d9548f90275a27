//! Draws what is wrong with a domain.

use credage_sim::{
    ByIdHow, ByIdLie, Collection, DateForm, FilterLie, InLists, IndexLie, ItemsPerPage, Odd, OddValue,
    Omission, PageLie, ResourcesForm, TotalLie, Which,
};

use crate::attributes;
use crate::class::Class;
use crate::failures::{broken_bodies, churn, denied, headers_and_questions, lasting, status_noise, waiting};
use crate::plan::Plan;
use crate::rng::Rng;

type Draw = fn(&mut Plan, &mut Rng);

const DRAWS: [Draw; 19] = [
    omitted_rows,
    omitted_users,
    own_only,
    index_holes,
    totals,
    pages,
    envelope,
    filters,
    by_id,
    odd_values,
    never_returned,
    dates,
    churn,
    denied,
    status_noise,
    broken_bodies,
    lasting,
    waiting,
    headers_and_questions,
];

/// One to four things that are wrong.
pub(crate) fn faults(plan: &mut Plan, rng: &mut Rng) {
    for draw in rng.some(&DRAWS, 4) {
        draw(plan, rng);
    }
}

fn kind(rng: &mut Rng) -> Collection {
    rng.pick(Collection::CREDENTIALS)
}

fn kinds(rng: &mut Rng) -> Vec<Collection> {
    if rng.percent(40) { Collection::CREDENTIALS.to_vec() } else { rng.some(&Collection::CREDENTIALS, 2) }
}

fn collections(rng: &mut Rng) -> Vec<Collection> {
    if rng.percent(30) { Collection::ALL.to_vec() } else { rng.some(&Collection::ALL, 2) }
}

fn some_of(rng: &mut Rng) -> Which {
    match rng.between(0, 3) {
        0 => Which::First(rng.between(1, 4)),
        1 => Which::Last(rng.between(1, 4)),
        2 => Which::OfFirstUsers(rng.between(1, 8)),
        _ => Which::Share { percent: rng.pick([10, 30, 60, 95]), salt: rng.next() },
    }
}

fn omitted_rows(plan: &mut Plan, rng: &mut Rng) {
    for collection in kinds(rng) {
        let lists = rng.pick([
            InLists::Hidden,
            InLists::Hidden,
            InLists::HiddenButCounted,
            InLists::HiddenLater,
            InLists::HiddenByFilters,
            InLists::HiddenWithoutFilter,
        ]);
        let (by_id, index) = (rng.percent(50), rng.percent(35));
        let omission = Omission { collection, which: some_of(rng), lists, by_id, index };
        plan.config.lies.omissions.push(omission);
        plan.note(Class::OmittedRows, omission);
    }
}

fn omitted_users(plan: &mut Plan, rng: &mut Rng) {
    let lists = rng.pick([InLists::Hidden, InLists::Hidden, InLists::HiddenButCounted, InLists::HiddenLater]);
    let (collection, which, by_id) = (Collection::Users, some_of(rng), rng.percent(40));
    let omission = Omission { collection, which, lists, by_id, index: false };
    plan.config.lies.omissions.push(omission);
    plan.note(Class::OmittedUsers, omission);
}

fn own_only(plan: &mut Plan, rng: &mut Rng) {
    let views = match rng.between(0, 3) {
        0 => Collection::ALL.to_vec(),
        1 => Collection::CREDENTIALS.to_vec(),
        2 => vec![Collection::Users],
        _ => rng.some(&Collection::CREDENTIALS, 2),
    };
    let (by_id, index) = (rng.percent(50), rng.percent(65));
    for collection in views {
        let omission = Omission { collection, which: Which::NotOwn, lists: InLists::Hidden, by_id, index };
        plan.config.lies.omissions.push(omission);
        plan.note(Class::OwnOnly, omission);
    }
}

fn index_holes(plan: &mut Plan, rng: &mut Rng) {
    for _ in 0..rng.between(1, 3) {
        let which = if rng.percent(40) { Which::All } else { some_of(rng) };
        let shown = InLists::Shown;
        match rng.between(0, 3) {
            0 | 1 => {
                let lie = IndexLie::Lacks(kind(rng), which);
                plan.config.lies.index.push(lie);
                plan.note(Class::IndexHoles, lie);
            }
            2 => {
                let lie = IndexLie::Invents(kind(rng), some_of(rng));
                plan.config.lies.index.push(lie);
                plan.note(Class::IndexHoles, lie);
            }
            _ => {
                let collection = if rng.percent(50) { Collection::Users } else { kind(rng) };
                let lie =
                    Omission { collection, which: some_of(rng), lists: shown, by_id: false, index: true };
                plan.config.lies.omissions.push(lie);
                plan.note(Class::IndexHoles, lie);
            }
        }
    }
}

fn totals(plan: &mut Plan, rng: &mut Rng) {
    let few = u64::try_from(rng.between(1, 5)).unwrap_or(1);
    let lie = rng.pick([
        TotalLie::Less(few),
        TotalLie::More(few),
        TotalLie::Fixed(few),
        TotalLie::Fixed(u64::MAX),
        TotalLie::OfPage,
        TotalLie::OfPage,
        TotalLie::Growing(few),
        TotalLie::Growing(1000),
        TotalLie::Text,
        TotalLie::Absent,
        TotalLie::Null,
        TotalLie::Negative,
        TotalLie::Fraction,
    ]);
    for collection in collections(rng) {
        plan.config.lies.totals.push((collection, lie));
        plan.note(Class::Totals, (collection, lie));
    }
}

fn pages(plan: &mut Plan, rng: &mut Rng) {
    let (few, salt) = (rng.between(1, 6), rng.next());
    let lie = rng.pick([
        PageLie::Cap(few),
        PageLie::ShortFirst(few),
        PageLie::Random(salt),
        PageLie::IgnoresStart,
        PageLie::StartIsPage,
        PageLie::More(few),
        PageLie::Overlaps(few),
        PageLie::Skips(few),
        PageLie::EmptyFrom(few),
        PageLie::Shuffled(salt),
        PageLie::NeverEnds,
        PageLie::Doubled,
    ]);
    if plan.config.page_cap.is_none() && rng.percent(80) {
        plan.config.page_cap = Some(rng.between(3, 9));
        plan.note(Class::SmallPages, plan.config.page_cap);
    }
    for collection in collections(rng) {
        plan.config.lies.pages.push((collection, lie));
        plan.note(Class::Pages, (collection, lie));
    }
}

fn envelope(plan: &mut Plan, rng: &mut Rng) {
    let form = rng.pick([
        ResourcesForm::NullWhereEmpty,
        ResourcesForm::ListWhereEmpty,
        ResourcesForm::Null,
        ResourcesForm::Absent,
        ResourcesForm::Empty,
        ResourcesForm::NullLater,
        ResourcesForm::BareWhereOne,
        ResourcesForm::WithNull,
    ]);
    for collection in collections(rng) {
        plan.config.lies.resources.push((collection, form));
        plan.note(Class::Envelope, (collection, form));
    }
    plan.config.lies.items_per_page = rng.pick([
        ItemsPerPage::Asked,
        ItemsPerPage::Returned,
        ItemsPerPage::Zero,
        ItemsPerPage::Negative,
        ItemsPerPage::Text,
        ItemsPerPage::Absent,
    ]);
}

fn filters(plan: &mut Plan, rng: &mut Rng) {
    let lie = match rng.between(0, 4) {
        0 => FilterLie::Ignored,
        1 => FilterLie::FirstTerms(rng.between(1, 5)),
        2 => FilterLie::Loses(some_of(rng)),
        3 => FilterLie::NothingPasses,
        _ => FilterLie::Inverted,
    };
    for collection in kinds(rng) {
        plan.config.lies.filters.push((collection, lie));
        plan.note(Class::Filters, (collection, lie));
    }
}

/// Rows are read by id where lists do not show them, so both are drawn.
fn by_id(plan: &mut Plan, rng: &mut Rng) {
    let how = rng.pick([
        ByIdHow::Another,
        ByIdHow::WithoutId,
        ByIdHow::Nothing,
        ByIdHow::Status(404),
        ByIdHow::Status(403),
        ByIdHow::Status(500),
    ]);
    let views = if rng.percent(40) { vec![Collection::Users] } else { kinds(rng) };
    for collection in views {
        let which = some_of(rng);
        let omission = Omission { collection, which, lists: InLists::Hidden, by_id: false, index: false };
        let lie = ByIdLie { collection, which: if rng.percent(50) { Which::All } else { which }, how };
        plan.config.lies.omissions.push(omission);
        plan.config.lies.by_id.push(lie);
        plan.note(Class::ById, (omission, lie));
    }
}

fn odd_values(plan: &mut Plan, rng: &mut Rng) {
    let how = rng.pick([
        Odd::Null,
        Odd::Number,
        Odd::List,
        Odd::Object,
        Odd::Bool,
        Odd::Surrogate,
        Odd::Long,
        Odd::Control,
        Odd::Empty,
        Odd::Plain,
    ]);
    for _ in 0..rng.between(1, 2) {
        let (collection, attribute) = attributes::any(rng);
        let which = match rng.between(0, 2) {
            0 => Which::First(1),
            1 => Which::Share { percent: 30, salt: rng.next() },
            _ => Which::All,
        };
        let odd = OddValue { collection, attribute, which, how };
        plan.config.lies.values.push(odd);
        plan.note(Class::OddValues, odd);
    }
}

fn never_returned(plan: &mut Plan, rng: &mut Rng) {
    for _ in 0..rng.between(1, 3) {
        let (collection, attribute) = attributes::optional(rng);
        let odd = OddValue { collection, attribute, which: Which::All, how: Odd::Absent };
        plan.config.lies.values.push(odd);
        plan.note(Class::NeverReturned, odd);
    }
}

fn dates(plan: &mut Plan, rng: &mut Rng) {
    let form = rng.pick([
        DateForm::NoZone,
        DateForm::DateOnly,
        DateForm::Blank,
        DateForm::Offset,
        DateForm::EpochSeconds,
        DateForm::EpochMillis,
        DateForm::EpochText,
    ]);
    let which = if rng.percent(50) { Which::All } else { some_of(rng) };
    for collection in kinds(rng) {
        for attribute in rng.some(&["meta.created", "expiresOn", "lastSetDate"], 3) {
            let odd = OddValue { collection, attribute, which, how: Odd::Date(form) };
            plan.config.lies.values.push(odd);
            plan.note(Class::Dates, odd);
        }
    }
}
