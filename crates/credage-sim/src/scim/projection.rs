//! Which attributes an answer holds: those asked for, those of the sets asked for, and those always returned.

use serde_json::{Map, Value};

use super::document::{Attribute, Eye, Returned, Row, attributes};
use crate::collection::Collection;

/// The attributes of one answer.
pub(crate) struct Projection {
    chosen: Vec<Attribute>,
    /// Extensions that were asked for are there even if empty.
    extensions: Vec<&'static str>,
}

impl Projection {
    /// Chooses by `attributes` (names) and `sets` (`all`, `always`, `default`, `request`, `never`); the two are
    /// united (Oracle's Python SDK, `identity_domains_client.py`). Without either, the defaults are returned.
    pub(crate) fn new(collection: Collection, names: &[String], sets: &[String]) -> Self {
        let names: Vec<String> = names.iter().map(|name| name.trim().to_lowercase()).collect();
        let set = |set: &str| {
            sets.iter().any(|each| each.eq_ignore_ascii_case(set) || each.eq_ignore_ascii_case("all"))
        };
        let unspecified = names.is_empty() && sets.is_empty();
        let wanted = |attribute: &Attribute| {
            let parent = attribute.sub.is_some() && names.contains(&attribute.name.to_lowercase());
            let asked = names.contains(&attribute.path());
            // The URN of an extension stands for its defaults alone.
            let by_parent =
                parent && (attribute.returned != Returned::Request || !attribute.name.starts_with("urn:"));
            match attribute.returned {
                Returned::Always => true,
                Returned::Default => unspecified || asked || by_parent || set("default"),
                Returned::Request => asked || by_parent || set("request"),
                Returned::Never => false,
            }
        };
        let chosen: Vec<Attribute> = attributes(collection).into_iter().filter(wanted).collect();
        let mut extensions: Vec<_> =
            chosen.iter().map(|each| each.name).filter(|name| name.starts_with("urn:")).collect();
        extensions.dedup();
        Self { chosen, extensions }
    }

    /// A row, as far as it is asked for.
    pub(crate) fn render(&self, eye: &Eye<'_>, row: Row<'_>) -> Value {
        let mut document = Map::new();
        for attribute in &self.chosen {
            let Some(value) = eye.value(row, attribute) else { continue };
            match attribute.sub {
                None => {
                    document.insert(attribute.name.to_owned(), value);
                }
                Some(sub) => {
                    let complex = document.entry(attribute.name).or_insert_with(|| Value::Object(Map::new()));
                    if let Some(parts) = complex.as_object_mut() {
                        parts.insert(sub.to_owned(), value);
                    }
                }
            }
        }
        let shows_index = matches!(row, Row::User(_, user) if eye.lens.shows_index(user));
        for extension in self.extensions.iter().filter(|_| eye.index && eye.empty_lists && shows_index) {
            if extension.contains(":userCredentials:") {
                document.entry(*extension).or_insert_with(|| Value::Object(Map::new()));
            }
        }
        eye.lens.spoil(row.collection(), row.id(), &mut document);
        Value::Object(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(projection: &Projection) -> Vec<String> {
        projection.chosen.iter().map(Attribute::path).collect()
    }

    fn chosen(collection: Collection, asked: &[&str], sets: &[&str]) -> Vec<String> {
        let owned = |list: &[&str]| list.iter().map(|&each| each.to_owned()).collect::<Vec<_>>();
        names(&Projection::new(collection, &owned(asked), &owned(sets)))
    }

    #[test]
    fn what_is_asked_for_comes_with_what_is_always_there() {
        let some = chosen(Collection::ApiKeys, &["Meta.Created"], &[]);
        assert_eq!(some, ["id", "meta.created", "user.value", "user.ocid"]);
        let defaults = chosen(Collection::UserDbCredentials, &[], &[]);
        assert!(defaults.contains(&"salt".to_owned()), "the hazard of asking for nothing by name");
        assert!(!chosen(Collection::AuthTokens, &["status"], &["all"]).contains(&"status".to_owned()));
    }

    #[test]
    fn the_index_is_returned_on_request_alone() {
        let urn = "urn:ietf:params:scim:schemas:oracle:idcs:extension:userCredentials:User";
        let has = |asked: &[&str]| {
            chosen(Collection::Users, asked, &[]).iter().any(|name| name.ends_with(":apikeys"))
        };
        assert!(!has(&[]));
        assert!(!has(&[urn]), "the bare name means the defaults, and there are none");
        assert!(has(&[&format!("{urn}:apiKeys")]));
    }
}
