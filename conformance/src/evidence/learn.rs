//! Where secrets show themselves: OAuth parameters in URLs, fragments and forms, members of token
//! responses, and the `Authorization` header.

use serde_json::Value;
use url::{Url, form_urlencoded};

use super::scrub::{Secret, SecretKind};
use crate::suite::wit::{BrowserRequest, BrowserResponse, Occurrence};

/// The secrets that an occurrence shows openly.
pub(super) fn secrets_of(occurrence: &Occurrence) -> Vec<Secret> {
    let mut found = Vec::new();
    match occurrence {
        Occurrence::BrowserRequest(request) => from_request(request, &mut found),
        Occurrence::BrowserResponse(response) => from_response(response, &mut found),
        Occurrence::Launched(launched) => from_url(&launched.url, Where::Address, &mut found),
        Occurrence::Snapshot(snapshot) => from_url(&snapshot.url, Where::Address, &mut found),
        _ => {}
    }
    found
}

fn from_request(request: &BrowserRequest, found: &mut Vec<Secret>) {
    from_url(&request.url, Where::of(request.top_level), found);
    from_url(&request.document, Where::Elsewhere, found);
    if let Some(fragment) = &request.fragment {
        let place = Where::of(request.top_level);
        from_form(fragment.trim_start_matches(['#', '?']), place, found);
    }
    for header in &request.headers {
        match header.name.as_str() {
            "authorization" => from_authorization(&header.value, found),
            "referer" => from_url(&header.value, Where::Elsewhere, found),
            _ => {}
        }
    }
    if let Some(body) = &request.body {
        from_body(body, found);
    }
}

fn from_response(response: &BrowserResponse, found: &mut Vec<Secret>) {
    from_url(&response.url, Where::of(response.top_level), found);
    for header in &response.headers {
        if header.name == "location" {
            from_url(&header.value, Where::Address, found);
        }
    }
}

/// Where parameters stand. `code` and `launch` are common words: a FHIR search has a `code` too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// In an address that a person is sent to.
    Address,
    /// In the form of a token request.
    TokenRequest,
    /// Anywhere else.
    Elsewhere,
}

impl Where {
    const fn of(top_level: bool) -> Self {
        if top_level {
            Self::Address
        } else {
            Self::Elsewhere
        }
    }
}

/// The secrets of a token request's or token response's body, as form or JSON.
pub(super) fn from_body(body: &str, found: &mut Vec<Secret>) {
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(members)) => {
            for (name, value) in &members {
                if let (Some(kind), Some(value)) = (kind(name), value.as_str()) {
                    keep(kind, value, found);
                }
            }
        }
        Ok(_) => {}
        Err(_) => from_form(body, Where::TokenRequest, found),
    }
}

fn from_url(text: &str, place: Where, found: &mut Vec<Secret>) {
    // A `Location` may be relative; only its query matters here.
    let base = Url::parse("http://relative.invalid").ok();
    let Ok(url) = Url::options().base_url(base.as_ref()).parse(text) else {
        return;
    };
    from_form(url.query().unwrap_or_default(), place, found);
    from_form(url.fragment().unwrap_or_default(), place, found);
}

fn from_form(text: &str, place: Where, found: &mut Vec<Secret>) {
    let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
    let has = |names: &[&str]| pairs.iter().any(|(name, _)| names.contains(&&**name));
    let is_oauth = match place {
        Where::TokenRequest => has(&["grant_type"]),
        Where::Address | Where::Elsewhere => has(&["state", "iss", "aud"]),
    };
    for (name, value) in &pairs {
        let Some(kind) = SecretKind::of_parameter(name) else {
            continue;
        };
        let common = matches!(kind, SecretKind::Code | SecretKind::Launch);
        // An answer without `state` is still one when its code is as long as codes are.
        let is_answer = place == Where::Address && value.len() >= LONG_CODE;
        if !common || is_oauth || is_answer {
            keep(kind, value, found);
        }
    }
}

fn from_authorization(value: &str, found: &mut Vec<Secret>) {
    let Some((scheme, credentials)) = value.split_once(' ') else {
        return;
    };
    let kind = match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "dpop" => SecretKind::AccessToken,
        "basic" => SecretKind::ClientSecret,
        _ => return,
    };
    found.push(Secret {
        kind,
        value: credentials.trim().to_owned(),
    });
}

fn keep(kind: SecretKind, value: &str, found: &mut Vec<Secret>) {
    found.push(Secret {
        kind,
        value: value.to_owned(),
    });
}

/// The kind of a member of a token response; `code` in JSON is most often FHIR's.
fn kind(name: &str) -> Option<SecretKind> {
    SecretKind::of_parameter(name)
        .filter(|kind| !matches!(kind, SecretKind::Code | SecretKind::Launch))
}

/// RFC 6749 §10.10 asks for 128 bits at least: 22 characters of base64.
const LONG_CODE: usize = 22;

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(url: &str, place: Where) -> usize {
        let mut found = Vec::new();
        from_url(url, place, &mut found);
        found.len()
    }

    #[test]
    fn a_code_of_fhir_is_no_secret() {
        let search = "http://e/fhir/Observation?patient=1&code=http://loinc.org|85354-9,8480-6";
        assert_eq!(learnt(search, Where::Elsewhere), 0);
        assert_eq!(learnt("http://a/page?code=85354-9", Where::Address), 0);
        let mut found = Vec::new();
        from_body("{\"code\":\"85354-9\",\"access_token\":\"t\"}", &mut found);
        from_body("code=85354-9&patient=1", &mut found);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_code_of_an_answer_is_one() {
        assert_eq!(learnt("http://a/?code=x&state=y", Where::Elsewhere), 1);
        let alone = "http://a/?code=0123456789abcdefghijkl";
        assert_eq!(learnt(alone, Where::Address), 1);
        assert_eq!(learnt("http://a/l?iss=i&launch=x", Where::Address), 1);
    }
}
