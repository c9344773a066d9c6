//! What is measured: codes, units, decimals and reference ranges. LOINC codes (© Regenstrief
//! Institute) and NPU codes from the Norwegian laboratory codes are used by code; the names are ours.
//! Ranges follow NORIP 2004 where there is one.

use crate::people::Sex;

/// The kinds of measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Systolic and diastolic blood pressure.
    BloodPressure,
    /// Heart rate.
    Pulse,
    /// Body weight.
    Weight,
    /// Body height or length.
    Height,
    /// Body mass index.
    Bmi,
    /// Body temperature.
    Temperature,
    /// Oxygen saturation.
    Saturation,
    /// Ratio of forced volumes.
    Spirometry,
    /// Glycated haemoglobin.
    Hba1c,
    /// Total cholesterol.
    Cholesterol,
    /// HDL cholesterol.
    Hdl,
    /// LDL cholesterol.
    Ldl,
    /// Triglycerides.
    Triglycerides,
    /// Creatinine.
    Creatinine,
    /// Estimated glomerular filtration rate.
    Egfr,
    /// Potassium.
    Potassium,
    /// Sodium.
    Sodium,
    /// Urine albumin to creatinine.
    Uacr,
    /// Haemoglobin.
    Haemoglobin,
    /// C-reactive protein.
    Crp,
    /// Thyrotropin.
    Tsh,
    /// Free thyroxine.
    FreeT4,
    /// NT-proBNP.
    NtProBnp,
    /// PHQ-9 score.
    Phq9,
    /// GAD-7 score.
    Gad7,
    /// MMSE score.
    Mmse,
}

/// Which group a measurement is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// `laboratory`
    Laboratory,
    /// `survey`
    Survey,
    /// `vital-signs`
    VitalSigns,
}

impl Category {
    /// The code in HL7's `observation-category`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Laboratory => "laboratory",
            Self::Survey => "survey",
            Self::VitalSigns => "vital-signs",
        }
    }
}

/// Lowest and highest value of a reference range, in units of the last decimal.
pub type Range = (Option<i32>, Option<i32>);

/// How a kind of measurement is written.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// Our own name for it, in bokmål.
    pub name: &'static str,
    /// LOINC code.
    pub loinc: &'static str,
    /// NPU code, where one is in use.
    pub npu: Option<&'static str>,
    /// UCUM code of the unit; also how the unit is shown.
    pub unit: &'static str,
    /// Decimals written.
    pub decimals: u8,
    /// Group.
    pub category: Category,
    /// Name of the HL7 vital-signs profile, where there is one.
    pub profile: Option<&'static str>,
    /// Reference range for women and for men, in units of the last decimal.
    pub range: Option<[Range; 2]>,
}

impl Quantity {
    /// The reference range for a sex: lowest and highest value.
    pub fn range_for(&self, sex: Sex) -> Option<Range> {
        let [women, men] = self.range?;
        Some(if sex == Sex::Female { women } else { men })
    }
}

impl What {
    /// How this kind of measurement is written.
    pub fn quantity(self) -> Quantity {
        match self {
            Self::BloodPressure => vital("Blodtrykk", "85354-9", "mm[Hg]", 0, "bp"),
            Self::Pulse => vital("Puls", "8867-4", "/min", 0, "heartrate"),
            Self::Weight => vital("Vekt", "29463-7", "kg", 1, "bodyweight"),
            Self::Height => vital("Høyde", "8302-2", "cm", 1, "bodyheight"),
            Self::Bmi => vital("KMI", "39156-5", "kg/m2", 1, "bmi"),
            Self::Temperature => vital("Temperatur", "8310-5", "Cel", 1, "bodytemp"),
            Self::Saturation => vital("SpO2", "2708-6", "%", 0, "oxygensat"),
            Self::Spirometry => Quantity {
                profile: None,
                ..vital("FEV1/FVC", "19926-5", "%", 0, "")
            },
            Self::Phq9 => survey("PHQ-9", "44261-6"),
            Self::Gad7 => survey("GAD-7", "70274-6"),
            Self::Mmse => survey("MMSE", "72106-8"),
            _ => self.laboratory(),
        }
    }

    fn laboratory(self) -> Quantity {
        let found = LABORATORY.iter().find(|(what, _)| *what == self);
        found.map_or_else(|| vital("", "", "", 0, ""), |(_, quantity)| *quantity)
    }
}

const fn lab(
    codes: (&'static str, &'static str, &'static str),
    unit: (&'static str, u8),
    range: [Range; 2],
) -> Quantity {
    let (name, loinc, npu) = codes;
    let (unit, decimals) = unit;
    let npu = if npu.is_empty() { None } else { Some(npu) };
    let category = Category::Laboratory;
    Quantity {
        name,
        loinc,
        npu,
        unit,
        decimals,
        category,
        profile: None,
        range: Some(range),
    }
}

const fn from_to(low: i32, high: i32) -> Range {
    (Some(low), Some(high))
}

const fn up_to(high: i32) -> Range {
    (None, Some(high))
}

/// Laboratory values; reference ranges for women and for men.
#[rustfmt::skip]
const LABORATORY: [(What, Quantity); 15] = [
    (What::Hba1c, lab(("HbA1c", "59261-8", "NPU27300"), ("mmol/mol", 0), [from_to(20, 42); 2])),
    (What::Cholesterol, lab(("Kolesterol", "14647-2", "NPU01566"), ("mmol/L", 1), [from_to(33, 69); 2])),
    (What::Hdl, lab(("HDL-kolesterol", "14646-4", "NPU01567"), ("mmol/L", 1), [from_to(10, 27), from_to(8, 21)])),
    (What::Ldl, lab(("LDL-kolesterol", "39469-2", "NPU01568"), ("mmol/L", 1), [from_to(14, 47); 2])),
    (What::Triglycerides, lab(("Triglyserider", "14927-8", "NPU04094"), ("mmol/L", 1), [from_to(5, 26); 2])),
    (What::Creatinine, lab(("Kreatinin", "14682-9", "NPU04998"), ("umol/L", 0), [from_to(45, 90), from_to(60, 105)])),
    (What::Egfr, lab(("eGFR", "62238-1", ""), ("mL/min/{1.73_m2}", 0), [(Some(60), None); 2])),
    (What::Potassium, lab(("Kalium", "2823-3", "NPU03230"), ("mmol/L", 1), [from_to(36, 46); 2])),
    (What::Sodium, lab(("Natrium", "2951-2", "NPU03429"), ("mmol/L", 0), [from_to(137, 145); 2])),
    (What::Uacr, lab(("U-albumin/kreatinin", "32294-1", ""), ("mg/mmol", 1), [up_to(29); 2])),
    (What::Haemoglobin, lab(("Hemoglobin", "718-7", "NPU28309"), ("g/dL", 1), [from_to(117, 153), from_to(134, 170)])),
    (What::Crp, lab(("CRP", "1988-5", "NPU19748"), ("mg/L", 0), [up_to(4); 2])),
    (What::Tsh, lab(("TSH", "3016-3", "NPU27547"), ("m[IU]/L", 2), [from_to(40, 400); 2])),
    (What::FreeT4, lab(("Fritt T4", "14920-3", "NPU03579"), ("pmol/L", 0), [from_to(9, 22); 2])),
    (What::NtProBnp, lab(("NT-proBNP", "33762-6", "NPU21571"), ("ng/L", 0), [up_to(124); 2])),
];

fn vital(
    name: &'static str,
    loinc: &'static str,
    unit: &'static str,
    decimals: u8,
    profile: &'static str,
) -> Quantity {
    let category = Category::VitalSigns;
    Quantity {
        name,
        loinc,
        npu: None,
        unit,
        decimals,
        category,
        profile: Some(profile),
        range: None,
    }
}

fn survey(name: &'static str, loinc: &'static str) -> Quantity {
    let category = Category::Survey;
    Quantity {
        name,
        loinc,
        npu: None,
        unit: "{score}",
        decimals: 0,
        category,
        profile: None,
        range: None,
    }
}
