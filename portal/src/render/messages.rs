//! What the pages say, in every language: `messages/*.toml`, where each key holds `nb`, `nn` and
//! `en` together, so that a missing translation is a failing test and not a surprise.
//!
//! A key with `one` and `other` below it is counted: ask for it with a number.

use std::collections::BTreeMap;

use foundation::language::Language;
use rust_embed::RustEmbed;

use super::RenderError;

#[derive(RustEmbed)]
#[folder = "messages/"]
struct Files;

/// One text in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    nb: String,
    nn: String,
    en: String,
}

impl Message {
    pub(crate) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Nb => &self.nb,
            Language::Nn => &self.nn,
            Language::En => &self.en,
        }
    }
}

/// Every message by its dotted key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages(BTreeMap<String, Message>);

impl Messages {
    /// Reads the embedded files; a key without all languages, or a key twice, is an error.
    pub(crate) fn embedded() -> Result<Self, RenderError> {
        let mut messages = Self::default();
        for name in Files::iter() {
            let file = Files::get(&name).ok_or_else(|| RenderError::missing(&name))?;
            let text = String::from_utf8_lossy(&file.data).into_owned();
            messages.add(&name, &text)?;
        }
        Ok(messages)
    }

    pub(crate) fn add(&mut self, file: &str, text: &str) -> Result<(), RenderError> {
        let table: toml::Table = toml::from_str(text).map_err(|error| RenderError::Messages {
            file: file.to_owned(),
            reason: error.to_string(),
        })?;
        self.take(file, "", &table)
    }

    fn take(&mut self, file: &str, prefix: &str, table: &toml::Table) -> Result<(), RenderError> {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            let refused = |reason: &str| RenderError::Messages {
                file: file.to_owned(),
                reason: format!("{key}: {reason}"),
            };
            let toml::Value::Table(inner) = value else {
                return Err(refused("is no table of languages"));
            };
            // A group may hold a key called `nb` too: the languages of apps do.
            if inner.values().any(toml::Value::is_str) {
                let text = |language: &str| match inner.get(language) {
                    Some(toml::Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
                    _ => Err(refused(&format!("has no text in {language}"))),
                };
                let message = Message {
                    nb: text("nb")?,
                    nn: text("nn")?,
                    en: text("en")?,
                };
                if inner.len() != 3 {
                    return Err(refused("has more than nb, nn and en"));
                }
                if self.0.insert(key.clone(), message).is_some() {
                    return Err(refused("is there twice"));
                }
            } else {
                self.take(file, &key, inner)?;
            }
        }
        Ok(())
    }

    /// The message under `key`.
    pub(crate) fn find(&self, key: &str) -> Option<&Message> {
        self.0.get(key)
    }

    /// The text under `key`, with `{name}` replaced by its value.
    pub(crate) fn text(
        &self,
        language: Language,
        key: &str,
        values: &[(String, String)],
    ) -> Option<String> {
        let mut text = self.find(key)?.in_language(language).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        Some(text)
    }

    /// The text under `key` for `count` things: `key.one` or `key.other`, with `{n}` replaced.
    pub(crate) fn counted(
        &self,
        language: Language,
        key: &str,
        count: i64,
        values: &[(String, String)],
    ) -> Option<String> {
        let form = if count == 1 { "one" } else { "other" };
        let mut all = values.to_vec();
        all.push(("n".to_owned(), super::format::number(count, language)));
        self.text(language, &format!("{key}.{form}"), &all)
    }

    /// Every key, for tests and for lists of codes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> std::collections::BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect()
    }

    #[test]
    fn every_message_has_the_same_placeholders_in_every_language() {
        let messages = Messages::embedded().unwrap();
        assert!(messages.0.len() > 100);
        for (key, message) in &messages.0 {
            let wanted = placeholders(&message.nb);
            assert_eq!(placeholders(&message.nn), wanted, "{key} nn");
            assert_eq!(placeholders(&message.en), wanted, "{key} en");
        }
    }

    #[test]
    fn a_missing_language_is_refused() {
        let mut messages = Messages::default();
        let error = messages
            .add("x.toml", "a = { nb = 'hei', en = 'hi' }")
            .unwrap_err();
        assert!(error.to_string().contains("no text in nn"), "{error}");
        assert!(messages.add("y.toml", "a = 'hei'").is_err());
    }

    #[test]
    fn counts_choose_their_form() {
        let mut messages = Messages::default();
        let file = "[hits]\none = {nb='{n} treff', nn='{n} treff', en='{n} hit'}\n\
                    other = {nb='{n} treff', nn='{n} treff', en='{n} hits'}";
        messages.add("x.toml", file).unwrap();
        let say = |count| messages.counted(Language::En, "hits", count, &[]).unwrap();
        assert_eq!(say(1), "1 hit");
        assert_eq!(say(12_345), "12,345 hits");
    }
}
