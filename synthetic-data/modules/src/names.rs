//! Words of modules as small numbers, so that nothing compares text while a life runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A word of one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(pub(crate) u32);

impl Name {
    /// The place in a table that has one row for each word.
    pub(crate) fn row(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// One list of words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    known: BTreeMap<Arc<str>, Name>,
    texts: Vec<Arc<str>>,
}

impl Words {
    /// The number of a word, which is put on the list if it is new.
    pub(crate) fn of(&mut self, word: &str) -> Name {
        if let Some(name) = self.known.get(word) {
            return *name;
        }
        let name = Name(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = Arc::from(word);
        self.texts.push(text.clone());
        self.known.insert(text, name);
        name
    }

    pub(crate) fn find(&self, word: &str) -> Option<Name> {
        self.known.get(word).copied()
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        self.texts.get(name.row()).map_or("", |text| text)
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// The lists, one for each thing that has a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) attributes: Words,
    pub(crate) states: Words,
    pub(crate) symptoms: Words,
    pub(crate) causes: Words,
    pub(crate) signs: Words,
    /// Codes without their systems, as the framework compares them.
    pub(crate) codes: Words,
    /// States whose leaving some condition asks for.
    pub(crate) watched: BTreeSet<Name>,
}
