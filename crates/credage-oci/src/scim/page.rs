//! One page of a listing.

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
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
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
}
