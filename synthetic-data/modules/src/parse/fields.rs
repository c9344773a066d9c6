//! Reads the fields of a JSON object, and says which one is missing or of another kind.

use serde_json::{Map, Number, Value};

use crate::error::Fault;
use crate::number::{Chance, Fixed};

/// The fields of one object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

pub(super) fn wrong(field: &str, expected: &'static str) -> Fault {
    Fault::Wrong {
        field: field.to_owned(),
        expected,
    }
}

pub(super) fn missing(field: &str) -> Fault {
    Fault::Missing(field.to_owned())
}

impl<'a> Fields<'a> {
    /// The fields of a value that has to be an object.
    pub(super) fn of(value: &'a Value, field: &str) -> Result<Self, Fault> {
        value
            .as_object()
            .map(Self)
            .ok_or_else(|| wrong(field, "an object"))
    }

    /// What stands there; null is nothing.
    pub(super) fn any(self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, field: &str) -> Result<&'a str, Fault> {
        self.optional_text(field)?.ok_or_else(|| missing(field))
    }

    pub(super) fn optional_text(self, field: &str) -> Result<Option<&'a str>, Fault> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| wrong(field, "a text"));
        self.any(field).map(text).transpose()
    }

    /// A text that says something: modules also have empty ones.
    pub(super) fn filled(self, field: &str) -> Result<Option<&'a str>, Fault> {
        let text = self.optional_text(field)?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    pub(super) fn flag(self, field: &str) -> Result<bool, Fault> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| wrong(field, "true or false"));
        Ok(self.any(field).map(flag).transpose()?.unwrap_or(false))
    }

    fn number(self, field: &str) -> Result<Option<&'a Number>, Fault> {
        let number = |value: &'a Value| value.as_number().ok_or_else(|| wrong(field, "a number"));
        self.any(field).map(number).transpose()
    }

    pub(super) fn fixed(self, field: &str) -> Result<Fixed, Fault> {
        self.optional_fixed(field)?.ok_or_else(|| missing(field))
    }

    pub(super) fn optional_fixed(self, field: &str) -> Result<Option<Fixed>, Fault> {
        let fixed =
            |number| Fixed::from_json(number).ok_or_else(|| wrong(field, "a smaller number"));
        self.number(field)?.map(fixed).transpose()
    }

    pub(super) fn chance(self, field: &str) -> Result<Option<Chance>, Fault> {
        let chance = |number| Chance::from_json(number).ok_or_else(|| wrong(field, "from 0 to 1"));
        self.number(field)?.map(chance).transpose()
    }

    /// A whole number that is not negative.
    pub(super) fn count(self, field: &str) -> Result<Option<u32>, Fault> {
        let count = |fixed: Fixed| {
            u32::try_from(fixed.floor()).map_err(|_| wrong(field, "a whole number from 0 up"))
        };
        self.optional_fixed(field)?.map(count).transpose()
    }

    pub(super) fn object(self, field: &str) -> Result<Option<Self>, Fault> {
        self.any(field)
            .map(|value| Fields::of(value, field))
            .transpose()
    }

    /// A list; none where there is no field.
    pub(super) fn list(self, field: &str) -> Result<&'a [Value], Fault> {
        match self.any(field) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(wrong(field, "a list")),
        }
    }

    /// A list of objects.
    pub(super) fn objects(self, field: &str) -> Result<Vec<Self>, Fault> {
        let items = self.list(field)?.iter();
        items.map(|item| Fields::of(item, field)).collect()
    }
}
