use aes::{Aes128, Aes192, Aes256};
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use des::{Des, TdesEde3};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::Encode;
use pkcs8::pkcs5::pbes2;

use super::*;

fn pair() -> (RsaKeyPair, Vec<u8>) {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let der = der.as_ref().to_vec();
    (pair, der)
}

fn pkcs1(pkcs8: &[u8]) -> Vec<u8> {
    PrivateKeyInfoRef::try_from(pkcs8).unwrap().private_key.as_bytes().to_vec()
}

fn armoured(tag: &str, headers: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {tag}-----\n{headers}{}\n-----END {tag}-----\n", lines.join("\n"))
}

fn open(text: &str, passphrase: Option<&str>) -> Result<String, KeyError> {
    let passphrase = passphrase.map(|text| SecretString::from(text.to_owned()));
    read(text.as_bytes(), passphrase.as_ref()).map(|pair| fingerprint(&pair).unwrap())
}

#[test]
fn plain_keys_are_read_with_whatever_surrounds_them() {
    let (pair, der) = pair();
    let wanted = fingerprint(&pair).unwrap();
    assert_eq!(wanted.len(), 47);
    let pkcs8 = armoured("PRIVATE KEY", "", &der);
    assert_eq!(open(&pkcs8, None), Ok(wanted.clone()));
    assert_eq!(open(&armoured("RSA PRIVATE KEY", "", &pkcs1(&der)), None), Ok(wanted.clone()));
    assert_eq!(open(&format!("{pkcs8}OCI_API_KEY"), None), Ok(wanted.clone()), "as the console writes it");
    assert_eq!(
        open(&format!("\u{feff}Bag Attributes\n{}", pkcs8.replace('\n', "\r\n")), None),
        Ok(wanted.clone())
    );
    assert_eq!(open(&pkcs8, Some("not needed")), Ok(wanted));
}

#[test]
fn encrypted_pkcs8_opens_with_its_pass_phrase_alone() {
    let (pair, der) = pair();
    let wanted = fingerprint(&pair).unwrap();
    let ways = [
        pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(1_000, b"saltsalt", [7; 16]),
        pbes2::Parameters::generate_pbkdf2_sha256_aes128cbc(1_000, b"saltsalt", [7; 16]),
    ];
    for parameters in ways {
        let parameters = parameters.unwrap();
        let encrypted = parameters.encrypt("open sesame", &der).unwrap();
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: parameters.into(),
            encrypted_data: pkcs8::der::asn1::OctetStringRef::new(&encrypted).unwrap(),
        };
        let text = armoured("ENCRYPTED PRIVATE KEY", "", &info.to_der().unwrap());
        assert_eq!(open(&text, Some("open sesame")), Ok(wanted.clone()));
        assert_eq!(open(&text, Some("wrong")), Err(KeyError::WrongPassphrase));
        assert_eq!(open(&text, None), Err(KeyError::PassphraseNeeded));
    }
}

/// OpenSSL's `EVP_BytesToKey`, MD5, one iteration, written down once more.
fn derived(passphrase: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut key: Vec<u8> = Vec::new();
    while key.len() < length {
        let from = key.len().saturating_sub(16);
        let last = if key.is_empty() { &[][..] } else { &key[from..] };
        let next = Md5::digest([last, passphrase, salt].concat());
        key.extend_from_slice(&next);
    }
    key.truncate(length);
    key
}

fn sealed<C: KeyIvInit + BlockModeEncrypt>(key_length: usize, iv: &[u8], der: &[u8]) -> Vec<u8> {
    let key = derived(b"open sesame", &iv[..8], key_length);
    C::new_from_slices(&key, iv).unwrap().encrypt_padded_vec::<Pkcs7>(der)
}

#[test]
fn the_older_encryption_is_understood() {
    let (pair, der) = pair();
    let (wanted, der) = (fingerprint(&pair).unwrap(), pkcs1(&der));
    let (iv16, iv8) = ([0x5a; 16], [0x5a; 8]);
    let ways = [
        ("AES-128-CBC", sealed::<Encryptor<Aes128>>(16, &iv16, &der), 16),
        ("AES-192-CBC", sealed::<Encryptor<Aes192>>(24, &iv16, &der), 16),
        ("AES-256-CBC", sealed::<Encryptor<Aes256>>(32, &iv16, &der), 16),
        ("DES-EDE3-CBC", sealed::<Encryptor<TdesEde3>>(24, &iv8, &der), 8),
        ("DES-CBC", sealed::<Encryptor<Des>>(8, &iv8, &der), 8),
    ];
    for (cipher, data, iv) in ways {
        let headers = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: {cipher},{}\n\n", "5A".repeat(iv));
        let text = armoured("RSA PRIVATE KEY", &headers, &data);
        assert_eq!(open(&text, Some("open sesame")), Ok(wanted.clone()), "{cipher}");
        assert_eq!(open(&text, Some("wrong")), Err(KeyError::WrongPassphrase), "{cipher}");
        assert_eq!(open(&text, None), Err(KeyError::PassphraseNeeded), "{cipher}");
    }
    let text =
        armoured("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: RC2-CBC,5A5A5A5A5A5A5A5A\n\n", &der);
    assert!(matches!(open(&text, Some("x")), Err(KeyError::Unsupported(info)) if info.contains("RC2-CBC")));
}

#[test]
fn what_is_no_rsa_key_is_named() {
    let block = |tag: &str| armoured(tag, "", b"not really");
    assert_eq!(open(" \n", None), Err(KeyError::Empty));
    assert!(matches!(open("hello", None), Err(KeyError::NotPem(_))));
    assert_eq!(open(&block("PUBLIC KEY"), None), Err(KeyError::Public));
    assert_eq!(open(&block("RSA PUBLIC KEY"), None), Err(KeyError::Public));
    assert_eq!(open(&block("CERTIFICATE"), None), Err(KeyError::Certificate));
    assert_eq!(open(&block("OPENSSH PRIVATE KEY"), None), Err(KeyError::OpenSsh));
    assert_eq!(open(&block("EC PRIVATE KEY"), None), Err(KeyError::NotRsa("EC PRIVATE KEY".to_owned())));
    assert!(matches!(open(&block("PRIVATE KEY"), None), Err(KeyError::Rejected(_))));
    let both = format!("{}{}", block("CERTIFICATE"), armoured("PRIVATE KEY", "", &pair().1));
    assert!(open(&both, None).is_ok(), "a certificate before the key is passed over");
}
