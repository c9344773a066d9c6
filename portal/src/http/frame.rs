//! What surrounds every page: its language, who is logged in, the navigation, and the values of
//! this one answer (nonce and form token).

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use foundation::access::Role;
use foundation::language::Language;
use foundation::{Entropy, entropy};
use serde::Serialize;

use crate::config::PortalConfig;
use crate::render::{assets, urls};
use crate::service::session::{Session, form_token};

/// What a handler knows of the request besides its own parameters.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) language: Language,
    /// Path without the language's prefix.
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) session: Option<Arc<Session>>,
    /// Allows this answer's script; in the policy and in the page.
    pub(crate) nonce: String,
}

/// The frame as templates see it.
#[derive(Debug, Serialize)]
pub(crate) struct FrameView {
    assets: std::collections::BTreeMap<&'static str, String>,
    nonce: String,
    notice: Option<String>,
    languages: Vec<LanguageLink>,
    person: Option<PersonView>,
    form_token: String,
    nav: Vec<NavItem>,
    here: String,
    sandbox_url: String,
}

#[derive(Debug, Serialize)]
struct LanguageLink {
    tag: &'static str,
    name: &'static str,
    href: String,
}

#[derive(Debug, Serialize)]
struct PersonView {
    name: String,
    organisation: String,
    roles: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct NavItem {
    to: &'static str,
    is_current: bool,
}

impl Frame {
    /// The frame of a request for `path`.
    pub(crate) fn new(
        path: &str,
        query: Option<&str>,
        session: Option<Session>,
        entropy: &dyn Entropy,
    ) -> Self {
        let (language, path) = urls::split(path);
        Self {
            language,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            session: session.map(Arc::new),
            nonce: BASE64URL_NOPAD.encode(&entropy::bytes::<16>(entropy)),
        }
    }

    /// This page's own address, in its language.
    pub(crate) fn here(&self) -> String {
        self.address(self.language)
    }

    fn address(&self, language: Language) -> String {
        let path = urls::localized(language, &self.path);
        match &self.query {
            Some(query) => format!("{path}?{query}"),
            None => path,
        }
    }

    /// What templates see.
    pub(crate) fn view(&self, config: &PortalConfig, entropy: &dyn Entropy) -> FrameView {
        FrameView {
            assets: assets::addresses().into_iter().collect(),
            nonce: self.nonce.clone(),
            notice: config.notice.as_ref().map(|notice| match self.language {
                Language::Nb => notice.nb.clone(),
                Language::Nn => notice.nn.clone(),
                Language::En => notice.en.clone(),
            }),
            languages: Language::ALL
                .map(|language| LanguageLink {
                    tag: language.tag(),
                    name: language_name(language),
                    href: self.address(language),
                })
                .into_iter()
                .collect(),
            person: self.session.as_deref().map(|session| PersonView {
                name: session.actor.name.clone(),
                organisation: session.actor.organisation_name.clone(),
                roles: session
                    .actor
                    .roles
                    .iter()
                    .map(|role| role.as_str())
                    .collect(),
            }),
            form_token: self
                .session
                .as_deref()
                .map(|session| form_token(session, entropy))
                .unwrap_or_default(),
            nav: self.navigation(),
            here: self.here(),
            sandbox_url: config.sandbox_url.clone(),
        }
    }

    fn navigation(&self) -> Vec<NavItem> {
        let reviews = self.session.as_deref().is_some_and(|session| {
            session.actor.is(Role::Reviewer) || session.actor.is(Role::Operator)
        });
        let mut items = vec![
            ("products", urls::Place::PRODUCTS),
            ("requirements", urls::Place::REQUIREMENTS),
            ("vendor", urls::Place::VENDOR),
        ];
        if reviews {
            items.push(("reviews", urls::Place::REVIEWS));
        }
        items
            .into_iter()
            .map(|(to, place)| NavItem {
                to,
                is_current: self.path == place.0 || self.path.starts_with(&format!("{}/", place.0)),
            })
            .collect()
    }
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::Nb => "Bokmål",
        Language::Nn => "Nynorsk",
        Language::En => "English",
    }
}
