//! The table of lasting conditions: prevalence by age, what is checked, how they are treated.
//! Prevalences are our own smoothed reading of Norwegian GP-diagnosed prevalence (BMC Med Res
//! Methodol 12:143, FHI). ICPC-2 is used by code, and the names are ours.

use super::chronic::{Chronic, Passing, Trait};
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
        prevalence: [[0, 0, 1, 23, 110, 255, 386, 425, 445, 450], [0, 0, 1, 17, 90, 245, 386, 480, 530, 545]],
        shared: Trait::Metabolic, loading: 600, visits: 1, main: 3, checks: PRESSURE,
        lines: &[(950, &[drug::CANDESARTAN, drug::LOSARTAN, drug::RAMIPRIL]), (500, &[drug::AMLODIPINE, drug::LERCANIDIPINE]), (600, &[drug::ASPIRIN]), (170, STATINS), (600, &[drug::THIAZIDE, drug::METOPROLOL])],
        treated: 970, at_once: 4, passes: Passing::Never,
    },
    Chronic {
        code: "T90", name: "Diabetes type 2",
        prevalence: [[0, 0, 1, 4, 17, 53, 105, 150, 172, 177], [0, 0, 1, 4, 14, 35, 70, 111, 138, 149]],
        shared: Trait::Metabolic, loading: 700, visits: 4, main: 15, checks: SUGAR,
        lines: &[(1000, &[drug::METFORMIN]), (750, STATINS), (600, &[drug::ASPIRIN]), (1000, &[drug::EMPAGLIFLOZIN, drug::DAPAGLIFLOZIN]), (1000, &[drug::SEMAGLUTIDE]), (1000, &[drug::INSULIN_BASAL])],
        treated: 740, at_once: 3, passes: Passing::Never,
    },
    Chronic {
        code: "T82", name: "Fedme",
        prevalence: [[0, 5, 20, 40, 50, 52, 52, 52, 52, 52], [0, 5, 25, 50, 60, 62, 62, 62, 62, 62]],
        shared: Trait::Metabolic, loading: 700, visits: 1, main: 1, checks: &[What::Weight, What::Bmi, What::BloodPressure, What::Hba1c],
        lines: &[],
        treated: 0, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "T93", name: "Forhøyet kolesterol",
        prevalence: [[0, 0, 2, 8, 40, 90, 135, 150, 153, 153], [0, 0, 2, 5, 25, 75, 125, 152, 156, 156]],
        shared: Trait::Metabolic, loading: 700, visits: 1, main: 1, checks: FAT,
        lines: &[(1000, STATINS), (900, &[drug::ASPIRIN])],
        treated: 900, at_once: 2, passes: Passing::Never,
    },
    Chronic {
        code: "K76", name: "Kronisk iskemisk hjertesykdom",
        prevalence: [[0, 0, 0, 2, 14, 55, 130, 225, 305, 330], [0, 0, 0, 1, 5, 22, 65, 150, 245, 290]],
        shared: Trait::Metabolic, loading: 600, visits: 1, main: 1, checks: HEART,
        lines: &[(950, &[drug::ASPIRIN, drug::ASPIRIN, drug::CLOPIDOGREL]), (800, STATINS), (550, &[drug::METOPROLOL, drug::METOPROLOL, drug::BISOPROLOL]), (340, &[drug::PANTOPRAZOLE])],
        treated: 970, at_once: 4, passes: Passing::Never,
    },
    Chronic {
        code: "K78", name: "Atrieflimmer",
        prevalence: [[0, 0, 0, 2, 6, 15, 45, 110, 190, 220], [0, 0, 0, 1, 2, 6, 22, 70, 150, 200]],
        shared: Trait::Frailty, loading: 500, visits: 2, main: 3, checks: HEART,
        lines: &[(1000, &[drug::APIXABAN]), (700, &[drug::METOPROLOL, drug::METOPROLOL, drug::BISOPROLOL]), (600, &[drug::FUROSEMIDE])],
        treated: 900, at_once: 3, passes: Passing::Never,
    },
    Chronic {
        code: "K77", name: "Hjertesvikt",
        prevalence: [[0, 0, 0, 0, 1, 6, 21, 67, 150, 210], [0, 0, 0, 0, 1, 3, 12, 46, 128, 210]],
        shared: Trait::Frailty, loading: 600, visits: 3, main: 9, checks: FAILURE,
        lines: &[(950, &[drug::FUROSEMIDE]), (850, &[drug::METOPROLOL, drug::METOPROLOL, drug::BISOPROLOL]), (750, &[drug::RAMIPRIL, drug::CANDESARTAN])],
        treated: 950, at_once: 3, passes: Passing::Never,
    },
    Chronic {
        code: "K90", name: "Gjennomgått hjerneslag",
        prevalence: [[0, 0, 1, 4, 16, 40, 76, 137, 207, 235], [0, 0, 1, 4, 10, 26, 59, 111, 172, 205]],
        shared: Trait::Metabolic, loading: 600, visits: 1, main: 1, checks: HEART,
        lines: &[(1000, &[drug::CLOPIDOGREL, drug::ASPIRIN]), (750, STATINS)],
        treated: 900, at_once: 2, passes: Passing::Never,
    },
    Chronic {
        code: "R95", name: "KOLS",
        prevalence: [[0, 0, 0, 1, 8, 35, 75, 110, 120, 120], [0, 0, 0, 1, 8, 33, 72, 105, 115, 115]],
        shared: Trait::Airways, loading: 700, visits: 1, main: 1, checks: LUNGS,
        lines: &[(1000, &[drug::TIOTROPIUM]), (800, &[drug::FORMOTEROL])],
        treated: 970, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "R96", name: "Astma",
        prevalence: [[10, 75, 85, 88, 90, 92, 100, 118, 125, 128], [8, 65, 85, 92, 98, 102, 113, 133, 142, 145]],
        shared: Trait::Airways, loading: 500, visits: 1, main: 1, checks: &[What::Saturation, What::Spirometry],
        lines: &[(1000, &[drug::SALBUTAMOL]), (600, &[drug::FORMOTEROL])],
        treated: 970, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "R97", name: "Pollenallergi",
        prevalence: [[2, 60, 130, 150, 155, 158, 160, 160, 160, 160], [2, 50, 130, 155, 160, 162, 165, 165, 165, 165]],
        shared: Trait::Airways, loading: 500, visits: 0, main: 1, checks: &[],
        lines: &[(1000, &[drug::CETIRIZINE])],
        treated: 700, at_once: 1, passes: Passing::WithAge(30, 75),
    },
    Chronic {
        code: "S87", name: "Atopisk eksem",
        prevalence: [[20, 95, 105, 110, 112, 114, 116, 118, 118, 118], [20, 100, 115, 120, 125, 127, 129, 130, 130, 130]],
        shared: Trait::Airways, loading: 300, visits: 0, main: 1, checks: &[],
        lines: &[(1000, &[drug::MOMETASONE])],
        treated: 800, at_once: 1, passes: Passing::WithAge(4, 45),
    },
    Chronic {
        code: "T86", name: "Lavt stoffskifte",
        prevalence: [[0, 1, 3, 6, 12, 22, 37, 58, 70, 75], [0, 2, 8, 25, 50, 85, 130, 180, 190, 190]],
        shared: Trait::Frailty, loading: 100, visits: 1, main: 1, checks: &[What::Tsh, What::FreeT4],
        lines: &[(1000, &[drug::LEVOTHYROXINE])],
        treated: 950, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "P76", name: "Depresjon",
        prevalence: [[0, 2, 30, 70, 100, 120, 130, 140, 150, 155], [0, 3, 50, 110, 160, 190, 210, 225, 235, 240]],
        shared: Trait::Mind, loading: 700, visits: 3, main: 5, checks: &[What::Phq9],
        lines: &[(1000, &[drug::ESCITALOPRAM, drug::SERTRALINE, drug::MIRTAZAPINE])],
        treated: 700, at_once: 1, passes: Passing::Recovers(500),
    },
    Chronic {
        code: "P74", name: "Angstlidelse",
        prevalence: [[0, 2, 20, 45, 60, 70, 75, 80, 80, 80], [0, 5, 40, 80, 105, 120, 130, 135, 140, 140]],
        shared: Trait::Mind, loading: 700, visits: 2, main: 3, checks: &[What::Gad7],
        lines: &[(1000, &[drug::ESCITALOPRAM, drug::SERTRALINE])],
        treated: 400, at_once: 1, passes: Passing::Recovers(650),
    },
    Chronic {
        code: "P81", name: "ADHD",
        prevalence: [[0, 40, 70, 78, 80, 80, 80, 80, 80, 80], [0, 15, 45, 58, 60, 60, 60, 60, 60, 60]],
        shared: Trait::Mind, loading: 300, visits: 2, main: 4, checks: &[What::BloodPressure, What::Pulse, What::Weight],
        lines: &[(1000, &[drug::METHYLPHENIDATE])],
        treated: 650, at_once: 1, passes: Passing::WithAge(18, 55),
    },
    Chronic {
        code: "P70", name: "Demens",
        prevalence: [[0, 0, 0, 0, 0, 0, 3, 27, 147, 370], [0, 0, 0, 0, 0, 0, 3, 27, 164, 415]],
        shared: Trait::Frailty, loading: 600, visits: 2, main: 4, checks: &[What::Mmse, What::Weight, What::BloodPressure],
        lines: &[(1000, &[drug::DONEPEZIL])],
        treated: 155, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "L90", name: "Kneleddsartrose",
        prevalence: [[0, 0, 0, 5, 18, 40, 66, 100, 130, 140], [0, 0, 0, 5, 22, 54, 95, 145, 185, 205]],
        shared: Trait::Metabolic, loading: 600, visits: 0, main: 1, checks: &[],
        lines: &[(600, &[drug::PARACETAMOL]), (1000, &[drug::NAPROXEN, drug::IBUPROFEN])],
        treated: 700, at_once: 2, passes: Passing::Never,
    },
    Chronic {
        code: "L95", name: "Benskjørhet",
        prevalence: [[0, 0, 0, 2, 5, 9, 15, 25, 34, 45], [0, 0, 0, 2, 9, 29, 107, 195, 270, 295]],
        shared: Trait::Frailty, loading: 500, visits: 1, main: 1, checks: &[What::Height, What::Weight],
        lines: &[(1000, &[drug::ALENDRONATE])],
        treated: 490, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "N89", name: "Migrene",
        prevalence: [[0, 13, 30, 39, 46, 49, 49, 49, 49, 49], [0, 20, 70, 97, 122, 127, 127, 130, 130, 130]],
        shared: Trait::Mind, loading: 300, visits: 0, main: 1, checks: &[],
        lines: &[(1000, &[drug::SUMATRIPTAN])],
        treated: 600, at_once: 1, passes: Passing::WithAge(30, 76),
    },
    Chronic {
        code: "L88", name: "Leddgikt",
        prevalence: [[0, 1, 2, 6, 12, 24, 38, 48, 55, 58], [0, 1, 4, 10, 20, 38, 60, 75, 85, 88]],
        shared: Trait::Frailty, loading: 300, visits: 2, main: 4, checks: &[What::Crp, What::Haemoglobin, What::Creatinine],
        lines: &[(1000, &[drug::METHOTREXATE]), (400, &[drug::NAPROXEN])],
        treated: 600, at_once: 2, passes: Passing::Never,
    },
    Chronic {
        code: "D84", name: "Sykdom i spiserøret",
        prevalence: [[0, 3, 18, 40, 80, 96, 103, 110, 117, 118], [0, 2, 11, 24, 66, 105, 125, 126, 127, 128]],
        shared: Trait::Metabolic, loading: 500, visits: 0, main: 1, checks: &[],
        lines: &[(1000, &[drug::PANTOPRAZOLE])],
        treated: 950, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "T89", name: "Diabetes type 1",
        prevalence: [[0, 2, 4, 6, 7, 8, 8, 8, 8, 8], [0, 2, 4, 5, 6, 7, 7, 7, 7, 7]],
        shared: Trait::Metabolic, loading: 0, visits: 2, main: 4, checks: SUGAR,
        lines: &[(1000, &[drug::INSULIN_BASAL]), (1000, &[drug::INSULIN_MEAL])],
        treated: 1000, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "Y85", name: "Forstørret prostata",
        prevalence: [[0, 0, 0, 0, 5, 25, 60, 105, 140, 150], [0; 10]],
        shared: Trait::Frailty, loading: 200, visits: 0, main: 1, checks: &[],
        lines: &[(1000, &[drug::TAMSULOSIN])],
        treated: 700, at_once: 1, passes: Passing::Never,
    },
    Chronic {
        code: "P06", name: "Søvnforstyrrelse",
        prevalence: [[0, 0, 5, 12, 25, 50, 110, 230, 315, 345], [0, 0, 8, 20, 40, 85, 195, 345, 440, 460]],
        shared: Trait::Frailty, loading: 700, visits: 1, main: 1, checks: &[],
        lines: &[(1000, &[drug::ZOPICLONE, drug::ZOPICLONE, drug::MELATONIN]), (150, &[drug::MIRTAZAPINE])],
        treated: 980, at_once: 2, passes: Passing::Never,
    },
];
