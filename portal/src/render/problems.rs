//! The problem codes of the whole product in plain words: `problems/*.toml`, one file per room.
//! A test reads every room's sources and fails when a code is not explained here.

use std::collections::BTreeMap;

use foundation::language::Language;
use rust_embed::RustEmbed;
use serde::Deserialize;

use super::RenderError;
use crate::pages::parts::FieldError;

#[derive(RustEmbed)]
#[folder = "problems/"]
struct Files;

/// What is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "(String, String)")]
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) remedy: String,
}

impl From<(String, String)> for Words {
    fn from((title, remedy): (String, String)) -> Self {
        Self { title, remedy }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    nb: Words,
    en: Words,
}

/// A code.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    /// Where it comes from: the name of the file.
    pub(crate) room: String,
    entry: Entry,
}

impl Problem {
    /// The words for a reader and the language they are in; nynorsk readers get bokmål.
    pub(crate) fn words(&self, language: Language) -> (&Words, &'static str) {
        match language {
            Language::En => (&self.entry.en, "en"),
            Language::Nb | Language::Nn => (&self.entry.nb, "nb"),
        }
    }
}

/// Every code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Problems(BTreeMap<String, Problem>);

impl Problems {
    /// Reads the embedded files.
    pub(crate) fn embedded() -> Result<Self, RenderError> {
        let mut all = BTreeMap::new();
        for name in Files::iter() {
            let file = Files::get(&name).ok_or_else(|| RenderError::missing(&name))?;
            let room = name.trim_end_matches(".toml").to_owned();
            let text = String::from_utf8_lossy(&file.data);
            let entries: BTreeMap<String, Entry> =
                toml::from_str(&text).map_err(|error| RenderError::Messages {
                    file: name.to_string(),
                    reason: error.to_string(),
                })?;
            for (code, entry) in entries {
                let room = room.clone();
                all.insert(code, Problem { room, entry });
            }
        }
        Ok(Self(all))
    }

    /// The explanation of a code.
    pub(crate) fn find(&self, code: &str) -> Option<&Problem> {
        self.0.get(code)
    }

    /// Every code with its explanation, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Problem)> {
        self.0
            .iter()
            .map(|(code, problem)| (code.as_str(), problem))
    }

    /// One finding for a form: in plain words where the code is explained, with what exactly was
    /// met beside it.
    pub(crate) fn error(
        &self,
        field: &str,
        code: &str,
        detail: &str,
        remedy: &str,
        language: Language,
    ) -> FieldError {
        let field = field.to_owned();
        match self.find(code) {
            Some(problem) if language != Language::En || detail.is_empty() => {
                let (words, lang) = problem.words(language);
                FieldError {
                    field,
                    text: words.title.clone(),
                    remedy: words.remedy.clone(),
                    lang,
                    detail: detail.to_owned(),
                }
            }
            _ => FieldError {
                field,
                text: detail.to_owned(),
                remedy: remedy.to_owned(),
                lang: "en",
                detail: String::new(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unexplained_code_keeps_its_own_words() {
        let problems = Problems::embedded().unwrap();
        let error = problems.error(
            "f",
            "no-such-code",
            "It is odd.",
            "Make it even.",
            Language::Nb,
        );
        assert_eq!((error.text.as_str(), error.lang), ("It is odd.", "en"));
        let error = problems.error("f", "form-expired", "old", "", Language::Nn);
        assert_eq!((error.detail.as_str(), error.lang), ("old", "nb"));
        assert!(!error.remedy.is_empty());
    }
}
