//! Passing complaints: why people come, by age and sex. Weights are per hundred thousand
//! consultations, from Statistics Norway's groups for 2023 with our own split inside each group;
//! ICPC-2 is used by code, and the names are ours.

use super::drug::{self, Drug};
use super::quantity::What;
use crate::draw::{Draws, Topic};
use crate::people::Sex;

/// A passing complaint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Complaint {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    weight: u32,
    who: Who,
    ages: (i32, i32),
    /// How long it lasts, in days.
    pub(crate) days: u32,
    pub(crate) checks: &'static [What],
    /// A course of medicine, and in how many of a thousand cases.
    pub(crate) course: Option<(Drug, u32)>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    All,
    MoreMen,
    MoreWomen,
    Women,
}

/// What a complaint does to temperature and CRP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bacterial,
    Other,
    Viral,
}

impl Complaint {
    pub(crate) fn draw(draws: Draws, step: u32, sex: Sex, age: i32) -> Option<&'static Self> {
        let fitting = COMPLAINTS.iter().map(|one| (one.weight_for(sex, age), one));
        draws.weighted(Topic::Complaint, step, 0, fitting)
    }

    /// A complaint that brings people to the out-of-hours clinic.
    pub(crate) fn draw_acute(draws: Draws, step: u32, sex: Sex, age: i32) -> Option<&'static Self> {
        let fitting = COMPLAINTS
            .iter()
            .filter(|one| one.kind != Kind::Other || ACUTE.contains(&one.code))
            .chain(ONLY_ACUTE)
            .map(|one| (one.weight_for(sex, age), one));
        draws.weighted(Topic::OutOfHours, step, 9, fitting)
    }

    fn weight_for(&self, sex: Sex, age: i32) -> u32 {
        let (from, to) = self.ages;
        if age < from || age > to {
            return 0;
        }
        match (self.who, sex) {
            (Who::MoreMen, Sex::Female) | (Who::MoreWomen, Sex::Male) => self.weight / 2,
            (Who::Women, Sex::Male) => 0,
            _ => self.weight,
        }
    }
}

/// Complaints other than infections that are seen out of hours.
const ACUTE: [&str; 9] = [
    "S18", "L77", "D01", "L03", "N01", "N17", "R02", "P02", "L12",
];
const FEVER: &[What] = &[What::Temperature, What::Crp];
const CHEST: &[What] = &[What::Temperature, What::Pulse, What::Saturation, What::Crp];
const BLOOD: &[What] = &[What::Haemoglobin, What::Tsh, What::Hba1c];
const ANY: (i32, i32) = (0, 120);
const ADULT: (i32, i32) = (16, 120);

const fn row(
    code: &'static str,
    name: &'static str,
    weight: u32,
    who: Who,
    ages: (i32, i32),
    days: u32,
) -> Complaint {
    Complaint {
        code,
        name,
        weight,
        who,
        ages,
        days,
        checks: &[],
        course: None,
        kind: Kind::Other,
    }
}

const fn ill(
    kind: Kind,
    base: Complaint,
    checks: &'static [What],
    course: Option<(Drug, u32)>,
) -> Complaint {
    Complaint {
        checks,
        course,
        kind,
        ..base
    }
}

const fn with(base: Complaint, checks: &'static [What], course: Option<(Drug, u32)>) -> Complaint {
    Complaint {
        checks,
        course,
        ..base
    }
}

/// What comes to the out-of-hours clinic alone.
#[rustfmt::skip]
const ONLY_ACUTE: &[Complaint] = &[
    row("K01", "Smerter i brystet", 300, Who::All, (30, 120), 3),
    row("N79", "Hjernerystelse", 160, Who::All, (1, 80), 10),
    row("P77", "Selvmordsforsøk", 25, Who::MoreWomen, (13, 80), 30),
    row("P16", "Beruselse", 60, Who::MoreMen, (15, 70), 1),
    row("Z25", "Utsatt for vold", 45, Who::All, (15, 80), 30),
];

/// All passing complaints. Their order is part of the dataset version.
#[rustfmt::skip]
const COMPLAINTS: &[Complaint] = &[
    ill(Kind::Viral, row("R74", "Forkjølelse", 1570, Who::All, ANY, 12), FEVER, None),
    ill(Kind::Viral, row("R05", "Hoste", 831, Who::All, ANY, 20), FEVER, None),
    ill(Kind::Bacterial, row("R75", "Bihulebetennelse", 453, Who::All, ADULT, 14), FEVER, Some((drug::PENICILLIN, 450))),
    ill(Kind::Viral, row("R78", "Akutt bronkitt", 402, Who::All, ANY, 21), CHEST, Some((drug::DOXYCYCLINE, 150))),
    ill(Kind::Bacterial, row("R81", "Lungebetennelse", 402, Who::All, ANY, 25), CHEST, Some((drug::PENICILLIN, 850))),
    ill(Kind::Bacterial, row("R76", "Akutt betennelse i mandlene", 302, Who::All, (3, 50), 9), FEVER, Some((drug::PENICILLIN, 600))),
    ill(Kind::Bacterial, row("R72", "Halsbetennelse med streptokokker", 302, Who::All, (3, 50), 9), FEVER, Some((drug::PENICILLIN, 900))),
    ill(Kind::Viral, row("R80", "Influensa", 251, Who::All, ANY, 10), FEVER, None),
    ill(Kind::Viral, row("R83", "Luftveisinfeksjon", 796, Who::All, (0, 5), 10), FEVER, None),
    ill(Kind::Viral, row("R77", "Falsk krupp", 398, Who::All, (0, 5), 5), CHEST, None),
    ill(Kind::Bacterial, row("H71", "Akutt mellomørebetennelse", 735, Who::All, (0, 6), 8), FEVER, Some((drug::PENICILLIN, 400))),
    ill(Kind::Viral, row("A03", "Feber", 623, Who::All, (0, 15), 4), FEVER, None),
    ill(Kind::Viral, row("A77", "Virussykdom", 493, Who::All, ANY, 8), FEVER, None),
    ill(Kind::Viral, row("D73", "Omgangssyke", 267, Who::All, ANY, 4), &[What::Temperature], None),
    ill(Kind::Bacterial, row("U71", "Urinveisinfeksjon", 1454, Who::MoreWomen, ADULT, 6), &[What::Temperature], Some((drug::PIVMECILLINAM, 850))),
    ill(Kind::Bacterial, row("S76", "Hudinfeksjon", 338, Who::All, ANY, 12), FEVER, Some((drug::DICLOXACILLIN, 700))),
    with(row("S70", "Helvetesild", 253, Who::All, (40, 120), 24), &[], Some((drug::VALACICLOVIR, 800))),
    with(row("F70", "Øyekatarr", 312, Who::All, ANY, 6), &[], Some((drug::EYE_OINTMENT, 500))),
    with(row("S74", "Sopp i huden", 253, Who::All, ANY, 30), &[], Some((drug::CLOTRIMAZOLE, 800))),
    with(row("A04", "Slapphet", 1454, Who::MoreWomen, ADULT, 60), BLOOD, None),
    row("P02", "Reaksjon på belastning", 860, Who::MoreWomen, (13, 120), 45),
    with(row("P06", "Søvnvansker", 348, Who::All, ADULT, 60), &[], Some((drug::ZOPICLONE, 250))),
    with(row("P03", "Nedstemthet", 599, Who::All, (13, 120), 50), &[What::Phq9], None),
    with(row("P01", "Uro og engstelse", 447, Who::MoreWomen, (10, 120), 50), &[What::Gad7], None),
    with(row("L03", "Plager i korsryggen", 562, Who::All, ADULT, 28), &[], Some((drug::IBUPROFEN, 350))),
    with(row("L02", "Plager i ryggen", 450, Who::All, ADULT, 28), &[], Some((drug::NAPROXEN, 300))),
    with(row("L86", "Ryggplager med utstråling", 506, Who::All, ADULT, 70), &[], Some((drug::NAPROXEN, 450))),
    with(row("L15", "Plager i kneet", 943, Who::All, ANY, 40), &[], Some((drug::IBUPROFEN, 300))),
    with(row("L08", "Plager i skulderen", 857, Who::All, ADULT, 60), &[], Some((drug::NAPROXEN, 400))),
    with(row("L92", "Skuldersyndrom", 771, Who::All, (30, 120), 120), &[], Some((drug::NAPROXEN, 500))),
    with(row("L01", "Plager i nakken", 600, Who::All, ADULT, 30), &[], Some((drug::PARACETAMOL, 300))),
    with(row("L17", "Plager i fot eller tå", 686, Who::All, ANY, 40), &[], Some((drug::PARACETAMOL, 300))),
    with(row("L12", "Plager i hånd eller finger", 514, Who::All, ANY, 40), &[], Some((drug::PARACETAMOL, 300))),
    row("L87", "Senebetennelse", 600, Who::All, ADULT, 60),
    row("L77", "Overtråkk", 542, Who::All, (6, 70), 25),
    row("S18", "Kutt", 903, Who::MoreMen, ANY, 12),
    row("N01", "Hodepine", 727, Who::MoreWomen, (8, 120), 10),
    with(row("N17", "Svimmelhet", 623, Who::All, (30, 120), 14), &[What::BloodPressure, What::Haemoglobin], None),
    with(row("D01", "Vondt i magen", 624, Who::All, ANY, 14), &[What::Crp, What::Haemoglobin], None),
    row("D12", "Forstoppelse", 357, Who::All, ANY, 21),
    with(row("D87", "Plager fra magesekken", 357, Who::All, ADULT, 30), &[], Some((drug::PANTOPRAZOLE, 600))),
    with(row("B80", "Jernmangelanemi", 623, Who::MoreWomen, (13, 120), 120), &[What::Haemoglobin], Some((drug::IRON, 950))),
    row("H81", "Ørevoks", 519, Who::All, ANY, 1),
    row("S88", "Kontakteksem", 700, Who::All, ANY, 30),
    row("S82", "Føflekk", 415, Who::All, ADULT, 1),
    with(row("W11", "Prevensjon", 4066, Who::Women, (16, 45), 1), &[What::BloodPressure], Some((drug::DESOGESTREL, 900))),
    row("X11", "Plager i overgangsalder", 900, Who::Women, (45, 58), 200),
    with(row("R02", "Tungpust", 415, Who::All, (40, 120), 20), &[What::Saturation, What::Pulse, What::NtProBnp], None),
    with(row("A98", "Forebyggende helsesamtale", 2132, Who::All, (30, 120), 1), &[What::BloodPressure, What::Weight, What::Height, What::Cholesterol, What::Hba1c], None),
    with(row("A97", "Attest", 2000, Who::All, ADULT, 1), &[], None),
    with(row("P29", "Andre psykiske plager", 290, Who::All, (13, 120), 60), &[], Some((drug::MELATONIN, 200))),
    row("D06", "Vondt i en del av magen", 535, Who::All, ANY, 14),
    with(row("L83", "Nakkesyndrom", 514, Who::All, ADULT, 60), &[], Some((drug::PARACETAMOL, 300))),
    with(row("L18", "Utbredte muskelsmerter", 500, Who::MoreWomen, ADULT, 120), &[], Some((drug::PARACETAMOL, 300))),
    row("A27", "Engstelse for sykdom", 450, Who::All, ADULT, 20),
    with(row("L13", "Plager i hofta", 429, Who::All, (10, 120), 40), &[], Some((drug::PARACETAMOL, 300))),
    with(row("L14", "Plager i legg eller lår", 429, Who::All, ANY, 30), &[], Some((drug::PARACETAMOL, 300))),
    row("H82", "Svimmelhet fra øret", 415, Who::All, (30, 120), 30),
    with(row("L19", "Muskelplager", 400, Who::All, ADULT, 30), &[], Some((drug::PARACETAMOL, 300))),
    with(row("A01", "Smerter flere steder", 400, Who::All, ADULT, 60), &[], Some((drug::PARACETAMOL, 300))),
    row("H70", "Betennelse i øregangen", 329, Who::All, ANY, 10),
    row("R21", "Plager i halsen", 312, Who::All, ANY, 10),
    row("S04", "Kul i huden", 312, Who::All, ANY, 30),
    row("S06", "Utslett", 312, Who::All, ANY, 14),
    row("N93", "Karpaltunnelsyndrom", 312, Who::MoreWomen, (30, 120), 120),
    row("D11", "Diaré", 267, Who::All, ANY, 7),
    with(row("L04", "Plager i brystkassen", 257, Who::All, ADULT, 20), &[], Some((drug::PARACETAMOL, 300))),
    row("S96", "Akne", 208, Who::All, (11, 29), 180),
];
