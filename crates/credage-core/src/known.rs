//! A value that may not be known: "there is none" and "it was not read" are two things, and the type keeps them apart.

use std::ops::Deref;

/// What is known of one attribute of one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Known<T> {
    /// The domain gave this value.
    Value(T),
    /// The domain has none. Only an attribute that the domain is known to return can be said to have no value.
    Nothing,
    /// It was not read: not requested, not returned, or returned in a form that cannot be read.
    #[default]
    NotRead,
}

impl<T> Known<T> {
    /// The value, where there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::NotRead => None,
        }
    }

    /// Whether it was read, with or without a value.
    pub const fn is_read(&self) -> bool {
        !matches!(self, Self::NotRead)
    }

    /// Whether it was read and there is none.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// The value behind a pointer, where there is one.
    pub fn as_deref(&self) -> Option<&T::Target>
    where
        T: Deref,
    {
        self.value().map(Deref::deref)
    }
}

impl Known<bool> {
    /// Whether it was read and is `value`.
    pub fn is(self, value: bool) -> bool {
        self == Self::Value(value)
    }

    /// Yes or no; `None` where it is not known.
    pub const fn flag(self) -> Option<bool> {
        match self {
            Self::Value(flag) => Some(flag),
            Self::Nothing | Self::NotRead => None,
        }
    }
}

impl<T: Copy> Known<T> {
    /// A copy of the value, where there is one.
    pub const fn copied(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::NotRead => None,
        }
    }
}
