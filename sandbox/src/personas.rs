//! The invented people who can log in at the HelseID simulator, one place for all of them: the
//! simulator shows them, and the binary seeds the registry's organisations and people from them.
//!
//! Names say that nobody has them; identity numbers are in the month + 80 series and organisation
//! numbers in the synthetic 3xx series, so none can belong to anybody.

use foundation::access::Role;

/// What a reviewer examines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewField {
    /// Information security.
    Security,
    /// Clinical safety.
    Clinical,
}

impl ReviewField {
    /// The spelling in signed reviews.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Clinical => "clinical",
        }
    }
}

/// One invented person, acting for one organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persona {
    /// Short name in addresses and tests.
    pub key: &'static str,
    /// The OIDC `sub`: pseudonymous and stable.
    pub sub: &'static str,
    /// Given name.
    pub given_name: &'static str,
    /// Family name.
    pub family_name: &'static str,
    /// Synthetic fødselsnummer.
    pub pid: &'static str,
    /// HPR number of health personnel.
    pub hpr_number: Option<&'static str>,
    /// Organisation number of whom the person acts for.
    pub organisation: &'static str,
    /// Name of that organisation.
    pub organisation_name: &'static str,
    /// What the organisation lets the person do.
    pub roles: &'static [Role],
    /// What the person reviews, for reviewers.
    pub reviews: &'static [ReviewField],
}

impl Persona {
    /// Given and family name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}

/// Everybody.
pub const fn personas() -> &'static [Persona] {
    &PERSONAS
}

/// The persona with this short name.
pub fn by_key(key: &str) -> Option<&'static Persona> {
    PERSONAS.iter().find(|persona| persona.key == key)
}

/// The persona with this `sub`.
pub fn by_sub(sub: &str) -> Option<&'static Persona> {
    PERSONAS.iter().find(|persona| persona.sub == sub)
}

static PERSONAS: [Persona; 8] = [
    Persona {
        key: "leverandor-fjord",
        sub: "TwDJGbResrXC5LmZ24Z+zakb28jJd4+wT7jI9iHefkI=",
        given_name: "Driftig",
        family_name: "Fjordhest",
        pid: "08908106661",
        hpr_number: None,
        organisation: "310700002",
        organisation_name: "Fjordkode Helse AS",
        roles: &[Role::Vendor],
        reviews: &[],
    },
    Persona {
        key: "leverandor-vidde",
        sub: "MXof+Sthh25XyS2f4p8VpdtmO0RyIxlxFP+pvHlyNjE=",
        given_name: "Lun",
        family_name: "Viddesopp",
        pid: "18897920383",
        hpr_number: None,
        organisation: "310701378",
        organisation_name: "Vidda Programvare AS",
        roles: &[Role::Vendor],
        reviews: &[],
    },
    Persona {
        key: "sikkerhet-berg",
        sub: "WVqfjxbDprmZP714GNRRE8RAMQ7kyUY7+U2sEpWGeCk=",
        given_name: "Våken",
        family_name: "Bergugle",
        pid: "01918803234",
        hpr_number: None,
        organisation: "310702749",
        organisation_name: "Bergtrygg sikkerhetsvurdering",
        roles: &[Role::Reviewer],
        reviews: &[ReviewField::Security],
    },
    Persona {
        key: "klinikk-eng",
        sub: "bsOf6FPE45O1kUH3p1eqF7o0QB6/Qo/Fc4P2oi1BUJo=",
        given_name: "Klok",
        family_name: "Engblomme",
        pid: "06906515456",
        hpr_number: Some("9144897"),
        organisation: "310704113",
        organisation_name: "Engmark klinisk vurdering",
        roles: &[Role::Reviewer],
        reviews: &[ReviewField::Clinical],
    },
    Persona {
        key: "sikkerhet-strand",
        sub: "VUdZ1zgWR40zGJFZoq2OTSi6qIHzBD/S0aiwwkQDAUg=",
        given_name: "Nøye",
        family_name: "Strandsnipe",
        pid: "25819044352",
        hpr_number: None,
        organisation: "310705489",
        organisation_name: "Strandvakt sikkerhet",
        roles: &[Role::Reviewer],
        reviews: &[ReviewField::Security],
    },
    Persona {
        key: "kommune",
        sub: "aYVjtTIRTFa7dcRCSzDNn4mTEFagoazpPLek6tvy2fc=",
        given_name: "Stødig",
        family_name: "Heiplog",
        pid: "09888336874",
        hpr_number: None,
        organisation: "310708224",
        organisation_name: "Granlia kommune",
        roles: &[Role::Municipality],
        reviews: &[],
    },
    Persona {
        key: "epj",
        sub: "XJnBJEszVTuYPUI2+0XQOQSavYLhsw2EF5S1cB+g91A=",
        given_name: "Rask",
        family_name: "Elvestein",
        pid: "13928947186",
        hpr_number: None,
        organisation: "310710962",
        organisation_name: "Elvejournal EPJ AS",
        roles: &[Role::Epj],
        reviews: &[],
    },
    Persona {
        key: "drift",
        sub: "E/sRB/QONt7afxPUzrpqewYQS2HgUh7Q5VkKM7/vSz8=",
        given_name: "Trygg",
        family_name: "Fyrlykt",
        pid: "14878741081",
        hpr_number: None,
        organisation: "310712337",
        organisation_name: "Markedsplassen drift",
        roles: &[Role::Operator],
        reviews: &[],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn control(digits: &[u32], weights: &[u32]) -> u32 {
        let sum: u32 = digits.iter().zip(weights).map(|(d, w)| d * w).sum();
        (11 - sum % 11) % 11
    }

    fn digits(text: &str) -> Vec<u32> {
        text.chars().map(|c| c.to_digit(10).unwrap()).collect()
    }

    #[test]
    fn every_number_is_valid_and_synthetic() {
        for persona in personas() {
            let pid = digits(persona.pid);
            assert_eq!(pid.len(), 11, "{}", persona.key);
            assert!((81..=92).contains(&(pid[2] * 10 + pid[3])), "month + 80");
            assert_eq!(control(&pid[..9], &[3, 7, 6, 1, 8, 9, 4, 5, 2]), pid[9]);
            assert_eq!(
                control(&pid[..10], &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]),
                pid[10]
            );
            let orgnr = digits(persona.organisation);
            assert_eq!(control(&orgnr[..8], &[3, 2, 7, 6, 5, 4, 3, 2]), orgnr[8]);
            assert_eq!(orgnr[0], 3, "the synthetic series");
        }
    }

    #[test]
    fn there_are_enough_of_each_and_none_is_two() {
        let distinct = |field: fn(&Persona) -> &'static str| {
            personas().iter().map(field).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(|p| p.key), personas().len());
        assert_eq!(distinct(|p| p.sub), personas().len());
        assert_eq!(distinct(|p| p.pid), personas().len());
        assert_eq!(distinct(|p| p.organisation), personas().len());
        let with = |role| {
            personas()
                .iter()
                .filter(|p| p.roles.contains(&role))
                .count()
        };
        assert_eq!(with(Role::Vendor), 2);
        assert_eq!(with(Role::Reviewer), 3);
        for role in Role::ALL {
            assert!(with(role) > 0, "{role:?}");
        }
        assert_eq!(by_sub(personas()[3].sub), by_key("klinikk-eng"));
    }
}
