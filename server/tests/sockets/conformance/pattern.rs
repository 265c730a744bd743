//! Variables in what is sent, and patterns for what is expected.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the names that begin with `$` stand for.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, Value>);

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Fills in what is sent. A name that nobody has used before is a new identifier; `{"repeat": ["x", 3]}` is `xxx`.
    pub(super) fn fill(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with('$') => {
                let new = || Value::String(uuid::Uuid::new_v4().to_string());
                self.0.entry(text.clone()).or_insert_with(new).clone()
            }
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(fields) => {
                if let Some([Value::String(piece), Value::Number(times)]) =
                    fields.get("repeat").and_then(Value::as_array).map(Vec::as_slice)
                {
                    return Value::String(piece.repeat(usize::try_from(times.as_u64().unwrap()).unwrap()));
                }
                fields.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Fills in identifiers as SQLite writes them.
    pub(super) fn fill_sql(&mut self, sql: &str) -> String {
        let mut filled = sql.to_owned();
        for (name, value) in self.0.iter().rev() {
            if let Some(id) = value.as_str() {
                filled = filled.replace(name, &format!("x'{}'", id.replace('-', "")));
            }
        }
        assert!(!filled.contains('$'), "{filled}");
        filled
    }

    /// Whether a value is as the pattern says, and if not, why. An object may have more fields than its pattern, and
    /// lacks those that are `null` there; `"*"` is anything; a name that nobody has used before takes the value.
    pub(super) fn matches(&mut self, pattern: &Value, value: &Value) -> Result<(), String> {
        match (pattern, value) {
            (Value::String(any), _) if any == "*" => Ok(()),
            (Value::String(name), _) if name.starts_with('$') => {
                let known = self.0.entry(name.clone()).or_insert_with(|| value.clone());
                if known == value { Ok(()) } else { Err(format!("{name} is {known}, not {value}")) }
            }
            (Value::Object(fields), Value::Object(found)) => {
                for (name, pattern) in fields {
                    match found.get(name) {
                        None if pattern.is_null() => {}
                        None => return Err(format!("`{name}` is missing in {value}")),
                        Some(value) => {
                            self.matches(pattern, value).map_err(|error| format!("{name}: {error}"))?;
                        }
                    }
                }
                Ok(())
            }
            (Value::Array(patterns), Value::Array(values)) if patterns.len() == values.len() => {
                patterns.iter().zip(values).try_for_each(|(pattern, value)| self.matches(pattern, value))
            }
            _ if pattern == value => Ok(()),
            _ => Err(format!("expected {pattern}, got {value}")),
        }
    }
}
