//! The table of lasting conditions: prevalence by age, what is checked, how they are treated.
//! Prevalences are our own smoothed reading of Norwegian GP-diagnosed prevalence (BMC Med Res
//! Methodol 12:143, FHI). ICPC-2 is used by code, and the names are ours.

use super::chronic::{Chronic, Trait};
use super::drug::{self, Drug};
use super::quantity::What;

const PRESSURE: &[What] = &[
    What::BloodPressure,
    What::Pulse,
    What::Weight,
    What::Bmi,
    What::Creatinine,
    What::Egfr,
    What::Potassium,
    What::Sodium,
];
const SUGAR: &[What] = &[
    What::BloodPressure,
    What::Weight,
    What::Bmi,
    What::Hba1c,
    What::Cholesterol,
    What::Hdl,
    What::Ldl,
    What::Triglycerides,
    What::Creatinine,
    What::Egfr,
    What::Uacr,
];
const FAT: &[What] = &[
    What::BloodPressure,
    What::Cholesterol,
    What::Hdl,
    What::Ldl,
    What::Triglycerides,
];
const HEART: &[What] = &[
    What::BloodPressure,
    What::Pulse,
    What::Weight,
    What::Creatinine,
    What::Egfr,
    What::Potassium,
    What::Cholesterol,
    What::Hdl,
    What::Ldl,
    What::Triglycerides,
];
const FAILURE: &[What] = &[
    What::BloodPressure,
    What::Pulse,
    What::Weight,
    What::Saturation,
    What::NtProBnp,
    What::Creatinine,
    What::Egfr,
    What::Potassium,
    What::Sodium,
];
const LUNGS: &[What] = &[What::Saturation, What::Spirometry, What::Weight];
const STATINS: &[Drug] = &[drug::ATORVASTATIN, drug::ATORVASTATIN, drug::SIMVASTATIN];

/// All lasting conditions. Their order is part of the dataset version: add at the end.
#[rustfmt::skip]
pub(crate) const CHRONIC: &[Chronic] = &[
    Chronic {
        code: "K86", name: "Høyt blodtrykk",
        prevalence: [[0, 0, 1, 15, 60, 150, 300, 420, 480, 490], [0, 0, 1, 10, 45, 130, 290, 430, 510, 520]],
        shared: Trait::Metabolic, loading: 600, visits: 2, checks: PRESSURE,
        lines: &[&[drug::CANDESARTAN, drug::LOSARTAN, drug::RAMIPRIL, drug::AMLODIPINE], &[drug::AMLODIPINE, drug::LERCANIDIPINE], &[drug::THIAZIDE]],
        treated: 930, passes: false,
    },
    Chronic {
        code: "T90", name: "Diabetes type 2",
        prevalence: [[0, 0, 1, 4, 15, 45, 90, 130, 150, 155], [0, 0, 1, 4, 12, 30, 60, 95, 120, 130]],
        shared: Trait::Metabolic, loading: 700, visits: 3, checks: SUGAR,
        lines: &[&[drug::METFORMIN], &[drug::EMPAGLIFLOZIN, drug::DAPAGLIFLOZIN], &[drug::SEMAGLUTIDE], &[drug::INSULIN_BASAL]],
        treated: 850, passes: false,
    },
    Chronic {
        code: "T82", name: "Fedme",
        prevalence: [[0, 5, 20, 40, 60, 80, 90, 95, 95, 95], [0, 5, 25, 50, 70, 90, 100, 105, 105, 105]],
        shared: Trait::Metabolic, loading: 700, visits: 1, checks: &[What::Weight, What::Bmi, What::BloodPressure, What::Hba1c],
        lines: &[],
        treated: 0, passes: false,
    },
    Chronic {
        code: "T93", name: "Forhøyet kolesterol",
        prevalence: [[0, 0, 2, 8, 40, 100, 180, 230, 250, 250], [0, 0, 2, 5, 25, 80, 170, 240, 260, 260]],
        shared: Trait::Metabolic, loading: 500, visits: 1, checks: FAT,
        lines: &[STATINS],
        treated: 750, passes: false,
    },
    Chronic {
        code: "K76", name: "Kronisk iskemisk hjertesykdom",
        prevalence: [[0, 0, 0, 1, 8, 35, 90, 170, 240, 260], [0, 0, 0, 0, 3, 12, 40, 90, 160, 200]],
        shared: Trait::Metabolic, loading: 500, visits: 1, checks: HEART,
        lines: &[&[drug::ASPIRIN, drug::ASPIRIN, drug::CLOPIDOGREL]],
        treated: 950, passes: false,
    },
    Chronic {
        code: "K78", name: "Atrieflimmer",
        prevalence: [[0, 0, 0, 2, 6, 15, 45, 110, 190, 220], [0, 0, 0, 1, 2, 6, 22, 70, 150, 200]],
        shared: Trait::Frailty, loading: 500, visits: 2, checks: HEART,
        lines: &[&[drug::APIXABAN], &[drug::METOPROLOL, drug::BISOPROLOL]],
        treated: 900, passes: false,
    },
    Chronic {
        code: "K77", name: "Hjertesvikt",
        prevalence: [[0, 0, 0, 0, 1, 5, 15, 45, 110, 160], [0, 0, 0, 0, 1, 2, 8, 28, 90, 160]],
        shared: Trait::Frailty, loading: 600, visits: 3, checks: FAILURE,
        lines: &[&[drug::FUROSEMIDE], &[drug::METOPROLOL, drug::BISOPROLOL]],
        treated: 950, passes: false,
    },
    Chronic {
        code: "K90", name: "Gjennomgått hjerneslag",
        prevalence: [[0, 0, 0, 1, 4, 12, 35, 75, 130, 150], [0, 0, 0, 1, 3, 9, 24, 55, 110, 140]],
        shared: Trait::Metabolic, loading: 400, visits: 1, checks: HEART,
        lines: &[&[drug::CLOPIDOGREL]],
        treated: 900, passes: false,
    },
    Chronic {
        code: "R95", name: "KOLS",
        prevalence: [[0, 0, 0, 1, 8, 35, 75, 110, 120, 120], [0, 0, 0, 1, 8, 33, 72, 105, 115, 115]],
        shared: Trait::Airways, loading: 700, visits: 1, checks: LUNGS,
        lines: &[&[drug::TIOTROPIUM], &[drug::FORMOTEROL]],
        treated: 850, passes: false,
    },
    Chronic {
        code: "R96", name: "Astma",
        prevalence: [[10, 75, 85, 88, 90, 92, 95, 98, 98, 98], [8, 65, 85, 92, 98, 102, 106, 110, 110, 110]],
        shared: Trait::Airways, loading: 500, visits: 1, checks: &[What::Saturation, What::Spirometry],
        lines: &[&[drug::SALBUTAMOL], &[drug::FORMOTEROL]],
        treated: 900, passes: false,
    },
    Chronic {
        code: "R97", name: "Pollenallergi",
        prevalence: [[2, 60, 130, 150, 155, 158, 160, 160, 160, 160], [2, 50, 130, 155, 160, 162, 165, 165, 165, 165]],
        shared: Trait::Airways, loading: 500, visits: 0, checks: &[],
        lines: &[&[drug::CETIRIZINE]],
        treated: 700, passes: false,
    },
    Chronic {
        code: "S87", name: "Atopisk eksem",
        prevalence: [[20, 95, 105, 110, 112, 114, 116, 118, 118, 118], [20, 100, 115, 120, 125, 127, 129, 130, 130, 130]],
        shared: Trait::Airways, loading: 300, visits: 0, checks: &[],
        lines: &[&[drug::MOMETASONE]],
        treated: 800, passes: false,
    },
    Chronic {
        code: "T86", name: "Lavt stoffskifte",
        prevalence: [[0, 1, 3, 6, 12, 20, 30, 45, 55, 60], [0, 2, 8, 25, 50, 80, 110, 140, 150, 150]],
        shared: Trait::Frailty, loading: 100, visits: 1, checks: &[What::Tsh, What::FreeT4],
        lines: &[&[drug::LEVOTHYROXINE]],
        treated: 950, passes: false,
    },
    Chronic {
        code: "P76", name: "Depresjon",
        prevalence: [[0, 2, 30, 70, 100, 120, 130, 140, 150, 155], [0, 3, 50, 110, 160, 190, 210, 225, 235, 240]],
        shared: Trait::Mind, loading: 700, visits: 3, checks: &[What::Phq9],
        lines: &[&[drug::ESCITALOPRAM, drug::SERTRALINE, drug::MIRTAZAPINE]],
        treated: 550, passes: true,
    },
    Chronic {
        code: "P74", name: "Angstlidelse",
        prevalence: [[0, 2, 20, 45, 60, 70, 75, 80, 80, 80], [0, 5, 40, 80, 105, 120, 130, 135, 140, 140]],
        shared: Trait::Mind, loading: 700, visits: 2, checks: &[What::Gad7],
        lines: &[&[drug::ESCITALOPRAM, drug::SERTRALINE]],
        treated: 400, passes: true,
    },
    Chronic {
        code: "P81", name: "ADHD",
        prevalence: [[0, 40, 70, 78, 80, 80, 80, 80, 80, 80], [0, 15, 45, 58, 60, 60, 60, 60, 60, 60]],
        shared: Trait::Mind, loading: 300, visits: 2, checks: &[What::BloodPressure, What::Pulse, What::Weight],
        lines: &[&[drug::METHYLPHENIDATE]],
        treated: 650, passes: false,
    },
    Chronic {
        code: "P70", name: "Demens",
        prevalence: [[0, 0, 0, 0, 0, 0, 3, 25, 130, 330], [0, 0, 0, 0, 0, 0, 3, 25, 145, 370]],
        shared: Trait::Frailty, loading: 600, visits: 2, checks: &[What::Mmse, What::Weight, What::BloodPressure],
        lines: &[&[drug::DONEPEZIL]],
        treated: 450, passes: false,
    },
    Chronic {
        code: "L90", name: "Kneleddsartrose",
        prevalence: [[0, 0, 0, 5, 20, 60, 120, 180, 230, 250], [0, 0, 0, 5, 25, 80, 170, 260, 330, 360]],
        shared: Trait::Metabolic, loading: 300, visits: 0, checks: &[],
        lines: &[&[drug::PARACETAMOL]],
        treated: 500, passes: false,
    },
    Chronic {
        code: "L95", name: "Benskjørhet",
        prevalence: [[0, 0, 0, 0, 2, 5, 12, 25, 40, 50], [0, 0, 0, 0, 5, 20, 90, 170, 250, 280]],
        shared: Trait::Frailty, loading: 500, visits: 1, checks: &[What::Height, What::Weight],
        lines: &[&[drug::ALENDRONATE]],
        treated: 600, passes: false,
    },
    Chronic {
        code: "N89", name: "Migrene",
        prevalence: [[0, 15, 40, 55, 62, 65, 65, 65, 65, 65], [0, 20, 90, 130, 155, 165, 168, 168, 168, 168]],
        shared: Trait::Mind, loading: 300, visits: 0, checks: &[],
        lines: &[&[drug::SUMATRIPTAN]],
        treated: 600, passes: false,
    },
    Chronic {
        code: "L88", name: "Leddgikt",
        prevalence: [[0, 1, 2, 6, 12, 24, 38, 48, 55, 58], [0, 1, 4, 10, 20, 38, 60, 75, 85, 88]],
        shared: Trait::Frailty, loading: 300, visits: 2, checks: &[What::Crp, What::Haemoglobin, What::Creatinine],
        lines: &[&[drug::METHOTREXATE]],
        treated: 600, passes: false,
    },
    Chronic {
        code: "D84", name: "Sykdom i spiserøret",
        prevalence: [[0, 3, 18, 39, 62, 82, 95, 102, 108, 110], [0, 2, 12, 27, 50, 76, 100, 118, 122, 122]],
        shared: Trait::Metabolic, loading: 300, visits: 0, checks: &[],
        lines: &[&[drug::PANTOPRAZOLE]],
        treated: 800, passes: false,
    },
    Chronic {
        code: "T89", name: "Diabetes type 1",
        prevalence: [[0, 2, 4, 6, 7, 8, 8, 8, 8, 8], [0, 2, 4, 5, 6, 7, 7, 7, 7, 7]],
        shared: Trait::Metabolic, loading: 0, visits: 2, checks: SUGAR,
        lines: &[&[drug::INSULIN_BASAL], &[drug::INSULIN_MEAL]],
        treated: 1000, passes: false,
    },
    Chronic {
        code: "Y85", name: "Forstørret prostata",
        prevalence: [[0, 0, 0, 0, 5, 40, 120, 220, 300, 320], [0; 10]],
        shared: Trait::Frailty, loading: 200, visits: 0, checks: &[],
        lines: &[&[drug::TAMSULOSIN]],
        treated: 700, passes: false,
    },
];
