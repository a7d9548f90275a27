//! One thing out of a saved inventory, without unfolding all of it.

use std::io::{Read, Seek, SeekFrom};

use credage_core::findings::{LOCATOR, locator};
use credage_core::{Credential, Inventory, User, UserId};
use serde::de::DeserializeOwned;

use super::frames::{INDEX, Index, MARK, Section, TAIL};
use super::records::Record;
use super::unfold::{check, unfolded};
use super::user_v1::UserV1;
use super::v1::CredentialV1;
use super::{SnapshotError, decode};

/// Owners from which on reading everything is quicker than looking each one up.
const MANY: usize = 32;

/// A saved inventory that knows where everything stands in it.
pub struct Archive<R> {
    input: R,
    /// The end of each frame's folded bytes, with its section.
    frames: Vec<(Section, std::ops::Range<u64>)>,
    /// The locators of each frame's keys.
    keys: Vec<Vec<u8>>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an inventory; `None` where it has no index that can be used, and must be read as a whole.
    pub fn open(mut input: R) -> Result<Option<Self>, SnapshotError> {
        let Some(text) = read_index(&mut input)? else { return Ok(None) };
        let mut lines = text.splitn(2, |byte| *byte == b'\n');
        let (Some(index), Some(mut rest)) = (lines.next(), lines.next()) else { return Ok(None) };
        let Ok(index) = serde_json::from_slice::<Index>(index) else { return Ok(None) };
        if index.schema != INDEX {
            return Ok(None);
        }
        let (mut frames, mut keys, mut at) = (Vec::new(), Vec::new(), 0);
        for frame in index.frames {
            let Some((own, others)) = rest.split_at_checked(frame.keys.saturating_mul(LOCATOR)) else {
                return Ok(None);
            };
            let end = frame.folded.saturating_add(at);
            frames.push((frame.section, at..end));
            keys.push(own.to_vec());
            (rest, at) = (others, end);
        }
        Ok(Some(Self { input, frames, keys }))
    }

    /// Every user and credential that `text` is a name of or that a finding of this fingerprint may be about, with their
    /// owners and everything that these have; nobody else. What is known of the domains is there as a whole. Where that
    /// would be many owners nobody is, since reading everything is quicker then.
    pub fn about(&mut self, text: &str) -> Result<Inventory, SnapshotError> {
        let mut inventory = self.around()?;
        let key = text.trim().to_lowercase();
        let mut owners: Vec<(usize, UserId)> = Vec::new();
        // `api_key/…`: the id alone is a key.
        let id = key.split_once('/').map(|(_, id)| id);
        for name in [Some(key.as_str()), id].into_iter().flatten() {
            self.owners(locator(name), &|own| is(own, name), &mut owners)?;
        }
        if let Some(place) = place_of_finding(&key) {
            self.owners(place, &|own| locator(own) == place, &mut owners)?;
        }
        owners.sort();
        owners.dedup();
        owners.truncate(if owners.len() > MANY { 0 } else { MANY });
        for (place, id) in owners {
            let wanted = locator(id.as_str());
            let users = self.hits::<User>(wanted, &|user| user.id == id)?;
            let credentials = self.hits::<Credential>(wanted, &|credential| credential.owner == id)?;
            let Some(domain) = inventory.domains.get_mut(place) else { continue };
            let here = |home: usize| home == place;
            for (_, mut user) in users.into_iter().filter(|(home, _)| here(*home)) {
                domain.details.take_back(&mut user);
                domain.users.push(user);
            }
            let credentials = credentials.into_iter().filter(|(home, _)| here(*home));
            domain.credentials.extend(credentials.map(|(_, credential)| credential));
        }
        Ok(inventory)
    }

    /// The document without any record.
    fn around(&mut self) -> Result<Inventory, SnapshotError> {
        let (mut text, mut folded) = (Vec::new(), 0_u64);
        let frames = self.frames.iter().enumerate().filter(|(_, (section, _))| *section == Section::Frame);
        for place in frames.map(|(place, _)| place).collect::<Vec<_>>() {
            text.extend(self.unfold(place)?);
            // Every frame may be harmless by itself.
            let length = self.frames.get(place).map_or(0, |(_, bytes)| bytes.end - bytes.start);
            folded = folded.saturating_add(length);
            check(text.len(), folded).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
        }
        Ok(Inventory { narrowed: true, ..decode(&text)? })
    }

    /// The owners of whatever has a key, each with the place of the domain.
    fn owners(
        &mut self,
        wanted: [u8; LOCATOR],
        is: &dyn Fn(&str) -> bool,
        owners: &mut Vec<(usize, UserId)>,
    ) -> Result<(), SnapshotError> {
        let users = self.hits::<User>(wanted, &|user| user.keys().any(is))?;
        owners.extend(users.into_iter().map(|(domain, user)| (domain, user.id)));
        let credentials = self.hits::<Credential>(wanted, &|credential| credential.keys().any(is))?;
        owners.extend(credentials.into_iter().map(|(domain, credential)| (domain, credential.owner)));
        Ok(())
    }

    /// The records that are meant, each with the place of its domain; only frames with a key of this locator are unfolded.
    fn hits<T: Stored>(
        &mut self,
        wanted: [u8; LOCATOR],
        is_meant: &dyn Fn(&T) -> bool,
    ) -> Result<Vec<(usize, T)>, SnapshotError> {
        let may = |keys: &[u8]| keys.chunks_exact(LOCATOR).any(|own| own == wanted);
        let frames = self.frames.iter().zip(&self.keys).enumerate();
        let of_section =
            frames.filter_map(|(place, ((section, _), keys))| Some((place, T::domain(*section)?, keys)));
        let frames: Vec<(usize, usize)> =
            of_section.filter(|(_, _, keys)| may(keys)).map(|(place, domain, _)| (place, domain)).collect();
        let mut hits = Vec::new();
        for (place, domain) in frames {
            let records = T::parse(&self.unfold(place)?)?;
            hits.extend(records.into_iter().filter(is_meant).map(|record| (domain, record)));
        }
        Ok(hits)
    }

    fn unfold(&mut self, place: usize) -> Result<Vec<u8>, SnapshotError> {
        let Some((_, bytes)) = self.frames.get(place) else { return Ok(Vec::new()) };
        self.input.seek(SeekFrom::Start(bytes.start))?;
        let folded = self.input.by_ref().take(bytes.end - bytes.start);
        unfolded(folded).map_err(|error| SnapshotError::Damaged(error.to_string()))
    }
}

/// Whether a key is a text in lower case.
fn is(key: &str, text: &str) -> bool {
    key.eq_ignore_ascii_case(text) || (!key.is_ascii() && key.to_lowercase() == text)
}

/// Where the thing of a finding is looked for: a fingerprint begins with its locator.
fn place_of_finding(text: &str) -> Option<[u8; LOCATOR]> {
    let is_fingerprint = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let place = text.get(..2 * LOCATOR).filter(|_| is_fingerprint)?;
    u32::from_str_radix(place, 16).ok().map(u32::to_be_bytes)
}

fn read_index<R: Read + Seek>(input: &mut R) -> Result<Option<Vec<u8>>, SnapshotError> {
    let size = input.seek(SeekFrom::End(0))?;
    let tail_length = u64::try_from(TAIL).unwrap_or(u64::MAX);
    let Some(before) = size.checked_sub(tail_length) else { return Ok(None) };
    input.seek(SeekFrom::Start(before))?;
    let mut tail = [0; TAIL];
    input.read_exact(&mut tail)?;
    let (length, mark) = tail.split_at(TAIL - MARK.len());
    let Ok(length) = <[u8; 4]>::try_from(length) else { return Ok(None) };
    if mark != MARK {
        return Ok(None);
    }
    let length = u64::from(u32::from_le_bytes(length));
    let Some(start) = before.checked_sub(length) else { return Ok(None) };
    input.seek(SeekFrom::Start(start))?;
    // An index that is damaged is of no use, but what it points at may be whole.
    Ok(unfolded(input.take(length)).ok())
}

/// A record that is read back.
trait Stored: Record + for<'a> TryFrom<Self::Read, Error = String> {
    type Read: DeserializeOwned;

    /// The place of the domain, where a section holds such records.
    fn domain(section: Section) -> Option<usize>;

    /// The records of a frame.
    fn parse(text: &[u8]) -> Result<Vec<Self>, SnapshotError> {
        let text = text.strip_suffix(b",").unwrap_or(text);
        let list = [b"[", text, b"]"].concat();
        let read: Vec<Self::Read> =
            serde_json::from_slice(&list).map_err(|error| SnapshotError::Damaged(error.to_string()))?;
        read.into_iter().map(|each| Self::try_from(each).map_err(SnapshotError::Damaged)).collect()
    }
}

impl Stored for User {
    type Read = UserV1<'static>;

    fn domain(section: Section) -> Option<usize> {
        match section {
            Section::Users(domain) => Some(domain),
            Section::Frame | Section::Credentials(_) => None,
        }
    }
}

impl Stored for Credential {
    type Read = CredentialV1<'static>;

    fn domain(section: Section) -> Option<usize> {
        match section {
            Section::Credentials(domain) => Some(domain),
            Section::Frame | Section::Users(_) => None,
        }
    }
}
