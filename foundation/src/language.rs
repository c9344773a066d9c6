//! The languages that people read: bokmål first, nynorsk and English beside it.

use serde::{Deserialize, Serialize};

/// A language of the user interface.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Norwegian bokmål, the default.
    #[default]
    Nb,
    /// Norwegian nynorsk.
    Nn,
    /// English.
    En,
}

impl Language {
    /// Every language, default first.
    pub const ALL: [Self; 3] = [Self::Nb, Self::Nn, Self::En];

    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Nb => "nb",
            Self::Nn => "nn",
            Self::En => "en",
        }
    }

    /// The first language of an `Accept-Language` header that we have, else bokmål.
    pub fn negotiate(accept_language: &str) -> Self {
        accept_language
            .split(',')
            .filter_map(|part| part.split([';', '-']).next())
            .find_map(|tag| match tag.trim().to_ascii_lowercase().as_str() {
                "nb" | "no" => Some(Self::Nb),
                "nn" => Some(Self::Nn),
                "en" => Some(Self::En),
                _ => None,
            })
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_wins() {
        assert_eq!(Language::negotiate("de, nn;q=0.8, en"), Language::Nn);
        assert_eq!(Language::negotiate("en-GB,en"), Language::En);
        assert_eq!(Language::negotiate(""), Language::Nb);
    }
}
