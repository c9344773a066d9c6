//! Names that can be taken for one another: skeletons of Unicode UTS #39 §4.

use foundation::error::Finding;
use unicode_security::{GeneralSecurityProfile, MixedScript};

use super::finding;
use crate::domain::catalogue::fold;

/// What a name looks like: two names with the same skeleton can be taken for one another. Case and
/// spacing do not tell names apart either.
pub(crate) fn skeleton(name: &str) -> String {
    let folded: String = fold(name)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_' | '.' | '\u{b7}'))
        .collect();
    unicode_security::skeleton(&folded).collect()
}

/// Rules about the characters of a name.
pub(crate) fn check(tag: &str, name: &str) -> Option<Finding> {
    let pointer = format!("/name/{tag}");
    if name.trim() != name || name.contains("  ") {
        return Some(finding(
            "name-spacing",
            &pointer,
            "The name begins or ends with a space, or has several in a row.",
            "Write single spaces between the words and none around them.",
        ));
    }
    let ordinary = |c: char| {
        c == ' ' || (c.is_ascii_punctuation()) || matches!(c, '–' | '’') || c.identifier_allowed()
    };
    if let Some(odd) = name.chars().find(|c| !ordinary(*c)) {
        return Some(finding(
            "name-character",
            &pointer,
            format!("The name has the character U+{:04X}.", u32::from(odd)),
            "Use letters, digits, spaces and ordinary punctuation.",
        ));
    }
    if !name.is_single_script() {
        return Some(finding(
            "name-mixed-script",
            &pointer,
            "The name mixes letters of several scripts.",
            "Write the name in one script.",
        ));
    }
    None
}

/// The finding about a name that another vendor has.
pub(crate) fn confusable(tag: &str, name: &str, taken: &str) -> Finding {
    finding(
        "name-confusable",
        &format!("/name/{tag}"),
        format!("«{name}» can be taken for «{taken}», which is another vendor's app."),
        "Choose a name that cannot be mistaken for another vendor's.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_have_one_skeleton() {
        assert_eq!(skeleton("Blodtrykk"), skeleton("blodtrykk"));
        assert_eq!(skeleton("Blodtrykk"), skeleton("Blоdtrykk"), "Cyrillic о");
        assert_eq!(skeleton("Blod trykk"), skeleton("Blod-trykk"));
        assert_ne!(skeleton("Blodtrykk"), skeleton("Blodsukker"));
        assert_ne!(skeleton("Måling"), skeleton("Maling"));
    }

    #[test]
    fn odd_characters_are_named() {
        let code = |name: &str| check("nb", name).map(|finding| finding.code);
        assert_eq!(code("Blodtrykk – måling, 2. utgave"), None);
        assert_eq!(code("Čoahkkin (samisk)"), None);
        assert_eq!(code("Blоdtrykk").as_deref(), Some("name-mixed-script"));
        assert_eq!(code("Blod\u{200b}trykk").as_deref(), Some("name-character"));
        assert_eq!(code("Blod\u{202e}trykk").as_deref(), Some("name-character"));
        assert_eq!(code(" Blodtrykk").as_deref(), Some("name-spacing"));
    }
}
