//! A digest in words, bounded and safe, for every channel that people read.
//!
//! Whatever came from outside goes through [`clean`] once, here: without control characters, line breaks or marks that
//! turn text, and never longer than a line. What a channel does beyond that (HTML, mrkdwn) is its own escaping.

mod words;

use credage_core::Standing;

pub use self::words::clean;
use self::words::{counted, day, due, minute, or_none, plural, standing, title};
use crate::digest::{Counts, Digest, Item, Problem};

/// The most problems that a page names.
const MAX_PROBLEMS: usize = 20;
/// The most characters of a subject: what mail programs and consoles show of one.
const MAX_SUBJECT: usize = 150;

/// Who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those who look after the whole tenancy.
    Administrators,
    /// One owner, who is told of their own credentials alone.
    Owner,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The most urgent fact, in one line.
    pub subject: String,
    /// The numbers.
    pub headline: String,
    /// Of what, as of when, by which limits.
    pub context: String,
    /// Whether something could not be read, in one sentence.
    pub alarm: Option<String>,
    /// What could not be read.
    pub problems: Vec<String>,
    /// The credentials, most urgent first.
    pub entries: Vec<Entry>,
    /// How many more there are, and where.
    pub more: Option<String>,
    /// What else to know.
    pub closing: String,
}

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub number: usize,
    /// Where it stands.
    pub standing: Standing,
    /// The same for people, in capitals: `OVERDUE`.
    pub mark: String,
    /// What it is: `API key "laptop"`.
    pub title: String,
    /// Whose it is, and where.
    pub owner: String,
    /// When it is or was due.
    pub when: String,
    /// How to find it.
    pub id: String,
    /// What to do, in order.
    pub steps: Vec<EntryStep>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryStep {
    /// Its letter, from `a`.
    pub letter: char,
    /// In words.
    pub text: String,
    /// The command, ready to paste.
    pub command: Option<String>,
}

impl Page {
    /// The page of a digest, with at most `max_items` credentials.
    pub fn of(digest: &Digest, audience: Audience, max_items: usize) -> Self {
        let items = &digest.items;
        let entries =
            items.iter().zip(1..).take(max_items).map(|(item, number)| entry(item, number)).collect();
        let hidden = items.get(max_items..).unwrap_or_default();
        let more = (!hidden.is_empty()).then(|| more(hidden, audience));
        Self {
            subject: subject(digest, items.first(), audience),
            headline: headline(digest, audience),
            context: context(digest),
            alarm: (!digest.is_complete()).then(|| {
                "NOT COMPLETE: not everything that was asked for could be read, so more may be due."
                    .to_owned()
            }),
            problems: problems(&digest.problems),
            entries,
            more,
            closing: closing(digest, audience),
        }
    }
}

impl Entry {
    /// The colour of its standing, for those who see colours; the words say the same.
    pub const fn colour(&self) -> &'static str {
        match self.standing {
            Standing::Expired | Standing::Overdue => "#cf222e",
            Standing::DueSoon => "#9a6700",
            Standing::Unknown | Standing::Waived | Standing::Fresh => "#59636e",
        }
    }
}

fn entry(item: &Item, number: usize) -> Entry {
    let level = item.level.map_or_else(String::new, |level| format!(" ({})", level.as_str()));
    let named = match item.user_name.as_str() {
        "" => format!("user {} (not in the user listing)", clean(&item.user_id)),
        name => clean(name),
    };
    let email = item.user_email.as_deref().filter(|email| *email != item.user_name);
    let email = email.map_or_else(String::new, |email| format!(" <{}>", clean(email)));
    let fingerprint =
        item.fingerprint.as_deref().map_or_else(String::new, |text| format!(", fingerprint {}", clean(text)));
    let steps = item.steps.iter().zip('a'..='z').map(|(step, letter)| EntryStep {
        letter,
        text: clean(&step.text),
        command: step.command.as_deref().map(words::clean_command),
    });
    Entry {
        number,
        standing: item.standing,
        mark: format!("{}{level}", standing(item.standing).to_uppercase()),
        title: title(item),
        owner: format!("{named}{email}, domain {}", clean(&item.domain)),
        when: due(item),
        id: format!("id {}{fingerprint}", clean(&item.credential_id)),
        steps: steps.collect(),
    }
}

fn subject(digest: &Digest, first: Option<&Item>, audience: Audience) -> String {
    let sample = if digest.sample { "SAMPLE: " } else { "" };
    let fact = match (first, audience) {
        (Some(first), Audience::Owner) => {
            let others = digest.items.len() - 1;
            let others = if others == 0 { String::new() } else { format!(" (and {others} more)") };
            format!("your {} {}{others}", title(first), words::fate(first))
        }
        (Some(first), Audience::Administrators) => {
            let late = counted(&digest.counts);
            let late = late.as_deref().unwrap_or("due");
            let gap = if digest.is_complete() { "" } else { "; not everything could be read" };
            format!(
                "{late}{gap}; first: {} of {} {}",
                title(first),
                or_none(&first.user_name, &first.user_id),
                words::fate(first)
            )
        }
        (None, _) if !digest.is_complete() => {
            format!("the audit could not read everything ({})", plural(digest.problems.len(), "problem"))
        }
        (None, _) => "nothing to do".to_owned(),
    };
    words::clip(&format!("[credage] {sample}{fact}"), MAX_SUBJECT)
}

fn headline(digest: &Digest, audience: Audience) -> String {
    let Counts { fresh, waived, .. } = digest.counts;
    let waived = if waived == 0 { String::new() } else { format!(" {waived} waived.") };
    match (counted(&digest.counts), audience) {
        (Some(counts), Audience::Owner) => format!("Of your credentials: {counts}."),
        (Some(counts), Audience::Administrators) => format!("{counts}, {fresh} fresh.{waived}"),
        (None, _) if digest.is_complete() => format!("Nothing is due: {fresh} fresh.{waived}"),
        (None, _) => format!("Nothing that could be read is due: {fresh} fresh.{waived}"),
    }
}

fn context(digest: &Digest) -> String {
    let names: Vec<String> = digest.domains.iter().map(|domain| clean(&domain.name)).collect();
    let place = match names.as_slice() {
        [] => "No domain".to_owned(),
        few if few.len() <= 3 => few.join(", "),
        many => format!("{} domains", many.len()),
    };
    let tenancy = match digest.tenancies.as_slice() {
        [] => String::new(),
        few => format!(" (tenancy {})", few.iter().map(|ocid| clean(ocid)).collect::<Vec<_>>().join(", ")),
    };
    format!("{place}{tenancy}. As of {}. {}; own expiry honoured.", minute(digest.as_of), limit(digest))
}

fn limit(digest: &Digest) -> String {
    let warn = digest.warn_before_days;
    match digest.max_age_days {
        Some(max) => format!("Limit {max} days, warning from day {}", max.saturating_sub(warn)),
        None => format!("No limit of age, warning {warn} days before expiry"),
    }
}

fn problems(problems: &[Problem]) -> Vec<String> {
    let mut lines: Vec<String> = problems.iter().take(MAX_PROBLEMS).map(problem).collect();
    let hidden = problems.len().saturating_sub(MAX_PROBLEMS);
    if hidden > 0 {
        lines.push(format!("and {hidden} more; see Coverage in the report"));
    }
    lines
}

fn problem(problem: &Problem) -> String {
    let request = problem.request_id.as_deref();
    let request = request.map_or_else(String::new, |id| format!(" [opc-request-id {}]", clean(id)));
    let hint =
        if problem.hint.is_empty() { String::new() } else { format!(" Next: {}.", clean(&problem.hint)) };
    let (what, reason) = (clean(&problem.what), clean(&problem.reason));
    match &problem.domain {
        Some(domain) => format!("{}, {what}: {}: {reason}.{request}{hint}", clean(domain), problem.verdict),
        None => format!("could not {what}: {reason}.{request} More domains may exist.{hint}"),
    }
}

fn more(hidden: &[Item], audience: Audience) -> String {
    let of = |wanted| hidden.iter().filter(|item| item.standing == wanted).count();
    let parts: Vec<_> = Standing::ALL
        .into_iter()
        .map(|each| (of(each), standing(each)))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    let whole = match audience {
        Audience::Administrators => "The whole list: credage audit --format csv",
        Audience::Owner => "Ask your administrators for the whole list.",
    };
    format!("… and {} more ({}). {whole}", hidden.len(), parts.join(", "))
}

fn closing(digest: &Digest, audience: Audience) -> String {
    match (digest.sample, audience) {
        (true, _) => "This is a sample: nothing of it is real. It shows that the channel works.".to_owned(),
        (false, Audience::Owner) => {
            "Sent by credage to the owner of these credentials. No secret is in this message, and nobody will ask you for one."
                .to_owned()
        }
        (false, Audience::Administrators) => {
            format!("Sent by credage; dates are in UTC, {}.", day(digest.as_of))
        }
    }
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
