//! From a page to HTML: the embedded templates, and the functions and filters that they may use.
//!
//! A template says nothing in its own words (`t`), spells no address (`url`) and formats no date
//! (`date`). An unknown message, place or variable is an error, found by the test that renders
//! every sample of every page.

pub(crate) mod assets;
pub(crate) mod format;
pub(crate) mod messages;
pub(crate) mod problems;
pub(crate) mod scopes;
pub(crate) mod urls;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use foundation::Timestamp;
use foundation::language::Language;
use rust_embed::RustEmbed;
use tera::{Context, Kwargs, State, Tera, TeraResult, Value};

use messages::Messages;
use urls::Place;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// A page that could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RenderError {
    /// A file of messages is wrong.
    #[error("messages/{file}: {reason}")]
    Messages { file: String, reason: String },
    /// An embedded file is gone.
    #[error("the file {0} is missing")]
    MissingFile(String),
    /// A template from disk cannot be read.
    #[error("the template {0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A template is wrong, or a page does not fit it.
    #[error("the page cannot be made: {0}")]
    Template(#[from] tera::Error),
}

impl RenderError {
    pub(crate) fn missing(name: &str) -> Self {
        Self::MissingFile(name.to_owned())
    }
}

/// Makes pages; cheap to clone.
#[derive(Clone)]
pub(crate) struct Renderer {
    tera: Arc<Tera>,
    messages: Arc<Messages>,
    folder: Option<Arc<Path>>,
}

impl std::fmt::Debug for Renderer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Renderer").finish_non_exhaustive()
    }
}

impl Renderer {
    /// Reads messages and templates; with a `folder`, templates come from there at every page.
    pub(crate) fn new(folder: Option<&Path>) -> Result<Self, RenderError> {
        let messages = Arc::new(Messages::embedded()?);
        let mut sources = Vec::new();
        for name in Templates::iter() {
            let file = Templates::get(&name).ok_or_else(|| RenderError::missing(&name))?;
            let text = String::from_utf8_lossy(&file.data).into_owned();
            sources.push((name.into_owned(), text));
        }
        Ok(Self {
            tera: Arc::new(engine(&messages, sources)?),
            messages,
            folder: folder.map(Arc::from),
        })
    }

    /// The texts of the pages, for what is worded in Rust.
    pub(crate) fn messages(&self) -> &Messages {
        &self.messages
    }

    /// True when there is a template of this name.
    #[cfg(test)]
    pub(crate) fn knows(&self, template: &str) -> bool {
        self.tera.contains_template(template)
    }

    /// Renders a template.
    pub(crate) fn render(&self, template: &str, context: &Context) -> Result<String, RenderError> {
        match &self.folder {
            None => Ok(self.tera.render(template, context)?),
            Some(folder) => {
                let mut sources = Vec::new();
                read_folder(folder, folder, &mut sources)?;
                Ok(engine(&self.messages, sources)?.render(template, context)?)
            }
        }
    }
}

fn read_folder(
    root: &Path,
    folder: &Path,
    sources: &mut Vec<(String, String)>,
) -> Result<(), RenderError> {
    let unreadable = |source| RenderError::Unreadable(folder.to_owned(), source);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            read_folder(root, &path, sources)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| RenderError::Unreadable(path.clone(), source))?;
            sources.push((name.to_string_lossy().into_owned(), text));
        }
    }
    Ok(())
}

fn engine(messages: &Arc<Messages>, sources: Vec<(String, String)>) -> TeraResult<Tera> {
    let mut tera = Tera::default();
    register_words(&mut tera, messages);
    register_formats(&mut tera);
    tera.register_function("url", |kwargs: Kwargs, state: &State<'_>| {
        url(&kwargs, state)
    });
    tera.add_raw_templates(sources)?;
    Ok(tera)
}

fn register_words(tera: &mut Tera, messages: &Arc<Messages>) {
    let texts = Arc::clone(messages);
    tera.register_function("t", move |kwargs: Kwargs, state: &State<'_>| {
        let key: String = kwargs.must_get("key")?;
        let values = values(&kwargs);
        let language = language(state)?;
        let text = match kwargs.get::<i64>("n")? {
            Some(count) => texts.counted(language, &key, count, &values),
            None => texts.text(language, &key, &values),
        };
        text.ok_or_else(|| tera::Error::message(format!("there is no message `{key}`")))
    });
    // A word for a value that data brought: what has no word is shown as it stands.
    let texts = Arc::clone(messages);
    tera.register_function("word", move |kwargs: Kwargs, state: &State<'_>| {
        let group: String = kwargs.must_get("of")?;
        let value: String = kwargs.must_get("value")?;
        let text = texts.text(language(state)?, &format!("{group}.{value}"), &[]);
        TeraResult::Ok(text.unwrap_or(value))
    });
    let texts = Arc::clone(messages);
    tera.register_filter(
        "scopes",
        move |scopes: &str, _: Kwargs, state: &State<'_>| {
            let words = scopes::explain(&texts, language(state)?, scopes);
            TeraResult::Ok(Value::from_serializable(&words))
        },
    );
}

fn register_formats(tera: &mut Tera) {
    tera.register_filter("date", |at: i64, _: Kwargs, state: &State<'_>| {
        TeraResult::Ok(format::date(Timestamp::from_millis(at), language(state)?))
    });
    tera.register_filter("date_time", |at: i64, _: Kwargs, state: &State<'_>| {
        TeraResult::Ok(format::date_time(
            Timestamp::from_millis(at),
            language(state)?,
        ))
    });
    tera.register_filter("time", |at: i64, _: Kwargs, _: &State<'_>| {
        format::time(Timestamp::from_millis(at))
    });
    tera.register_filter("iso", |at: i64, _: Kwargs, _: &State<'_>| {
        Timestamp::from_millis(at).rfc3339()
    });
    tera.register_filter("number", |value: i64, _: Kwargs, state: &State<'_>| {
        TeraResult::Ok(format::number(value, language(state)?))
    });
    tera.register_filter("size", |value: i64, _: Kwargs, state: &State<'_>| {
        TeraResult::Ok(format::size(value, language(state)?))
    });
    tera.register_filter("urlencode", |text: &str, _: Kwargs, _: &State<'_>| {
        urls::encode(text)
    });
}

fn url(kwargs: &Kwargs, state: &State<'_>) -> TeraResult<String> {
    let word: String = kwargs.must_get("to")?;
    let place = Place::named(&word)
        .ok_or_else(|| tera::Error::message(format!("there is no place `{word}`")))?;
    let values = values(kwargs);
    place
        .fill(language(state)?, |name| {
            values
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        })
        .ok_or_else(|| tera::Error::message(format!("`{word}` lacks a value")))
}

/// The other arguments, as text.
fn values(kwargs: &Kwargs) -> Vec<(String, String)> {
    kwargs
        .iter()
        .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value.to_string())))
        .filter(|(key, _)| key != "key" && key != "to" && key != "n")
        .collect()
}

fn language(state: &State<'_>) -> TeraResult<Language> {
    let tag: Option<String> = state.get("language")?;
    Language::ALL
        .into_iter()
        .find(|language| Some(language.tag()) == tag.as_deref())
        .ok_or_else(|| {
            tera::Error::message("`language` is not set; a component takes it as @language")
        })
}
