//! How the attributes of users were read, in `credage.inventory/v1`: part of the frozen format.

use std::collections::BTreeMap;

use credage_core::{AttributeReading, AttributeReadings, AttributeSet, Kind, UserAttribute};

const READINGS: [AttributeReading; 3] =
    [AttributeReading::Read, AttributeReading::NotRequested, AttributeReading::NotReturned];

/// The attributes that a letter stands for, in versions that know no more.
const LETTERS: [(char, &[UserAttribute]); 5] = [
    (
        'a',
        &[
            UserAttribute::ConsolePassword,
            UserAttribute::Created,
            UserAttribute::ServiceUser,
            UserAttribute::Federated,
            UserAttribute::UserType,
        ],
    ),
    ('l', &[UserAttribute::LastLogin]),
    ('m', &[UserAttribute::Mfa]),
    ('g', &[UserAttribute::Groups, UserAttribute::Roles]),
    ('t', &[UserAttribute::Tags]),
];

/// The letters of what was read.
pub(super) fn letters(readings: &AttributeReadings) -> String {
    let read = |attributes: &[UserAttribute]| attributes.iter().any(|each| readings.is_read(*each));
    LETTERS.iter().filter(|(_, attributes)| read(attributes)).map(|(letter, _)| letter).collect()
}

/// Every attribute with how it was read.
pub(super) fn written(readings: &AttributeReadings) -> BTreeMap<String, String> {
    readings.iter().map(|(attribute, reading)| (attribute.to_string(), reading.as_str().to_owned())).collect()
}

/// The readings as they were written; from the letters alone where an earlier version wrote them.
pub(super) fn read(
    letters: &str,
    attributes: &BTreeMap<String, String>,
    never_false: &[String],
) -> Result<AttributeReadings, String> {
    if attributes.is_empty() {
        return Ok(from_letters(letters));
    }
    let mut readings = AttributeReadings::default();
    for (name, reading) in attributes {
        let known = READINGS.into_iter().find(|each| each.as_str() == reading);
        let reading = known.ok_or_else(|| format!("`{reading}` is no reading of an attribute"))?;
        if let Some(attribute) = UserAttribute::by_name(name) {
            readings.set(attribute, reading);
        }
    }
    let never_false: AttributeSet =
        never_false.iter().filter_map(|name| UserAttribute::by_name(name)).collect();
    Ok(readings.with_never_false(never_false))
}

fn from_letters(letters: &str) -> AttributeReadings {
    let mut readings = AttributeReadings::default();
    let always = [UserAttribute::Name, UserAttribute::Ocid, UserAttribute::Email, UserAttribute::Active];
    let kinds = Kind::ALL.into_iter().map(UserAttribute::Capability);
    let read = LETTERS.iter().filter(|(letter, _)| letters.contains(*letter));
    for attribute in always.into_iter().chain(kinds).chain(read.flat_map(|(_, read)| read.iter().copied())) {
        readings.set(attribute, AttributeReading::Read);
    }
    readings
}
