//! One page of a listing.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::lenient::{Items, Lenient, List, Members};

/// A page, as RFC 7644 section 3.4.2 has it.
#[derive(Debug)]
pub struct Page<T> {
    /// How many rows the whole listing has, as of this page; `None` where the page does not say, or says no number. It is a
    /// claim, to be compared with what comes.
    pub total_results: Option<u64>,
    /// The rows of this page that can be used. `Resources` may be missing or null where there are none.
    pub resources: Vec<T>,
    /// Members of `Resources` that cannot be used: they are no objects, or have no id.
    pub unusable: usize,
}

/// A row of a listing.
pub trait Row: Members {
    /// Whether it has an id, without which it can be neither counted nor compared.
    fn is_usable(&self) -> bool;
}

impl<T> Page<T> {
    /// How many rows came, usable or not: where the next page starts.
    pub fn len(&self) -> usize {
        self.resources.len() + self.unusable
    }

    /// How many rows the listing has, as far as the page tells: the announced total, but never less than it holds.
    pub fn announced(&self) -> u64 {
        let rows = u64::try_from(self.len()).unwrap_or(u64::MAX);
        self.total_results.unwrap_or_default().max(rows)
    }

    /// Whether no row came.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'de, T: Row> Deserialize<'de> for Page<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pages(PhantomData))
    }
}

struct Pages<T>(PhantomData<T>);

impl<'de, T: Row> Visitor<'de> for Pages<T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a page of a listing")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Page<T>, A::Error> {
        let (mut total, mut rows): (Lenient<u64>, List<T>) = (Lenient::Absent, Lenient::Absent);
        // A page has one of the two at least; what has neither is something else, such as a sign-in service's answer.
        let mut is_page = false;
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*name {
                "totalResults" => total = map.next_value()?,
                "Resources" => rows = rows_of(&mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            }
            is_page = true;
        }
        if !is_page {
            return Err(serde::de::Error::custom("it has neither totalResults nor Resources"));
        }
        if rows.is_odd() {
            return Err(serde::de::Error::custom("its Resources are not a list"));
        }
        let Items { objects, odd } = rows.get().unwrap_or_default();
        let came = objects.len();
        let mut resources = objects;
        resources.retain(Row::is_usable);
        Ok(Page { total_results: total.as_ref().copied(), unusable: came - resources.len() + odd, resources })
    }
}

/// The rows; null stands for none (RFC 7643, section 2.5: "the null value, or an empty array … are equivalent").
fn rows_of<'de, A: MapAccess<'de>, T: Row>(map: &mut A) -> Result<List<T>, A::Error> {
    Ok(map.next_value::<Option<List<T>>>()?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::lenient::{Text, object};
    use super::*;

    object! {
        struct Named { id: Text = "id" }
    }

    impl Row for Named {
        fn is_usable(&self) -> bool {
            self.id.as_ref().is_some()
        }
    }

    fn page(json: &str) -> (Option<u64>, usize, usize) {
        let page: Page<Named> = serde_json::from_str(json).unwrap();
        (page.total_results, page.resources.len(), page.unusable)
    }

    #[test]
    fn no_rows_are_written_in_many_ways() {
        for none in [r#"{"totalResults":0}"#, r#"{"totalResults":0,"Resources":null}"#] {
            assert_eq!(page(none), (Some(0), 0, 0), "{none}");
        }
        assert_eq!(page(r#"{"Resources":[]}"#), (None, 0, 0));
        assert_eq!(page(r#"{"totalResults":"2","Resources":[{"id":"a"},{"id":"b"}]}"#), (Some(2), 2, 0));
        for total in ["null", "-1", "[]", "1.5", r#""many""#] {
            assert_eq!(
                page(&format!(r#"{{"totalResults":{total},"Resources":[{{"id":"a"}}]}}"#)),
                (None, 1, 0),
                "{total}"
            );
        }
    }

    #[test]
    fn a_row_without_a_usable_id_is_counted_and_costs_no_other() {
        let odd =
            r#"{"totalResults":8,"Resources":[null,7,"x",[],{"id":7},{"id":null},{},{"id":"a","id":"b"}]}"#;
        assert_eq!(page(odd), (Some(8), 1, 7));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for other in ["{}", r#"{"error":"x"}"#, "[]", "null", r#"{"totalResults":1,"Resources":{"id":"a"}}"#]
        {
            assert!(serde_json::from_str::<Page<Named>>(other).is_err(), "{other}");
        }
    }

    #[test]
    fn rows_that_nobody_asked_for_take_no_memory() {
        let row = r#"{"id":"a"},"#;
        let many = format!(r#"{{"totalResults":1,"Resources":[{}null]}}"#, row.repeat(300_000));
        let odd: Page<Named> = serde_json::from_str(&many).unwrap();
        assert_eq!((odd.resources.len(), odd.unusable), (10_000, 290_001));
    }
}
