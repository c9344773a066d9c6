//! Draws a wound beside a ruler. As many dots are wound as its area has at the picture's scale, so an app that
//! measures has the truth to be held against. Whole numbers only, so that every machine draws the same.

use super::png;
use crate::history::Photo;

/// Dots on a side.
const SIDE: u32 = 64;
/// The longest that a wound may be drawn; the rest is skin and ruler.
const ROOM: u32 = 50;
/// Dots to a centimetre, the largest that fits.
const SCALES: [u32; 8] = [40, 30, 20, 10, 5, 4, 3, 2];
/// The middle of the wound, in half dots.
const MIDDLE: (i64, i64) = (63, 55);
/// The first row of the ruler.
const RULER: u32 = 58;

/// What the dots are; the numbers are places in [`COLOURS`].
const SKIN: u8 = 0;
const RED_SKIN: u8 = 1;
const FLESH: u8 = 2;
const SLOUGH: u8 = 3;
const NECROSIS: u8 = 4;
const NEW_SKIN: u8 = 5;
const WHITE: u8 = 6;
const BLACK: u8 = 7;

/// Red, green and blue of each.
const COLOURS: [[u8; 3]; 8] = [
    [226, 184, 160],
    [214, 132, 118],
    [178, 44, 48],
    [222, 200, 120],
    [52, 40, 36],
    [238, 170, 176],
    [250, 250, 250],
    [20, 20, 20],
];

/// A picture.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) png: Vec<u8>,
    /// Dots on a side.
    pub(super) side: u32,
    /// Dots to a centimetre.
    pub(super) scale: u32,
}

/// Draws a wound.
pub(super) fn of(photo: &Photo) -> Picture {
    let fits = |scale: &&u32| photo.length * **scale <= ROOM * 10;
    let scale = SCALES.iter().find(fits).copied().unwrap_or(1);
    let dots = draw(photo, scale);
    Picture {
        png: png::write(SIDE, &dots, &COLOURS, scale * 100),
        side: SIDE,
        scale,
    }
}

/// The dots, row by row.
fn draw(photo: &Photo, scale: u32) -> Vec<u8> {
    let mut away: Vec<(i64, u32)> = (0..SIDE * RULER)
        .map(|at| (distance(photo, at), at))
        .collect();
    away.sort_unstable();
    // Tenths of a square centimetre, in dots.
    let wound = photo.area * scale * scale / 10;
    let margin = if photo.inflamed { wound / 2 + 20 } else { 0 };
    let inner = wound - wound * photo.skin.min(100) / 100;
    let mut dots = vec![SKIN; usize::try_from(SIDE * SIDE).unwrap_or(0)];
    for (rank, (_, at)) in (0_u32..)
        .zip(&away)
        .take_while(|(rank, _)| *rank < wound + margin)
    {
        let dot = if rank >= wound {
            RED_SKIN
        } else if rank >= inner {
            NEW_SKIN
        } else {
            tissue(photo, *at)
        };
        if let Some(place) = usize::try_from(*at).ok().and_then(|at| dots.get_mut(at)) {
            *place = dot;
        }
    }
    let ruler = dots
        .iter_mut()
        .zip(0_u32..)
        .skip_while(|(_, at)| at / SIDE < RULER);
    for (dot, at) in ruler {
        let centimetre = (at % SIDE) / scale;
        *dot = if centimetre.is_multiple_of(2) {
            WHITE
        } else {
            BLACK
        };
    }
    dots
}

/// How far out a dot lies: the same for all dots on an ellipse of the wound's shape, but for its own rough edge.
fn distance(photo: &Photo, at: u32) -> i64 {
    let (x, y) = (
        i64::from(at % SIDE) * 2 - MIDDLE.0,
        i64::from(at / SIDE) * 2 - MIDDLE.1,
    );
    let (length, width) = (
        i64::from(photo.length.max(1)),
        i64::from(photo.width.max(1)),
    );
    let rough = i64::from(grain(photo, at, 5) % 200) + 900;
    (x * x * width * width + y * y * length * length) * rough
}

fn tissue(photo: &Photo, at: u32) -> u8 {
    let drawn = grain(photo, at, 3) % 100;
    // Of what is not new skin.
    let rest = 100_u32.saturating_sub(photo.skin).max(1);
    let (slough, necrosis) = (photo.slough * 100 / rest, photo.necrosis * 100 / rest);
    match drawn {
        _ if drawn < slough => SLOUGH,
        _ if drawn < slough + necrosis => NECROSIS,
        _ => FLESH,
    }
}

/// A number that neighbouring dots share, in squares of so many.
fn grain(photo: &Photo, at: u32, square: u32) -> u32 {
    let cell = (at % SIDE / square) + (at / SIDE / square) * SIDE;
    let mixed = (cell ^ photo.grain).wrapping_mul(0x9E37_79B1);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85EB_CA77);
    mixed >> 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_wound_has_as_many_dots_as_its_area(length in 3u32..180, part in 3u32..=10, skin in 0u32..20, grain in any::<u32>()) {
            let width = (length * part / 10).max(1);
            let area = length * width * 785 / 10_000;
            let photo = Photo { length, width, area, slough: 25, necrosis: 5, skin, inflamed: true, grain };
            let Picture { scale, .. } = of(&photo);
            let dots = draw(&photo, scale);
            let wound = dots.iter().filter(|dot| (FLESH..=NEW_SKIN).contains(dot)).count();
            prop_assert_eq!(u32::try_from(wound).unwrap(), area * scale * scale / 10);
        }
    }
}
