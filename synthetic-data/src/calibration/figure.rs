//! Published figures that come as tables: diagnosis groups, conditions by age, medicines. Their sources
//! are named where the rows are made.

/// Diagnosis groups with ICPC-2 codes or beginnings of codes.
pub(super) const GROUPS: [(&str, &str); 11] = [
    (
        "Luftveisinfeksjoner",
        "R72 R74 R75 R76 R77 R78 R80 R81 R83 H71",
    ),
    ("Rygg", "L02 L03 L84 L86"),
    ("Psykisk helse", "P"),
    ("Allergi, astma og eksem", "R96 R97 S87 S88"),
    ("Høyt blodtrykk", "K86"),
    ("Hjertesykdom", "K74 K75 K76 K77 K78"),
    ("Diabetes", "T89 T90"),
    ("Hudinfeksjoner", "S70 S74 S76"),
    ("Skader", "L77 S18"),
    ("Svangerskap og prevensjon", "W"),
    ("Forebygging", "A98"),
];
pub(super) const GROUP_TARGETS: [f64; 11] =
    [8.6, 3.6, 12.2, 3.1, 3.4, 2.1, 2.7, 1.8, 2.9, 3.1, 3.3];

/// Conditions with prevalence by age and sex.
pub(super) const PREVALENT: [&str; 8] = ["K86", "K90", "L95", "N89", "D84", "K74", "K75", "L88"];
/// Men at about 30, 42, 60 and 75, then women.
pub(super) const PREVALENCE: [(&str, [[f64; 4]; 2]); 8] = [
    ("K86", [[2.7, 14.7, 37.4, 42.2], [2.2, 12.9, 37.1, 49.4]]),
    ("K90", [[0.4, 2.2, 7.3, 17.0], [0.4, 1.4, 5.7, 14.2]]),
    ("L95", [[0.2, 0.6, 1.5, 2.9], [0.2, 1.4, 10.8, 22.7]]),
    ("N89", [[3.8, 4.4, 2.6, 1.5], [9.5, 11.6, 7.1, 2.4]]),
    ("D84", [[3.9, 8.2, 10.0, 11.0], [2.5, 7.6, 12.1, 12.0]]),
    ("K74", [[0.1, 2.2, 13.9, 26.4], [0.0, 0.8, 6.8, 21.1]]),
    ("K75", [[1.0, 3.3, 12.9, 18.8], [0.5, 1.3, 4.7, 10.4]]),
    ("L88", [[1.5, 3.4, 4.5, 5.6], [1.5, 4.7, 7.9, 8.7]]),
];

/// Medicines of those of 70 and more at home: name, ATC, percent.
pub(super) const MEDICINES: [(&str, &str, f64); 20] = [
    ("Statiner", "C10AA", 35.0),
    ("Blodfortynnende", "B01", 47.4),
    ("ACE-hemmere og AT2-blokkere", "C09", 41.1),
    ("Betablokkere", "C07", 29.1),
    ("Kalsiumblokkere", "C08", 19.6),
    ("Slyngediuretika", "C03C", 14.0),
    ("Diabetesmidler", "A10", 10.2),
    ("Stoffskifte", "H03", 10.9),
    ("Benskjørhet", "M05", 6.5),
    ("Antidepressiva", "N06A", 11.2),
    ("Demensmidler", "N06D", 2.0),
    ("Syrehemmende", "A02", 17.2),
    ("Inhalasjoner", "R03", 17.8),
    ("Sovemidler", "N05C", 28.6),
    ("Betennelsesdempende", "M01", 20.7),
    ("Nitrater", "C01DA", 7.5),
    ("Grønn stær", "S01E", 9.3),
    ("Prostata", "G04C", 6.1),
    ("Paracetamol", "N02BE", 18.2),
    ("Andre diuretika", "C03A", 6.6),
];
