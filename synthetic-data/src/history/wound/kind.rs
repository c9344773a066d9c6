//! Kinds of wound: how common, how they heal, where they are. Shares and healing times follow Dok 8:91
//! S (2016-17) and common clinical figures; the exact numbers are our own. ICPC-2 is used by code, and
//! the names are ours.

use crate::history::Code;

/// What made the wound, which decides how it heals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Arterial,
    Dehiscence,
    DiabeticFoot,
    Hydrostatic,
    Malignant,
    Mixed,
    Pressure,
    SkinTear,
    Venous,
}

/// A kind of wound.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) cause: Cause,
    pub(super) code: Code,
    /// Of a thousand wounds, how many are of this kind; in people with diabetes.
    pub(super) weight: (u32, u32),
    /// The median advance of the margin in a week, in hundredths of a millimetre.
    pub(super) advance: i32,
    /// Of a thousand weeks, how many pass without progress.
    pub(super) stalls: u32,
    /// Length and width when it is found, in hundredths of a millimetre: the median.
    pub(super) size: (i32, i32),
    /// Depth, likewise.
    pub(super) depth: i32,
    pub(super) compression: bool,
    /// Of a thousand that heal, how many open again.
    pub(super) recurs: u32,
    pub(super) sites: &'static [&'static str],
}

const fn ulcer(name: &'static str) -> Code {
    Code { code: "S97", name }
}

const LEG: &[&str] = &[
    "Høyre legg, innside",
    "Venstre legg, innside",
    "Høyre legg, utside",
    "Venstre legg, utside",
    "Høyre ankel",
    "Venstre ankel",
];
const FOOT: &[&str] = &[
    "Høyre stortå",
    "Venstre stortå",
    "Høyre fotsåle",
    "Venstre fotsåle",
    "Høyre hæl",
    "Venstre hæl",
];
const PRESSED: &[&str] = &[
    "Korsbenet",
    "Høyre hæl",
    "Venstre hæl",
    "Høyre hofte",
    "Venstre hofte",
    "Høyre sitteben",
    "Venstre sitteben",
];

/// All kinds. Their order is part of the dataset version.
#[rustfmt::skip]
pub(super) const KINDS: [Kind; 9] = [
    Kind { cause: Cause::Venous, code: ulcer("Venøst leggsår"), weight: (540, 290), advance: 95, stalls: 160, size: (3400, 2400), depth: 250, compression: true, recurs: 480, sites: LEG },
    Kind { cause: Cause::Arterial, code: ulcer("Arterielt leggsår"), weight: (100, 100), advance: 50, stalls: 300, size: (2200, 1600), depth: 350, compression: false, recurs: 200, sites: LEG },
    Kind { cause: Cause::Mixed, code: ulcer("Leggsår av blandet årsak"), weight: (100, 100), advance: 65, stalls: 240, size: (3000, 2200), depth: 300, compression: true, recurs: 300, sites: LEG },
    Kind { cause: Cause::DiabeticFoot, code: ulcer("Diabetisk fotsår"), weight: (0, 400), advance: 60, stalls: 230, size: (1900, 1500), depth: 450, compression: false, recurs: 350, sites: FOOT },
    Kind { cause: Cause::Hydrostatic, code: ulcer("Hydrostatisk leggsår"), weight: (140, 60), advance: 95, stalls: 180, size: (3000, 2200), depth: 250, compression: true, recurs: 350, sites: LEG },
    Kind { cause: Cause::Pressure, code: ulcer("Trykksår"), weight: (90, 50), advance: 65, stalls: 230, size: (3000, 2400), depth: 700, compression: false, recurs: 150, sites: PRESSED },
    Kind { cause: Cause::Dehiscence, code: Code { code: "A87", name: "Operasjonssår som har åpnet seg" }, weight: (35, 10), advance: 130, stalls: 90, size: (4200, 1600), depth: 900, compression: false, recurs: 0, sites: &["Nedre del av magen", "Høyre kne", "Venstre kne", "Høyre hofte", "Venstre hofte"] },
    Kind { cause: Cause::SkinTear, code: Code { code: "S18", name: "Hudflenge" }, weight: (30, 8), advance: 240, stalls: 50, size: (3600, 1900), depth: 100, compression: false, recurs: 0, sites: &["Høyre underarm", "Venstre underarm", "Høyre håndbak", "Venstre håndbak"] },
    Kind { cause: Cause::Malignant, code: Code { code: "S77", name: "Sår i hudkreft" }, weight: (5, 2), advance: -12, stalls: 300, size: (2200, 1800), depth: 500, compression: false, recurs: 0, sites: &["Brystet", "Hodebunnen", "Ryggen"] },
];
