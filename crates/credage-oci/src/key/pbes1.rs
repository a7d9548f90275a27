//! The former encryption of PKCS#8, which `openssl pkcs8 -v1` and key stores of Java still write: PBES1 (RFC 8018,
//! section 6.1) and the schemes of PKCS#12 (RFC 7292, appendices B and C).

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use cbc::Decryptor;
use des::{Des, TdesEde2, TdesEde3};
use md5::{Digest, Md5};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{self, Decode, Reader, SliceReader};
use pkcs8::spki::AlgorithmIdentifierRef;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::error::KeyError;
use super::legacy;

/// Who asks for more rounds than anybody writes would keep us busy for minutes.
const MAX_ROUNDS: u32 = 10_000_000;
/// The length of a SHA-1 digest, and of the blocks that it works on.
const DIGEST: usize = 20;
const BLOCK: usize = 64;
/// What the key derivation of PKCS#12 is asked for.
const FOR_KEY: u8 = 1;
const FOR_IV: u8 = 2;

/// A key that is encrypted so.
pub(super) struct Sealed<'a> {
    scheme: Scheme,
    salt: &'a [u8],
    rounds: u32,
    data: &'a [u8],
}

#[derive(Clone, Copy)]
enum Scheme {
    Md5Des,
    Sha1Des,
    Sha1TripleDes,
    Sha1TwoKeyTripleDes,
    /// One that no crate of good standing decrypts; its name.
    Unsupported(&'static str),
}

/// All schemes, by the numbers of RFC 8018, appendix C, and RFC 7292, appendix C.
const SCHEMES: [(&str, Scheme); 12] = [
    ("1.2.840.113549.1.5.1", Scheme::Unsupported("pbeWithMD2AndDES-CBC")),
    ("1.2.840.113549.1.5.3", Scheme::Md5Des),
    ("1.2.840.113549.1.5.4", Scheme::Unsupported("pbeWithMD2AndRC2-CBC")),
    ("1.2.840.113549.1.5.6", Scheme::Unsupported("pbeWithMD5AndRC2-CBC")),
    ("1.2.840.113549.1.5.10", Scheme::Sha1Des),
    ("1.2.840.113549.1.5.11", Scheme::Unsupported("pbeWithSHA1AndRC2-CBC")),
    ("1.2.840.113549.1.12.1.1", Scheme::Unsupported("pbeWithSHAAnd128BitRC4")),
    ("1.2.840.113549.1.12.1.2", Scheme::Unsupported("pbeWithSHAAnd40BitRC4")),
    ("1.2.840.113549.1.12.1.3", Scheme::Sha1TripleDes),
    ("1.2.840.113549.1.12.1.4", Scheme::Sha1TwoKeyTripleDes),
    ("1.2.840.113549.1.12.1.5", Scheme::Unsupported("pbeWithSHAAnd128BitRC2-CBC")),
    ("1.2.840.113549.1.12.1.6", Scheme::Unsupported("pbeWithSHAAnd40BitRC2-CBC")),
];

impl<'a> Sealed<'a> {
    /// The parts of an `EncryptedPrivateKeyInfo`, if it is encrypted in one of these ways.
    pub(super) fn of(info: &'a [u8]) -> Result<Option<Self>, KeyError> {
        let Ok((algorithm, data)) = split(info) else { return Ok(None) };
        let name = algorithm.oid.to_string();
        let Some((_, scheme)) = SCHEMES.into_iter().find(|(oid, _)| *oid == name) else { return Ok(None) };
        let malformed = || KeyError::Unsupported(format!("{name} with parameters that cannot be read"));
        let parameters = algorithm.parameters.as_ref().ok_or_else(malformed)?;
        let (salt, rounds) = salt_and_rounds(parameters.value()).map_err(|_| malformed())?;
        if rounds == 0 || rounds > MAX_ROUNDS {
            return Err(KeyError::Unsupported(format!("{rounds} rounds of key derivation")));
        }
        Ok(Some(Self { scheme, salt, rounds, data }))
    }

    /// Decrypts it.
    pub(super) fn open(&self, passphrase: &SecretString) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let text = passphrase.expose_secret();
        match self.scheme {
            Scheme::Md5Des => self.open_des(&self.pbkdf1(|data| Md5::digest(data).to_vec(), text)),
            Scheme::Sha1Des => self.open_des(&self.pbkdf1(sha1, text)),
            Scheme::Sha1TripleDes => legacy::open::<Decryptor<TdesEde3>>(
                &self.pkcs12(text, FOR_KEY, 24),
                &self.iv(text),
                self.data,
            ),
            Scheme::Sha1TwoKeyTripleDes => legacy::open::<Decryptor<TdesEde2>>(
                &self.pkcs12(text, FOR_KEY, 16),
                &self.iv(text),
                self.data,
            ),
            Scheme::Unsupported(name) => Err(KeyError::Unsupported(name.to_owned())),
        }
    }

    /// Eight bytes of key and eight of initialisation vector.
    fn open_des(&self, derived: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let (key, iv) = (derived.get(..8), derived.get(8..16));
        legacy::open::<Decryptor<Des>>(key.unwrap_or_default(), iv.unwrap_or_default(), self.data)
    }

    fn iv(&self, passphrase: &str) -> Zeroizing<Vec<u8>> {
        self.pkcs12(passphrase, FOR_IV, 8)
    }

    /// PBKDF1 (RFC 8018, section 5.1).
    fn pbkdf1(&self, hash: impl Fn(&[u8]) -> Vec<u8>, passphrase: &str) -> Zeroizing<Vec<u8>> {
        let mut digest = Zeroizing::new([passphrase.as_bytes(), self.salt].concat());
        for _ in 0..self.rounds {
            digest = Zeroizing::new(hash(&digest));
        }
        digest
    }

    fn pkcs12(&self, passphrase: &str, purpose: u8, length: usize) -> Zeroizing<Vec<u8>> {
        pkcs12(passphrase, self.salt, self.rounds, purpose, length)
    }
}

fn split(info: &[u8]) -> der::Result<(AlgorithmIdentifierRef<'_>, &[u8])> {
    let mut reader = SliceReader::new(info)?;
    reader.sequence(|reader| {
        let algorithm = AlgorithmIdentifierRef::decode(reader)?;
        let data = <&OctetStringRef>::decode(reader)?;
        Ok((algorithm, data.as_bytes()))
    })
}

fn salt_and_rounds(parameters: &[u8]) -> der::Result<(&[u8], u32)> {
    let mut reader = SliceReader::new(parameters)?;
    let salt = <&OctetStringRef>::decode(&mut reader)?;
    let rounds = u32::decode(&mut reader)?;
    Ok((salt.as_bytes(), rounds))
}

fn sha1(data: &[u8]) -> Vec<u8> {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(data);
    context.finish().as_ref().to_vec()
}

/// The key derivation of RFC 7292, appendix B.2, with SHA-1.
pub(super) fn pkcs12(
    passphrase: &str,
    salt: &[u8],
    rounds: u32,
    purpose: u8,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    // The pass phrase in UTF-16 with a zero at its end; an empty one is one zero.
    let password: Zeroizing<Vec<u8>> =
        Zeroizing::new(passphrase.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect());
    let mut input = Zeroizing::new([filled(salt), filled(&password)].concat());
    let mut derived = Zeroizing::new(Vec::with_capacity(length + DIGEST));
    while derived.len() < length {
        let mut digest = sha1(&[&[purpose; BLOCK][..], &input].concat());
        for _ in 1..rounds {
            digest = sha1(&digest);
        }
        derived.extend_from_slice(&digest);
        let block: Vec<u8> = digest.iter().copied().cycle().take(BLOCK).collect();
        input.chunks_mut(BLOCK).for_each(|chunk| add(chunk, &block));
    }
    derived.truncate(length);
    derived
}

/// As often as it takes to fill whole blocks.
fn filled(text: &[u8]) -> Vec<u8> {
    text.iter().copied().cycle().take(text.len().div_ceil(BLOCK) * BLOCK).collect()
}

/// `chunk + block + 1`, as numbers of 512 bits that overflow.
fn add(chunk: &mut [u8], block: &[u8]) {
    let mut carry = 1_u16;
    for (sum, byte) in chunk.iter_mut().zip(block).rev() {
        let [high, low] = (u16::from(*sum) + u16::from(*byte) + carry).to_be_bytes();
        *sum = low;
        carry = u16::from(high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    /// Vectors that are older than this code: OpenSSL's and Bouncy Castle's tests have them.
    #[test]
    fn the_key_derivation_of_pkcs12_is_that_of_others() {
        let salt = [0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f];
        assert_eq!(
            hex(&pkcs12("smeg", &salt, 1, FOR_KEY, 24)),
            "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"
        );
        assert_eq!(hex(&pkcs12("smeg", &salt, 1, FOR_IV, 8)), "79993dfe048d3b76");
        let salt = [0x05, 0xde, 0xc9, 0x59, 0xac, 0xff, 0x72, 0xf7];
        assert_eq!(
            hex(&pkcs12("queeg", &salt, 1000, FOR_KEY, 24)),
            "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4"
        );
        assert_eq!(hex(&pkcs12("queeg", &salt, 1000, FOR_IV, 8)), "11dedad7758d4860");
    }
}
