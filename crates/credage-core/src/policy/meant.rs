//! Whether a class or a waiver means somebody: yes, no, or not known, because what decides it was not read.

use crate::attributes::{AttributeReadings, AttributeSet, UserAttribute};

/// Whether something is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nobody can say.
    Unknown(Lack),
}

/// What is lacking to decide whether something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing of its own that may be lacking")]
pub struct Lack {
    /// Attributes of the user that were not read.
    attributes: AttributeSet,
    /// The owner was not listed, so nothing but id and name are known of them.
    unlisted: bool,
    /// The credential's fingerprint was not read.
    fingerprint: bool,
    /// The OCID or the display name of the domain is not known.
    domain: bool,
    /// Something other than a flag whose absence may equally mean false.
    unread: bool,
}

impl Meant {
    /// Both. One "no" decides, whatever is lacking for the other.
    pub(crate) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Unknown(lack) => match other() {
                Self::No => Self::No,
                Self::Yes => Self::Unknown(lack),
                Self::Unknown(more) => Self::Unknown(lack.union(more)),
            },
        }
    }

    /// Yes or no.
    pub(crate) const fn certain(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl Lack {
    const UNREAD: Self = Self {
        attributes: AttributeSet::NONE,
        unlisted: false,
        fingerprint: false,
        domain: false,
        unread: true,
    };

    /// An attribute that was not read.
    pub(crate) const fn of(attribute: UserAttribute) -> Self {
        Self { attributes: AttributeSet::of(attribute), ..Self::UNREAD }
    }

    /// A flag that may equally be false.
    pub(crate) const fn maybe_false(attribute: UserAttribute) -> Self {
        Self { unread: false, ..Self::of(attribute) }
    }

    /// The owner themselves.
    pub(crate) const fn unlisted() -> Self {
        Self { unlisted: true, ..Self::UNREAD }
    }

    /// The credential's fingerprint.
    pub(crate) const fn fingerprint() -> Self {
        Self { fingerprint: true, ..Self::UNREAD }
    }

    /// What the domain is known by.
    pub(crate) const fn domain() -> Self {
        Self { domain: true, ..Self::UNREAD }
    }

    /// What is lacking in both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self {
            attributes: self.attributes.union(other.attributes),
            unlisted: self.unlisted || other.unlisted,
            fingerprint: self.fingerprint || other.fingerprint,
            domain: self.domain || other.domain,
            unread: self.unread || other.unread,
        }
    }

    /// Whether something was not read. Otherwise only a flag is lacking that the domain may leave out where it is false.
    pub const fn is_unread(self) -> bool {
        self.unread
    }

    /// In words: what was not read.
    pub fn sentence(self, readings: &AttributeReadings) -> String {
        let mut parts: Vec<String> =
            self.attributes.iter().map(|attribute| readings.why_not(attribute)).collect();
        if self.unlisted {
            parts.push("the owner is not among the users that were read".to_owned());
        }
        if self.fingerprint {
            parts.push("the credential's fingerprint could not be read".to_owned());
        }
        if self.domain {
            parts.push("the domain's OCID or display name is not known".to_owned());
        }
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_no_decides_and_one_unknown_leaves_it_open() {
        let groups = Meant::Unknown(Lack::of(UserAttribute::Groups));
        let service = Meant::Unknown(Lack::maybe_false(UserAttribute::ServiceUser));
        for (one, two, both) in [
            (Meant::Yes, Meant::Yes, Meant::Yes),
            (Meant::Yes, Meant::No, Meant::No),
            (groups, Meant::No, Meant::No),
            (Meant::No, groups, Meant::No),
            (groups, Meant::Yes, groups),
            (Meant::Yes, service, service),
        ] {
            assert_eq!(one.and(|| two), both);
        }
        let Meant::Unknown(lack) = service.and(|| groups) else { panic!("still open") };
        assert!(lack.is_unread(), "a group that was not read is lacking");
        assert!(!Lack::maybe_false(UserAttribute::ServiceUser).is_unread());
        assert_eq!(lack.attributes.iter().count(), 2);
    }
}
