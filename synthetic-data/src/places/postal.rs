//! Postal codes and places, for the municipalities where we know some. The rest have none: an address
//! there has the municipality's own name as its place and no postal code, since an invented one
//! could be somebody's.

/// Postal code and place (poststed).
pub(super) type Postal = (&'static str, &'static str);

/// The postal codes known for a municipality; empty where none are.
pub(super) fn of(code: &str) -> &'static [Postal] {
    POSTAL
        .iter()
        .find(|(municipality, _)| *municipality == code)
        .map_or(&[], |(_, known)| known)
}

/// A few codes of each: postal codes are public facts (Posten Bring).
#[rustfmt::skip]
const POSTAL: [(&str, &[Postal]); 16] = [
    ("3405", &[("2609", "LILLEHAMMER"), ("2615", "LILLEHAMMER"), ("2618", "LILLEHAMMER"), ("2619", "LILLEHAMMER"), ("2625", "FÅBERG")]),
    ("0301", &[("0150", "OSLO"), ("0275", "OSLO"), ("0361", "OSLO"), ("0477", "OSLO"), ("0567", "OSLO"), ("0650", "OSLO"), ("0880", "OSLO")]),
    ("1103", &[("4005", "STAVANGER"), ("4012", "STAVANGER"), ("4021", "STAVANGER"), ("4032", "STAVANGER")]),
    ("1506", &[("6411", "MOLDE"), ("6413", "MOLDE")]),
    ("1508", &[("6003", "ÅLESUND"), ("6010", "ÅLESUND")]),
    ("1804", &[("8005", "BODØ"), ("8011", "BODØ"), ("8028", "BODØ")]),
    ("3107", &[("1607", "FREDRIKSTAD"), ("1617", "FREDRIKSTAD")]),
    ("3205", &[("2000", "LILLESTRØM"), ("2007", "KJELLER"), ("2010", "STRØMMEN")]),
    ("3301", &[("3015", "DRAMMEN"), ("3024", "DRAMMEN"), ("3043", "DRAMMEN")]),
    ("3403", &[("2315", "HAMAR"), ("2317", "HAMAR"), ("2319", "HAMAR"), ("2321", "HAMAR")]),
    ("3905", &[("3113", "TØNSBERG"), ("3117", "TØNSBERG")]),
    ("4003", &[("3715", "SKIEN"), ("3722", "SKIEN")]),
    ("4204", &[("4610", "KRISTIANSAND S"), ("4612", "KRISTIANSAND S"), ("4630", "KRISTIANSAND S")]),
    ("4601", &[("5003", "BERGEN"), ("5015", "BERGEN"), ("5034", "BERGEN"), ("5052", "BERGEN"), ("5162", "LAKSEVÅG")]),
    ("5001", &[("7010", "TRONDHEIM"), ("7020", "TRONDHEIM"), ("7030", "TRONDHEIM"), ("7045", "TRONDHEIM")]),
    ("5501", &[("9008", "TROMSØ"), ("9010", "TROMSØ"), ("9016", "TROMSØ"), ("9020", "TROMSDALEN")]),
];
