//! SMART scopes in plain words, so that a buyer sees what an app may read and write.
//!
//! Reads SMART App Launch 2.2 §3 (v1 `read`/`write`/`*` and v2 `cruds`); what it cannot read is
//! shown as it stands, never hidden.

use foundation::language::Language;
use serde::Serialize;

use super::messages::Messages;

/// A scope and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ScopeWords {
    pub(crate) scope: String,
    pub(crate) words: String,
    /// True when it lets the app change something.
    pub(crate) writes: bool,
}

/// Every scope of a space-separated list, in its order.
pub(crate) fn explain(messages: &Messages, language: Language, scopes: &str) -> Vec<ScopeWords> {
    scopes
        .split_whitespace()
        .map(|scope| one(messages, language, scope))
        .collect()
}

fn one(messages: &Messages, language: Language, scope: &str) -> ScopeWords {
    let say = |key: &str| messages.text(language, key, &[]);
    let plain = |words: String, writes: bool| ScopeWords {
        scope: scope.to_owned(),
        words,
        writes,
    };
    if let Some(words) = say(&format!("scope.special.{}", scope.replace('/', "-"))) {
        return plain(words, false);
    }
    let unknown = || plain(say("scope.unknown").unwrap_or_default(), false);
    let Some((context, rest)) = scope.split_once('/') else {
        return unknown();
    };
    let Some((resource, permission)) = rest.split_once('.') else {
        return unknown();
    };
    let permission = permission.split('?').next().unwrap_or_default();
    let Some((verbs, writes)) = verbs(permission) else {
        return unknown();
    };
    let thing = say(&format!("scope.resource.{}", resource.replace('*', "all")))
        .unwrap_or_else(|| resource.to_owned());
    let verbs: Vec<String> = verbs
        .iter()
        .filter_map(|verb| say(&format!("scope.verb.{verb}")))
        .collect();
    let (Some(whose), Some(and)) = (say(&format!("scope.context.{context}")), say("scope.and"))
    else {
        return unknown();
    };
    let sentence = format!("{} {thing} {whose}", listed(&verbs, &and));
    plain(sentence_case(&sentence), writes)
}

/// The verbs of a permission, and whether one of them changes something.
fn verbs(permission: &str) -> Option<(Vec<&'static str>, bool)> {
    match permission {
        "read" => return Some((vec!["read", "search"], false)),
        "write" => return Some((vec!["create", "update", "delete"], true)),
        "*" => return Some((vec!["read", "search", "create", "update", "delete"], true)),
        _ => {}
    }
    let mut verbs = Vec::new();
    // The words people read come in this order: looking before changing.
    for (letter, verb) in [
        ('r', "read"),
        ('s', "search"),
        ('c', "create"),
        ('u', "update"),
        ('d', "delete"),
    ] {
        if permission.contains(letter) {
            verbs.push(verb);
        }
    }
    let all_known = permission.chars().all(|c| "cruds".contains(c));
    let writes = permission.contains(['c', 'u', 'd']);
    (all_known && !verbs.is_empty()).then_some((verbs, writes))
}

fn listed(words: &[String], and: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

fn sentence_case(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nb(scope: &str) -> ScopeWords {
        one(&Messages::embedded().unwrap(), Language::Nb, scope)
    }

    #[test]
    fn both_versions_of_a_scope_read_the_same() {
        let words = nb("patient/Observation.rs").words;
        assert_eq!(
            words,
            "Lese og søke i målinger og observasjoner for pasienten som er åpen"
        );
        assert_eq!(nb("patient/Observation.read").words, words);
        assert!(!nb("patient/Observation.rs").writes);
    }

    #[test]
    fn a_writing_scope_says_so() {
        let scope = nb("user/DocumentReference.cu?category=x");
        assert!(scope.writes);
        assert!(scope.words.starts_with("Opprette og endre dokumenter"));
        assert!(nb("patient/*.*").writes);
    }

    #[test]
    fn an_unknown_scope_is_shown_and_not_guessed() {
        for text in [
            "",
            "nonsense",
            "patient/Observation",
            "patient/Observation.x",
            "who/Observation.r",
        ] {
            let words = nb(text);
            assert_eq!(words.scope, text);
            assert!(!words.writes);
        }
    }
}
