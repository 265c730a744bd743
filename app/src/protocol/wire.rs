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
    /// What can't be read becomes a fault; then what is returned is of the right type, and worth nothing.
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self;
    fn write(&self, writer: &mut Writer);
}

/// What is wrong, as far as was read: the first fault counts.
///
/// It is looked at once, in the end. To turn back at every field would be more code than reading them.
#[derive(Debug, Default)]
pub(crate) struct Faults(Option<Bad>);

impl Faults {
    /// For values that don't know their names.
    pub(crate) fn nameless(&mut self) {
        self.missing("");
    }

    pub(crate) fn missing(&mut self, name: &'static str) {
        self.0.get_or_insert(Bad(name));
    }

    fn name(&mut self, name: &'static str) {
        if self.0 == Some(Bad("")) {
            self.0 = Some(Bad(name));
        }
    }

    /// What was read, if nothing was wrong.
    pub(crate) fn check<T>(&self, value: T) -> Result<T, Bad> {
        match self.0 {
            None => Ok(value),
            Some(bad) => Err(bad),
        }
    }
}

/// Reads a type of the protocol from JSON.
#[expect(private_bounds, reason = "the types that travel are all in here")]
pub fn from_json<T: Wire>(text: &str) -> Result<T, Bad> {
    read(&Json::parse(text).ok_or(Bad("JSON"))?)
}

/// The JSON of a type of the protocol.
#[expect(private_bounds, reason = "the types that travel are all in here")]
pub fn to_json<T: Wire>(value: &T) -> String {
    let mut writer = Writer::default();
    value.write(&mut writer);
    writer.text
}

pub(crate) fn read<T: Wire>(json: &Json<'_>) -> Result<T, Bad> {
    let mut faults = Faults::default();
    let value = T::read(json, &mut faults);
    faults.check(value)
}

pub(crate) fn needed<T: Wire>(json: &Json<'_>, name: &'static str, faults: &mut Faults) -> T {
    let value = json.get(name).unwrap_or_else(|| {
        faults.missing(name);
        &Json::Null
    });
    let value = T::read(value, faults);
    faults.name(name);
    value
}

pub(crate) fn optional<T: Wire>(json: &Json<'_>, name: &'static str, default: T, faults: &mut Faults) -> T {
    match json.get(name) {
        None | Some(Json::Null) => default,
        Some(value) => {
            let value = T::read(value, faults);
            faults.name(name);
            value
        }
    }
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Wire for bool {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        if let Json::Bool(is_true) = json {
            return *is_true;
        }
        faults.nameless();
        false
    }

    fn write(&self, writer: &mut Writer) {
        writer.text.push_str(if *self { "true" } else { "false" });
    }
}

impl Wire for u64 {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        if let Json::Number(number) = json {
            return *number;
        }
        faults.nameless();
        0
    }

    fn write(&self, writer: &mut Writer) {
        writer.number(*self);
    }
}

macro_rules! small_numbers {
    ($($type:ty),*) => {$(
        impl Wire for $type {
            fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
                u64::read(json, faults).try_into().unwrap_or_else(|_| {
                    faults.nameless();
                    0
                })
            }

            fn write(&self, writer: &mut Writer) {
                writer.number(u64::try_from(*self).unwrap_or(u64::MAX));
            }
        }
    )*};
}
small_numbers!(u16, u32, usize);

impl Wire for String {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        json.text()
            .unwrap_or_else(|| {
                faults.nameless();
                ""
            })
            .to_owned()
    }

    fn write(&self, writer: &mut Writer) {
        writer.string(self);
    }
}

impl Wire for Uuid {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        json.text().and_then(|text| Self::try_parse(text).ok()).unwrap_or_else(|| {
            faults.nameless();
            Self::nil()
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.string(self.hyphenated().encode_lower(&mut Self::encode_buffer()));
    }
}

impl<T: Wire> Wire for Option<T> {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        match json {
            Json::Null => None,
            json => Some(T::read(json, faults)),
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
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        if let Json::List(values) = json {
            return values.iter().map(|value| T::read(value, faults)).collect();
        }
        faults.nameless();
        Self::new()
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
            fn read(
                json: &$crate::protocol::json::Json<'_>,
                faults: &mut $crate::protocol::wire::Faults,
            ) -> Self {
                Self { $($field: wire!(@read json faults $field $mark)),* }
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
            fn read(
                json: &$crate::protocol::json::Json<'_>,
                faults: &mut $crate::protocol::wire::Faults,
            ) -> Self {
                match json.text() {
                    $(Some($text) => Self::$variant,)*
                    _ => {
                        faults.nameless();
                        [$(Self::$variant),*][0]
                    }
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
                $crate::protocol::wire::read(&json).map_err(serde::de::Error::custom)
            }
        }
    };
    (@read $json:ident $faults:ident $field:ident !) => {
        $crate::protocol::wire::needed($json, stringify!($field), $faults)
    };
    (@read $json:ident $faults:ident $field:ident ?) => {
        $crate::protocol::wire::optional($json, stringify!($field), Default::default(), $faults)
    };
    (@read $json:ident $faults:ident $field:ident [$default:expr]) => {
        $crate::protocol::wire::optional($json, stringify!($field), $default, $faults)
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
