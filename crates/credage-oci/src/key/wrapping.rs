//! What variables, JSON documents and secret stores do to a PEM: line breaks become the letters `\n` or blanks, and all of
//! it is packed in base64 once more.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

const FRAME: &str = "-----";
const BEGIN: &str = "-----BEGIN ";

/// A text as a PEM has it: itself, where nothing was done to it.
pub(super) fn unwrapped(text: &[u8]) -> Cow<'_, [u8]> {
    let Ok(found) = std::str::from_utf8(text) else { return Cow::Borrowed(text) };
    let packed = if found.contains(BEGIN) { None } else { unpacked(found) };
    let inner = packed.as_ref().map_or(found, |packed| packed.as_str());
    match (broken(inner), &packed) {
        (Some(lines), _) => Cow::Owned(lines.into_bytes()),
        (None, Some(packed)) => Cow::Owned(packed.as_bytes().to_vec()),
        (None, None) => Cow::Borrowed(text),
    }
}

/// What is packed in base64: a whole PEM, or the bare key, which then gets the frame that its first bytes call for.
fn unpacked(text: &str) -> Option<Zeroizing<String>> {
    let plain: Zeroizing<String> = Zeroizing::new(text.replace("\\n", "").split_whitespace().collect());
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(plain.trim_matches(['"', '\''])).ok()?);
    let tag = match bytes.as_slice() {
        [] => return None,
        der if der.first() == Some(&0x30) => tag_of(der)?,
        pem => {
            let pem = std::str::from_utf8(pem).ok().filter(|pem| pem.contains(BEGIN))?;
            return Some(Zeroizing::new(pem.to_owned()));
        }
    };
    Some(Zeroizing::new(format!("{BEGIN}{tag}{FRAME}\n{}\n{FRAME}END {tag}{FRAME}\n", lines(&plain))))
}

/// Which frame a key without one would have. All three are sequences: an encrypted key begins with a sequence, a plain one
/// with its version, which is followed by a sequence (PKCS#8) or by a number (PKCS#1).
fn tag_of(der: &[u8]) -> Option<&'static str> {
    use pkcs8::der::Decode;
    use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
    if PrivateKeyInfoRef::try_from(der).is_ok() {
        return Some("PRIVATE KEY");
    }
    let sealed = EncryptedPrivateKeyInfoRef::try_from(der).is_ok()
        || super::pbes1::Sealed::of(der).is_ok_and(|found| found.is_some());
    if sealed {
        return Some("ENCRYPTED PRIVATE KEY");
    }
    let any: pkcs8::der::AnyRef<'_> = pkcs8::der::AnyRef::from_der(der).ok()?;
    // Version 0 and a modulus: two integers.
    matches!(any.value(), [0x02, 0x01, 0x00, 0x02, ..]).then_some("RSA PRIVATE KEY")
}

/// The PEM with its line breaks, where it has lost them.
fn broken(text: &str) -> Option<String> {
    if text.contains("\\n") {
        let whole = text.replace("\\r\\n", "\n").replace("\\n", "\n");
        return Some(whole);
    }
    let start = text.find(BEGIN)?;
    let head = text.get(start + BEGIN.len()..)?;
    let (tag, rest) = head.split_once(FRAME)?;
    let (body, _) = rest.split_once(&format!("{FRAME}END {tag}{FRAME}"))?;
    let one_line = !body.trim().contains(['\n', '\r']) && body.trim().len() > LINE;
    let indented = body.lines().any(|line| line.starts_with([' ', '\t']));
    // Headers cannot be told from the body without their lines.
    let plain = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/= \t\r\n".contains(&byte));
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    ((one_line || indented) && plain)
        .then(|| format!("{BEGIN}{tag}{FRAME}\n{}\n{FRAME}END {tag}{FRAME}\n", lines(&body)))
}

/// How long a line of a PEM is (RFC 7468).
const LINE: usize = 64;

fn lines(base64: &str) -> String {
    let lines = base64.as_bytes().chunks(LINE).filter_map(|line| std::str::from_utf8(line).ok());
    lines.collect::<Vec<_>>().join("\n")
}
