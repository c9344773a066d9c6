//! What a state does.

use std::sync::Arc;

use super::{Code, Concept, Condition, Kind, ModuleId, StateId, Value};
use crate::names::Name;
use crate::number::{Chance, Fixed};
use crate::random::Amount;
use crate::time::Unit;

/// What a state does before it is left.
#[derive(Debug)]
pub(crate) enum Action {
    /// Nothing: Initial and Simple.
    Pass,
    Terminal,
    Call(ModuleId),
    Delay(Span),
    Guard(Condition),
    Set(Name, Assigned),
    Count(Name, Fixed),
    Symptom {
        symptom: Name,
        cause: Name,
        probability: Chance,
        amount: Amount,
    },
    VitalSign(Name, Amount),
    Encounter(EncounterOrder),
    EncounterEnd(Option<Code>),
    /// `ConditionOnset` and `AllergyOnset`.
    Onset(Onset),
    Medication(MedicationOrder),
    CarePlan(CarePlan),
    Device(Code, Option<Name>),
    /// The end of whatever has a beginning.
    End(Kind, What),
    Procedure {
        codes: Concept,
        reason: Option<Reason>,
        span: Option<Span>,
        assign: Option<Name>,
    },
    Observation(Observed),
    /// `MultiObservation`.
    Panel(Panel),
    /// `DiagnosticReport`.
    Report(Panel),
    Imaging(Imaging),
    Supplies(Vec<Supply>),
    Vaccine {
        codes: Concept,
        dose: u32,
    },
    Death(DeathOrder),
    /// A differential equation that is not solved; it is left by `alt_direct_transition`.
    Physiology(StateId),
}

/// A stretch of time to be drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) amount: Amount,
    pub(crate) unit: Unit,
}

/// What an attribute is set to.
#[derive(Debug)]
pub(crate) enum Assigned {
    Nothing,
    Value(Value),
    Amount(Amount),
    Attribute(Name),
}

/// The kind of contact, in FHIR's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Ambulatory,
    Emergency,
    Home,
    Inpatient,
    Virtual,
    Wellness,
}

#[derive(Debug)]
pub(crate) struct EncounterOrder {
    pub(crate) class: Class,
    pub(crate) codes: Concept,
    pub(crate) reason: Option<Reason>,
    /// The contact can be, or is, held at a distance.
    pub(crate) remote: Chance,
}

/// An attribute or a state, whichever says what something is done for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reason {
    pub(crate) attribute: Name,
    pub(crate) state: Name,
}

#[derive(Debug)]
pub(crate) struct Onset {
    pub(crate) kind: Kind,
    pub(crate) codes: Concept,
    /// The encounter that puts it into the record.
    pub(crate) target: Option<Name>,
    pub(crate) assign: Option<Name>,
    pub(crate) allergy: Option<Allergy>,
}

#[derive(Debug)]
pub(crate) struct Allergy {
    pub(crate) intolerance: bool,
    pub(crate) category: Option<&'static str>,
    pub(crate) reactions: Vec<Reaction>,
}

/// A reaction, with the chance of each severity; `None` is no reaction.
#[derive(Debug)]
pub(crate) struct Reaction {
    pub(crate) code: Code,
    pub(crate) severities: Vec<(Option<&'static str>, Chance)>,
}

#[derive(Debug)]
pub(crate) struct MedicationOrder {
    pub(crate) codes: Concept,
    pub(crate) reason: Option<Reason>,
    pub(crate) chronic: bool,
    pub(crate) administration: bool,
    pub(crate) assign: Option<Name>,
    pub(crate) prescription: Option<Prescription>,
}

#[derive(Debug)]
pub(crate) struct Prescription {
    pub(crate) as_needed: bool,
    /// Amount, frequency, period and its unit.
    pub(crate) dosage: Option<(Fixed, u32, Fixed, Unit)>,
    pub(crate) duration: Option<(Fixed, Unit)>,
    pub(crate) refills: Option<u32>,
    pub(crate) instructions: Concept,
}

#[derive(Debug)]
pub(crate) struct CarePlan {
    pub(crate) codes: Concept,
    pub(crate) reason: Option<Reason>,
    pub(crate) activities: Concept,
    pub(crate) goals: Vec<Goal>,
    pub(crate) assign: Option<Name>,
}

#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) text: Arc<str>,
    /// What is measured, and the value that is wanted.
    pub(crate) measure: Option<(Concept, Option<Fixed>)>,
}

/// Which entry is meant: the first of these that leads to one.
#[derive(Debug)]
pub(crate) struct What {
    pub(crate) attribute: Option<Name>,
    pub(crate) state: Option<Name>,
    pub(crate) codes: Vec<Name>,
}

#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) codes: Concept,
    pub(crate) category: Option<Arc<str>>,
    pub(crate) unit: Arc<str>,
    pub(crate) measured: Measured,
}

/// Where an observation's value comes from.
#[derive(Debug)]
pub(crate) enum Measured {
    Nothing,
    Amount(Amount),
    Text(Arc<str>),
    Attribute(Name),
    VitalSign(Name),
    Codes(Concept),
}

/// Observations under one code: those that are given, or the last so many.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) codes: Concept,
    pub(crate) category: Option<Arc<str>>,
    pub(crate) observations: Vec<Observed>,
    pub(crate) last: usize,
}

#[derive(Debug)]
pub(crate) struct Imaging {
    pub(crate) procedure: Code,
    pub(crate) series: Vec<Series>,
}

#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) body_site: Code,
    pub(crate) modality: Code,
    /// SOP class and title.
    pub(crate) instances: Vec<(Code, Arc<str>)>,
    /// Where the number of images is drawn: the least and the most.
    pub(crate) number: Option<(u32, u32)>,
}

#[derive(Debug)]
pub(crate) struct Supply {
    pub(crate) code: Code,
    pub(crate) quantity: u32,
}

#[derive(Debug)]
pub(crate) struct DeathOrder {
    pub(crate) after: Option<Span>,
    pub(crate) codes: Concept,
    pub(crate) what: What,
}
