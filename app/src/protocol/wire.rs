//! What the types look like as JSON: one line per type says which of its fields are needed, and which are left out where
//! they have their default.
//!
//! The traits of serde, by which the server's libraries know the types, come from the same lines.

use uuid::Uuid;

use super::json::{Json, Writer};

/// The field that is missing or of the wrong shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bad(pub &'static str);

impl std::fmt::Display for Bad {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}` is missing or of the wrong shape", self.0)
    }
}

/// A type that travels.
pub(crate) trait Wire: Sized {
    fn read(json: &Json<'_>) -> Result<Self, Bad>;
    fn write(&self, writer: &mut Writer);
}

/// Reads a type of the protocol from JSON.
#[expect(private_bounds, reason = "the types that travel are all in here")]
pub fn from_json<T: Wire>(text: &str) -> Result<T, Bad> {
    T::read(&Json::parse(text).ok_or(Bad("JSON"))?)
}

/// The JSON of a type of the protocol.
#[expect(private_bounds, reason = "the types that travel are all in here")]
pub fn to_json<T: Wire>(value: &T) -> String {
    let mut writer = Writer::default();
    value.write(&mut writer);
    writer.text
}

pub(crate) fn needed<T: Wire>(json: &Json<'_>, name: &'static str) -> Result<T, Bad> {
    let value = json.get(name).ok_or(Bad(name))?;
    T::read(value).map_err(|bad| bad.or(name))
}

pub(crate) fn optional<T: Wire>(json: &Json<'_>, name: &'static str, default: T) -> Result<T, Bad> {
    match json.get(name) {
        None | Some(Json::Null) => Ok(default),
        Some(value) => T::read(value).map_err(|bad| bad.or(name)),
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Bad {
    /// For values that don't know their names.
    const NAMELESS: Self = Self("");

    fn or(self, name: &'static str) -> Self {
        if self == Self::NAMELESS { Self(name) } else { self }
    }
}

impl Wire for bool {
    fn read(json: &Json<'_>) -> Result<Self, Bad> {
        match json {
            Json::Bool(is_true) => Ok(*is_true),
            _ => Err(Bad::NAMELESS),
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.text.push_str(if *self { "true" } else { "false" });
    }
}

impl Wire for u64 {
    fn read(json: &Json<'_>) -> Result<Self, Bad> {
        match json {
            Json::Number(number) => Ok(*number),
            _ => Err(Bad::NAMELESS),
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.number(*self);
    }
}

macro_rules! small_numbers {
    ($($type:ty),*) => {$(
        impl Wire for $type {
            fn read(json: &Json<'_>) -> Result<Self, Bad> {
                u64::read(json)?.try_into().map_err(|_| Bad::NAMELESS)
            }

            fn write(&self, writer: &mut Writer) {
                writer.number(u64::try_from(*self).unwrap_or(u64::MAX));
            }
        }
    )*};
}
small_numbers!(u16, u32, usize);

impl Wire for String {
    fn read(json: &Json<'_>) -> Result<Self, Bad> {
        json.text().map(str::to_owned).ok_or(Bad::NAMELESS)
    }

    fn write(&self, writer: &mut Writer) {
        writer.string(self);
    }
}

impl Wire for Uuid {
    fn read(json: &Json<'_>) -> Result<Self, Bad> {
        json.text().and_then(|text| Self::try_parse(text).ok()).ok_or(Bad::NAMELESS)
    }

    fn write(&self, writer: &mut Writer) {
        writer.string(self.hyphenated().encode_lower(&mut Self::encode_buffer()));
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read(json: &Json<'_>) -> Result<Self, Bad> {
        match json {
            Json::Null => Ok(None),
            json => T::read(json).map(Some),
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            None => writer.text.push_str("null"),
            Some(value) => value.write(writer),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn read(json: &Json<'_>) -> Result<Self, Bad> {
        match json {
            Json::List(values) => values.iter().map(T::read).collect(),
            _ => Err(Bad::NAMELESS),
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.text.push('[');
        for value in self {
            writer.separate('[');
            value.write(writer);
        }
        writer.text.push(']');
    }
}

/// `wire!(struct Name { field!, field? })`: a field with `!` is always there, one with `?` is left out when it has its
/// default. `wire!(enum Name { Variant = "name" })`.
macro_rules! wire {
    (struct $name:ident { $($field:ident $mark:tt),* $(,)? }) => {
        impl $crate::protocol::wire::Wire for $name {
            fn read(json: &$crate::protocol::json::Json<'_>) -> Result<Self, $crate::protocol::wire::Bad> {
                Ok(Self { $($field: wire!(@read json $field $mark)?),* })
            }

            fn write(&self, writer: &mut $crate::protocol::json::Writer) {
                writer.text.push('{');
                $(wire!(@write writer (self.$field) $field $mark);)*
                writer.text.push('}');
            }
        }

        $crate::protocol::wire::serde_by_json!($name);
    };
    (enum $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        impl $crate::protocol::wire::Wire for $name {
            fn read(json: &$crate::protocol::json::Json<'_>) -> Result<Self, $crate::protocol::wire::Bad> {
                match json.text() {
                    $(Some($text) => Ok(Self::$variant),)*
                    _ => Err($crate::protocol::wire::Bad("")),
                }
            }

            fn write(&self, writer: &mut $crate::protocol::json::Writer) {
                writer.string(match self { $(Self::$variant => $text),* });
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match self { $(Self::$variant => $text),* })
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                let json = $crate::protocol::json::Json::Text(text);
                $crate::protocol::wire::Wire::read(&json).map_err(serde::de::Error::custom)
            }
        }
    };
    (@read $json:ident $field:ident !) => { $crate::protocol::wire::needed($json, stringify!($field)) };
    (@read $json:ident $field:ident ?) => {
        $crate::protocol::wire::optional($json, stringify!($field), Default::default())
    };
    (@read $json:ident $field:ident [$default:expr]) => {
        $crate::protocol::wire::optional($json, stringify!($field), $default)
    };
    (@write $writer:ident ($value:expr) $field:ident ?) => {
        if !$crate::protocol::wire::is_default(&$value) {
            wire!(@write $writer ($value) $field !);
        }
    };
    (@write $writer:ident ($value:expr) $field:ident $mark:tt) => {
        $writer.field(stringify!($field));
        $crate::protocol::wire::Wire::write(&$value, $writer);
    };
}

/// The traits of serde for a type that travels, for serde's JSON library only; enums are texts in any format.
macro_rules! serde_by_json {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let json = serde_json::value::RawValue::from_string($crate::protocol::wire::to_json(self));
                json.map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
                $crate::protocol::wire::from_json(json.get()).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {serde_by_json, wire};
