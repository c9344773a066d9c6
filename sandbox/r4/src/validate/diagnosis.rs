//! Codes of ICPC-2 and ICD-10 under the other one's OID. The tables may not be here, but the two are
//! written differently, and journals do mix them up.

/// Norwegian ICD-10.
pub(super) const ICD10: &str = "urn:oid:2.16.578.1.12.4.1.1.7110";
/// Norwegian ICPC-2.
pub(super) const ICPC2: &str = "urn:oid:2.16.578.1.12.4.1.1.7170";

/// The system that a code is of by the way it is written, where that is the other of the two. A letter with
/// two digits may be of both, and is left alone.
pub(super) fn other_system(system: &str, code: &str) -> Option<&'static str> {
    match system {
        ICPC2 if is_icd10(code) => Some(ICD10),
        ICD10 if is_process(code) => Some(ICPC2),
        _ => None,
    }
}

/// A letter and three to five digits, with or without a dot after the second; ICPC-2 has two digits.
fn is_icd10(code: &str) -> bool {
    let Some((category, rest)) = code.split_at_checked(3) else {
        return false;
    };
    let mut first = category.chars();
    let letter = first.next().is_some_and(|one| one.is_ascii_uppercase());
    let rest = rest.strip_prefix('.').unwrap_or(rest);
    letter
        && first.all(|one| one.is_ascii_digit())
        // Four digits after a dot are a Norwegian extension of ICPC-2.
        && (1..=3).contains(&rest.len())
        && rest.bytes().all(|one| one.is_ascii_digit())
}

/// A process code of ICPC-2 (-30 to -69), which counts in every chapter.
fn is_process(code: &str) -> bool {
    let digits = code.strip_prefix('-');
    digits.is_some_and(|two| two.len() == 2 && matches!(two.parse(), Ok(30u8..=69)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_only_be_the_other_is_seen() {
        for code in ["E119", "E11.9", "S7200", "J18.9", "M54.50"] {
            assert_eq!(other_system(ICPC2, code), Some(ICD10), "{code}");
            assert_eq!(other_system(ICD10, code), None, "{code}");
        }
        for code in ["-31", "-69"] {
            assert_eq!(other_system(ICD10, code), Some(ICPC2), "{code}");
            assert_eq!(other_system(ICPC2, code), None, "{code}");
        }
        for code in [
            "", "T90", "I10", "F03", "-3", "-29", "-70", "T90.0001", "æøå", "E1", "E11.", "ÅØ9",
        ] {
            for system in [ICPC2, ICD10, "http://hl7.org/fhir/sid/icd-10"] {
                assert_eq!(other_system(system, code), None, "{system} {code}");
            }
        }
    }
}
