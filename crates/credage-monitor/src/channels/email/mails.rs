//! The mails of a digest.

use std::collections::BTreeMap;

use askama::Template;
use lettre::Address;
use lettre::message::Mailbox;

use super::Recipients;
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
        Recipients::Owners { fallback } => {
            let (owned, rest) = by_owner(digest);
            let mut mails: Vec<Message> = owned
                .into_iter()
                .map(|(owner, items)| {
                    let page = Page::of(&digest.only(items), Audience::Owner, max_items);
                    mail(&page, vec![owner], texts(cc))
                })
                .collect();
            // Nobody else hears of what has no owner to be told; where nothing is due at all, that is told here too.
            let rest = Digest { problems: digest.problems.clone(), ..digest.only(rest) };
            if rest.has_news() || mails.is_empty() {
                let mut page = Page::of(&rest, Audience::Administrators, max_items);
                if !rest.items.is_empty() {
                    page.context.push_str(
                        " You are told because these owners have no address that mail can be sent to.",
                    );
                }
                mails.push(mail(&page, texts(fallback), texts(cc)));
            }
            mails
        }
    }
}

/// The items of each owner with a usable address, by address; and those of nobody.
fn by_owner(digest: &Digest) -> (BTreeMap<String, Vec<Item>>, Vec<Item>) {
    let mut owned: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    let mut rest = Vec::new();
    for item in &digest.items {
        match item.user_email.as_deref().and_then(usable) {
            Some(address) => owned.entry(address).or_default().push(item.clone()),
            None => rest.push(item.clone()),
        }
    }
    (owned, rest)
}

/// An address that mail can be sent to, in lower case: the same person may be a user of several domains.
fn usable(text: &str) -> Option<String> {
    let address: Address = text.trim().to_lowercase().parse().ok()?;
    Some(address.to_string())
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
