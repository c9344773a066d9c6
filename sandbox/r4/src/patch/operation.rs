//! A patch as it is sent: the Parameters resource, and what each of its operations asks for.

use serde_json::Value;

use super::given::Given;
use super::{PatchError, Trouble};

/// The longest part that is repeated in an error, in characters.
const SHOWN: usize = 120;

/// The parts of one operation, unread.
#[derive(Debug)]
pub(super) struct Sent<'p>(&'p [Value]);

/// What one operation asks for.
#[derive(Debug)]
pub(super) enum Operation<'p> {
    Add {
        path: &'p str,
        name: &'p str,
        value: Given<'p>,
    },
    Delete {
        path: &'p str,
    },
    Insert {
        path: &'p str,
        value: Given<'p>,
        index: usize,
    },
    Move {
        path: &'p str,
        source: usize,
        destination: usize,
    },
    Replace {
        path: &'p str,
        value: Given<'p>,
    },
}

/// The operations of a patch.
pub(super) fn sent(patch: &Value) -> Result<Vec<Sent<'_>>, PatchError> {
    let form = |reason: &str| {
        PatchError::Form(format!(
            "{reason}; a FHIRPath Patch is a Parameters resource, each of whose parameters is named operation and has parts"
        ))
    };
    if patch.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        return Err(form("it is no Parameters resource"));
    }
    let parameters = patch.get("parameter").and_then(Value::as_array);
    let parameters = parameters.ok_or_else(|| form("it has no operation"))?;
    let read = parameters.iter().enumerate().map(|(place, one)| {
        let named = one.get("name").and_then(Value::as_str) == Some("operation");
        let parts = one.get("part").and_then(Value::as_array);
        let parts = parts.filter(|_| named);
        let unread = || form(&format!("parameter {} is no operation", place + 1));
        parts.map(|parts| Sent(parts)).ok_or_else(unread)
    });
    read.collect()
}

impl<'p> Sent<'p> {
    fn part(&self, name: &str) -> Option<&'p Value> {
        let named = |part: &&Value| part.get("name").and_then(Value::as_str) == Some(name);
        self.0.iter().find(named)
    }

    /// A part whose value is a text, under any type that is one.
    fn text(&self, name: &'static str, takes: &'static str) -> Result<&'p str, Trouble> {
        let part = self.part(name).and_then(Value::as_object);
        let mut members = part.into_iter().flatten();
        let value = members.find(|(name, _)| name.starts_with("value"));
        let text = value.and_then(|(_, value)| value.as_str());
        text.ok_or(Trouble::Part { name, takes })
    }

    fn number(&self, name: &'static str) -> Result<usize, Trouble> {
        let takes = "a valueInteger of 0 or more";
        let number = self.part(name).and_then(|part| {
            let value = part
                .get("valueInteger")
                .or_else(|| part.get("valueUnsignedInt"))?;
            usize::try_from(value.as_u64()?).ok()
        });
        number.ok_or(Trouble::Part { name, takes })
    }

    fn value(&self) -> Result<Given<'p>, Trouble> {
        let read = self.part("value").and_then(Given::read);
        read.ok_or(Trouble::Part {
            name: "value",
            takes: "one value with its type (valueString, valueHumanName …), or parts with names",
        })
    }

    /// A part as an error shows it.
    pub(super) fn shown(&self, name: &'static str) -> String {
        let text = self.text(name, "").unwrap_or("?");
        text.chars().take(SHOWN).collect()
    }
}

impl<'p> Operation<'p> {
    pub(super) fn read(sent: &Sent<'p>) -> Result<Self, Trouble> {
        let path = || sent.text("path", "a valueString with a FHIRPath");
        match sent.text("type", "a valueCode")? {
            "add" => Ok(Self::Add {
                path: path()?,
                name: sent.text("name", "a valueString with the name of the element")?,
                value: sent.value()?,
            }),
            "delete" => Ok(Self::Delete { path: path()? }),
            "insert" => Ok(Self::Insert {
                path: path()?,
                value: sent.value()?,
                index: sent.number("index")?,
            }),
            "move" => Ok(Self::Move {
                path: path()?,
                source: sent.number("source")?,
                destination: sent.number("destination")?,
            }),
            "replace" => Ok(Self::Replace {
                path: path()?,
                value: sent.value()?,
            }),
            _ => Err(Trouble::Kind),
        }
    }
}
