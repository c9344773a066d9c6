//! The authorization request (SMART App Launch 2.2 §2.0.8, RFC 6749 §4.1.1), checked against what the
//! client registered. The order matters: until client and redirect address are known to belong
//! together, nothing may be sent to that address.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::client::Client;
use super::pkce;

/// The parameters of a query or form. A parameter that stands twice makes the request invalid
/// (RFC 6749 §3.1); an empty one counts as absent.
#[derive(Debug)]
pub(crate) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    pub(crate) fn read(encoded: &str) -> Self {
        let mut map = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in url::form_urlencoded::parse(encoded.as_bytes()) {
            map.entry(name.into_owned())
                .or_default()
                .push(value.into_owned());
        }
        Self(map)
    }

    /// The value, if it is there once and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([value]) if !value.is_empty() => Some(value),
            _ => None,
        }
    }

    /// The first parameter that stands more than once.
    pub(crate) fn repeated(&self) -> Option<&str> {
        let twice = self.0.iter().find(|(_, values)| values.len() > 1);
        twice.map(|(name, _)| name.as_str())
    }
}

/// A request that may go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: String,
    pub(crate) launch: Option<String>,
}

/// Why a request may not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Told on a page of ours: the address is not known to be the client's.
    Page(PageReason),
    /// Told to the client.
    Redirect(RedirectError),
}

/// What cannot be told to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageReason {
    /// No such client in this sandbox.
    UnknownClient,
    /// The address is not one of the registered ones, byte for byte.
    RedirectUri,
}

/// An error that travels to the client's redirect address (RFC 6749 §4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RedirectError {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl RedirectError {
    pub(crate) fn of(request: &Request, error: &'static str, description: &str) -> Self {
        Self {
            redirect_uri: request.redirect_uri.clone(),
            state: Some(request.state.clone()),
            error,
            description: description.to_owned(),
        }
    }

    /// The address to send the browser to. SMART apps get no `iss` (RFC 9207): many take its
    /// presence for a new launch.
    pub(crate) fn url(&self, issuer: Option<&str>) -> String {
        let mut answer = vec![
            ("error", self.error),
            ("error_description", &self.description),
        ];
        if let Some(state) = &self.state {
            answer.push(("state", state));
        }
        answer.extend(issuer.map(|issuer| ("iss", issuer)));
        with_answer(&self.redirect_uri, &answer)
    }
}

/// The redirect address with the answer in its query; what stood there stays (RFC 6749 §3.1.2).
pub(crate) fn with_answer(redirect_uri: &str, answer: &[(&str, &str)]) -> String {
    match Url::parse(redirect_uri) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(answer);
            url.into()
        }
        // Registration refused whatever does not parse.
        Err(_) => redirect_uri.to_owned(),
    }
}

/// Checks a request to the authorization server of the FHIR base `aud`.
pub(crate) fn check(
    parameters: &Parameters,
    client: Option<&Client>,
    aud: &str,
) -> Result<Request, Refusal> {
    let client = client.ok_or(Refusal::Page(PageReason::UnknownClient))?;
    let redirect_uri = parameters
        .get("redirect_uri")
        .filter(|uri| client.redirect_uris.iter().any(|known| known == uri))
        .ok_or(Refusal::Page(PageReason::RedirectUri))?;
    let refuse = |error: &'static str, description: String| {
        Refusal::Redirect(RedirectError {
            redirect_uri: redirect_uri.to_owned(),
            state: parameters.get("state").map(str::to_owned),
            error,
            description,
        })
    };
    if let Some(name) = parameters.repeated() {
        return Err(refuse(
            "invalid_request",
            format!("The parameter {name} stands twice."),
        ));
    }
    let required = |name: &'static str| {
        let missing = || {
            refuse(
                "invalid_request",
                format!("The parameter {name} is missing."),
            )
        };
        parameters.get(name).ok_or_else(missing)
    };
    if required("response_type")? != "code" {
        return Err(refuse(
            "unsupported_response_type",
            "response_type must be code.".to_owned(),
        ));
    }
    let state = required("state")?;
    let code_challenge = required("code_challenge")?;
    check_pkce(parameters, code_challenge).map_err(|text| refuse("invalid_request", text))?;
    check_aud(parameters, aud).map_err(|text| refuse("invalid_request", text))?;
    let scope = parameters.get("scope").ok_or_else(|| {
        refuse(
            "invalid_scope",
            "The parameter scope is missing.".to_owned(),
        )
    })?;
    Ok(Request {
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scope: scope.to_owned(),
        state: state.to_owned(),
        nonce: parameters.get("nonce").map(str::to_owned),
        code_challenge: code_challenge.to_owned(),
        launch: parameters.get("launch").map(str::to_owned),
    })
}

fn check_pkce(parameters: &Parameters, challenge: &str) -> Result<(), String> {
    if parameters.get("code_challenge_method") != Some("S256") {
        return Err("code_challenge_method must be S256.".to_owned());
    }
    if !pkce::is_challenge(challenge) {
        return Err(
            "code_challenge must be 43 characters of base64url: SHA-256 of the verifier."
                .to_owned(),
        );
    }
    Ok(())
}

/// `resource` is a synonym that SMART 2.2 allows.
fn check_aud(parameters: &Parameters, expected: &str) -> Result<(), String> {
    let aud = parameters.get("aud").or_else(|| parameters.get("resource"));
    match aud {
        None => Err("The parameter aud is missing: it must be the FHIR base address.".to_owned()),
        Some(aud) if aud == expected => Ok(()),
        Some(aud) if aud.trim_end_matches('/') == expected => Err(format!(
            "aud must be exactly {expected}, without a slash at the end."
        )),
        Some(_) => Err(format!(
            "aud must be exactly the FHIR base address {expected}."
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::client::AuthMethod;

    const AUD: &str = "http://localhost:8081/demo/fhir";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client() -> Client {
        Client {
            client_id: "app".to_owned(),
            name: "App".to_owned(),
            auth_method: AuthMethod::None,
            secret_digest: None,
            jwks: None,
            redirect_uris: vec!["https://app.example/cb?tenant=1".to_owned()],
            launch_uri: None,
            scope: String::new(),
        }
    }

    fn request(changes: &[(&str, &str)]) -> Result<Request, Refusal> {
        let mut all = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", "app"),
            ("redirect_uri", "https://app.example/cb?tenant=1"),
            ("scope", "launch"),
            ("state", "s"),
            ("aud", AUD),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        all.extend(changes.iter().copied());
        let encoded = serde_urlencoded::to_string(all).unwrap();
        check(&Parameters::read(&encoded), Some(&client()), AUD)
    }

    #[test]
    fn every_missing_parameter_is_named_to_the_client() {
        assert!(request(&[]).is_ok());
        for name in [
            "response_type",
            "state",
            "code_challenge",
            "code_challenge_method",
            "aud",
            "scope",
        ] {
            let Err(Refusal::Redirect(error)) = request(&[(name, "")]) else {
                panic!("{name} may not be missing");
            };
            assert!(error.description.contains(name), "{}", error.description);
            assert_eq!(error.state.is_none(), name == "state");
        }
    }

    #[test]
    fn requirements_15_and_41_no_plain_and_only_the_exact_aud() {
        for (name, value) in [
            ("code_challenge_method", "plain"),
            ("code_challenge", "short"),
            ("aud", "http://localhost:8081/demo/fhir/"),
            ("aud", "https://localhost:8081/demo/fhir"),
            ("response_type", "token"),
        ] {
            assert!(
                matches!(request(&[(name, value)]), Err(Refusal::Redirect(_))),
                "{name}={value}"
            );
        }
        assert!(request(&[("aud", ""), ("resource", AUD)]).is_ok());
    }

    #[test]
    fn requirement_34_a_redirect_that_is_almost_equal_is_never_used() {
        for almost in [
            "https://app.example/cb",
            "https://app.example/cb?tenant=1&x=",
            "https://app.example/cb?tenant=1#",
            "https://APP.example/cb?tenant=1",
            "https://app.example:443/cb?tenant=1",
            "http://app.example/cb?tenant=1",
            "",
        ] {
            let refused = request(&[("redirect_uri", almost)]);
            assert_eq!(
                refused,
                Err(Refusal::Page(PageReason::RedirectUri)),
                "{almost}"
            );
        }
        let unknown = check(&Parameters::read("client_id=x"), None, AUD);
        assert_eq!(unknown, Err(Refusal::Page(PageReason::UnknownClient)));
    }

    #[test]
    fn a_repeated_parameter_is_refused() {
        let parameters = Parameters::read(
            "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Ftenant%3D1&state=a&state=b",
        );
        let refused = check(&parameters, Some(&client()), AUD);
        assert!(
            matches!(refused, Err(Refusal::Redirect(error)) if error.description.contains("state"))
        );
    }

    proptest! {
        #[test]
        fn requirement_59_state_comes_back_exactly(state in "[ -~æøå]{1,60}") {
            let error = RedirectError {
                redirect_uri: "https://app.example/cb?tenant=1".to_owned(),
                state: Some(state.clone()),
                error: "access_denied",
                description: String::new(),
            };
            let url = Url::parse(&error.url(None)).unwrap();
            let pairs: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs.get("state"), Some(&state));
            prop_assert_eq!(pairs.get("tenant").map(String::as_str), Some("1"));
        }
    }
}
