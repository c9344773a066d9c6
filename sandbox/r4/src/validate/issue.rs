//! What a validation finds: one issue for each fault, with the place, the rule and the remedy.

use std::borrow::Cow;

/// How bad an issue is (R4, `OperationOutcome.issue.severity`); `fatal` is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something that could not be checked here.
    Information,
    /// Allowed, but probably not what was meant.
    Warning,
    /// The resource breaks a rule of FHIR or of a profile.
    Error,
}

/// The same said in English and in Norwegian bokmål.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: String,
    /// Norwegian bokmål.
    pub nb: String,
}

/// What kind of fault it is. The names are stable: clients may depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// Too many, or a single value twice.
    Cardinality,
    /// More than one `value[x]`.
    Choice,
    /// A code that is not in the bound value set, or not in its code system.
    Binding,
    /// A rule about contained resources.
    Contained,
    /// `null`, or a text, array or object with nothing in it.
    Empty,
    /// A rule about extensions.
    Extension,
    /// A value that is not as its profile fixes it.
    Fixed,
    /// A primitive that is not written as its type demands.
    Format,
    /// An invariant.
    Invariant,
    /// Larger or deeper than this validator goes.
    Limit,
    /// Something required is not there.
    Missing,
    /// The narrative has something that is not allowed in it.
    Narrative,
    /// A profile that is not known here, or that is for another type.
    Profile,
    /// A reference that cannot point to that.
    Reference,
    /// `resourceType` is not there or is not one of R4.
    ResourceType,
    /// Another JSON type than the element has.
    Shape,
    /// A slice of a profile.
    Slice,
    /// Codes that cannot be checked with the terminology that is here.
    Unchecked,
    /// An element that the type does not have.
    UnknownElement,
}

impl Code {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binding => "binding",
            Self::Cardinality => "cardinality",
            Self::Choice => "choice",
            Self::Contained => "contained",
            Self::Empty => "empty",
            Self::Extension => "extension",
            Self::Fixed => "fixed",
            Self::Format => "format",
            Self::Invariant => "invariant",
            Self::Limit => "limit",
            Self::Missing => "missing",
            Self::Narrative => "narrative",
            Self::Profile => "profile",
            Self::Reference => "reference",
            Self::ResourceType => "resource-type",
            Self::Shape => "shape",
            Self::Slice => "slice",
            Self::Unchecked => "unchecked",
            Self::UnknownElement => "unknown-element",
        }
    }

    /// The code of R4's value set `issue-type`, for `OperationOutcome.issue.code`.
    pub fn issue_type(self) -> &'static str {
        match self {
            Self::Binding => "code-invalid",
            Self::Cardinality
            | Self::Choice
            | Self::Empty
            | Self::ResourceType
            | Self::Shape
            | Self::UnknownElement => "structure",
            Self::Contained | Self::Invariant => "invariant",
            Self::Extension => "extension",
            Self::Fixed | Self::Format | Self::Narrative | Self::Reference | Self::Slice => "value",
            Self::Limit => "too-costly",
            Self::Missing => "required",
            Self::Profile => "not-supported",
            Self::Unchecked => "informational",
        }
    }
}

/// One fault in a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of fault it is.
    pub code: Code,
    /// Where: a path as in `FHIRPath`, from the type of the outermost resource.
    pub expression: String,
    /// The key of the invariant (`obs-6`), the profile, or the section of the specification.
    pub rule: Cow<'static, str>,
    /// What is wrong.
    pub problem: Words,
    /// What to do about it.
    pub remedy: Words,
}
