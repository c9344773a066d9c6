//! What states write into the record.

use std::sync::Arc;

use super::act::{Outcome, Scene};
use super::observe;
use super::record::{Detail, Entry, EntryId, Reading, Sort};
use crate::names::Name;
use crate::number::Chance;
use crate::program::{
    Action, Class, Code, Concept, DeathOrder, EncounterOrder, Kind, Onset, Reason, Value, What,
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
        Action::Death(order) => scene.death(order),
        other => observe::write(scene, other),
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
    pub(super) fn add(&mut self, sort: Sort, codes: Concept, detail: Detail) -> EntryId {
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
