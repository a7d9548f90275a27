//! `credage.inventory/v1`: frozen types of its own, so that those of the program may change.
//!
//! Fields are added at most, and every one that is added has a default.

use std::borrow::Cow;
use std::collections::BTreeMap;

use credage_core::coverage::Control;
use credage_core::kind::PerKind;
use credage_core::{
    Credential, CredentialField, CredentialId, DateReading, Domain, DomainInventory, Gap, Inventory, Reading,
    Source, User, UserId,
};
use serde::{Deserialize, Serialize};

use super::attributes_v1;
use super::frames::Log;
use super::reading_v1::{IncompleteV1, ReadingV1, index_state, kind};
use super::records::Records;
use super::user_v1::UserV1;

pub(super) type Text<'a> = Cow<'a, str>;

/// What is read back as a whole.
pub(super) type ReadInventoryV1 = InventoryV1<Vec<UserV1<'static>>, Vec<CredentialV1<'static>>>;

/// An inventory whose users are written or read as `U`, its credentials as `C`.
#[derive(Serialize, Deserialize)]
pub(super) struct InventoryV1<U, C> {
    domains: Vec<DomainV1<U, C>>,
    gaps: Vec<GapV1>,
    #[serde(default)]
    narrowed: bool,
}

#[derive(Serialize, Deserialize)]
struct GapV1 {
    tenancy: String,
    what: String,
    why: IncompleteV1,
}

#[derive(Serialize, Deserialize)]
struct DomainV1<U, C> {
    name: String,
    /// Whether the next one says whether somebody told the name; earlier versions did not keep that.
    #[serde(default)]
    keeps_display_name: bool,
    #[serde(default)]
    display_name: Option<String>,
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    other_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
    ocid: Option<String>,
    tenancy: Option<String>,
    licence: Option<String>,
    home_region: Option<String>,
    /// Kinds whose index is worth something, each with its state.
    index: BTreeMap<String, String>,
    #[serde(default)]
    gone: Vec<String>,
    other_users: bool,
    others_visible: bool,
    control: String,
    control_reason: Option<String>,
    requests: u64,
    rate_limited: u64,
    /// Seconds; not there where the clocks agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock_ahead: Option<i64>,
    /// Which details of users were read: letters of `a`ccount, `l`ogins, `m`fa, `g`roups, `t`ags. For versions that do not
    /// know `attributes`.
    #[serde(default)]
    details: String,
    /// How each attribute of the users was read, by its name in SCIM: `read`, `not_requested` or `not_returned`.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// Flags that were asked for and that no user is said not to have.
    #[serde(default)]
    never_false: Vec<String>,
    users_reading: ReadingV1,
    readings: BTreeMap<String, ReadingV1>,
    users: U,
    credentials: C,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CredentialV1<'a> {
    id: Text<'a>,
    kind: Text<'a>,
    owner: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner_name: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_set: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    index_only: bool,
    /// Parts of the row that could not be read, by their names in SCIM.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Text<'a>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl<'a> InventoryV1<Records<'a, User>, Records<'a, Credential>> {
    /// What is written; `log` learns where each record stands.
    pub(super) fn recorded(inventory: &'a Inventory, log: &'a Log) -> Self {
        let gap = |gap: &Gap| GapV1 {
            tenancy: gap.tenancy.clone(),
            what: gap.what.clone(),
            why: (&gap.why).into(),
        };
        Self {
            domains: inventory
                .domains
                .iter()
                .enumerate()
                .map(|(place, domain)| DomainV1::recorded(domain, place, log))
                .collect(),
            gaps: inventory.gaps.iter().map(gap).collect(),
            narrowed: inventory.narrowed,
        }
    }
}

impl TryFrom<ReadInventoryV1> for Inventory {
    type Error = String;

    fn try_from(read: ReadInventoryV1) -> Result<Self, String> {
        let gap = |gap: GapV1| Gap { tenancy: gap.tenancy, what: gap.what, why: gap.why.into() };
        Ok(Self {
            domains: read.domains.into_iter().map(DomainInventory::try_from).collect::<Result<_, _>>()?,
            gaps: read.gaps.into_iter().map(gap).collect(),
            narrowed: read.narrowed,
            collected_at: None,
        })
    }
}

impl<'a> DomainV1<Records<'a, User>, Records<'a, Credential>> {
    fn recorded(inventory: &'a DomainInventory, place: usize, log: &'a Log) -> Self {
        let domain = inventory.domain.clone();
        let (control, control_reason) = match inventory.control {
            Control::Seen => ("seen", None),
            Control::Missing => ("missing", None),
            Control::NotTried(reason) => ("not_tried", Some(reason.to_owned())),
        };
        Self {
            name: domain.name,
            keeps_display_name: true,
            display_name: domain.display_name,
            url: domain.url,
            other_url: domain.other_url,
            profile: domain.profile,
            ocid: domain.ocid,
            tenancy: domain.tenancy,
            licence: domain.licence,
            home_region: domain.home_region,
            index: inventory
                .index
                .iter()
                .map(|(kind, state)| (kind.as_str().to_owned(), state.as_str().to_owned()))
                .collect(),
            gone: inventory.gone.iter().map(ToString::to_string).collect(),
            other_users: inventory.other_users,
            others_visible: inventory.others_visible,
            control: control.to_owned(),
            control_reason,
            requests: inventory.requests,
            rate_limited: inventory.rate_limited,
            clock_ahead: inventory.clock_ahead.map(|ahead| ahead.as_secs()),
            details: attributes_v1::letters(&inventory.details),
            attributes: attributes_v1::written(&inventory.details),
            never_false: inventory.details.never_false().iter().map(|each| each.to_string()).collect(),
            users_reading: (&inventory.users_reading).into(),
            readings: inventory
                .readings
                .iter()
                .map(|(kind, reading)| (kind.as_str().to_owned(), reading.into()))
                .collect(),
            users: Records::new(&inventory.users, place, log),
            credentials: Records::new(&inventory.credentials, place, log),
        }
    }
}

impl TryFrom<DomainV1<Vec<UserV1<'_>>, Vec<CredentialV1<'_>>>> for DomainInventory {
    type Error = String;

    fn try_from(read: DomainV1<Vec<UserV1<'_>>, Vec<CredentialV1<'_>>>) -> Result<Self, String> {
        let mut readings = PerKind::from_fn(|_| Reading::not_applicable());
        for (name, reading) in read.readings {
            *readings.get_mut(kind(&name)?) = reading.try_into()?;
        }
        let mut index = PerKind::default();
        for (name, state) in read.index {
            *index.get_mut(kind(&name)?) = index_state(&state)?;
        }
        let details = attributes_v1::read(&read.details, &read.attributes, &read.never_false)?;
        let mut users: Vec<User> = read.users.into_iter().map(User::try_from).collect::<Result<_, _>>()?;
        for user in &mut users {
            details.take_back(user);
        }
        Ok(Self {
            domain: Domain {
                other_url: read.other_url,
                ocid: read.ocid,
                tenancy: read.tenancy,
                licence: read.licence,
                home_region: read.home_region,
                ..if read.keeps_display_name {
                    let domain = Domain { profile: read.profile, ..Domain::unnamed(read.name, read.url) };
                    Domain { display_name: read.display_name, ..domain }
                } else {
                    named_before(read.name, read.url)
                }
            },
            users,
            credentials: read.credentials.into_iter().map(Credential::try_from).collect::<Result<_, _>>()?,
            details,
            users_reading: read.users_reading.try_into()?,
            readings,
            index,
            gone: read.gone.iter().map(|id| UserId::new(id)).collect(),
            other_users: read.other_users,
            others_visible: read.others_visible,
            control: match read.control.as_str() {
                "seen" => Control::Seen,
                "missing" => Control::Missing,
                "not_tried" => Control::NotTried("it was not tried when the inventory was read"),
                other => return Err(format!("`{other}` is no control")),
            },
            requests: read.requests,
            rate_limited: read.rate_limited,
            clock_ahead: read.clock_ahead.map(jiff::SignedDuration::from_secs),
        })
    }
}

impl<'a> From<&'a Credential> for CredentialV1<'a> {
    fn from(credential: &'a Credential) -> Self {
        Self {
            id: credential.id.as_str().into(),
            kind: credential.kind.as_str().into(),
            owner: credential.owner.as_str().into(),
            owner_name: credential.owner_name.as_deref().map(Cow::from),
            description: credential.description.as_deref().map(Cow::from),
            fingerprint: credential.fingerprint.as_deref().map(Cow::from),
            created: date(&credential.created),
            last_set: date(&credential.last_set),
            expires_on: date(&credential.expires_on),
            index_only: credential.source == Source::IndexOnly,
            unreadable: credential.unreadable.iter().map(|field| field.as_str().into()).collect(),
        }
    }
}

impl TryFrom<CredentialV1<'_>> for Credential {
    type Error = String;

    fn try_from(read: CredentialV1<'_>) -> Result<Self, String> {
        let date = |text: Option<String>| text.map_or(DateReading::Missing, |text| DateReading::parse(&text));
        Ok(Self {
            id: CredentialId::new(&read.id),
            kind: kind(&read.kind)?,
            owner: UserId::new(&read.owner),
            owner_name: read.owner_name.map(boxed),
            description: read.description.map(boxed),
            fingerprint: read.fingerprint.map(boxed),
            created: date(read.created),
            last_set: date(read.last_set),
            expires_on: date(read.expires_on),
            source: if read.index_only { Source::IndexOnly } else { Source::Listed },
            unreadable: read.unreadable.iter().filter_map(|name| CredentialField::by_name(name)).collect(),
        })
    }
}

/// A domain of a file that does not say whether somebody told its name. Where nobody did it is the host; where several
/// profiles were read, it has the profile before it.
fn named_before(name: String, url: String) -> Domain {
    let domain = Domain::unnamed(name, url);
    if domain.name == domain.host() {
        return domain;
    }
    let (profile, name) = match domain.name.split_once('/') {
        Some((profile, name)) => (Some(profile.to_owned()), name.to_owned()),
        None => (None, domain.name.clone()),
    };
    Domain { profile, ..domain.called(name) }
}

fn date(reading: &DateReading) -> Option<String> {
    match reading {
        DateReading::At(at) => Some(at.to_string()),
        DateReading::Missing => None,
        DateReading::Unreadable(text) => Some(text.to_string()),
    }
}

pub(super) fn boxed(text: Text<'_>) -> Box<str> {
    text.into_owned().into_boxed_str()
}
