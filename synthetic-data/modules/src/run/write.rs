//! What states write into the record.

use std::sync::Arc;

use super::act::{Outcome, Scene};
use super::record::{Detail, Entry, EntryId, Reading, Sort};
use crate::names::Name;
use crate::number::{Chance, Fixed};
use crate::program::{
    Action, Class, Code, Concept, DeathOrder, EncounterOrder, Imaging, Kind, Measured, Observed,
    Onset, Panel, Reason, Value, What,
};

/// The first year in which a contact could be at a distance.
const REMOTE_FROM: i64 = 2020;

/// Writes what a state has to say; those that only wait are with `act`.
pub(super) fn write(scene: &mut Scene<'_, '_>, action: &Action) {
    match action {
        Action::EncounterEnd(disposition) => scene.end_encounter(disposition.as_ref()),
        Action::Onset(onset) => scene.onset(onset),
        Action::Medication(order) => {
            let reasons = scene.reasons(order.reason);
            let renewals = Detail::Renewals(Vec::new());
            scene.begin(
                Kind::Medication,
                &order.codes,
                reasons,
                renewals,
                order.assign,
            );
        }
        Action::CarePlan(plan) => {
            let reasons = scene.reasons(plan.reason);
            scene.begin(
                Kind::CarePlan,
                &plan.codes,
                reasons,
                Detail::None,
                plan.assign,
            );
        }
        Action::Device(code, assign) => {
            let codes: Concept = Arc::from([code.clone()]);
            scene.begin(Kind::Device, &codes, Vec::new(), Detail::None, *assign);
        }
        Action::End(kind, what) => scene.end(*kind, what),
        Action::Observation(observed) => {
            let reading = scene.measure(observed);
            let detail = Detail::Readings(vec![reading], None);
            let id = scene.add(Sort::Observation, observed.codes.clone(), detail);
            scene.person.record.observed(&observed.codes, id, 0);
        }
        Action::Panel(panel) => scene.panel(panel),
        Action::Report(panel) => scene.report(panel),
        Action::Imaging(imaging) => scene.imaging(imaging),
        Action::Supplies(supplies) => {
            for (number, supply) in supplies.iter().enumerate() {
                let codes: Concept = Arc::from([supply.code.clone()]);
                let detail = Detail::Readings(Vec::new(), Some(number));
                scene.add(Sort::Supplies, codes, detail);
            }
        }
        Action::Vaccine { codes, .. } => {
            scene.add(Sort::Vaccine, codes.clone(), Detail::None);
        }
        Action::Death(order) => scene.death(order),
        // The rest is with `act`.
        _ => {}
    }
}

/// Begins an encounter; a wellness encounter waits for the host's visit.
pub(super) fn encounter(scene: &mut Scene<'_, '_>, order: &EncounterOrder) -> Outcome {
    let id = if order.class == Class::Wellness {
        let visit = if *scene.visited == Some(scene.clock) {
            None
        } else {
            scene.person.visit_now(scene.clock)
        };
        let Some(visit) = visit else {
            // The visit is at a step: a moment later is the next one at the earliest.
            return Outcome::Wait(scene.person.wake().max(scene.clock.plus(1)));
        };
        *scene.visited = Some(scene.clock);
        visit
    } else {
        let year = scene.clock.civil().0;
        let always = order.remote == Chance::percent(100);
        let remote = (always || year >= REMOTE_FROM) && scene.random.chance(order.remote);
        let class = if remote { Class::Virtual } else { order.class };
        scene.frame.encounter = None;
        let reasons = scene.reasons(order.reason);
        let id = scene.add(Sort::Encounter(class), order.codes.clone(), Detail::None);
        if let Some(entry) = scene.person.record.get_mut(id) {
            entry.reasons = reasons;
        }
        id
    };
    scene.frame.encounter = Some(id);
    scene.diagnose_pending();
    Outcome::Done(scene.clock)
}

pub(super) fn procedure(
    scene: &mut Scene<'_, '_>,
    codes: &Concept,
    reason: Option<Reason>,
    assign: Option<Name>,
) {
    let reasons = scene.reasons(reason);
    let until = scene.frame.until;
    let id = scene.add(Sort::Procedure, codes.clone(), Detail::None);
    if let Some(entry) = scene.person.record.get_mut(id) {
        entry.reasons = reasons;
        entry.end = until;
    }
    scene.assign(assign, id);
}

impl Scene<'_, '_> {
    /// Adds an entry of this state to the current encounter.
    fn add(&mut self, sort: Sort, codes: Concept, detail: Detail) -> EntryId {
        self.person.record.push(Entry {
            sort,
            at: Some(self.at),
            top: Some(self.top),
            name: Some(self.name),
            codes,
            onset: self.clock,
            start: self.clock,
            end: None,
            recorded: true,
            same: None,
            encounter: self.frame.encounter,
            reasons: Vec::new(),
            detail,
        })
    }

    fn assign(&mut self, attribute: Option<Name>, id: EntryId) {
        if let Some(attribute) = attribute {
            self.person.set(attribute, Some(Value::Entry(id)));
        }
    }

    /// What something is done for: what an attribute holds, or else the conditions of a state.
    fn reasons(&self, reason: Option<Reason>) -> Vec<EntryId> {
        let Some(reason) = reason else {
            return Vec::new();
        };
        match self.person.attribute(reason.attribute) {
            Some(Value::Entry(id)) => vec![*id],
            _ => self
                .named(Kind::Condition, reason.state)
                .into_iter()
                .collect(),
        }
    }

    /// What a state of this name began and is going on; the module's own before another's.
    fn named(&self, kind: Kind, name: Name) -> Option<EntryId> {
        let record = &self.person.record;
        let of_name = record.all_active(kind).filter(|id| {
            record
                .get(*id)
                .is_some_and(|entry| entry.name == Some(name))
        });
        let own = |id: &EntryId| record.get(*id).is_some_and(|one| one.top == Some(self.top));
        of_name.max_by_key(|id| (own(id), *id))
    }

    /// Begins something that lasts, unless it is going on already.
    fn begin(
        &mut self,
        kind: Kind,
        codes: &Concept,
        reasons: Vec<EntryId>,
        detail: Detail,
        assign: Option<Name>,
    ) {
        let known = codes.first();
        let known = known.and_then(|code| self.person.record.active(kind, code.name));
        let id = known.unwrap_or_else(|| {
            let id = self.add(Sort::Lasting(kind), codes.clone(), detail);
            if let Some(entry) = self.person.record.get_mut(id) {
                entry.reasons = reasons;
            }
            self.person.record.begin(kind, id, self.clock)
        });
        self.assign(assign, id);
    }

    fn onset(&mut self, onset: &Onset) {
        let reactions = onset.allergy.iter().flat_map(|allergy| &allergy.reactions);
        let severities: Vec<_> = reactions
            .map(|reaction| severity(&reaction.severities, self.random))
            .collect();
        let detail = if onset.allergy.is_some() {
            Detail::Reactions(severities)
        } else {
            Detail::None
        };
        let current = self
            .frame
            .encounter
            .and_then(|id| self.person.record.get(id));
        let here = onset.target.is_none()
            || current.is_some_and(|encounter| encounter.name == onset.target);
        if here {
            self.begin(onset.kind, &onset.codes, Vec::new(), detail, onset.assign);
            return;
        }
        let id = self.add(Sort::Lasting(onset.kind), onset.codes.clone(), detail);
        if let Some(entry) = self.person.record.get_mut(id) {
            entry.recorded = false;
            entry.encounter = None;
        }
        self.frame
            .pending
            .extend(onset.target.map(|target| (id, target)));
        self.assign(onset.assign, id);
    }

    /// Puts onsets into the record that waited for this encounter; those that are over are not known.
    fn diagnose_pending(&mut self) {
        let here = self.name;
        let pending = std::mem::take(&mut self.frame.pending);
        let (now, later): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|(_, target)| *target == here);
        self.frame.pending = later;
        for (id, _) in now {
            let record = &mut self.person.record;
            let Some(entry) = record.get_mut(id).filter(|entry| entry.end.is_none()) else {
                continue;
            };
            entry.encounter = self.frame.encounter;
            if let Sort::Lasting(kind) = entry.sort {
                record.begin(kind, id, self.clock);
            }
        }
    }

    /// The entry that is meant, if it can be found.
    fn find(&self, kind: Kind, what: &What) -> Option<EntryId> {
        let held = what.attribute.and_then(|name| self.person.attribute(name));
        if let Some(Value::Entry(id)) = held {
            return Some(*id);
        }
        let pending = || {
            let of_state = self.frame.pending.iter().rev().find(|(id, _)| {
                let entry = self.person.record.get(*id);
                entry.is_some_and(|entry| entry.name.is_some() && entry.name == what.state)
            });
            of_state.map(|(id, _)| *id)
        };
        let by_state = what.state.and_then(|name| self.named(kind, name));
        let codes = what.codes.iter();
        let mut by_code = codes.filter_map(|code| self.person.record.active(kind, *code));
        by_state.or_else(pending).or_else(|| by_code.next())
    }

    fn end(&mut self, kind: Kind, what: &What) {
        if let Some(id) = self.find(kind, what) {
            self.person.record.end(kind, id, self.clock);
        }
    }

    fn end_encounter(&mut self, disposition: Option<&Code>) {
        let Some(id) = self.frame.encounter.take() else {
            return;
        };
        let Some(entry) = self.person.record.get_mut(id) else {
            return;
        };
        if entry.sort == Sort::Encounter(Class::Wellness) || entry.end.is_some() {
            return;
        }
        entry.end = Some(self.clock);
        if let Some(disposition) = disposition {
            entry.detail = Detail::Discharge(disposition.clone());
        }
    }

    fn measure(&mut self, observed: &Observed) -> Reading {
        match &observed.measured {
            Measured::Nothing => Reading::Nothing,
            Measured::Amount(amount) => Reading::Number(sensible(amount.draw(self.random))),
            Measured::VitalSign(sign) => {
                let measured = self.person.sign(*sign, self.clock, self.random);
                measured.map_or(Reading::Nothing, |value| Reading::Number(sensible(value)))
            }
            Measured::Text(text) => Reading::Text(text.clone()),
            Measured::Codes(codes) => Reading::Codes(codes.clone()),
            Measured::Attribute(name) => match self.person.attribute(*name) {
                None => Reading::Nothing,
                Some(Value::Flag(flag)) => Reading::Flag(*flag),
                Some(Value::Number(number)) => Reading::Number(sensible(*number)),
                Some(Value::Text(text)) => Reading::Text(text.clone()),
                Some(Value::Codes(codes)) => Reading::Codes(codes.clone()),
                Some(Value::Entry(id)) => {
                    let entry = self.person.record.get(*id);
                    entry.map_or(Reading::Nothing, |one| Reading::Codes(one.codes.clone()))
                }
            },
        }
    }

    fn panel(&mut self, panel: &Panel) {
        let readings = panel.observations.iter();
        let readings = readings.map(|one| self.measure(one)).collect();
        let detail = Detail::Readings(readings, None);
        let id = self.add(Sort::Observation, panel.codes.clone(), detail);
        self.person.record.observed(&panel.codes, id, 0);
        for (number, one) in panel.observations.iter().enumerate() {
            self.person.record.observed(&one.codes, id, number);
        }
    }

    fn report(&mut self, panel: &Panel) {
        let mut results = Vec::with_capacity(panel.observations.len());
        for (number, one) in panel.observations.iter().enumerate() {
            let reading = self.measure(one);
            let detail = Detail::Readings(vec![reading], Some(number));
            let id = self.add(Sort::Observation, one.codes.clone(), detail);
            self.person.record.observed(&one.codes, id, 0);
            results.push(id);
        }
        if panel.observations.is_empty() {
            results = self.last_observations(panel.last);
        }
        self.add(Sort::Report, panel.codes.clone(), Detail::Results(results));
    }

    /// The last so many observations of the current encounter.
    fn last_observations(&self, number: usize) -> Vec<EntryId> {
        let entries = self.person.record.entries.iter().enumerate().rev();
        let here = entries.take_while(|(_, entry)| entry.start >= self.clock.plus(-ENCOUNTER));
        let mut found: Vec<EntryId> = here
            .filter(|(_, entry)| {
                entry.sort == Sort::Observation && entry.encounter == self.frame.encounter
            })
            .map(|(row, _)| EntryId(row))
            .take(number)
            .collect();
        found.reverse();
        found
    }

    fn imaging(&mut self, imaging: &Imaging) {
        let pictures = imaging.series.iter().map(|series| {
            let given = u32::try_from(series.instances.len()).unwrap_or(u32::MAX);
            series.number.map_or(given, |(least, most)| {
                let more = self.random.below(u64::from(most - least) + 1);
                least + u32::try_from(more).unwrap_or(0)
            })
        });
        let pictures = Detail::Pictures(pictures.collect());
        let codes: Concept = Arc::from([imaging.procedure.clone()]);
        let id = self.add(Sort::Procedure, codes.clone(), Detail::None);
        if let Some(entry) = self.person.record.get_mut(id) {
            entry.end = Some(entry.start.plus(PICTURING));
        }
        self.add(Sort::Imaging, codes, pictures);
    }

    fn death(&mut self, order: &DeathOrder) {
        let after = order.after.as_ref().map_or(0, |span| self.seconds(span));
        if !self.person.die(self.clock.plus(after)) {
            return;
        }
        let found = self.find(Kind::Condition, &order.what);
        let found = found.and_then(|id| self.person.record.get(id));
        let codes = if order.codes.is_empty() {
            found.map(|entry| entry.codes.clone())
        } else {
            Some(order.codes.clone())
        };
        if let Some(codes) = codes {
            let reading = Detail::Readings(vec![Reading::Codes(codes.clone())], None);
            let id = self.add(Sort::CauseOfDeath, codes, reading);
            if let Some(entry) = self.person.record.get_mut(id) {
                entry.start = entry.start.plus(after);
                entry.encounter = None;
            }
        }
    }
}

/// How long taking pictures takes.
const PICTURING: i64 = 30 * 60;
/// As far back as the observations of an encounter are looked for.
const ENCOUNTER: i64 = 90 * crate::time::DAY;

/// The severity of a reaction in somebody.
fn severity(
    options: &[(Option<&'static str>, Chance)],
    random: &mut crate::random::Random,
) -> Option<&'static str> {
    let mut left = random.below(Chance::WHOLE);
    for (severity, chance) in options {
        if left < chance.get() {
            return *severity;
        }
        left -= chance.get();
    }
    None
}

/// As many decimals as somebody would write.
fn sensible(number: Fixed) -> Fixed {
    let decimals = match number.get().unsigned_abs() {
        10_000_000.. => 1,
        1_000_000.. => 2,
        _ => 4,
    };
    number.rounded(decimals)
}
