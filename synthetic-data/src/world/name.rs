//! Names of units: flowers, trees and quarters of the wind, so that nobody's own unit is meant.

use super::unit::{UnitId, UnitKind};
use crate::draw::{Draws, Topic};

pub(super) fn of(draws: Draws, id: UnitId, serial: u32) -> String {
    if serial == 0 {
        return "Blåklokka legesenter".to_owned();
    }
    let flower = draws.pick(Topic::Staff, 0, 3, &FLOWERS);
    let flower = flower.copied().unwrap_or("Blåklokka");
    match id.kind {
        UnitKind::Practice => format!("{flower} legesenter"),
        UnitKind::HomeCare => format!("Hjemmetjenesten {}", zone(id.number)),
        UnitKind::NursingHome => format!("{flower} sykehjem"),
        UnitKind::OutOfHours => format!("Legevakten i {}", id.municipality.short_name()),
        UnitKind::HealthStation => format!("{flower} helsestasjon"),
        UnitKind::Physiotherapy => format!("{flower} fysioterapi"),
    }
}

fn zone(number: u32) -> String {
    const QUARTERS: [&str; 4] = ["nord", "sør", "øst", "vest"];
    let before = number.saturating_sub(1);
    let quarter = usize::try_from(before % 4).unwrap_or(0);
    let quarter = QUARTERS.get(quarter).copied().unwrap_or("midt");
    match before / 4 {
        0 => quarter.to_owned(),
        round => format!("{quarter} {}", round + 1),
    }
}

const FLOWERS: [&str; 24] = [
    "Smørblomsten",
    "Hvitveisen",
    "Prestekragen",
    "Kløverenga",
    "Rødkløveren",
    "Tiriltungen",
    "Blåveisen",
    "Nyperosa",
    "Lyngheia",
    "Kattefoten",
    "Fjellflokken",
    "Solbærbusken",
    "Bjørkelia",
    "Rogneveien",
    "Ospetunet",
    "Granholtet",
    "Furumoen",
    "Seljebekken",
    "Lønnealleen",
    "Hasselhagen",
    "Einertoppen",
    "Mosegrotten",
    "Myrullen",
    "Duskulla",
];
