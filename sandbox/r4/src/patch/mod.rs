//! `FHIRPath` Patch (R4, `fhirpatch.html`): a resource is changed by operations that name its elements by
//! `FHIRPath`. Pure functions over JSON; who may patch what, and how a patch comes in, is the server's.
//!
//! Every operation sees what those before it left, and none counts unless all can be carried out.

mod edit;
mod given;
mod operation;
mod place;
#[cfg(test)]
mod tests;

use serde_json::Value;

use operation::Operation;

/// Operations of one patch.
const MOST_OPERATIONS: usize = 500;

/// Why a patch is not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// It is no patch.
    #[error("{0}")]
    Form(String),
    /// One of its operations cannot be read or carried out.
    #[error("operation {number} ({kind} {path}): {trouble}")]
    Operation {
        /// Which one, counted from 1.
        number: usize,
        /// What it is to do, as it was sent.
        kind: String,
        /// Its path, as it was sent.
        path: String,
        /// What is wrong, and what would be right.
        trouble: Box<Trouble>,
    },
}

/// What is wrong with one operation, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// An element that holds one value has one.
    #[error("{0} is there already and holds one value; replace it")]
    Already(String),
    /// The index lies outside of the list.
    #[error("{name} {given} is outside of the list, which has {length}; give {takes}")]
    Index {
        /// The part that holds the index.
        name: &'static str,
        /// The index as it was sent.
        given: usize,
        /// Items in the list.
        length: usize,
        /// What would be right.
        takes: String,
    },
    /// A part is missing or is no value of its kind.
    #[error("its part {name} is missing or cannot be read; give {takes}")]
    Part {
        /// The part.
        name: &'static str,
        /// What would be right.
        takes: &'static str,
    },
    /// The path leads nowhere.
    #[error("no element is there; name one that is, or add it first")]
    Nothing,
    /// The path leads to something that is not one whole list.
    #[error("it leads to no whole list; name a repeating element without narrowing it")]
    NotAList,
    /// The path leads to several elements.
    #[error(
        "it leads to {0} elements; narrow it to one with where(), first() or a place in brackets"
    )]
    Several(usize),
    /// The path cannot be read or evaluated.
    #[error(
        "the path cannot be used: {0}; use names, places in brackets and functions such as where()"
    )]
    Path(String),
    /// The path leads to the resource itself or to a computed value.
    #[error("it leads to no element within the resource; name one")]
    Whole,
    /// The type has no such element.
    #[error("{owner} has no element {name}; see R4's definition of it")]
    Unknown {
        /// The type.
        owner: String,
        /// The element as it was sent.
        name: String,
    },
    /// The value is of another type than the element takes.
    #[error("{element} takes {takes}, not {given}")]
    Type {
        /// The element.
        element: String,
        /// The types that it takes.
        takes: String,
        /// The type that was sent.
        given: String,
    },
    /// Of this kind there is no operation.
    #[error("there is no such operation; use add, insert, delete, replace or move")]
    Kind,
}

/// Carries out the operations of a Parameters resource, and gives the resource as they leave it.
///
/// # Errors
/// When the patch cannot be read, or one of its operations cannot be carried out.
pub fn apply(resource: &Value, patch: &Value) -> Result<Value, PatchError> {
    let sent = operation::sent(patch)?;
    if sent.len() > MOST_OPERATIONS {
        return Err(PatchError::Form(format!(
            "a patch may have {MOST_OPERATIONS} operations"
        )));
    }
    let mut resource = resource.clone();
    for (place, sent) in sent.iter().enumerate() {
        Operation::read(sent)
            .and_then(|operation| edit::carry_out(&mut resource, &operation))
            .map_err(|trouble| PatchError::Operation {
                number: place + 1,
                kind: sent.shown("type"),
                path: sent.shown("path"),
                trouble: Box::new(trouble),
            })?;
    }
    Ok(resource)
}
