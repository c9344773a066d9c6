//! Pages for people: templates and messages embedded in the binary, a strict Content Security Policy
//! on each, no script. A page that lacks a message or variable fails to render; the tests render all.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use foundation::language::Language;
use serde_json::{Map, Value, json};
use tera::{Kwargs, State, Tera, TeraResult};

use crate::error::SandboxError;
use crate::service::people::norwegian;

/// The templates and messages.
#[derive(Debug)]
pub(crate) struct Pages {
    tera: Tera,
    messages: BTreeMap<Language, BTreeMap<String, String>>,
}

/// What a page may load and where its forms may lead, beyond this server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beyond {
    /// Source expressions for `frame-src`.
    pub(crate) frames: Vec<String>,
    /// Source expressions for `form-action`: browsers hold redirects after a form to it too.
    pub(crate) forms: Vec<String>,
}

impl Pages {
    /// Reads everything that is embedded.
    pub(crate) fn load() -> Result<Self, SandboxError> {
        let failed = |error: &dyn std::error::Error| SandboxError::Page(error.to_string());
        let mut tera = Tera::new();
        tera.register_filter("day", |date: &str, _: Kwargs, state: &State<'_>| {
            let english = state.get::<String>("lang")?.as_deref() == Some(Language::En.tag());
            TeraResult::Ok(if english {
                date.to_owned()
            } else {
                norwegian(date)
            })
        });
        tera.add_raw_templates(TEMPLATES)
            .map_err(|error| failed(&error))?;
        let mut messages = BTreeMap::new();
        for (language, text) in MESSAGES {
            let read = serde_json::from_str(text).map_err(|error| failed(&error))?;
            messages.insert(language, read);
        }
        Ok(Self { tera, messages })
    }

    /// A text of a language; the key itself where it is missing, which a test rules out.
    pub(crate) fn message<'a>(&'a self, language: Language, key: &'a str) -> &'a str {
        self.find(language, key).unwrap_or(key)
    }

    /// A text of a language, if there is one.
    pub(crate) fn find(&self, language: Language, key: &str) -> Option<&str> {
        self.messages.get(&language)?.get(key).map(String::as_str)
    }

    /// A whole page.
    pub(crate) fn respond(
        &self,
        status: StatusCode,
        template: &str,
        place: &Place,
        values: Value,
        beyond: &Beyond,
    ) -> Response {
        match self.render(template, place, values) {
            Ok(html) => (status, headers(beyond), html).into_response(),
            Err(error) => {
                tracing::error!(%error, template, "a page could not be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal error\n").into_response()
            }
        }
    }

    fn render(&self, template: &str, place: &Place, values: Value) -> Result<String, tera::Error> {
        let mut all = match values {
            Value::Object(all) => all,
            _ => Map::new(),
        };
        all.insert("t".to_owned(), json!(self.messages.get(&place.language)));
        all.insert("lang".to_owned(), place.language.tag().into());
        all.insert("languages".to_owned(), place.languages());
        let context = tera::Context::from_serialize(&Value::Object(all))?;
        self.tera.render(template, &context)
    }
}

/// Which address is shown, in which language.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) language: Language,
    path: String,
    query: Vec<(String, String)>,
}

impl Place {
    /// Bokmål unless the address says otherwise: a link looks the same for everybody.
    pub(crate) fn of(uri: &Uri) -> Self {
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let tag = query
            .iter()
            .find(|(name, _)| name == "lang")
            .map(|(_, value)| value.as_str());
        Self {
            language: language(tag),
            path: uri.path().to_owned(),
            query: query
                .into_iter()
                .filter(|(name, _)| name != "lang")
                .collect(),
        }
    }

    /// The same page after a form, whose language is a field.
    pub(crate) fn after_form(path: &str, lang: Option<&str>) -> Self {
        Self {
            language: language(lang),
            path: path.to_owned(),
            query: Vec::new(),
        }
    }

    /// The value of a parameter, if it is there and not empty.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn languages(&self) -> Value {
        let link = |language: Language| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query
                .extend_pairs(&self.query)
                .append_pair("lang", language.tag());
            json!({
                "tag": language.tag(),
                "name": match language {
                    Language::Nb => "Bokmål",
                    Language::Nn => "Nynorsk",
                    Language::En => "English",
                },
                "href": format!("{}?{}", self.path, query.finish()),
                "current": language == self.language,
            })
        };
        Language::ALL.into_iter().map(link).collect()
    }
}

fn language(tag: Option<&str>) -> Language {
    Language::ALL
        .into_iter()
        .find(|one| Some(one.tag()) == tag)
        .unwrap_or_default()
}

fn headers(beyond: &Beyond) -> [(HeaderName, HeaderValue); 5] {
    let list = |own: &str, more: &[String]| {
        let mut all = vec![own.to_owned()];
        all.extend(more.iter().cloned());
        all.join(" ")
    };
    let frames = if beyond.frames.is_empty() {
        "'none'".to_owned()
    } else {
        beyond.frames.join(" ")
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
         frame-src {frames}; form-action {}; frame-ancestors 'self'; base-uri 'none'",
        list("'self'", &beyond.forms),
    );
    let policy = HeaderValue::from_str(&policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ]
}

const TEMPLATES: [(&str, &str); 9] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("home.html", include_str!("../../templates/home.html")),
    ("refused.html", include_str!("../../templates/refused.html")),
    ("login.html", include_str!("../../templates/login.html")),
    ("patient.html", include_str!("../../templates/patient.html")),
    ("consent.html", include_str!("../../templates/consent.html")),
    ("helseid.html", include_str!("../../templates/helseid.html")),
    ("epj.html", include_str!("../../templates/epj.html")),
    ("epj-app.html", include_str!("../../templates/epj-app.html")),
];

const MESSAGES: [(Language, &str); 3] = [
    (Language::Nb, include_str!("../../messages/nb.json")),
    (Language::Nn, include_str!("../../messages/nn.json")),
    (Language::En, include_str!("../../messages/en.json")),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_language_has_every_message() {
        let pages = Pages::load().unwrap();
        let keys = |language| -> BTreeSet<&String> { pages.messages[&language].keys().collect() };
        for language in Language::ALL {
            assert_eq!(keys(language), keys(Language::Nb), "{language:?}");
        }
    }

    #[test]
    fn every_verifier_code_that_a_clinician_may_meet_has_words() {
        let pages = Pages::load().unwrap();
        for code in verifier::Code::ALL {
            let key = format!("code_{code}");
            let text = pages.find(Language::Nb, &key);
            assert!(text.is_none_or(|text| text.ends_with('.')), "{key}");
        }
        for code in [
            "E_NOT_APPROVED",
            "E_SUSPENDED",
            "E_REVOKED",
            "E_DIGEST",
            "E_STATUS_STALE",
        ] {
            assert!(pages.find(Language::Nb, &format!("code_{code}")).is_some());
        }
    }

    #[test]
    fn a_language_link_keeps_the_rest_of_the_address() {
        let place = Place::of(&"/demo/?patient=p1&lang=nn".parse().unwrap());
        assert_eq!(place.language, Language::Nn);
        assert_eq!(place.parameter("patient"), Some("p1"));
        let links = place.languages();
        assert_eq!(links[2]["href"], "/demo/?patient=p1&lang=en");
        assert_eq!(links[1]["current"], true);
    }
}
