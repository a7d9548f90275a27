//! Private keys: every form in which OCI users keep them, read into one.

mod error;
mod legacy;
mod pbes1;
mod wrapping;

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use md5::{Digest, Md5};
use pem::Pem;
use pkcs8::EncryptedPrivateKeyInfoRef;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

pub use self::error::KeyError;

/// Reads a private key from PEM: PKCS#8 or PKCS#1, plain or encrypted (PBES2, PBES1, or the older `DEK-Info`).
///
/// Text before and after the key is passed over: keys from the console end in a line `OCI_API_KEY`. Keys that went through a
/// variable or a JSON document may have lost their line breaks, or be packed in base64 once more; that is undone.
pub fn read(text: &[u8], passphrase: Option<&SecretString>) -> Result<Arc<RsaKeyPair>, KeyError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(KeyError::Empty);
    }
    let text = wrapping::unwrapped(text);
    let blocks = pem::parse_many(&*text).map_err(|error| KeyError::NotPem(error.to_string()))?;
    let Some(block) = blocks.iter().find(|block| block.tag().ends_with("PRIVATE KEY")) else {
        return Err(blocks
            .first()
            .map_or_else(|| KeyError::NotPem("no BEGIN line".to_owned()), not_a_private_key));
    };
    let pair = match block.tag() {
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(block.contents()),
        "ENCRYPTED PRIVATE KEY" => RsaKeyPair::from_pkcs8(&decrypt_pkcs8(block, passphrase)?),
        "RSA PRIVATE KEY" => {
            let der = match block.headers().get("DEK-Info") {
                Some(info) => legacy::decrypt(info, block.contents(), passphrase)?,
                None => Zeroizing::new(block.contents().to_vec()),
            };
            RsaKeyPair::from_der(&der)
        }
        "OPENSSH PRIVATE KEY" => return Err(KeyError::OpenSsh),
        other => return Err(KeyError::NotRsa(other.to_owned())),
    };
    let pair = pair.map_err(|error| KeyError::Rejected(error.to_string()))?;
    Ok(Arc::new(pair))
}

/// The fingerprint by which OCI knows a key: the MD5 of its public half (DER, SubjectPublicKeyInfo), in pairs of
/// hexadecimal digits (Oracle's documentation, "Required Keys and OCIDs").
pub fn fingerprint(pair: &RsaKeyPair) -> Result<String, KeyError> {
    let der =
        pair.public_key().as_der().map_err(|_| KeyError::Rejected("it has no public half".to_owned()))?;
    let digest = Md5::digest(der.as_ref());
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":"))
}

fn not_a_private_key(block: &Pem) -> KeyError {
    match block.tag() {
        tag if tag.ends_with("PUBLIC KEY") => KeyError::Public,
        "CERTIFICATE" => KeyError::Certificate,
        other => KeyError::NotPem(format!("it holds a {other}")),
    }
}

fn decrypt_pkcs8(block: &Pem, passphrase: Option<&SecretString>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if let Some(sealed) = pbes1::Sealed::of(block.contents())? {
        return sealed.open(passphrase.ok_or(KeyError::PassphraseNeeded)?);
    }
    let info = EncryptedPrivateKeyInfoRef::try_from(block.contents())
        .map_err(|error| KeyError::Unsupported(error.to_string()))?;
    let passphrase = passphrase.ok_or(KeyError::PassphraseNeeded)?;
    let plain = info.decrypt(passphrase.expose_secret()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed) => KeyError::WrongPassphrase,
        pkcs8::Error::EncryptedPrivateKey(other) => KeyError::Unsupported(other.to_string()),
        // What was decrypted is no key: the padding was right by chance.
        _ => KeyError::WrongPassphrase,
    })?;
    Ok(Zeroizing::new(plain.as_bytes().to_vec()))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
