//! The mails of a digest.

use std::collections::HashMap;

use askama::Template;
use lettre::Address;
use lettre::message::Mailbox;

use super::{Recipients, address};
use crate::channels::message::{Message, Part};
use crate::digest::{Digest, Item};
use crate::page::{Audience, Page};
use crate::text::text;

/// The HTML part: inline styles, nothing from elsewhere, everything escaped.
#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    page: &'a Page,
}

/// One mail to the list; or one to each owner, and one about the rest.
pub(super) fn render(digest: &Digest, to: &Recipients, cc: &[Mailbox], max_items: usize) -> Vec<Message> {
    match to {
        Recipients::List(list) => {
            let page = Page::of(digest, Audience::Administrators, max_items);
            vec![mail(&page, texts(list), texts(cc))]
        }
        Recipients::Owners { fallback } => to_owners(digest, fallback, cc, max_items),
    }
}

/// A mail to each owner, and one about the rest, in the order of the most urgent credential of each: where a server takes
/// no more of them, those get theirs who need them most.
fn to_owners(digest: &Digest, fallback: &[Mailbox], cc: &[Mailbox], max_items: usize) -> Vec<Message> {
    let mut mails = Vec::new();
    let mut told = false;
    for (owner, items) in by_owner(digest) {
        if let Some(owner) = owner {
            let page = Page::of(&digest.only(items), Audience::Owner, max_items);
            mails.push(mail(&page, vec![owner.to_string()], texts(cc)));
        } else {
            told = true;
            mails.push(about_the_rest(digest, items, fallback, cc, max_items));
        }
    }
    // Nobody else hears of what could not be read; where nothing is due at all, that is told here too.
    if !told && (!digest.problems.is_empty() || mails.is_empty()) {
        mails.push(about_the_rest(digest, Vec::new(), fallback, cc, max_items));
    }
    mails
}

fn about_the_rest(
    digest: &Digest,
    items: Vec<Item>,
    fallback: &[Mailbox],
    cc: &[Mailbox],
    max_items: usize,
) -> Message {
    let rest = Digest { problems: digest.problems.clone(), ..digest.only(items) };
    let mut page = Page::of(&rest, Audience::Administrators, max_items);
    if !rest.items.is_empty() {
        page.context.push_str(" You receive this because these owners have no usable email address.");
    }
    mail(&page, texts(fallback), texts(cc))
}

/// The items of each owner with a usable address, and those of nobody, in the order in which they come first.
fn by_owner(digest: &Digest) -> Vec<(Option<Address>, Vec<Item>)> {
    let mut places: HashMap<Option<Address>, usize> = HashMap::new();
    let mut groups: Vec<(Option<Address>, Vec<Item>)> = Vec::new();
    for item in &digest.items {
        let owner = item.user_email.as_deref().and_then(address::of_user);
        let place = *places.entry(owner.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, items)) => items.push(item.clone()),
            None => groups.push((owner, vec![item.clone()])),
        }
    }
    groups
}

fn texts(list: &[Mailbox]) -> Vec<String> {
    list.iter().map(Mailbox::to_string).collect()
}

fn mail(page: &Page, to: Vec<String>, cc: Vec<String>) -> Message {
    // Rendering writes to a string, which cannot fail; and if it did, the text part says everything too.
    let html = Html { page }.render().ok().map(Part::html);
    let parts = std::iter::once(Part::text(text(page))).chain(html).collect();
    Message::new(to, cc, page.subject.clone(), parts)
}
