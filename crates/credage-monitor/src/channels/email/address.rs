//! Addresses: what counts as one, and when two are the same.
//!
//! Valid is what the mail library can write into a header and read back, since that is what it sends to. Letters are folded
//! in ASCII alone: beyond it, folding makes one address of two (`K`, the Kelvin sign, would become `k`), and somebody else
//! would be told.

use lettre::Address;
use lettre::message::Mailbox;

/// The address of a user: of one whose name the domain gives in capitals, the same.
pub(super) fn of_user(text: &str) -> Option<Address> {
    let address: Address = text.trim().to_ascii_lowercase().parse().ok()?;
    is_sendable(&Mailbox::new(None, address.clone())).then_some(address)
}

/// A name with an address, as people write them.
pub(super) fn mailbox(text: &str) -> Option<Mailbox> {
    let mailbox: Mailbox = text.parse().ok()?;
    is_sendable(&mailbox).then_some(mailbox)
}

/// Whether both are the same address.
pub(super) fn is_same(one: &str, two: &str) -> bool {
    one.eq_ignore_ascii_case(two)
}

/// Whether the mail library sends to this address when it is told to, and to no other.
fn is_sendable(mailbox: &Mailbox) -> bool {
    let read_back = mailbox.to_string().parse::<Mailbox>();
    if !read_back.is_ok_and(|read| read.email == mailbox.email)
        || mailbox.to_string().contains(char::is_control)
    {
        return false;
    }
    let mail = lettre::Message::builder().from(mailbox.clone()).to(mailbox.clone()).body(String::new());
    mail.is_ok_and(|mail| {
        let envelope = mail.envelope();
        envelope.to() == [mailbox.email.clone()] && envelope.from() == Some(&mailbox.email)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_folded_in_ascii_alone() {
        let folded = |text: &str| of_user(text).map(|address| address.to_string());
        assert_eq!(folded(" Ada@Example.COM "), Some("ada@example.com".to_owned()));
        assert_eq!(folded("ﬁ\u{212a}@example.com"), Some("ﬁ\u{212a}@example.com".to_owned()));
        assert_ne!(folded("\u{212a}im@example.com"), folded("kim@example.com"));
        assert_ne!(folded("ÄDA@example.com"), folded("äda@example.com"));
        assert!(is_same("A@b.example", "a@B.example") && !is_same("\u{212a}@b.example", "k@b.example"));
    }

    #[test]
    fn what_the_library_does_not_send_to_is_no_address() {
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "a b@example.com",
            "ada@exa mple.com",
            "a@b.example\r\nBcc: c@d.example",
            "a@b.example, c@d.example",
            "a@b.example;c@d.example",
            "ada@@example.com",
            "ada.@example.com",
            "ada@example..com",
        ] {
            assert_eq!(of_user(wrong), None, "{wrong}");
        }
        for good in ["ada+tag@example.com", "o'brien@example.com", "ada@localhost", "ada@münchen.example"] {
            assert!(of_user(good).is_some(), "{good}");
        }
    }

    proptest::proptest! {
        /// Whatever passes is sent to that address alone, and its fold is itself.
        #[test]
        fn what_is_an_address_is_sent_to(text in "[ -~]{0,12}@[ -~]{0,12}|\\PC{0,12}@\\PC{0,12}|.{0,30}|[\"a.\\\\ ]{0,8}@b\\.c") {
            if let Some(address) = of_user(&text) {
                let again = of_user(address.as_ref());
                proptest::prop_assert_eq!(again.as_ref(), Some(&address));
                let written: Mailbox = address.to_string().parse().unwrap();
                proptest::prop_assert_eq!(written.email, address);
            }
            if let Some(mailbox) = mailbox(&text) {
                let written: Mailbox = mailbox.to_string().parse().unwrap();
                proptest::prop_assert_eq!(written.email, mailbox.email);
            }
        }
    }
}
