use aes::{Aes128, Aes192, Aes256};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeySize;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use des::{Des, TdesEde2, TdesEde3};
use pkcs8::der::Encode;
use pkcs8::pkcs5::pbes2;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use proptest::prelude::*;

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

/// DER, written down once more.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[tag, 0x82], length.as_slice(), &body].concat()
}

/// A short value of DER.
fn short(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(body.len()).unwrap()], body].concat()
}

const SALT: &[u8; 8] = b"saltsalt";

/// An encrypted key of a scheme by its number, with eight bytes of salt and 0x0800 rounds.
fn sealed_by(oid: &str, data: &[u8]) -> String {
    let oid = short(6, ObjectIdentifier::new_unwrap(oid).as_bytes());
    let parameters = short(0x30, &[short(4, SALT), short(2, &[8, 0])].concat());
    let algorithm = short(0x30, &[oid, parameters].concat());
    armoured("ENCRYPTED PRIVATE KEY", "", &tlv(0x30, &[&algorithm, &tlv(4, &[data])]))
}

fn encrypted<C: KeyIvInit + BlockModeEncrypt>(key: &[u8], iv: &[u8], der: &[u8]) -> Vec<u8> {
    C::new_from_slices(key, iv).unwrap().encrypt_padded_vec::<Pkcs7>(der)
}

/// PBKDF1 with MD5, written down once more.
fn pbkdf1_md5() -> Vec<u8> {
    (0..0x0800).fold([b"open sesame".as_slice(), SALT].concat(), |data, _| Md5::digest(&data).to_vec())
}

fn pbkdf1_sha1() -> Vec<u8> {
    let sha1 = |data: Vec<u8>| digest(&SHA1_FOR_LEGACY_USE_ONLY, &data).as_ref().to_vec();
    (0..0x0800).fold([b"open sesame".as_slice(), SALT].concat(), |data, _| sha1(data))
}

#[test]
fn keys_of_the_former_encryption_open_with_their_pass_phrase_alone() {
    let (pair, der) = pair();
    let wanted = fingerprint(&pair).unwrap();
    let pkcs12 = |purpose, length| pbes1::pkcs12("open sesame", SALT, 0x0800, purpose, length);
    let (three, two, iv) = (pkcs12(1, 24), pkcs12(1, 16), pkcs12(2, 8));
    let md5 = pbkdf1_md5();
    let sha1 = pbkdf1_sha1();
    let ways = [
        ("1.2.840.113549.1.12.1.3", encrypted::<Encryptor<TdesEde3>>(&three, &iv, &der)),
        ("1.2.840.113549.1.12.1.4", encrypted::<Encryptor<TdesEde2>>(&two, &iv, &der)),
        ("1.2.840.113549.1.5.3", encrypted::<Encryptor<Des>>(&md5[..8], &md5[8..], &der)),
        ("1.2.840.113549.1.5.10", encrypted::<Encryptor<Des>>(&sha1[..8], &sha1[8..16], &der)),
    ];
    for (oid, data) in ways {
        let text = sealed_by(oid, &data);
        assert_eq!(open(&text, Some("open sesame")), Ok(wanted.clone()), "{oid}");
        assert_eq!(open(&text, Some("wrong")), Err(KeyError::WrongPassphrase), "{oid}");
        assert_eq!(open(&text, None), Err(KeyError::PassphraseNeeded), "{oid}");
    }
    for (oid, name) in [
        ("1.2.840.113549.1.12.1.5", "pbeWithSHAAnd128BitRC2-CBC"),
        ("1.2.840.113549.1.12.1.2", "pbeWithSHAAnd40BitRC4"),
        ("1.2.840.113549.1.5.1", "pbeWithMD2AndDES-CBC"),
    ] {
        let error = open(&sealed_by(oid, &der), Some("open sesame")).unwrap_err();
        assert_eq!(error, KeyError::Unsupported(name.to_owned()), "the true reason");
    }
}

#[test]
fn keys_are_read_as_variables_and_documents_leave_them() {
    let (pair, der) = pair();
    let wanted = fingerprint(&pair).unwrap();
    let pkcs1 = pkcs1(&der);
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A\n\n";
    let sealed = sealed::<Encryptor<Aes128>>(16, &[0x5a; 16], &pkcs1);
    let whole = [
        armoured("PRIVATE KEY", "", &der),
        armoured("RSA PRIVATE KEY", "", &pkcs1),
        format!("{}OCI_API_KEY\n", armoured("PRIVATE KEY", "", &der)),
        armoured("RSA PRIVATE KEY", headers, &sealed),
    ];
    for text in whole {
        let packed = BASE64_STANDARD.encode(&text);
        let folded: Vec<_> =
            packed.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let letters = text.replace('\n', "\\n");
        let mut forms = vec![
            letters.clone(),
            text.replace('\n', "\\r\\n"),
            format!("\"{letters}\""),
            packed.clone(),
            format!("{packed}\n"),
            folded.join("\n"),
            BASE64_STANDARD.encode(&letters),
        ];
        if !text.contains("DEK-Info") {
            forms.push(text.trim_end().replace('\n', " "));
            forms.push(format!("    {}", text.trim_end().replace('\n', "\n    ")));
            forms.push(BASE64_STANDARD.encode(text.replace('\n', " ")));
        }
        for form in forms {
            assert_eq!(open(&form, Some("open sesame")), Ok(wanted.clone()), "{}…", &form[..40]);
        }
    }
    for bare in [&der, &pkcs1] {
        assert_eq!(open(&BASE64_STANDARD.encode(bare), None), Ok(wanted.clone()), "without its frame");
    }
    for nothing in ["aGVsbG8=", "MAA=", "hello", "====", "ocid1"] {
        assert!(matches!(open(nothing, None), Err(KeyError::NotPem(_))), "{nothing}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "(-----BEGIN (RSA |ENCRYPTED )?PRIVATE KEY-----)?[A-Za-z0-9+/=\\\\n \n\r\"]{0,300}(-----END (RSA )?PRIVATE KEY-----)?") {
        prop_assert!(read(text.as_bytes(), Some(&SecretString::from("x".to_owned()))).is_err());
        prop_assert!(read(BASE64_STANDARD.encode(&text).as_bytes(), None).is_err());
    }

    #[test]
    fn no_encrypted_key_is_too_odd(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(pbes1::Sealed::of(&bytes).is_ok_and(|found| found.is_none()));
        let sealed = sealed_by("1.2.840.113549.1.12.1.3", &bytes);
        prop_assert!(open(&sealed, Some("x")).is_err());
    }
}
