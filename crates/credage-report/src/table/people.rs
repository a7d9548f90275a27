//! People who have users in several domains: whoever leaves must be thought of in each.

use credage_core::Assessment;

use super::layout::{Page, plural};

/// How many are named.
const SHOWN: usize = 5;

/// Writes them, if there are any.
pub(super) fn render(assessment: &Assessment<'_>, page: &mut Page) {
    let people = assessment.people();
    if people.is_empty() {
        return;
    }
    page.heading("In several domains");
    for person in people.iter().take(SHOWN) {
        let mut domains: Vec<_> = person.users.iter().map(|(domain, _)| domain.domain.label()).collect();
        domains.dedup();
        page.point(&format!(
            "{}: {} in {}.",
            person.email,
            plural(person.credentials, "credential"),
            domains.join(", ")
        ));
    }
    if people.len() > SHOWN {
        page.text(&format!("… and {} more people; --format json has them all.", people.len() - SHOWN));
    }
}
