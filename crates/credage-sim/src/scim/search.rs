//! One listing: what is asked, whether the domain answers it, and the page that it gets.

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{Attribute, Eye, Row, attributes};
use super::filter::Filter;
use super::page::{Page, page};
use super::projection::Projection;
use crate::collection::Collection;
use crate::config::{Asked, ByIdHow, Denied, DeniedHow, FilterLie, ListingPolicy, SimConfig};
use crate::keys::AUDITOR;
use crate::lens::about;

/// What a listing is asked for, by URL or by the body of `.search`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Search {
    pub(crate) schemas: Vec<String>,
    pub(crate) attributes: Vec<String>,
    pub(crate) attribute_sets: Vec<String>,
    pub(crate) filter: Option<String>,
    pub(crate) sort_by: Option<String>,
    pub(crate) sort_order: Option<String>,
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
    /// Whether it came as `POST …/.search`.
    #[serde(skip)]
    pub(crate) posted: bool,
}

/// A refusal: status and what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) u16, pub(crate) String);

impl Search {
    /// Reads the parameters of a URL.
    pub(crate) fn from_pairs(pairs: &[(String, String)]) -> Result<Self, Refused> {
        let mut search = Self::default();
        for (name, value) in pairs {
            let number = || value.parse().map_err(|_| Refused(400, format!("{name} must be a number")));
            match name.as_str() {
                "attributes" => search.attributes.extend(value.split(',').map(str::to_owned)),
                "attributeSets" => search.attribute_sets.extend(value.split(',').map(str::to_owned)),
                "filter" => search.filter = Some(value.clone()),
                "sortBy" => search.sort_by = Some(value.clone()),
                "sortOrder" => search.sort_order = Some(value.clone()),
                "startIndex" => search.start_index = Some(number()?),
                "count" => search.count = Some(number()?),
                _ => {}
            }
        }
        Ok(search)
    }

    /// Reads the body of a `.search`.
    pub(crate) fn from_body(body: &[u8]) -> Result<Self, Refused> {
        let search: Self = serde_json::from_slice(body)
            .map_err(|error| Refused(400, format!("the body is malformed: {error}")))?;
        let search = Self { posted: true, ..search };
        let schema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        if search.schemas.iter().any(|each| each == schema) {
            Ok(search)
        } else {
            Err(Refused(400, format!("Missing required attribute(s): schemas with {schema}")))
        }
    }

    /// Whether a filter is given.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filter.as_deref().is_some_and(|text| !text.trim().is_empty())
    }
}

/// Answers a listing as the domain's policy has it; `number` tells requests apart.
pub(crate) fn list(
    config: &SimConfig,
    eye: &Eye<'_>,
    collection: Collection,
    search: &Search,
    number: u64,
) -> Result<Page, Refused> {
    let filter = match search.filter.as_deref().filter(|_| search.is_filtered()) {
        Some(text) => {
            Some(Filter::parse(text).map_err(|error| Refused(400, format!("Invalid filter: {error}")))?)
        }
        None => None,
    };
    let known = attributes(collection);
    check_searchable(&known, filter.as_ref(), search.sort_by.as_deref())?;
    check_policy(config, collection, filter.as_ref())?;
    check_refusals(config, collection, search, filter.as_ref())?;
    if config.refuse_sorting && search.sort_by.is_some() {
        return Err(Refused(400, "Sorting is not supported.".to_owned()));
    }
    if let Some(status) = config.groups_refused
        && search.attributes.iter().any(|name| name.eq_ignore_ascii_case("groups"))
    {
        return Err(Refused(status, "You may not read groups.".to_owned()));
    }
    let mut rows = passing(config, eye, collection, filter);
    if config.denied.contains(&Denied { collection, how: DeniedHow::OwnOnly }) {
        let own = eye.domain.owner_place(AUDITOR);
        rows.retain(|row| Some(row.owner()) == own);
    }
    sort(eye, &known, &mut rows, search);
    Ok(page(config, eye, collection, search, rows, number))
}

/// The rows that pass the filter, and what it lies about.
fn passing<'a>(
    config: &SimConfig,
    eye: &Eye<'a>,
    collection: Collection,
    filter: Option<Filter>,
) -> Vec<Row<'a>> {
    let known = attributes(collection);
    let passes = |filter: &Filter, row: Row<'_>| filter.passes(&|name: &str| lookup(eye, &known, row, name));
    let Some(mut filter) = filter else { return candidates(eye, collection, None) };
    for lie in about(&config.lies.filters, collection) {
        match lie {
            FilterLie::Ignored => return candidates(eye, collection, None),
            FilterLie::NothingPasses => return Vec::new(),
            FilterLie::Inverted => {
                let mut rows = candidates(eye, collection, None);
                rows.retain(|&row| !passes(&filter, row));
                return rows;
            }
            FilterLie::FirstTerms(count) => filter = filter.first_terms(count),
            FilterLie::Loses(_) => {}
        }
    }
    let mut rows = candidates(eye, collection, Some(&filter));
    rows.retain(|&row| passes(&filter, row) && !eye.lens.is_lost(collection, row.id()));
    rows
}

/// One row by its id or OCID.
pub(crate) fn get_one(
    config: &SimConfig,
    eye: &Eye<'_>,
    collection: Collection,
    id: &str,
    search: &Search,
) -> Result<Value, Refused> {
    let missing = || Refused(404, format!("{} not found", collection.resource_type()));
    let row = if collection == Collection::Users {
        eye.domain.user(id).map(|(place, user)| Row::User(place, user))
    } else {
        let rows = eye.domain.credentials(collection);
        let by_id = rows.binary_search_by(|row| (*row.id).cmp(id)).ok();
        let by_ocid = || rows.iter().position(|row| super::document::ocid(&row.id) == id);
        by_id.or_else(by_ocid).and_then(|place| rows.get(place)).map(|row| Row::Credential(collection, row))
    };
    let row = row.ok_or_else(missing)?;
    if matches!(row, Row::Credential(_, credential) if credential.hidden && !config.hidden_rows_answer)
        || !eye.lens.is_found(collection, row.id())
    {
        return Err(missing());
    }
    let projection = Projection::new(collection, &search.attributes, &search.attribute_sets);
    match eye.lens.in_place_of(collection, row.id()) {
        None => Ok(projection.render(eye, row)),
        Some(ByIdHow::Status(status)) => Err(Refused(status, "Not this one.".to_owned())),
        Some(ByIdHow::Nothing) => Ok(json!({})),
        Some(ByIdHow::Another) => Ok(projection.render(eye, another(eye, row))),
        Some(ByIdHow::WithoutId) => {
            let mut document = projection.render(eye, row);
            if let Some(fields) = document.as_object_mut() {
                fields.remove("id");
            }
            Ok(document)
        }
    }
}

/// Another row of the same collection, where there is one.
fn another<'a>(eye: &Eye<'a>, row: Row<'a>) -> Row<'a> {
    let rows = candidates(eye, row.collection(), None);
    rows.into_iter().find(|other| other.id() != row.id()).unwrap_or(row)
}

/// What is refused whatever the policy says.
fn check_refusals(
    config: &SimConfig,
    collection: Collection,
    search: &Search,
    filter: Option<&Filter>,
) -> Result<(), Refused> {
    let beyond = |number: Option<i64>, most: usize| {
        number.and_then(|number| usize::try_from(number).ok()).is_some_and(|number| number > most)
    };
    let about =
        config.lies.refusals.iter().filter(|refusal| refusal.collection.is_none_or(|of| of == collection));
    for refusal in about {
        let strikes = match refusal.of {
            Asked::Filter => filter.is_some(),
            Asked::Or => matches!(filter, Some(Filter::Or(..))),
            Asked::Sorting => search.sort_by.is_some(),
            Asked::Search => search.posted,
            Asked::StartBeyond(most) => beyond(search.start_index, most),
            Asked::MoreThan(most) => beyond(search.count, most),
            Asked::Attribute(name) => search.attributes.iter().any(|each| each.eq_ignore_ascii_case(name)),
            Asked::ById => false,
        };
        if strikes {
            return Err(Refused(refusal.status, "This question is not answered.".to_owned()));
        }
    }
    Ok(())
}

/// Whether requests for one row are refused.
pub(crate) fn check_by_id(config: &SimConfig, collection: Collection) -> Result<(), Refused> {
    let mut about =
        config.lies.refusals.iter().filter(|refusal| refusal.collection.is_none_or(|of| of == collection));
    match about.find(|refusal| refusal.of == Asked::ById) {
        Some(refusal) => Err(Refused(refusal.status, "This question is not answered.".to_owned())),
        None => Ok(()),
    }
}

fn check_searchable(
    known: &[Attribute],
    filter: Option<&Filter>,
    sort_by: Option<&str>,
) -> Result<(), Refused> {
    let sort_by = sort_by.map(str::to_lowercase);
    let named = filter.map(Filter::attributes).unwrap_or_default().into_iter().chain(sort_by.as_deref());
    for name in named {
        if !known.iter().any(|attribute| attribute.searchable && attribute.path() == name) {
            return Err(Refused(400, format!("The attribute {name} is not searchable.")));
        }
    }
    Ok(())
}

fn check_policy(config: &SimConfig, collection: Collection, filter: Option<&Filter>) -> Result<(), Refused> {
    let named = filter.and_then(Filter::named_users).map_or(0, |users| users.len());
    if let Some(most) = config.max_or_terms.filter(|&most| named > most) {
        return Err(Refused(400, format!("The filter has more than {most} terms.")));
    }
    let answers = match config.listing.policy(collection) {
        ListingPolicy::Whole => true,
        ListingPolicy::AnyFilter => filter.is_some(),
        _ if collection == Collection::Users => filter.is_some(),
        ListingPolicy::UserFilter => filter.is_some_and(Filter::is_on_user),
        ListingPolicy::NamedUsers => named > 0,
        ListingPolicy::OneUser => named == 1,
    };
    if answers {
        return Ok(());
    }
    Err(Refused(
        config.listing.refusal(collection),
        "The request requires a filter that was not provided.".to_owned(),
    ))
}

fn candidates<'a>(eye: &Eye<'a>, collection: Collection, filter: Option<&Filter>) -> Vec<Row<'a>> {
    if collection == Collection::Users {
        let users = eye.domain.users.iter().enumerate().filter(|(_, user)| !user.ghost);
        return users.map(|(place, user)| Row::User(place, user)).collect();
    }
    let mut rows: Vec<Row<'a>> = match filter.and_then(Filter::named_users) {
        // The index by owner spares a look at everything.
        Some(users) => {
            let mut places: Vec<usize> = users.iter().filter_map(|id| eye.domain.owner_place(id)).collect();
            places.sort_unstable();
            places.dedup();
            let owned = places.into_iter().flat_map(|place| eye.domain.owned(collection, place));
            owned.map(|row| Row::Credential(collection, row)).collect()
        }
        None => {
            eye.domain.credentials(collection).iter().map(|row| Row::Credential(collection, row)).collect()
        }
    };
    rows.retain(|row| !matches!(row, Row::Credential(_, credential) if credential.hidden));
    rows
}

fn lookup(eye: &Eye<'_>, known: &[Attribute], row: Row<'_>, name: &str) -> Vec<Value> {
    let parts = known.iter().filter(|attribute| attribute.path() == name);
    parts
        .filter_map(|attribute| eye.value(row, attribute))
        .filter(|value| value.as_array().is_none_or(|list| !list.is_empty()))
        .collect()
}

fn sort(eye: &Eye<'_>, known: &[Attribute], rows: &mut [Row<'_>], search: &Search) {
    let descending =
        search.sort_order.as_deref().is_some_and(|order| order.to_lowercase().starts_with("desc"));
    match search.sort_by.as_deref().map(str::to_lowercase).as_deref() {
        // Rows lie sorted by id; several owners' rows do not.
        None | Some("id") => rows.sort_by(|a, b| a.id().cmp(b.id())),
        Some(name) => rows.sort_by_cached_key(|&row| {
            lookup(eye, known, row, name)
                .first()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_lowercase))
        }),
    }
    if descending {
        rows.reverse();
    }
}
