//! A writer that lets through text and colours, and shows everything else that acts on a terminal as what it is.

use std::io::{self, Write};

use credage_report::sanitize::is_harmful;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest colour sequence; ours are far shorter.
const MAX_COLOUR: usize = 32;

/// Text and colours (`ESC [ … m`) get through, in whatever pieces they come. Renderers make names harmless one by one; this
/// catches what one of them forgets.
pub(crate) struct Harmless<W> {
    inner: W,
    /// The beginning of a character or of a colour, whose end has not come yet.
    pending: Vec<u8>,
    /// Whether something was written already.
    begun: bool,
}

/// What a text begins with.
enum Head {
    Text(char),
    Colour(usize),
    Unfinished,
}

impl<W: Write> Harmless<W> {
    pub(crate) const fn new(inner: W) -> Self {
        Self { inner, pending: Vec::new(), begun: false }
    }

    /// Writes what is whole; what is not waits for its end, or is written as it is where there is `no_more`.
    fn pass(&mut self, no_more: bool) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.pending);
        let mut shown = String::with_capacity(bytes.len() + 16);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.pending.extend_from_slice(show(text, no_more, &mut shown).as_bytes());
                    break;
                }
                Err(error) => {
                    let (good, bad) = rest.split_at_checked(error.valid_up_to()).unwrap_or((rest, &[]));
                    let unfinished = error.error_len().is_none() && !no_more;
                    let text = std::str::from_utf8(good).unwrap_or_default();
                    let left = show(text, !unfinished, &mut shown);
                    if unfinished {
                        self.pending.extend_from_slice(left.as_bytes());
                        self.pending.extend_from_slice(bad);
                        break;
                    }
                    shown.push('\u{fffd}');
                    rest = bad.get(error.error_len().unwrap_or(bad.len())..).unwrap_or_default();
                }
            }
        }
        self.inner.write_all(shown.as_bytes())
    }
}

impl<W: Write> Write for Harmless<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let all = bytes.len();
        // A byte order mark at the very beginning says how to read what follows (`--csv-dialect excel`), and shows nothing.
        let mark = bytes.strip_prefix(BYTE_ORDER_MARK).filter(|_| !self.begun);
        if mark.is_some() {
            self.inner.write_all(BYTE_ORDER_MARK)?;
        }
        self.begun |= all > 0;
        let bytes = mark.unwrap_or(bytes);
        // Most of what is written is plain, and looked at no further.
        if self.pending.is_empty() && is_plain(bytes) {
            self.inner.write_all(bytes)?;
        } else {
            self.pending.extend_from_slice(bytes);
            self.pass(false)?;
        }
        Ok(all)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(true)?;
        self.inner.flush()
    }
}

/// Whether it is lines of ASCII alone.
fn is_plain(bytes: &[u8]) -> bool {
    let mut after = bytes.iter().skip(1).chain([&0]);
    bytes.iter().all(|byte| {
        let next = after.next();
        matches!(byte, b' '..=b'~' | b'\n' | b'\t') || (*byte == b'\r' && next == Some(&b'\n'))
    })
}

/// Appends what may be shown; gives back what is not whole yet.
fn show<'t>(text: &'t str, no_more: bool, shown: &mut String) -> &'t str {
    let mut rest = text;
    while let Some(head) = head(rest) {
        let taken = match head {
            Head::Unfinished if !no_more => return rest,
            Head::Unfinished => {
                let first = rest.chars().next().unwrap_or_default();
                shown.extend(first.escape_default());
                first.len_utf8()
            }
            Head::Colour(length) => {
                shown.push_str(rest.get(..length).unwrap_or_default());
                length
            }
            Head::Text(c) => {
                if is_harmful(c) && !matches!(c, '\n' | '\t') && !rest.starts_with("\r\n") {
                    shown.extend(c.escape_default());
                } else {
                    shown.push(c);
                }
                c.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    rest
}

fn head(text: &str) -> Option<Head> {
    let first = text.chars().next()?;
    // A carriage return is the end of a line only before a line feed.
    if text == "\r" {
        return Some(Head::Unfinished);
    }
    if first != '\u{1b}' {
        return Some(Head::Text(first));
    }
    let Some(inside) = text.strip_prefix("\u{1b}[") else {
        return Some(if text.len() == 1 { Head::Unfinished } else { Head::Text(first) });
    };
    let digits = inside.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    Some(match inside.as_bytes().get(digits) {
        Some(b'm') => Head::Colour(digits + 3),
        None if digits < MAX_COLOUR => Head::Unfinished,
        _ => Head::Text(first),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(pieces: &[&[u8]]) -> String {
        let mut out = Harmless::new(Vec::new());
        for piece in pieces {
            out.write_all(piece).unwrap();
        }
        out.flush().unwrap();
        String::from_utf8(out.inner).unwrap()
    }

    #[test]
    fn colours_pass_and_nothing_else_does() {
        assert_eq!(through(&[b"\x1b[1;31mred\x1b[0m\r\n\tx"]), "\u{1b}[1;31mred\u{1b}[0m\r\n\tx");
        assert_eq!(through(&[b"\x1b[2Jx\x1b]0;t\x07"]), r"\u{1b}[2Jx\u{1b}]0;t\u{7}");
        assert_eq!(through(&[b"a\rb\x7f"]), r"a\rb\u{7f}");
        assert_eq!(through(&["\u{9b}31m\u{202e}é".as_bytes()]), r"\u{9b}31m\u{202e}é");
        assert_eq!(through(&[b"x\r"]), r"x\r");
        assert_eq!(through(&[b"\xffx\x1b"]), "\u{fffd}x\\u{1b}");
        assert_eq!(through(&[b"\x1b[", "1".repeat(99).as_bytes()]), format!("\\u{{1b}}[{}", "1".repeat(99)));
    }

    #[test]
    fn a_byte_order_mark_passes_at_the_very_beginning_alone() {
        assert_eq!(through(&["\u{feff}a;é\u{feff}\r\n".as_bytes()]), "\u{feff}a;é\\u{feff}\r\n");
        assert_eq!(through(&["\u{feff}".as_bytes(), "\u{feff}x".as_bytes()]), "\u{feff}\\u{feff}x");
        assert_eq!(through(&[b"x", "\u{feff}".as_bytes()]), "x\\u{feff}");
    }

    #[test]
    fn it_does_not_matter_where_a_text_is_cut() {
        let whole = "é\u{1b}[31mé\u{202e}\u{1b}[2J\u{1b}]x\r\n𝄞".as_bytes();
        let wanted = through(&[whole]);
        for at in 0..whole.len() {
            let (one, two) = whole.split_at(at);
            assert_eq!(through(&[one, two]), wanted, "{at}");
        }
        assert_eq!(through(&whole.chunks(1).collect::<Vec<_>>()), wanted);
    }
}
