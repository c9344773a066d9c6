//! Medicines that a GP here prescribes: ATC code, our own short name, and how they are taken.

/// What a medicine does to the measurements of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Lowers blood pressure and pulse.
    BetaBlocker,
    /// Lowers blood glucose.
    Glucose,
    /// Lowers cholesterol.
    Lipids,
    /// Nothing that is measured here.
    None,
    /// Lowers blood pressure.
    Pressure,
}

/// A medicine as prescribed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drug {
    /// ATC code, fifth level.
    pub atc: &'static str,
    /// Substance, in bokmål.
    pub substance: &'static str,
    /// Form and strength.
    pub form: &'static str,
    /// How it is taken, in bokmål.
    pub dosage: &'static str,
    pub(crate) effect: Effect,
}

const fn drug(
    atc: &'static str,
    substance: &'static str,
    form: &'static str,
    dosage: &'static str,
    effect: Effect,
) -> Drug {
    Drug {
        atc,
        substance,
        form,
        dosage,
        effect,
    }
}

const MORNING: &str = "1 tablett hver morgen";
const EVENING: &str = "1 tablett hver kveld";
const TWICE: &str = "1 tablett morgen og kveld";
const THRICE: &str = "1 tablett tre ganger daglig";
const NEEDED: &str = "1 tablett ved behov";
const UNDER_SKIN: &str = "Under huden ved behov, etter skjema";

/// One constant a row: name, ATC code, substance, form and strength, dosage, effect.
macro_rules! drugs {
    ($($name:ident = ($atc:literal, $substance:literal, $form:literal, $dosage:expr, $effect:ident),)*) => {
        $(pub(crate) const $name: Drug =
            drug($atc, $substance, $form, $dosage, Effect::$effect);)*
    };
}

#[rustfmt::skip]
drugs! {
    CANDESARTAN = ("C09CA06", "Kandesartan", "tablett 8 mg", MORNING, Pressure),
    LOSARTAN = ("C09CA01", "Losartan", "tablett 50 mg", MORNING, Pressure),
    RAMIPRIL = ("C09AA05", "Ramipril", "tablett 5 mg", MORNING, Pressure),
    AMLODIPINE = ("C08CA01", "Amlodipin", "tablett 5 mg", MORNING, Pressure),
    LERCANIDIPINE = ("C08CA13", "Lerkanidipin", "tablett 10 mg", MORNING, Pressure),
    THIAZIDE = ("C03AA03", "Hydroklortiazid", "tablett 25 mg", MORNING, Pressure),
    METOPROLOL = ("C07AB02", "Metoprolol", "depottablett 50 mg", MORNING, BetaBlocker),
    BISOPROLOL = ("C07AB07", "Bisoprolol", "tablett 5 mg", MORNING, BetaBlocker),
    FUROSEMIDE = ("C03CA01", "Furosemid", "tablett 40 mg", MORNING, Pressure),
    METFORMIN = ("A10BA02", "Metformin", "tablett 500 mg", TWICE, Glucose),
    EMPAGLIFLOZIN = ("A10BK03", "Empagliflozin", "tablett 10 mg", MORNING, Glucose),
    DAPAGLIFLOZIN = ("A10BK01", "Dapagliflozin", "tablett 10 mg", MORNING, Glucose),
    SEMAGLUTIDE = ("A10BJ06", "Semaglutid", "injeksjon 0,5 mg", "1 injeksjon i uken", Glucose),
    INSULIN_BASAL = ("A10AE06", "Insulin degludek", "injeksjon 100 E/ml", "1 injeksjon hver kveld etter avtale", Glucose),
    INSULIN_MEAL = ("A10AB05", "Insulin aspart", "injeksjon 100 E/ml", "Til måltider etter avtale", None),
    ATORVASTATIN = ("C10AA05", "Atorvastatin", "tablett 20 mg", EVENING, Lipids),
    SIMVASTATIN = ("C10AA01", "Simvastatin", "tablett 40 mg", EVENING, Lipids),
    ASPIRIN = ("B01AC06", "Acetylsalisylsyre", "tablett 75 mg", MORNING, None),
    CLOPIDOGREL = ("B01AC04", "Klopidogrel", "tablett 75 mg", MORNING, None),
    APIXABAN = ("B01AF02", "Apiksaban", "tablett 5 mg", TWICE, None),
    LEVOTHYROXINE = ("H03AA01", "Levotyroksin", "tablett 100 mikrog", MORNING, None),
    SALBUTAMOL = ("R03AC02", "Salbutamol", "inhalasjon 0,1 mg", "1-2 inhalasjoner ved behov", None),
    FORMOTEROL = ("R03AK07", "Formoterol og budesonid", "inhalasjonspulver", "1 inhalasjon morgen og kveld", None),
    TIOTROPIUM = ("R03BB04", "Tiotropium", "inhalasjonspulver 18 mikrog", "1 inhalasjon daglig", None),
    CETIRIZINE = ("R06AE07", "Cetirizin", "tablett 10 mg", "1 tablett daglig i pollensesongen", None),
    ESCITALOPRAM = ("N06AB10", "Escitalopram", "tablett 10 mg", MORNING, None),
    SERTRALINE = ("N06AB06", "Sertralin", "tablett 50 mg", MORNING, None),
    MIRTAZAPINE = ("N06AX11", "Mirtazapin", "tablett 15 mg", EVENING, None),
    METHYLPHENIDATE = ("N06BA04", "Metylfenidat", "depottablett 36 mg", MORNING, None),
    DONEPEZIL = ("N06DA02", "Donepezil", "tablett 10 mg", EVENING, None),
    PARACETAMOL = ("N02BE01", "Paracetamol", "tablett 1 g", "1 tablett inntil fire ganger daglig", None),
    IBUPROFEN = ("M01AE01", "Ibuprofen", "tablett 400 mg", THRICE, None),
    NAPROXEN = ("M01AE02", "Naproksen", "tablett 500 mg", TWICE, None),
    ALENDRONATE = ("M05BA04", "Alendronsyre", "tablett 70 mg", "1 tablett en gang i uken", None),
    SUMATRIPTAN = ("N02CC01", "Sumatriptan", "tablett 50 mg", NEEDED, None),
    METHOTREXATE = ("L04AX03", "Metotreksat", "tablett 2,5 mg", "6 tabletter en gang i uken", None),
    PANTOPRAZOLE = ("A02BC02", "Pantoprazol", "tablett 20 mg", MORNING, None),
    TAMSULOSIN = ("G04CA02", "Tamsulosin", "depottablett 0,4 mg", EVENING, None),
    MOMETASONE = ("D07AC13", "Mometason", "krem 0,1 %", "Smøres tynt en gang daglig ved behov", None),
    PENICILLIN = ("J01CE02", "Fenoksymetylpenicillin", "tablett 650 mg", "2 tabletter fire ganger daglig", None),
    PIVMECILLINAM = ("J01CA08", "Pivmecillinam", "tablett 200 mg", THRICE, None),
    DOXYCYCLINE = ("J01AA02", "Doksysyklin", "tablett 100 mg", MORNING, None),
    DICLOXACILLIN = ("J01CF01", "Dikloksacillin", "kapsel 500 mg", "1 kapsel fire ganger daglig", None),
    IRON = ("B03AA07", "Jern(II)sulfat", "depottablett 100 mg", MORNING, None),
    ZOPICLONE = ("N05CF01", "Zopiklon", "tablett 5 mg", "1 tablett ved behov før leggetid", None),
    MELATONIN = ("N05CH01", "Melatonin", "depottablett 2 mg", EVENING, None),
    DESOGESTREL = ("G03AC09", "Desogestrel", "tablett 75 mikrog", "1 tablett daglig", None),
    VALACICLOVIR = ("J05AB11", "Valaciklovir", "tablett 500 mg", "2 tabletter tre ganger daglig", None),
    EYE_OINTMENT = ("S01AA01", "Kloramfenikol", "øyesalve 1 %", "Smøres i øyet fire ganger daglig", None),
    NITRATE = ("C01DA14", "Isosorbidmononitrat", "depottablett 60 mg", MORNING, None),
    BUPRENORPHINE = ("N07BC01", "Buprenorfin", "sublingvaltablett 8 mg", "2 tabletter daglig under tilsyn", None),
    OLANZAPINE = ("N05AH03", "Olanzapin", "tablett 10 mg", EVENING, None),
    ARIPIPRAZOLE = ("N05AX12", "Aripiprazol", "tablett 15 mg", MORNING, None),
    LITHIUM = ("N05AN01", "Litium", "tablett 42 mg", TWICE, None),
    LAMOTRIGINE = ("N03AX09", "Lamotrigin", "tablett 100 mg", TWICE, None),
    ALLOPURINOL = ("M04AA01", "Allopurinol", "tablett 100 mg", MORNING, None),
    LATANOPROST = ("S01EE01", "Latanoprost", "øyedråper 50 mikrog/ml", "1 dråpe i øynene hver kveld", None),
    DALTEPARIN = ("B01AB04", "Dalteparin", "injeksjon 12 500 IE", "1 injeksjon daglig", None),
    NITROFURANTOIN = ("J01XE01", "Nitrofurantoin", "tablett 50 mg", THRICE, None),
    MORPHINE = ("N02AA01", "Morfin", "injeksjon 10 mg/ml", UNDER_SKIN, None),
    MIDAZOLAM = ("N05CD08", "Midazolam", "injeksjon 5 mg/ml", UNDER_SKIN, None),
    HALOPERIDOL = ("N05AD01", "Haloperidol", "injeksjon 5 mg/ml", UNDER_SKIN, None),
    GLYCOPYRRONIUM = ("A03AB02", "Glykopyrron", "injeksjon 0,2 mg/ml", UNDER_SKIN, None),
    CLOTRIMAZOLE = ("D01AC01", "Klotrimazol", "krem 1 %", "Smøres på to ganger daglig", None),
}
