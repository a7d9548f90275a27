//! Values that may be of any shape: what should be a text, a flag, a list or an object, and is taken as it comes.
//!
//! One malformed value must cost neither its row nor the other 999 of its page, so nothing here ever fails on a value that is
//! JSON. What has another shape than it should is [`Lenient::Odd`], and counts as not read. `null` where a text should be is
//! odd as well: it says neither a text nor that there is none (a missing attribute says that).

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use credage_core::DateReading;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value as a row has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lenient<T> {
    /// The row does not have it.
    #[default]
    Absent,
    /// It has the shape that it should.
    Is(T),
    /// It has another.
    Odd,
}

/// A text.
pub type Text = Lenient<Box<str>>;
/// Yes or no; `null` is the same as absent, since both say that the flag is not set.
pub type Flag = Lenient<bool>;
/// A date as it is written, be it none; `null` is the same as absent, since both say that there is none.
pub type Date = Lenient<DateReading>;
/// An object.
pub type Object<T> = Lenient<Fields<T>>;
/// A list of objects.
pub type List<T> = Lenient<Items<T>>;

/// The members of an object that a type knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<T>(pub T);

/// The most objects of a list that are kept: ten times what the largest page holds. Millions of empty ones, which a body of
/// allowed size can hold, would fill the memory.
const MOST_ITEMS: usize = 10_000;

/// The members of a list that are objects, and how many are something else, or too many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items<T> {
    /// The objects.
    pub objects: Vec<T>,
    /// How many members are no objects, or were left out because there are too many.
    pub odd: usize,
}

/// Takes the members of an object one by one.
pub trait Members: Default {
    /// Reads the value of `name`, or ignores it.
    fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

impl<T> Lenient<T> {
    /// The value, where it has the shape that it should.
    pub fn get(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Odd => None,
        }
    }

    /// The value, where it has the shape that it should.
    pub const fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Odd => None,
        }
    }

    /// Whether it is there and has another shape than it should.
    pub const fn is_odd(&self) -> bool {
        matches!(self, Self::Odd)
    }
}

impl<T: Default> Object<T> {
    /// The members; those of an empty object where it is none. Says in `odd` whether it should have been one.
    pub fn open(self, odd: &mut bool) -> T {
        *odd |= self.is_odd();
        self.get().unwrap_or_default().0
    }
}

/// Reads values, whatever they are.
struct Any<S>(PhantomData<S>);

/// What a kind of value makes of each shape; all of them are odd unless it says otherwise.
trait Shape: Sized {
    type Value;
    fn odd() -> Self::Value;
    fn text(_: &str) -> Self::Value {
        Self::odd()
    }
    fn flag(_: bool) -> Self::Value {
        Self::odd()
    }
    fn number(_: u64) -> Self::Value {
        Self::odd()
    }
    fn null() -> Self::Value {
        Self::odd()
    }
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::odd())
    }
    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::odd())
    }
}

impl<'de, S: Shape> Visitor<'de> for Any<S> {
    type Value = S::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<S::Value, E> {
        Ok(S::text(text))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<S::Value, E> {
        Ok(S::flag(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<S::Value, E> {
        Ok(S::number(number))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<S::Value, E> {
        Ok(S::odd())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<S::Value, E> {
        Ok(S::odd())
    }

    fn visit_unit<E: Error>(self) -> Result<S::Value, E> {
        Ok(S::null())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<S::Value, A::Error> {
        S::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<S::Value, A::Error> {
        S::object(map)
    }
}

impl Shape for Box<str> {
    type Value = Text;
    fn odd() -> Text {
        Lenient::Odd
    }
    fn text(text: &str) -> Text {
        Lenient::Is(Box::from(text))
    }
}

impl Shape for bool {
    type Value = Flag;
    fn odd() -> Flag {
        Lenient::Odd
    }
    fn flag(flag: bool) -> Flag {
        Lenient::Is(flag)
    }
    fn null() -> Flag {
        Lenient::Absent
    }
}

/// A number of rows: a number, or a text that is one.
impl Shape for u64 {
    type Value = Lenient<Self>;
    fn odd() -> Lenient<Self> {
        Lenient::Odd
    }
    fn number(number: Self) -> Lenient<Self> {
        Lenient::Is(number)
    }
    fn text(text: &str) -> Lenient<Self> {
        text.trim().parse().map_or(Lenient::Odd, Lenient::Is)
    }
    fn null() -> Lenient<Self> {
        Lenient::Absent
    }
}

impl Shape for DateReading {
    type Value = Date;
    fn odd() -> Date {
        Lenient::Odd
    }
    fn text(text: &str) -> Date {
        Lenient::Is(Self::parse(text))
    }
    fn null() -> Date {
        Lenient::Absent
    }
}

impl<T: Members> Shape for Fields<T> {
    type Value = Object<T>;
    fn odd() -> Object<T> {
        Lenient::Odd
    }
    fn object<'de, A: MapAccess<'de>>(mut map: A) -> Result<Object<T>, A::Error> {
        let mut members = T::default();
        while let Some(Name(name)) = map.next_key()? {
            members.member(&name, &mut map)?;
        }
        Ok(Lenient::Is(Self(members)))
    }
}

impl<T: Members> Shape for Items<T> {
    type Value = List<T>;
    fn odd() -> List<T> {
        Lenient::Odd
    }
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<List<T>, A::Error> {
        // Rows come by the thousand, and other lists are short.
        let mut items = Self { objects: Vec::with_capacity(list.size_hint().unwrap_or(0)), odd: 0 };
        while items.objects.len() < MOST_ITEMS {
            match list.next_element::<Object<T>>()? {
                Some(Lenient::Is(Fields(object))) => items.objects.push(object),
                Some(Lenient::Absent | Lenient::Odd) => items.odd += 1,
                None => return Ok(Lenient::Is(items)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            items.odd += 1;
        }
        Ok(Lenient::Is(items))
    }
}

/// The name of a member; borrowed, where it is written without escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Names)
    }
}

macro_rules! any_value {
    ($($shape:ty),* $(,)?) => {$(
        impl<'de> Deserialize<'de> for Lenient<$shape> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Any::<$shape>(PhantomData))
            }
        }
    )*};
}

any_value!(Box<str>, bool, u64, DateReading);

impl<'de, T: Members> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any::<Fields<T>>(PhantomData))
    }
}

impl<'de, T: Members> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any::<Items<T>>(PhantomData))
    }
}

/// Declares an object by its members: every member may be missing, come twice (the last one counts) or have any shape.
macro_rules! object {
    ($(#[$meta:meta])* $visibility:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty = $member:expr),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        $visibility struct $name {
            $($(#[$field_meta])* $visibility $field: $type,)*
        }

        impl<'de> serde::de::Deserialize<'de> for $name {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let object = $crate::scim::lenient::Object::<Self>::deserialize(deserializer)?;
                object.get().map(|fields| fields.0).ok_or_else(|| serde::de::Error::custom("it is no object"))
            }
        }

        impl $crate::scim::lenient::Members for $name {
            fn member<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                name: &str,
                map: &mut A,
            ) -> Result<(), A::Error> {
                $(if name == $member {
                    self.$field = map.next_value()?;
                    return Ok(());
                })*
                map.next_value::<serde::de::IgnoredAny>().map(|_| ())
            }
        }
    };
}
pub(crate) use object;
