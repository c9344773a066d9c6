//! Entrances for `sandbox/fuzz`: every parser of bytes from strangers, with what must hold of
//! whatever it takes. Here only under test and for the fuzzer; nothing else may use it.

use synthetic_data::ids::{
    ControlRule, Hpr, IdentifierKind, NationalId, OrgNr, PersonIdentifier, Series, check,
};
use url::Url;

use crate::domain::authorization::{self, Parameters, Refusal};
use crate::domain::client::{AuthMethod, Client};
use crate::domain::pkce;
use crate::domain::scopes::{self, Limits};
pub use crate::fhir::fuzzing::{preconditions, search, write};
pub use crate::http::fuzzing::recording;

/// Takes bytes and panics when something does not hold.
pub type Target = fn(&[u8]);

/// Every target under the name of its seeds.
pub const TARGETS: [(&str, Target); 7] = [
    ("authorization", authorization),
    ("identity_number", identity_number),
    ("preconditions", preconditions),
    ("recording", recording),
    ("scopes", scopes),
    ("search", search),
    ("write", write),
];

/// An authorization request, as its query: a refusal goes to no address but the registered one, and
/// `state` comes back as it went.
pub fn authorization(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else {
        return;
    };
    let parameters = Parameters::read(query);
    match authorization::check(&parameters, Some(&client()), AUD) {
        Ok(request) => {
            assert_eq!(request.redirect_uri, REDIRECT);
            assert_eq!(Some(request.state.as_str()), parameters.get("state"));
            assert!(pkce::is_challenge(&request.code_challenge));
            assert!(parameters.repeated().is_none());
        }
        Err(Refusal::Redirect(error)) => {
            let address = Url::parse(&error.url(None));
            assert!(address.is_ok_and(|address| {
                let back = address.query_pairs().find(|(name, _)| name == "state");
                address.as_str().starts_with(REDIRECT)
                    && back.as_ref().map(|(_, value)| &**value) == parameters.get("state")
            }));
        }
        Err(Refusal::Page(_)) => assert_ne!(parameters.get("redirect_uri"), Some(REDIRECT)),
    }
}

/// Three lines of scopes, asked for, registered and allowed by the launch: nothing beyond any of them
/// is granted, and what was granted is granted again.
pub fn scopes(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (asked, registered, at_most) = (line(), line(), line());
    let limits = Limits {
        registered,
        at_most: Some(at_most),
        ehr: true,
        patient: true,
        user_is_patient: false,
        backend: false,
    };
    let granted = scopes::negotiate(asked, limits);
    for bound in [asked, registered, at_most] {
        assert!(scopes::is_subset(&granted, bound), "{granted:?} {bound:?}");
    }
    assert_eq!(scopes::negotiate(&granted, limits), granted);
}

/// An identity number: what is taken prints as it was written, and only the synthetic series is ever
/// made into a number of ours.
pub fn identity_number(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let today = check(text, ControlRule::Until2031);
    let either = check(text, ControlRule::Either);
    if today.is_ok() {
        assert_eq!(today, either);
    }
    if either.is_ok() {
        assert!(text.len() == 11 && text.bytes().all(|byte| byte.is_ascii_digit()));
    }
    if let Ok(number) = text.parse::<PersonIdentifier>() {
        assert_eq!(number.to_string(), text);
        let series = match number.kind() {
            IdentifierKind::Fnr | IdentifierKind::DNumber => Series::Month80,
            IdentifierKind::HNumber => Series::Month40,
            IdentifierKind::FhNumber => Series::Help,
        };
        assert_eq!(number.birth_date().is_some(), series != Series::Help);
        let d_number = number.kind() == IdentifierKind::DNumber;
        let same = |found: NationalId| found.series == series && found.d_number == d_number;
        assert!(today.is_ok_and(same));
    }
    if let Ok(number) = text.parse::<Hpr>() {
        assert_eq!(number.to_string(), text);
    }
    if let Ok(number) = text.parse::<OrgNr>() {
        assert_eq!(number.to_string(), text);
    }
}

fn client() -> Client {
    Client {
        client_id: "app".to_owned(),
        name: "App".to_owned(),
        auth_method: AuthMethod::None,
        secret_digest: None,
        jwks: None,
        redirect_uris: vec![REDIRECT.to_owned()],
        launch_uri: None,
        scope: String::new(),
    }
}

const AUD: &str = "http://localhost:8081/demo/fhir";
const REDIRECT: &str = "https://app.example/cb?tenant=1";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::TARGETS;

    #[test]
    fn every_seed_of_the_fuzzer_holds() {
        for (name, target) in TARGETS {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fuzz/seeds")
                .join(name);
            let seeds: Vec<_> = std::fs::read_dir(folder).unwrap().collect();
            assert!(!seeds.is_empty(), "{name} has no seeds");
            for seed in seeds {
                target(&std::fs::read(seed.unwrap().path()).unwrap());
            }
        }
    }
}
