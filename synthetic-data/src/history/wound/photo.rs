//! When a wound is photographed, and what is in the picture: the wound as the nurse measured it that day. How
//! a picture is drawn is not decided here.

use super::course::State;
use crate::draw::{Draws, Topic};
use crate::history::{Part, PartValue, Photo};

/// Weeks between pictures.
const EVERY: u32 = 4;

/// The picture of a week, where one is taken. Length and width are in tenths of a centimetre.
pub(super) fn of(
    (draws, step, week): (Draws, u32, u32),
    state: &State,
    (length, width): (i32, i32),
    parts: &[Part],
) -> Option<Photo> {
    if !week.is_multiple_of(EVERY) || state.is_closed() {
        return None;
    }
    let percent = |name| {
        let part = parts.iter().find(|part| part.name == name);
        match part.and_then(|part| part.value) {
            Some(PartValue::Scaled { value, .. }) => value.unsigned_abs(),
            _ => 0,
        }
    };
    Some(Photo {
        length: length.unsigned_abs(),
        width: width.unsigned_abs(),
        area: (length * width * 785 / 10_000).unsigned_abs(),
        slough: percent("Fibrin"),
        necrosis: percent("Nekrose"),
        skin: percent("Epitel"),
        inflamed: state.infected,
        grain: draws.below(Topic::WoundReading, step, 50, u32::MAX),
    })
}
