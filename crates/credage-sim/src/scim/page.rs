//! One page of a listing, as it should be and as lies have it.

use serde_json::{Map, Value, json};

use super::document::{Eye, Row};
use super::projection::Projection;
use super::search::Search;
use crate::collection::Collection;
use crate::config::{InLists, ItemsPerPage, PageLie, ResourcesForm, SimConfig, TotalLie};
use crate::lens::{about, drawn};

/// The most rows of a page ("1000 is the largest value", Oracle's Python SDK, `identity_domains_client.py`).
const MAX_COUNT: usize = 1000;
/// Rows where none or a negative number was asked for (Oracle's page on query parameters).
const DEFAULT_COUNT: usize = 50;

/// A page, and whether the listing goes on behind it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) value: Value,
    pub(crate) more: bool,
}

/// Which rows of a listing are asked for.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// As the request says, from 1.
    start: usize,
    asked: usize,
    /// What is given: from 0.
    from: usize,
    count: usize,
}

/// Answers with one page of `rows`; `number` tells requests apart.
pub(crate) fn page(
    config: &SimConfig,
    eye: &Eye<'_>,
    collection: Collection,
    search: &Search,
    mut rows: Vec<Row<'_>>,
    number: u64,
) -> Page {
    let filtered = search.is_filtered();
    let way = |row: &Row<'_>| eye.lens.in_lists(collection, row.id());
    let mut counted = 0;
    if eye.lens.touches_lists(collection) {
        rows.retain(|row| match way(row) {
            InLists::Shown | InLists::HiddenLater => true,
            InLists::Hidden => false,
            InLists::HiddenByFilters => !filtered,
            InLists::HiddenWithoutFilter => filtered,
            InLists::HiddenButCounted => {
                counted += 1;
                false
            }
        });
    }
    let total = rows.len() + counted;
    let window = window(config, collection, search, rows.len());
    reorder(config, collection, &mut rows, number);
    let mut shown: Vec<Row<'_>> = rows.iter().skip(window.from).take(window.count).copied().collect();
    let more = window.from + shown.len() < rows.len();
    if window.from > 0 {
        shown.retain(|row| way(row) != InLists::HiddenLater);
    }
    if about(&config.lies.pages, collection).any(|lie| lie == PageLie::Doubled) {
        shown = shown.into_iter().flat_map(|row| [row, row]).collect();
    }
    let projection = Projection::new(collection, &search.attributes, &search.attribute_sets);
    let shown: Vec<Value> = shown.into_iter().map(|row| projection.render(eye, row)).collect();
    let value = envelope(config, collection, window, total, shown);
    Page { value, more }
}

fn window(config: &SimConfig, collection: Collection, search: &Search, length: usize) -> Window {
    let size = |number: Option<i64>| number.and_then(|number| usize::try_from(number).ok());
    let asked = size(search.count).unwrap_or(DEFAULT_COUNT).min(MAX_COUNT);
    let start = size(search.start_index).unwrap_or(1).max(1);
    let mut window =
        Window { start, asked, from: start - 1, count: config.page_cap.map_or(asked, |cap| asked.min(cap)) };
    for lie in about(&config.lies.pages, collection) {
        window.bend(lie, length);
    }
    window
}

impl Window {
    fn bend(&mut self, lie: PageLie, length: usize) {
        let is_later = self.start > 1;
        match lie {
            PageLie::Cap(most) => self.count = self.count.min(most),
            PageLie::ShortFirst(most) if !is_later => self.count = self.count.min(most),
            PageLie::Random(salt) if self.count > 0 => {
                let drawn = drawn("page", &self.start.to_string(), salt);
                let rows = u64::try_from(self.count).unwrap_or(1);
                self.count = usize::try_from(1 + drawn % rows).unwrap_or(1);
            }
            PageLie::IgnoresStart => self.from = 0,
            PageLie::StartIsPage => self.from = self.from.saturating_mul(self.asked),
            PageLie::More(rows) => self.count += rows,
            PageLie::Overlaps(rows) if is_later => self.from = self.from.saturating_sub(rows),
            PageLie::Skips(rows) if is_later => self.from += rows,
            PageLie::EmptyFrom(end) => self.count = self.count.min(end.saturating_sub(self.from)),
            PageLie::NeverEnds => self.from = self.from.checked_rem(length).unwrap_or_default(),
            PageLie::ShortFirst(_)
            | PageLie::Random(_)
            | PageLie::Overlaps(_)
            | PageLie::Skips(_)
            | PageLie::Shuffled(_)
            | PageLie::Doubled => {}
        }
    }
}

fn reorder(config: &SimConfig, collection: Collection, rows: &mut [Row<'_>], number: u64) {
    for lie in about(&config.lies.pages, collection) {
        if let PageLie::Shuffled(salt) = lie {
            rows.sort_by_key(|row| drawn(row.id(), &number.to_string(), salt));
        }
    }
}

fn envelope(
    config: &SimConfig,
    collection: Collection,
    window: Window,
    total: usize,
    shown: Vec<Value>,
) -> Value {
    let mut fields = Map::new();
    fields.insert("schemas".to_owned(), json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    if let Some(total) = total_results(config, collection, window, total, shown.len()) {
        fields.insert("totalResults".to_owned(), total);
    }
    if let Some(items) = items_per_page(config.lies.items_per_page, window.asked, shown.len()) {
        fields.insert("itemsPerPage".to_owned(), items);
    }
    fields.insert("startIndex".to_owned(), json!(window.start));
    let mut resources = (total > 0).then_some(Value::Array(shown));
    for form in about(&config.lies.resources, collection) {
        resources = shaped(resources, form, window.start > 1);
    }
    if let Some(resources) = resources {
        fields.insert("Resources".to_owned(), resources);
    }
    Value::Object(fields)
}

fn total_results(
    config: &SimConfig,
    collection: Collection,
    window: Window,
    total: usize,
    shown: usize,
) -> Option<Value> {
    let right = u64::try_from(total).unwrap_or_default();
    let given = u64::try_from(window.start - 1 + shown).unwrap_or_default();
    let Some(lie) = about(&config.lies.totals, collection).next() else { return Some(json!(right)) };
    Some(match lie {
        TotalLie::Less(by) => json!(right.saturating_sub(by)),
        TotalLie::More(by) => json!(right.saturating_add(by)),
        TotalLie::Fixed(number) => json!(number),
        TotalLie::OfPage => json!(shown),
        TotalLie::Growing(by) => json!(given.saturating_add(by)),
        TotalLie::Text => json!(right.to_string()),
        TotalLie::Absent => return None,
        TotalLie::Null => Value::Null,
        TotalLie::Negative => json!(-1),
        TotalLie::Fraction => json!(u32::try_from(total).map(f64::from).unwrap_or_default()),
    })
}

fn items_per_page(form: ItemsPerPage, asked: usize, shown: usize) -> Option<Value> {
    match form {
        ItemsPerPage::Asked => Some(json!(asked)),
        ItemsPerPage::Returned => Some(json!(shown)),
        ItemsPerPage::Zero => Some(json!(0)),
        ItemsPerPage::Negative => Some(json!(-1)),
        ItemsPerPage::Text => Some(json!(asked.to_string())),
        ItemsPerPage::Absent => None,
    }
}

fn shaped(resources: Option<Value>, form: ResourcesForm, is_later: bool) -> Option<Value> {
    match (form, resources) {
        (ResourcesForm::NullWhereEmpty, None) | (ResourcesForm::Null, Some(_)) => Some(Value::Null),
        (ResourcesForm::ListWhereEmpty, None) | (ResourcesForm::Empty, Some(_)) => Some(json!([])),
        (ResourcesForm::NullLater, Some(_)) if is_later => Some(Value::Null),
        (ResourcesForm::Absent, Some(_)) => None,
        (ResourcesForm::BareWhereOne, Some(Value::Array(rows))) if rows.len() == 1 => rows.into_iter().next(),
        (ResourcesForm::WithNull, Some(Value::Array(mut rows))) => {
            rows.insert(rows.len() / 2, Value::Null);
            Some(Value::Array(rows))
        }
        (_, resources) => resources,
    }
}
