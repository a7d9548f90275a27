//! Which attributes of users were read in a domain: read, not requested, or requested and not returned.
//!
//! A row that lacks an attribute says "none" only where the domain returns the attribute at all. [`AttributeReadings`] is
//! where that is decided, once a domain's users have all been read; what it does not bear out becomes
//! [`Known::NotRead`], which no code can take for "no".

use std::fmt;

use crate::kind::Kind;
use crate::known::Known;
use crate::user::{Capability, Mfa, User};

/// An attribute of a user, by its name in SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserAttribute {
    /// `userName`.
    Name,
    /// `ocid`.
    Ocid,
    /// `emails`.
    Email,
    /// `active`.
    Active,
    /// `canUse…` of a kind.
    Capability(Kind),
    /// `canUseConsolePassword`.
    ConsolePassword,
    /// `meta.created`.
    Created,
    /// `lastSuccessfulLoginDate`.
    LastLogin,
    /// `mfaStatus`.
    Mfa,
    /// `serviceUser`.
    ServiceUser,
    /// `isFederatedUser`.
    Federated,
    /// `userType`.
    UserType,
    /// `groups`.
    Groups,
    /// `appRoles`.
    Roles,
    /// `freeformTags` and `definedTags`.
    Tags,
}

impl UserAttribute {
    /// How many there are.
    pub const COUNT: usize = 20;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Name,
        Self::Ocid,
        Self::Email,
        Self::Active,
        Self::Capability(Kind::ApiKey),
        Self::Capability(Kind::AuthToken),
        Self::Capability(Kind::CustomerSecretKey),
        Self::Capability(Kind::DbCredential),
        Self::Capability(Kind::Oauth2ClientCredential),
        Self::Capability(Kind::SmtpCredential),
        Self::ConsolePassword,
        Self::Created,
        Self::LastLogin,
        Self::Mfa,
        Self::ServiceUser,
        Self::Federated,
        Self::UserType,
        Self::Groups,
        Self::Roles,
        Self::Tags,
    ];

    /// The name in SCIM.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "userName",
            Self::Ocid => "ocid",
            Self::Email => "emails",
            Self::Active => "active",
            Self::Capability(Kind::ApiKey) => "canUseApiKeys",
            Self::Capability(Kind::AuthToken) => "canUseAuthTokens",
            Self::Capability(Kind::CustomerSecretKey) => "canUseCustomerSecretKeys",
            Self::Capability(Kind::DbCredential) => "canUseDbCredentials",
            Self::Capability(Kind::Oauth2ClientCredential) => "canUseOAuth2ClientCredentials",
            Self::Capability(Kind::SmtpCredential) => "canUseSmtpCredentials",
            Self::ConsolePassword => "canUseConsolePassword",
            Self::Created => "meta.created",
            Self::LastLogin => "lastSuccessfulLoginDate",
            Self::Mfa => "mfaStatus",
            Self::ServiceUser => "serviceUser",
            Self::Federated => "isFederatedUser",
            Self::UserType => "userType",
            Self::Groups => "groups",
            Self::Roles => "appRoles",
            Self::Tags => "tags",
        }
    }

    /// The attribute of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.as_str() == name)
    }

    /// Whether a domain that returns it for nobody may mean "false for everybody": servers leave out flags that are not set.
    /// A missing `active` or `canUse…` says nothing (oci-facts, section 2: "null/absent = unset").
    pub const fn absence_may_mean_false(self) -> bool {
        matches!(self, Self::ServiceUser | Self::Federated)
    }

    const fn bit(self) -> u32 {
        1 << self.index()
    }

    const fn index(self) -> usize {
        match self {
            Self::Name => 0,
            Self::Ocid => 1,
            Self::Email => 2,
            Self::Active => 3,
            Self::Capability(kind) => 4 + kind.index(),
            Self::ConsolePassword => 10,
            Self::Created => 11,
            Self::LastLogin => 12,
            Self::Mfa => 13,
            Self::ServiceUser => 14,
            Self::Federated => 15,
            Self::UserType => 16,
            Self::Groups => 17,
            Self::Roles => 18,
            Self::Tags => 19,
        }
    }
}

impl fmt::Display for UserAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A set of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AttributeSet(u32);

impl AttributeSet {
    /// No attribute.
    pub const NONE: Self = Self(0);

    /// The set of one attribute.
    pub const fn of(attribute: UserAttribute) -> Self {
        Self(attribute.bit())
    }

    /// The same with one more.
    pub const fn insert(&mut self, attribute: UserAttribute) {
        self.0 |= attribute.bit();
    }

    /// The attributes of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has an attribute.
    pub const fn has(self, attribute: UserAttribute) -> bool {
        self.0 & attribute.bit() != 0
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The attributes, in the usual order.
    pub fn iter(self) -> impl Iterator<Item = UserAttribute> {
        UserAttribute::ALL.into_iter().filter(move |attribute| self.has(*attribute))
    }
}

impl FromIterator<UserAttribute> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = UserAttribute>>(attributes: I) -> Self {
        attributes.into_iter().fold(Self::NONE, |all, each| all.union(Self::of(each)))
    }
}

/// How one attribute of a domain's users was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AttributeReading {
    /// At least one user carried it, so the domain returns it.
    Read,
    /// It was not asked for, or asking for it was refused.
    #[default]
    NotRequested,
    /// It was asked for, and no user carried it: the domain may have withheld it.
    NotReturned,
}

impl AttributeReading {
    /// `read`, `not_requested` or `not_returned`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::NotRequested => "not_requested",
            Self::NotReturned => "not_returned",
        }
    }
}

/// How each attribute of a domain's users was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeReadings {
    readings: [AttributeReading; UserAttribute::COUNT],
    /// Flags that nobody is said not to have: for these, absence may mean false.
    never_false: AttributeSet,
}

impl AttributeReadings {
    /// Decides from what was requested and what the users carried how each attribute was read, and takes back every
    /// "none" of a user that this does not bear out.
    ///
    /// What a single user lacks while others have it is "none" for an address, a sign-in, groups, roles, tags, a type and an
    /// OCID, since servers leave out what is empty (RFC 7643, section 2.5). It is unknown for a flag or a date that every
    /// user has.
    pub fn settle(requested: AttributeSet, users: &mut [User]) -> Self {
        let mut carried = AttributeSet::NONE;
        let mut said_false = AttributeSet::NONE;
        for user in &*users {
            carried = carried.union(carries(user));
            for (attribute, flag) in
                [(UserAttribute::ServiceUser, user.service), (UserAttribute::Federated, user.federated)]
            {
                if flag.is(false) {
                    said_false.insert(attribute);
                }
            }
        }
        let mut settled = Self::default();
        for attribute in UserAttribute::ALL {
            let reading = match (requested.has(attribute), carried.has(attribute)) {
                (false, _) => AttributeReading::NotRequested,
                (true, true) => AttributeReading::Read,
                (true, false) => AttributeReading::NotReturned,
            };
            settled.set(attribute, reading);
        }
        settled.never_false =
            requested.iter().filter(|each| each.absence_may_mean_false() && !said_false.has(*each)).collect();
        for user in users {
            settled.take_back(user);
        }
        settled
    }

    /// Turns the "none"s of a user that nothing bears out into "not read".
    pub fn take_back(&self, user: &mut User) {
        fn unless<T>(keep: bool, value: &mut Known<T>) {
            if !keep && value.is_nothing() {
                *value = Known::NotRead;
            }
        }
        let read = |attribute| self.is_read(attribute);
        unless(read(UserAttribute::Email), &mut user.email);
        unless(read(UserAttribute::LastLogin), &mut user.last_login);
        unless(read(UserAttribute::UserType), &mut user.user_type);
        unless(read(UserAttribute::Groups), &mut user.groups);
        if !read(UserAttribute::Groups) && user.groups.as_deref().is_some_and(<[_]>::is_empty) {
            user.groups = Known::NotRead;
        }
        unless(read(UserAttribute::Roles), &mut user.roles);
        unless(read(UserAttribute::Tags), &mut user.tags);
        unless(false, &mut user.active);
        unless(false, &mut user.service);
        unless(false, &mut user.federated);
        unless(false, &mut user.created);
    }

    /// Everything was read: for tests, and for what is made up.
    pub fn all_read() -> Self {
        Self { readings: [AttributeReading::Read; UserAttribute::COUNT], never_false: AttributeSet::NONE }
    }

    /// How an attribute was read.
    pub fn of(&self, attribute: UserAttribute) -> AttributeReading {
        self.readings.get(attribute.index()).copied().unwrap_or_default()
    }

    /// Whether an attribute was read.
    pub fn is_read(&self, attribute: UserAttribute) -> bool {
        self.of(attribute) == AttributeReading::Read
    }

    /// Whether a user without a flag may be one of whom it is false: it was requested, and no user is said not to have it.
    pub const fn may_mean_false(&self, attribute: UserAttribute) -> bool {
        self.never_false.has(attribute)
    }

    /// Sets how an attribute was read.
    pub fn set(&mut self, attribute: UserAttribute, reading: AttributeReading) {
        if let Some(place) = self.readings.get_mut(attribute.index()) {
            *place = reading;
        }
    }

    /// Every attribute, and how it was read.
    pub fn iter(&self) -> impl Iterator<Item = (UserAttribute, AttributeReading)> {
        UserAttribute::ALL.into_iter().map(|attribute| (attribute, self.of(attribute)))
    }

    /// The same with these flags as those that nobody is said not to have.
    #[must_use]
    pub const fn with_never_false(self, never_false: AttributeSet) -> Self {
        Self { never_false, ..self }
    }

    /// The flags that nobody is said not to have.
    pub const fn never_false(&self) -> AttributeSet {
        self.never_false
    }

    /// Why an attribute is not known of somebody, in words.
    pub fn why_not(&self, attribute: UserAttribute) -> String {
        match self.of(attribute) {
            AttributeReading::Read => format!("{attribute} could not be read"),
            AttributeReading::NotRequested => {
                format!("{attribute} was not requested, or the request was refused")
            }
            AttributeReading::NotReturned => {
                format!("{attribute} was not returned in a readable form for any user")
            }
        }
    }
}

/// The attributes that a user carries in a readable form.
fn carries(user: &User) -> AttributeSet {
    let flag = |known: bool, attribute| known.then_some(attribute);
    let own = [
        flag(!user.name.is_empty(), UserAttribute::Name),
        flag(user.ocid.is_some(), UserAttribute::Ocid),
        flag(user.email.value().is_some(), UserAttribute::Email),
        flag(user.active.value().is_some(), UserAttribute::Active),
        flag(user.console_password != Capability::Unknown, UserAttribute::ConsolePassword),
        flag(user.created.value().is_some(), UserAttribute::Created),
        flag(user.last_login.value().is_some(), UserAttribute::LastLogin),
        flag(user.mfa != Mfa::Unknown, UserAttribute::Mfa),
        flag(user.service.value().is_some(), UserAttribute::ServiceUser),
        flag(user.federated.value().is_some(), UserAttribute::Federated),
        flag(user.user_type.value().is_some(), UserAttribute::UserType),
        // Everybody is in the group of all users of the domain: empty lists for everybody are withheld ones.
        flag(user.groups.as_deref().is_some_and(|groups| !groups.is_empty()), UserAttribute::Groups),
        flag(user.roles.value().is_some(), UserAttribute::Roles),
        flag(user.tags.value().is_some(), UserAttribute::Tags),
    ];
    let kinds = user.capabilities.iter().filter(|(_, capability)| **capability != Capability::Unknown);
    own.into_iter().flatten().chain(kinds.map(|(kind, _)| UserAttribute::Capability(kind))).collect()
}
