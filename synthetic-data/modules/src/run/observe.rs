//! What states measure, picture and hand out.

use std::sync::Arc;

use super::act::Scene;
use super::record::{Detail, EntryId, Reading, Sort};
use crate::number::Fixed;
use crate::program::{Action, Concept, Imaging, Measured, Observed, Panel, Value};

pub(super) fn write(scene: &mut Scene<'_, '_>, action: &Action) {
    match action {
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
        // The rest is with `act` and `write`.
        _ => {}
    }
}

impl Scene<'_, '_> {
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
        let pictures: Vec<u32> = pictures.collect();
        let number: u32 = pictures.iter().sum();
        self.person.record.pictures += usize::try_from(number).unwrap_or(0);
        let pictures = Detail::Pictures(pictures);
        let codes: Concept = Arc::from([imaging.procedure.clone()]);
        let id = self.add(Sort::Procedure, codes.clone(), Detail::None);
        if let Some(entry) = self.person.record.get_mut(id) {
            entry.end = Some(entry.start.plus(PICTURING));
        }
        self.add(Sort::Imaging, codes, pictures);
    }
}

/// How long taking pictures takes.
const PICTURING: i64 = 30 * 60;
/// As far back as the observations of an encounter are looked for.
const ENCOUNTER: i64 = 90 * crate::time::DAY;

/// As many decimals as somebody would write.
fn sensible(number: Fixed) -> Fixed {
    let decimals = match number.get().unsigned_abs() {
        10_000_000.. => 1,
        1_000_000.. => 2,
        _ => 4,
    };
    number.rounded(decimals)
}
