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
        Occurrence::Launched(launched) => from_url(&launched.url, &mut found),
        Occurrence::Snapshot(snapshot) => from_url(&snapshot.url, &mut found),
        _ => {}
    }
    found
}

fn from_request(request: &BrowserRequest, found: &mut Vec<Secret>) {
    from_url(&request.url, found);
    from_url(&request.document, found);
    if let Some(fragment) = &request.fragment {
        from_form(fragment.trim_start_matches(['#', '?']), found);
    }
    for header in &request.headers {
        match header.name.as_str() {
            "authorization" => from_authorization(&header.value, found),
            "referer" => from_url(&header.value, found),
            _ => {}
        }
    }
    if let Some(body) = &request.body {
        from_body(body, found);
    }
}

fn from_response(response: &BrowserResponse, found: &mut Vec<Secret>) {
    from_url(&response.url, found);
    for header in &response.headers {
        if header.name == "location" {
            from_url(&header.value, found);
        }
    }
}

/// The secrets of a token request's or token response's body, as form or JSON.
pub(super) fn from_body(body: &str, found: &mut Vec<Secret>) {
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(members)) => {
            for (name, value) in &members {
                if let Some(value) = value.as_str() {
                    keep(name, value, found);
                }
            }
        }
        Ok(_) => {}
        Err(_) => from_form(body, found),
    }
}

fn from_url(text: &str, found: &mut Vec<Secret>) {
    // A `Location` may be relative; only its query matters here.
    let base = Url::parse("http://relative.invalid").ok();
    let Ok(url) = Url::options().base_url(base.as_ref()).parse(text) else {
        return;
    };
    from_form(url.query().unwrap_or_default(), found);
    from_form(url.fragment().unwrap_or_default(), found);
}

fn from_form(text: &str, found: &mut Vec<Secret>) {
    let pairs: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
    let is_oauth = pairs
        .iter()
        .any(|(name, _)| matches!(&**name, "state" | "iss" | "grant_type"));
    for (name, value) in &pairs {
        // FHIR searches by `code` too, with short or structured values.
        if name == "code" && !is_oauth && !looks_drawn(value) {
            continue;
        }
        keep(name, value, found);
    }
}

/// True for what a server may have drawn at random: long, and of unreserved characters only.
fn looks_drawn(value: &str) -> bool {
    value.len() >= 20
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
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

fn keep(name: &str, value: &str, found: &mut Vec<Secret>) {
    if let Some(kind) = SecretKind::of_parameter(name) {
        found.push(Secret {
            kind,
            value: value.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(url: &str) -> Vec<String> {
        let mut found = Vec::new();
        from_url(url, &mut found);
        found.into_iter().map(|secret| secret.value).collect()
    }

    #[test]
    fn an_authorization_code_is_learnt_and_a_search_by_code_is_not() {
        assert_eq!(learnt("https://a.example/?code=x1&state=s"), ["x1"]);
        assert_eq!(
            learnt("https://a.example/?code=Zm9vYmFyZm9vYmFyZm9v"),
            ["Zm9vYmFyZm9vYmFyZm9v"]
        );
        for search in ["http://loinc.org%7C85354-9", "85354-9", "T90,K86"] {
            let url = format!("http://e.example/fhir/Observation?patient=p1&code={search}");
            assert!(learnt(&url).is_empty(), "{search}");
        }
    }
}
