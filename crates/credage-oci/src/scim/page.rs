//! One page of a listing.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A page, as RFC 7644 section 3.4.2 has it. Servers leave out what it asks for: `Resources` where there are none, or the
/// total; and a total is a claim, to be compared with what comes.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Page<T> {
    /// How many rows the whole listing has, as of this page; `None` where the page does not say, or says no number.
    #[serde(rename = "totalResults", default, deserialize_with = "total")]
    pub total_results: Option<u64>,
    /// The rows of this page.
    #[serde(rename = "Resources", default = "Vec::new", deserialize_with = "rows")]
    pub resources: Vec<T>,
}

impl<T> Page<T> {
    /// How many rows the listing has, as far as the page tells: the announced total, but never less than it holds.
    pub fn announced(&self) -> u64 {
        let rows = u64::try_from(self.resources.len()).unwrap_or(u64::MAX);
        self.total_results.unwrap_or_default().max(rows)
    }
}

fn total<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

fn rows<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Bounded<T>>::deserialize(deserializer)?.map_or_else(Vec::new, |rows| rows.0))
}

/// The most rows of a page that are kept. No request asks for as many, so that too many are still noticed; millions of empty
/// ones, which a body of allowed size holds, would fill the memory.
const MOST_ROWS: usize = 2 * 1000;

/// The first rows of a list.
struct Bounded<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Rows(PhantomData))
    }
}

struct Rows<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Rows<T> {
    type Value = Bounded<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Bounded<T>, A::Error> {
        let mut rows = Vec::new();
        while rows.len() < MOST_ROWS {
            match list.next_element()? {
                Some(row) => rows.push(row),
                None => return Ok(Bounded(rows)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Bounded(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(json: &str) -> Page<u8> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_a_page_leaves_out_or_writes_oddly_is_no_error() {
        let odd = page(r#"{"totalResults":"12","Resources":null}"#);
        assert_eq!((odd.total_results, odd.resources), (Some(12), Vec::new()));
        let bare = page("{}");
        assert_eq!((bare.total_results, bare.resources), (None, Vec::new()));
        for total in ["null", "-1", "[]", "1.5", r#""many""#] {
            let odd = page(&format!(r#"{{"totalResults":{total},"Resources":[1]}}"#));
            assert_eq!((odd.total_results, odd.resources), (None, vec![1]), "{total}");
        }
    }

    #[test]
    fn rows_that_nobody_asked_for_take_no_memory() {
        let many = format!(r#"{{"totalResults":1,"Resources":[{}1]}}"#, "1,".repeat(3_000_000));
        let odd = page(&many);
        assert_eq!(odd.resources.len(), MOST_ROWS);
        assert!(odd.resources.capacity() <= 2 * MOST_ROWS);
    }
}
