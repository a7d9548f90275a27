//! A page as plain text, which reads well on its own: in mail, in a topic's subscribers' mail, on a terminal.

use askama::Template;

use crate::page::Page;

#[derive(Template)]
#[template(path = "page.txt")]
struct Text<'a> {
    page: &'a Page,
}

/// The text.
pub(crate) fn text(page: &Page) -> String {
    // Rendering writes to a string, which cannot fail.
    Text { page }.render().unwrap_or_default()
}
