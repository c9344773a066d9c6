//! An installation's own rules, as a file (TOML): what it allows of what is approved, and which
//! clients it has registered for whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use verifier::claims::{ContentLevel, is_organization_id, is_software_id};
use verifier::{Assurance, Environment, LocalPolicy, RiskClass};

/// An installation's own rules; an empty file allows everything that is approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    min_content_level: Option<ContentLevel>,
    min_assurance: Option<MinAssurance>,
    allowed_software: Option<BTreeSet<String>>,
    risk_class: Option<RiskClass>,
    /// How old a status list may be here, in seconds, whatever approvals and anchors allow.
    max_status_age: Option<i64>,
    clients: Vec<Registered>,
}

/// The least that an approval must have proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MinAssurance {
    JoseOnly,
    Logged,
}

/// A client, as the EPJ has registered it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registered {
    #[serde(rename = "client_id")]
    id: String,
    /// The software that it is.
    #[serde(rename = "software_id")]
    pub(crate) software: String,
    /// The vendor that it is registered for.
    #[serde(rename = "organization_id")]
    pub(crate) organization: String,
}

/// A policy that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or not these settings.
    #[error("{0}")]
    Toml(String),
    /// A value that means nothing.
    #[error("{0}")]
    Value(String),
}

impl Policy {
    /// Reads a policy file.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self =
            toml::from_str(text).map_err(|error| PolicyError::Toml(error.to_string()))?;
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), PolicyError> {
        let refuse = |what: String| Err(PolicyError::Value(what));
        if self.max_status_age.is_some_and(|age| age < 1) {
            return refuse("max_status_age must be at least 1 second".to_owned());
        }
        let mut known = BTreeMap::new();
        for client in &self.clients {
            let id = &client.id;
            if known.insert(id, client).is_some() {
                return refuse(format!("the client {id} is there twice"));
            }
            if !is_software_id(&client.software) {
                return refuse(format!(
                    "clients: {id}: software_id is no reverse domain name"
                ));
            }
            if !is_organization_id(&client.organization) {
                return refuse(format!(
                    "clients: {id}: organization_id must be NO:ORGNR: and a valid number"
                ));
            }
        }
        Ok(())
    }

    /// The verifier's part of it.
    pub(crate) fn local(&self, environment: Environment) -> LocalPolicy {
        let mut local = LocalPolicy::new(environment);
        if let Some(level) = self.min_content_level {
            local.min_content_level = level;
        }
        if let Some(assurance) = self.min_assurance {
            local.min_assurance = match assurance {
                MinAssurance::JoseOnly => Assurance::JoseOnly,
                MinAssurance::Logged => Assurance::Logged,
            };
        }
        if let Some(risk) = self.risk_class {
            local.risk_class = risk;
        }
        local.allowed_software.clone_from(&self.allowed_software);
        local
    }

    /// How old a status list may be here.
    pub(crate) const fn max_status_age(&self) -> Option<i64> {
        self.max_status_age
    }

    /// A registered client.
    pub(crate) fn client(&self, client_id: &str) -> Option<&Registered> {
        self.clients.iter().find(|client| client.id == client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_what_it_says_and_an_empty_one_allows_what_is_approved() {
        let text = r#"
            min_content_level = "manifest"
            min_assurance = "jose-only"
            allowed_software = ["no.example.app"]
            risk_class = "high"
            max_status_age = 900

            [[clients]]
            client_id = "app-1"
            software_id = "no.example.app"
            organization_id = "NO:ORGNR:974760673"
        "#;
        let policy = Policy::parse(text).unwrap();
        let local = policy.local(Environment::Prod);
        assert_eq!(local.min_content_level, ContentLevel::Manifest);
        assert_eq!(local.min_assurance, Assurance::JoseOnly);
        assert_eq!(local.risk_class, RiskClass::High);
        assert_eq!(local.allowed_software.unwrap().len(), 1);
        assert_eq!(policy.max_status_age(), Some(900));
        assert_eq!(policy.client("app-1").unwrap().software, "no.example.app");
        assert_eq!(policy.client("app-2"), None);
        let open = Policy::parse("").unwrap();
        assert_eq!(
            open.local(Environment::Test),
            LocalPolicy::new(Environment::Test)
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let client = |id: &str, organisation: &str| {
            format!(
                "[[clients]]\nclient_id = \"{id}\"\nsoftware_id = \"no.example.app\"\n\
                 organization_id = \"{organisation}\"\n"
            )
        };
        let good = client("a", "NO:ORGNR:974760673");
        assert!(Policy::parse(&good).is_ok());
        for text in [
            "unknown = 1".to_owned(),
            "risk_class = \"low\"".to_owned(),
            "max_status_age = 0".to_owned(),
            client("a", "974760673"),
            format!("{good}{good}"),
            good.replace("no.example.app", "x"),
        ] {
            assert!(Policy::parse(&text).is_err(), "{text}");
        }
    }
}
