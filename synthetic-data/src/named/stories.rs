//! The seventeen stories. Their order is part of the dataset version: add at the end. Given names are
//! those of the stories; family names are things, so that nobody has them.

use super::{Done, Entry, Story};
use crate::history::drug;
use crate::history::{Code, Form, Part, PartValue, Service, What};
use crate::people::Sex::{self, Female, Male};

const fn story(
    given: &'static str,
    family: &'static str,
    sex: Sex,
    birth: (i32, u32, u32),
    title: &'static str,
) -> Story {
    Story {
        given,
        family,
        sex,
        birth,
        title,
        conditions: &[],
        home_care: None,
        nursing_home: None,
        due: None,
        wound: None,
        dying: None,
        moved: None,
        visiting: None,
        resuscitation: true,
        avoids: &[],
        allergies: &[],
        without: &[],
        script: &[],
    }
}

/// A contact: service, who, day, hour, form, problem, what is done, note.
const fn entry(
    (service, by): (Service, usize),
    (day, hour): ((i32, u32, u32), u16),
    form: Form,
    problem: Option<Code>,
    done: &'static [Done],
    note: &'static str,
) -> Entry {
    Entry {
        service,
        day,
        hour,
        form,
        by,
        problem,
        done,
        note,
    }
}

const fn code(code: &'static str, name: &'static str) -> Code {
    Code { code, name }
}

const fn said(name: &'static str, value: &'static str) -> Part {
    Part {
        loinc: None,
        name,
        value: Some(PartValue::Text(value)),
    }
}

const CLINIC: (Service, usize) = (Service::OutOfHours, 0);
const CLINIC_NURSE: (Service, usize) = (Service::OutOfHours, 2);
const GP: (Service, usize) = (Service::GeneralPractice, 0);
const HOME: (Service, usize) = (Service::HomeCare, 0);
const STATION: (Service, usize) = (Service::HealthStation, 1);
const CHILD_PHYSIO: (Service, usize) = (Service::HealthStation, 4);
const INSTITUTE: (Service, usize) = (Service::Physiotherapy, 0);
const CULTURE: &[Part] = &[
    said("Bakterie", "E. coli, over 100 000/ml, ESBL"),
    said("Pivmecillinam", "resistent"),
    said("Trimetoprim", "resistent"),
    said("Nitrofurantoin", "følsom"),
];

#[rustfmt::skip]
pub(super) static STORIES: [Story; 17] = [
    Story {
        home_care: Some((2026, 11, 14)),
        script: &[
            entry(CLINIC, ((2026, 11, 13), 21), Form::Emergency, Some(code("K94", "Blodpropp i leggen")), &[Done::News(0), Done::Course(drug::DALTEPARIN, 5)],
                "Hovent og vond legg. Blodpropp er sannsynlig. Injeksjon med blodfortynnende en gang daglig i fem dager; hjemmesykepleien setter dem fra i morgen. Ultralyd mandag. Fastlegens kontor er stengt i helgen."),
            entry(HOME, ((2026, 11, 14), 9), Form::HomeVisit, None, &[Done::Procedure("Injeksjon under huden")],
                "Første injeksjon er satt etter beskjed fra legevakten. Fire gjenstår."),
        ],
        ..story("Astrid", "Skifer", Female, (1944, 3, 12), "Fra legevakt til hjemmesykepleie: ny injeksjon i fem dager")
    },
    Story {
        conditions: &[("P70", (2024, 2, 5)), ("K86", (2011, 5, 2))], home_care: Some((2026, 6, 1)), moved: Some((2026, 5, 4)),
        script: &[
            entry(CLINIC, ((2026, 10, 18), 19), Form::Emergency, Some(code("P20", "Forvirring")), &[Done::News(0)],
                "Funnet forvirret ute av politiet. Har demens og hjemmetjeneste her; hjemmetjenesten er oppringt og henter ham. Ingen akutt sykdom, innleggelse er ikke nødvendig."),
        ],
        ..story("Yamal", "Fjellhammer", Male, (1946, 8, 21), "Demens, nylig innflyttet, funnet forvirret")
    },
    Story {
        conditions: &[("K77", (2021, 3, 8)), ("K78", (2019, 9, 2)), ("T90", (2012, 1, 16))], home_care: Some((2025, 3, 3)), avoids: &["M01"],
        script: &[
            entry(CLINIC, ((2026, 11, 4), 18), Form::Emergency, Some(code("L02", "Plager i ryggen")), &[Done::Course(drug::NAPROXEN, 10)],
                "Sterke ryggsmerter. Naproksen i ti dager."),
            entry(GP, ((2026, 11, 6), 10), Form::Telephone, None, &[],
                "Sykepleier Hanne ringer: naproksen står ikke på multidosen og frarås ved hjertesvikt og apiksaban. Stoppes i dag; paracetamol i stedet. Multidose rettes."),
        ],
        ..story("Per", "Kvernstein", Male, (1943, 11, 2), "Nytt legemiddel som frarås; multidose")
    },
    Story {
        due: Some((2027, 2, 10)),
        ..story("Anne", "Elvebredd", Female, (1994, 4, 27), "Gravid; opplysninger i flere systemer")
    },
    Story {
        conditions: &[("K86", (2005, 2, 1)), ("L95", (2014, 6, 2)), ("K78", (2020, 4, 6))], home_care: Some((2024, 8, 5)), allergies: &["J01C"],
        script: &[
            entry(CLINIC, ((2026, 11, 8), 23), Form::Emergency, Some(code("A80", "Skade etter fall")), &[Done::News(1)],
                "Falt hjemme og ble liggende i to timer. Reagerer på penicillin (utslett, 1998). Multidose med apiksaban. Bor alene i andre etasje uten heis; datter er nærmeste pårørende. Ingen brudd. Hjem med tilsyn av hjemmesykepleien i natt."),
        ],
        ..story("Kari", "Lønnekrone", Female, (1938, 9, 30), "Fall hjemme; lå i to timer")
    },
    Story {
        conditions: &[("T90", (2009, 10, 5))],
        script: &[
            entry(GP, ((2026, 11, 2), 11), Form::Examination, Some(code("U71", "Urinveisinfeksjon")), &[Done::Course(drug::PIVMECILLINAM, 5), Done::Procedure("Urinprøve sendt til dyrkning")],
                "Svie og hyppig vannlating. Pivmecillinam i fem dager. Urin til dyrkning."),
            entry(GP, ((2026, 11, 6), 14), Form::Telephone, Some(code("U71", "Urinveisinfeksjon")), &[Done::Found("Dyrkning av urin", CULTURE), Done::Course(drug::NITROFURANTOIN, 5)],
                "Svar på dyrkning: resistent mot pivmecillinam. Bytter til nitrofurantoin."),
            entry(CLINIC, ((2026, 11, 11), 20), Form::Emergency, Some(code("U70", "Nyrebekkenbetennelse")), &[Done::News(2)],
                "Feber og flankesmerter. Svaret på dyrkning ligger hos fastlegen; sykehuset får det opplest. Legges inn."),
        ],
        ..story("Olga", "Bekkeblom", Female, (1941, 6, 19), "Urinveisinfeksjon med resistent bakterie")
    },
    Story {
        without: &[Service::HealthStation, Service::GeneralPractice],
        script: &[
            entry(STATION, ((2025, 12, 1), 10), Form::Control, None, &[Done::Measured(What::Height, 570), Done::Measured(What::Weight, 48)], "Seks uker. Vekt på 50-prosentilen."),
            entry(STATION, ((2026, 4, 20), 10), Form::Control, None, &[Done::Measured(What::Height, 680), Done::Measured(What::Weight, 72)], "Seks måneder. Vekt på 25-prosentilen."),
            entry(STATION, ((2026, 10, 19), 10), Form::Control, None, &[Done::Measured(What::Height, 735), Done::Measured(What::Weight, 79)],
                "Ett år. Vekt under 2,5-prosentilen; avviker fra egen kurve siden seks måneder. Henvises fastlege med hele kurven."),
            entry(GP, ((2026, 10, 27), 12), Form::Examination, Some(code("T08", "Vekttap")), &[Done::Measured(What::Weight, 79)],
                "Henvist fra helsestasjonen. Avviket fra prosentilen bekreftes. Blodprøver og henvisning til barnelege."),
        ],
        ..story("Magnus", "Ener", Male, (2025, 10, 20), "Ett år; vekten avviker fra prosentilen")
    },
    Story {
        dying: Some([(2026, 5, 4), (2026, 11, 2), (2027, 1, 20)]),
        script: &[
            entry(CLINIC, ((2026, 11, 15), 4), Form::HomeVisit, Some(code("A01", "Smerter")), &[Done::Procedure("Morfin under huden etter skjema")],
                "Gjennombruddssmerter natt til søndag. Lise, kona, ringte. Palliativ plan og medikamentskrin er i hjemmet; sykepleier Line gir morfin etter planen. Blir hjemme."),
        ],
        ..story("Odd", "Nesodde", Male, (1951, 1, 7), "Palliativ kreft; felles plan, helg")
    },
    Story {
        script: &[
            entry(CHILD_PHYSIO, ((2026, 9, 7), 13), Form::Control, Some(code("L28", "Redusert bevegelse")), &[Done::Procedure("Motorisk undersøkelse")],
                "Fysioterapeut i kommunen: trener balanse og trapp hver uke. Jeg har også notater i eget system ved instituttet."),
            entry(INSTITUTE, ((2026, 9, 21), 15), Form::Control, Some(code("L28", "Redusert bevegelse")), &[Done::Procedure("Veiledet trening")],
                "Trener på instituttet. Faller sjeldnere. Målene står i kommunens journal, som ikke kan leses herfra."),
            entry(CHILD_PHYSIO, ((2026, 11, 9), 13), Form::Control, None, &[Done::Procedure("Veiledning av barnehagen")], "Går trapp med vekslende ben. Fortsetter til jul."),
        ],
        ..story("Henrik", "Tranebær", Male, (2021, 5, 31), "Barn hos fysioterapeut med to systemer")
    },
    Story {
        conditions: &[("P70", (2022, 3, 7)), ("K77", (2020, 11, 2)), ("R95", (2010, 5, 3))], home_care: Some((2022, 9, 5)), nursing_home: Some((2025, 2, 3)), resuscitation: false,
        ..story("Arne", "Holmestrand", Male, (1940, 12, 11), "HLR minus: ønsker ikke hjerte-lunge-redning")
    },
    Story {
        conditions: &[("T90", (2006, 4, 3)), ("K77", (2022, 1, 10)), ("K86", (2001, 3, 5))], home_care: Some((2025, 10, 6)), wound: Some((3, (2026, 7, 6))),
        ..story("Randi", "Myrull", Female, (1945, 7, 14), "Hjertesvikt, diabetes og sår; sårprosedyre i hjemmet")
    },
    Story {
        conditions: &[("K78", (2018, 2, 5)), ("L90", (2003, 6, 2))], avoids: &["M01"],
        script: &[
            entry(GP, ((2026, 9, 14), 9), Form::Examination, Some(code("D86", "Magesår")), &[Done::Course(drug::PANTOPRAZOLE, 56), Done::Measured(What::Haemoglobin, 104), Done::Says(drug::IBUPROFEN)],
                "Svart avføring og lavt hemoglobin; magesår påvist. Skal ikke ha betennelsesdempende legemidler. Fører egen legemiddelliste, som ikke er lik kjernejournalens."),
            entry(GP, ((2026, 10, 21), 15), Form::Telephone, None, &[],
                "Tannlegen spør om ibuprofen etter trekking: kontraindisert ved magesår og apiksaban. Paracetamol."),
        ],
        ..story("Lars", "Tindved", Male, (1934, 2, 23), "92 år; magesår, egen legemiddelliste")
    },
    Story {
        conditions: &[("K86", (2010, 9, 6)), ("R95", (2016, 11, 7))], home_care: Some((2026, 11, 16)),
        script: &[
            entry(GP, ((2026, 11, 12), 12), Form::Examination, None, &[],
                "Sammendrag til hjemmetjenesten: KOLS og høyt blodtrykk, bor alene, trenger hjelp til legemidler etter sykehusopphold. Legemiddelliste vedlagt."),
        ],
        ..story("Solveig", "Rudmark", Female, (1949, 5, 9), "Ny bruker fra fastlege til hjemmetjeneste")
    },
    Story {
        visiting: Some((2026, 11, 1)),
        script: &[
            entry(CLINIC, ((2026, 11, 1), 22), Form::Emergency, Some(code("P80", "Personlighetsforstyrrelse")), &[Done::News(0)],
                "Overfladisk selvskading, stelles. Bor i annen kommune og har oppfølging av psykisk helsetjeneste der; den nås på telefon, og avtale i morgen er bekreftet."),
        ],
        ..story("Linn", "Strandrug", Female, (2001, 10, 3), "Bor i annen kommune; tjenester der kjent for legevakten")
    },
    Story {
        conditions: &[("K90", (2026, 10, 12))], home_care: Some((2026, 11, 18)),
        script: &[
            entry(CLINIC_NURSE, ((2026, 11, 19), 20), Form::Emergency, Some(code("N17", "Svimmelhet")), &[Done::News(0)],
                "Svimmel i kveld. Ser at hjemmetjenesten begynte i går; ny tjeneste er registrert av saksbehandler. Hjem, tilsyn av hjemmetjenesten i natt."),
        ],
        ..story("Gunnar", "Eikeløv", Male, (1952, 4, 15), "Ny tjeneste registrert i går og synlig for legevakten")
    },
    Story {
        conditions: &[("R95", (2015, 2, 9))],
        script: &[
            entry(CLINIC_NURSE, ((2026, 11, 17), 8), Form::Stay, Some(code("R81", "Lungebetennelse")), &[Done::News(2), Done::Course(drug::PENICILLIN, 7)], "Innlagt på KAD. NEWS2 morgen og kveld på tavlen."),
            entry(CLINIC_NURSE, ((2026, 11, 17), 20), Form::Stay, None, &[Done::News(2)], "NEWS2 kveld."),
            entry(CLINIC_NURSE, ((2026, 11, 18), 8), Form::Stay, None, &[Done::News(1)], "NEWS2 morgen. Bedre."),
            entry(CLINIC_NURSE, ((2026, 11, 18), 20), Form::Stay, None, &[Done::News(1)], "NEWS2 kveld."),
            entry(CLINIC_NURSE, ((2026, 11, 19), 8), Form::Stay, None, &[Done::News(0)], "NEWS2 morgen. Skrives ut til hjemmet."),
        ],
        ..story("Turid", "Vikbark", Female, (1947, 8, 8), "KAD: NEWS2 to ganger daglig")
    },
    Story {
        conditions: &[("R95", (2012, 10, 1)), ("P70", (2026, 4, 13))], home_care: Some((2026, 10, 5)),
        script: &[
            entry(CLINIC, ((2026, 9, 12), 17), Form::Emergency, Some(code("L75", "Brudd i lårbenet")), &[Done::News(1)],
                "Falt i trappen, brudd i lårbenet. Legges inn til operasjon. Begynnende demens og KOLS. Ektefelle bruker rullestol og kan ikke være alene; sønn i huset har rusproblemer. Hjemmetjenesten varsles."),
        ],
        ..story("Bjarne", "Mosegrønn", Male, (1947, 3, 18), "KOLS, begynnende demens og lårbensbrudd; familie med egne behov")
    },
];
