//! How unpredictable a set of values can be at most: alphabet times length over the positions that vary.
//! An upper bound, so a value that fails here is weak for certain (SMART App Launch 2.2, requirement 40).

/// Upper bound in bits of what these values can hold, taking the shortest as the measure.
pub(crate) fn bits(values: &[&str]) -> f64 {
    if !values.is_empty() && values.iter().all(|value| is_random_uuid(value)) {
        // RFC 9562 §5.4: 128 bits less version and variant.
        return 122.0;
    }
    let per_character = f64::from(alphabet(values)).log2();
    values
        .iter()
        .map(|value| varying(value, values))
        .min()
        .map_or(0.0, |positions| f64::from(positions) * per_character)
}

fn is_random_uuid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
        && groups.get(2).is_some_and(|group| group.starts_with('4'))
}

/// Positions of a value that are not the same in all of them. Few values prove nothing, so then every
/// position counts.
fn varying(value: &str, values: &[&str]) -> u32 {
    let count = value
        .chars()
        .enumerate()
        .filter(|(at, character)| {
            values.len() < ENOUGH
                || values
                    .iter()
                    .any(|other| other.chars().nth(*at) != Some(*character))
        })
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Size of the smallest usual alphabet that all characters belong to.
fn alphabet(values: &[&str]) -> u32 {
    let all = |belongs: fn(char) -> bool| values.iter().all(|value| value.chars().all(belongs));
    let hexadecimal = |upper: fn(char) -> bool| {
        values.iter().all(|value| {
            value
                .chars()
                .all(|c| c.is_ascii_digit() || (c.is_ascii_hexdigit() && upper(c)) || c == '-')
        })
    };
    if all(|c| c.is_ascii_digit()) {
        10
    } else if hexadecimal(|c| c.is_ascii_lowercase()) || hexadecimal(|c| c.is_ascii_uppercase()) {
        16
    } else if all(|c| c.is_ascii_lowercase()) || all(|c| c.is_ascii_uppercase()) {
        26
    } else if all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        || all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    {
        36
    } else if all(|c| c.is_ascii_alphanumeric()) {
        62
    } else {
        // base64url and the unreserved characters of RFC 3986 lie close together.
        64
    }
}

/// From this many values on, a position that never changes is taken to be fixed.
const ENOUGH: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_generators_get_their_bits() {
        let uuid = ["0b9f5d3e-7c41-4b2a-9d57-3f1c2e8a6b90"];
        assert!((bits(&uuid) - 122.0).abs() < 0.01);
        // fhirclient's default: 16 characters out of 62.
        assert!((bits(&["MbDUbdqb6Q1cVU2c", "0H63AUy56NiHEk9U"]) - 95.27).abs() < 0.01);
        assert!((bits(&["9f86d081884c7d659a2feaa0c55ad015"]) - 128.0).abs() < 0.01);
        assert!(bits(&["V1StGXR8_Z5jdHi6B-myT"]) >= 122.0);
        assert!(bits(&["12345678"]) < 27.0);
        assert!(bits(&[]) < 0.01);
    }

    #[test]
    fn a_fixed_prefix_does_not_count() {
        let values: Vec<String> = (0..5)
            .map(|n| format!("my-very-long-application-prefix-{n}"))
            .collect();
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert!(bits(&values) < 7.0, "{}", bits(&values));
    }
}
