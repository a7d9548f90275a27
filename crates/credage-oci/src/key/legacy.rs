//! The older encryption of PEM files, which OpenSSL 1.x wrote and `oci setup keys` may have left behind:
//! `Proc-Type: 4,ENCRYPTED` with `DEK-Info: CIPHER,IV` (RFC 1421), the key derived by OpenSSL's `EVP_BytesToKey`
//! with MD5 and one iteration.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::KeyError;

/// Salt of the derivation: the first bytes of the initialisation vector.
const SALT: usize = 8;

/// Decrypts the body of a PEM whose `DEK-Info` is `info`.
pub(super) fn decrypt(
    info: &str,
    data: &[u8],
    passphrase: Option<&SecretString>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let unsupported = || KeyError::Unsupported(format!("DEK-Info {info}"));
    let (cipher, iv) = info.split_once(',').ok_or_else(unsupported)?;
    let iv = unhex(iv.trim()).ok_or_else(unsupported)?;
    let passphrase = passphrase.ok_or(KeyError::PassphraseNeeded)?.expose_secret().as_bytes();
    let salt = iv.get(..SALT).ok_or_else(unsupported)?;
    let key = |length| derive(passphrase, salt, length);
    match cipher.trim().to_ascii_uppercase().as_str() {
        "AES-128-CBC" => open::<Decryptor<Aes128>>(&key(16), &iv, data),
        "AES-192-CBC" => open::<Decryptor<Aes192>>(&key(24), &iv, data),
        "AES-256-CBC" => open::<Decryptor<Aes256>>(&key(32), &iv, data),
        "DES-EDE3-CBC" => open::<Decryptor<TdesEde3>>(&key(24), &iv, data),
        "DES-CBC" => open::<Decryptor<Des>>(&key(8), &iv, data),
        _ => Err(unsupported()),
    }
}

pub(super) fn open<C: KeyIvInit + BlockModeDecrypt>(
    key: &[u8],
    iv: &[u8],
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let cipher = C::new_from_slices(key, iv).map_err(|error| KeyError::Unsupported(error.to_string()))?;
    let plain = cipher.decrypt_padded_vec::<Pkcs7>(data).map_err(|_| KeyError::WrongPassphrase)?;
    // A wrong pass phrase leaves valid padding once in 256 times; a key always starts as a DER sequence.
    if plain.first() == Some(&0x30) { Ok(Zeroizing::new(plain)) } else { Err(KeyError::WrongPassphrase) }
}

fn derive(passphrase: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut last: Vec<u8> = Vec::new();
    while key.len() < length {
        last = Md5::new().chain_update(&last).chain_update(passphrase).chain_update(salt).finalize().to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
