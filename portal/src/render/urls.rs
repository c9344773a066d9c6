//! Every address of the portal, spelled once: the routes and the links are made from the same
//! patterns. Templates ask by name, `url(to="product", app=…)`; handlers call [`Place::href`].

use foundation::language::Language;

/// The pattern of an address, as axum writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) &'static str);

macro_rules! places {
    ($($name:ident = $word:literal $pattern:literal;)*) => {
        impl Place {
            $(pub(crate) const $name: Self = Self($pattern);)*

            /// Every place by the word that templates use.
            pub(crate) const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$name)),*];
        }
    };
}

places! {
    FRONT = "front" "/";
    PRODUCTS = "products" "/produkter";
    PRODUCT = "product" "/produkter/{app}";
    PRODUCT_REQUIREMENTS = "product-requirements" "/produkter/{app}/krav";
    REQUIREMENTS = "requirements" "/krav";
    REQUIREMENT = "requirement" "/krav/{id}";
    INTEGRATION = "integration" "/for-journalsystemer";
    PROBLEMS = "problems" "/problems";
    PROBLEM = "problem" "/problems/{code}";
    LOGIN = "login" "/logg-inn";
    LOGIN_ANSWER = "login-answer" "/logg-inn/retur";
    LOGOUT = "logout" "/logg-ut";
    HOME = "home" "/min-side";
    TOKENS = "tokens" "/min-side/nokler";
    TOKEN_REVOCATION = "token-revocation" "/min-side/nokler/{id}/slett";
    VENDOR = "vendor" "/leverandor";
    NEW_APP = "new-app" "/leverandor/ny";
    VENDOR_APP = "vendor-app" "/leverandor/apper/{app}";
    NEW_VERSION = "new-version" "/leverandor/apper/{app}/ny-versjon";
    VERSION = "version" "/leverandor/apper/{app}/versjoner/{version}";
    START_CHECK = "start-check" "/leverandor/apper/{app}/versjoner/{version}/kontroll";
    SUBMISSION = "submission" "/leverandor/apper/{app}/versjoner/{version}/innsending";
    WITHDRAWAL = "withdrawal" "/leverandor/apper/{app}/versjoner/{version}/trekk";
    CHECK = "check" "/kontroller/{check}";
    CHECK_EVENTS = "check-events" "/kontroller/{check}/hendelser";
    PICTURE = "picture" "/kontroller/{check}/bilder/{digest}";
    REVIEWS = "reviews" "/vurdering";
    CASE = "case" "/vurdering/{app}/{version}";
    DECISION = "decision" "/vurdering/{app}/{version}/avgjorelse";
    STATUS = "status" "/vurdering/{app}/{version}/status";
    API_APPROVAL = "api-approval" "/api/v1/apps/{app}/versions/{version}/approval";
    API_TICKET = "api-ticket" "/api/v1/apps/{app}/versions/{version}/approval.tlog-proof";
    API_CHECK = "api-check" "/api/v1/checks/{check}";
    API_EVIDENCE = "api-evidence" "/api/v1/checks/{check}/evidence";
}

impl Place {
    /// The place that templates call `word`.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, place)| *place)
    }

    /// The address in a language; the API has one address for all. `None` when a value is missing.
    pub(crate) fn fill<'a>(
        self,
        language: Language,
        value: impl Fn(&str) -> Option<&'a str>,
    ) -> Option<String> {
        let mut path = String::new();
        for segment in self.0.split('/').skip(1) {
            path.push('/');
            match segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            {
                Some(name) => path.push_str(&encode(value(name)?)),
                None => path.push_str(segment),
            }
        }
        Some(if path.starts_with("/api/") {
            path
        } else {
            localized(language, &path)
        })
    }

    /// The address in a language, its values in their order in the pattern.
    pub(crate) fn href(self, language: Language, values: &[&str]) -> String {
        let mut names = self
            .0
            .split('/')
            .filter(|segment| segment.starts_with('{'))
            .map(|segment| segment.trim_matches(['{', '}']))
            .zip(values.iter().copied())
            .collect::<Vec<_>>();
        names.dedup();
        self.fill(language, |name| {
            names
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| *value)
        })
        .unwrap_or_else(|| prefix(language).to_owned())
    }
}

/// What stands before every path of a language.
pub(crate) fn prefix(language: Language) -> &'static str {
    match language {
        Language::Nb => "",
        Language::Nn => "/nn",
        Language::En => "/en",
    }
}

/// A bokmål path in a language.
pub(crate) fn localized(language: Language, path: &str) -> String {
    match (prefix(language), path) {
        ("", path) => path.to_owned(),
        (prefix, "/") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}{path}"),
    }
}

/// The language of a path and the path without its prefix.
pub(crate) fn split(path: &str) -> (Language, &str) {
    for language in [Language::Nn, Language::En] {
        if let Some(rest) = path.strip_prefix(prefix(language)) {
            if rest.is_empty() {
                return (language, "/");
            }
            if rest.starts_with('/') {
                return (language, rest);
            }
        }
    }
    (Language::Nb, path)
}

/// True for a path of ours that a login may return to: never another site.
pub(crate) fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// Percent-encodes all but the unreserved characters of RFC 3986 §2.3.
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_filled_and_prefixed() {
        let values = ["no.eksempel/../x", "1.0.0+æ"];
        assert_eq!(
            Place::VERSION.href(Language::En, &values),
            "/en/leverandor/apper/no.eksempel%2F..%2Fx/versjoner/1.0.0%2B%C3%A6"
        );
        assert_eq!(Place::FRONT.href(Language::Nn, &[]), "/nn");
        assert_eq!(
            Place::API_CHECK.href(Language::Nn, &["check_1"]),
            "/api/v1/checks/check_1"
        );
        assert_eq!(Place::PRODUCT.fill(Language::Nb, |_| None), None);
    }

    #[test]
    fn a_prefix_is_a_whole_segment() {
        assert_eq!(split("/nn"), (Language::Nn, "/"));
        assert_eq!(split("/nn/krav"), (Language::Nn, "/krav"));
        assert_eq!(split("/enhet"), (Language::Nb, "/enhet"));
        assert_eq!(split("/krav"), (Language::Nb, "/krav"));
    }

    #[test]
    fn a_login_returns_to_this_site_only() {
        for path in ["/", "/nn/krav?q=a%20b"] {
            assert!(is_local(path), "{path}");
        }
        for path in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/\r\nX: y",
        ] {
            assert!(!is_local(path), "{path}");
        }
    }
}
