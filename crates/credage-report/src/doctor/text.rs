//! The examination for people: a line a check with its verdict in front, then what to grant, last what an audit comes to.

use std::io::Write;

use credage_core::{Check, Estimate, Examination, Kind, Prospect, Verdict};

use crate::table::layout::{Mark, Page, plural};
use crate::{RenderError, RenderOptions};

/// Writes the examination; `demo` says that it is of the demo, whose next step is one's own tenancy.
pub fn render_text(
    examination: &Examination,
    options: &RenderOptions,
    out: &mut dyn Write,
) -> Result<(), RenderError> {
    let mut page = Page::new(options);
    for (place, group) in examination.groups.iter().enumerate() {
        if place == 0 {
            page.strong(&group.title);
        } else {
            page.heading(&group.title);
        }
        for check in &group.checks {
            line(check, &mut page);
        }
    }
    statements(examination, &mut page);
    page.heading("An audit");
    page.text(&outlook(examination));
    if options.demo {
        page.text("Look at your own tenancy, with the profile of the `oci` command: credage doctor");
    }
    out.write_all(page.finish().as_bytes())?;
    Ok(())
}

fn line(check: &Check, page: &mut Page) {
    let mark = match check.verdict {
        Verdict::Ok => Mark::Good,
        Verdict::Skipped => Mark::Aside,
        Verdict::Warning => Mark::Warning,
        Verdict::Problem => Mark::Bad,
    };
    let request = check.request_id.as_ref().map_or_else(String::new, |id| format!(" [opc-request-id {id}]"));
    let kind = check.subject.parse::<Kind>().ok();
    let subject = kind.map_or_else(|| check.subject.replace('_', " "), |kind| kind.label().to_owned());
    page.marked(check.verdict.as_str(), mark, &format!("{subject}: {}{request}", check.detail));
    if !check.statements.is_empty() {
        page.under_mark("Next: have it granted, see below.");
    } else if let Some(remedy) = &check.remedy {
        page.under_mark(&format!("Next: {remedy}."));
        if let Some(note) = &check.uncertain {
            page.under_mark(&format!("Not certain: {note}."));
        }
    }
}

fn statements(examination: &Examination, page: &mut Page) {
    let statements = examination.statements();
    if statements.is_empty() {
        return;
    }
    page.heading("To be granted");
    let granting = || examination.checks().filter(|check| !check.statements.is_empty());
    for remedy in each_once(granting().filter_map(|check| check.remedy.as_deref())) {
        page.text(&format!("Next: {remedy}:"));
    }
    for statement in statements {
        page.verbatim(statement);
    }
    for note in each_once(granting().filter_map(|check| check.uncertain.as_deref())) {
        page.text(&format!("Not certain: {note}."));
    }
}

fn each_once<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut all = Vec::new();
    for text in texts {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn outlook(examination: &Examination) -> String {
    let count = |verdict, one: &str| {
        let count = u64::try_from(examination.count(verdict)).unwrap_or(u64::MAX);
        plural(count, one)
    };
    let found = format!("{} and {}.", count(Verdict::Problem, "problem"), count(Verdict::Warning, "warning"));
    let meaning = match examination.prospect() {
        Prospect::Complete => "An audit can read everything.",
        Prospect::Misuse => "An audit would end before it begins (exit code 2).",
        Prospect::Incomplete => "An audit would be incomplete (exit code 3).",
        Prospect::Nothing => "An audit could read nothing (exit code 4).",
    };
    let cost = examination.estimate().map_or_else(String::new, |estimate| format!(" {}", spoken(estimate)));
    format!("{found} {meaning}{cost}")
}

fn spoken(estimate: Estimate) -> String {
    let requests = plural(estimate.requests, "request");
    let time = match estimate.seconds {
        0..=1 => "a second or two".to_owned(),
        seconds @ 2..=119 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    };
    format!("It takes about {requests}, and {time} at the domains' pace.")
}
