//! What the modules share about one person: attributes, symptoms, vital signs, record, and the host's
//! schedule of wellness visits.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::host::{Body, Sign};
use super::{Fact, Sex, Subject};
use crate::names::Name;
use crate::number::Fixed;
use crate::program::{Action, Class, Kind, Program, Value};
use crate::random::{Amount, Random};
use crate::run::record::{Detail, Entry, EntryId, Record, Sort};
use crate::time::{DAY, Instant, Unit};

/// How long a wellness visit takes.
const VISIT: i64 = 3600;

pub(super) struct Person<'p> {
    pub(super) program: &'p Program,
    pub(super) sex: Sex,
    pub(super) birth: Instant,
    pub(super) record: Record,
    pub(super) death: Option<Instant>,
    attributes: Vec<Option<Value>>,
    symptoms: BTreeMap<Name, BTreeMap<Name, Fixed>>,
    /// What modules have set, and else what the host makes up.
    signs: Vec<(Option<Amount>, Option<Sign>)>,
    body: Body,
    begin: Instant,
    /// The step at which there is a wellness visit, and the visit once somebody comes to it.
    visit: Option<(Instant, Option<EntryId>)>,
    next_visit: Instant,
}

impl<'p> Person<'p> {
    pub(super) fn new(program: &'p Program, subject: &Subject) -> Self {
        let mut random = Random::named(subject.seed, "\u{0}host");
        // In daytime: much of what follows comes whole days after.
        let minutes = i64::try_from(random.below(8 * 60)).unwrap_or(0);
        let begin = subject.birth.plus(8 * 3600 + minutes * 60);
        let signs = &program.names.signs;
        let signs = (0..signs.len()).map(|row| {
            let name = Name(u32::try_from(row).unwrap_or(u32::MAX));
            (None, Sign::named(signs.text(name)))
        });
        let mut person = Self {
            program,
            sex: subject.sex,
            birth: subject.birth,
            record: Record::default(),
            death: subject.death,
            attributes: vec![None; program.names.attributes.len()],
            symptoms: BTreeMap::new(),
            signs: signs.collect(),
            body: Body::new(&mut random, subject.sex),
            begin,
            visit: None,
            next_visit: begin,
        };
        for (name, fact) in super::host::background(&mut random, subject.sex) {
            person.tell(name, fact);
        }
        for (name, fact) in &subject.attributes {
            person.tell(name, fact.clone());
        }
        person
    }

    /// Sets an attribute, if any module knows it.
    fn tell(&mut self, name: &str, fact: Fact) {
        let value = match fact {
            Fact::Flag(flag) => Value::Flag(flag),
            Fact::Number(number) => Value::Number(number),
            Fact::Text(text) => Value::Text(Arc::from(text)),
        };
        if let Some(name) = self.program.names.attributes.find(name) {
            self.set(name, Some(value));
        }
    }

    /// The first step.
    pub(super) fn begin(&self) -> Instant {
        self.begin
    }

    /// When the host itself has something to do.
    pub(super) fn wake(&self) -> Instant {
        self.next_visit
    }

    /// Holds a wellness visit when it is time for one; prescriptions that are taken for long are
    /// renewed at it.
    pub(super) fn begin_step(&mut self, now: Instant) {
        self.visit = None;
        if now < self.next_visit {
            return;
        }
        self.visit = Some((now, None));
        self.next_visit = now.plus(self.until_next_visit(now));
        let taken: Vec<EntryId> = self.record.all_active(Kind::Medication).collect();
        for id in taken {
            if self.is_chronic(id)
                && let Some(visit) = self.visit_now(now)
                && let Some(entry) = self.record.get_mut(id)
                && let Detail::Renewals(renewals) = &mut entry.detail
            {
                renewals.push((now, visit));
            }
        }
    }

    fn is_chronic(&self, id: EntryId) -> bool {
        let at = self.record.get(id).and_then(|entry| entry.at);
        let action = at.and_then(|at| self.program.state(at));
        matches!(action.map(|state| &state.action), Some(Action::Medication(order)) if order.chronic)
    }

    /// How long it is to the next wellness visit.
    fn until_next_visit(&self, now: Instant) -> i64 {
        let months = self.birth.age(now, Unit::Months).floor();
        let days = match months {
            ..=5 => 45,
            6..=17 => 91,
            18..=35 => 182,
            240..=479 => 3 * 365,
            480..=599 => 2 * 365,
            // From three to nineteen, and from fifty.
            _ => 365,
        };
        days * DAY
    }

    /// The wellness visit that is held at this instant, if one is.
    pub(super) fn visit_now(&mut self, now: Instant) -> Option<EntryId> {
        let (held, entry) = self.visit?;
        if held != now {
            return None;
        }
        let id = entry.unwrap_or_else(|| {
            self.record.push(Entry {
                sort: Sort::Encounter(Class::Wellness),
                at: None,
                top: None,
                name: None,
                codes: Arc::from([]),
                onset: now,
                start: now,
                end: Some(now.plus(VISIT)),
                recorded: true,
                same: None,
                encounter: None,
                reasons: Vec::new(),
                detail: Detail::None,
            })
        });
        self.visit = Some((held, Some(id)));
        Some(id)
    }

    pub(super) fn attribute(&self, name: Name) -> Option<&Value> {
        self.attributes.get(name.row())?.as_ref()
    }

    pub(super) fn set(&mut self, name: Name, value: Option<Value>) {
        if let Some(slot) = self.attributes.get_mut(name.row()) {
            *slot = value;
        }
    }

    pub(super) fn set_symptom(&mut self, symptom: Name, cause: Name, severity: Fixed) {
        let causes = self.symptoms.entry(symptom).or_default();
        causes.insert(cause, severity);
    }

    /// How bad a symptom is, from whatever makes it worst.
    pub(super) fn symptom(&self, symptom: Name) -> Fixed {
        let causes = self.symptoms.get(&symptom).into_iter();
        causes
            .flat_map(BTreeMap::values)
            .copied()
            .max()
            .unwrap_or_default()
    }

    pub(super) fn set_sign(&mut self, sign: Name, amount: Amount) {
        if let Some(slot) = self.signs.get_mut(sign.row()) {
            slot.0 = Some(amount);
        }
    }

    /// A measurement of a vital sign; none where nobody knows of it.
    pub(super) fn sign(&self, sign: Name, now: Instant, random: &mut Random) -> Option<Fixed> {
        let (set, made_up) = self.signs.get(sign.row())?;
        if let Some(amount) = set {
            return Some(amount.draw(random));
        }
        let age = self.birth.age(now, Unit::Months);
        made_up.map(|sign| self.body.measure(sign, age, random))
    }

    /// An earlier death goes before a later one.
    pub(super) fn die(&mut self, at: Instant) -> bool {
        let first = self.death.is_none_or(|death| at < death);
        if first {
            self.death = Some(at);
        }
        first
    }
}
