//! The JSON that callers write: an installation's own rules, and a launch to be decided.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use verifier::claims::ContentLevel;
use verifier::{
    Assurance, ClientAuthentication, Digest, Environment, LaunchRequest, LocalPolicy,
    ObservedContent, RiskClass,
};

/// An installation's own rules; only the environment must be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    environment: Environment,
    min_content_level: Option<ContentLevel>,
    min_assurance: Option<MinAssurance>,
    allowed_software: Option<BTreeSet<String>>,
    risk_class: Option<RiskClass>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MinAssurance {
    JoseOnly,
    Logged,
}

impl From<Settings> for LocalPolicy {
    fn from(settings: Settings) -> Self {
        let mut policy = Self::new(settings.environment);
        if let Some(level) = settings.min_content_level {
            policy.min_content_level = level;
        }
        if let Some(assurance) = settings.min_assurance {
            policy.min_assurance = match assurance {
                MinAssurance::JoseOnly => Assurance::JoseOnly,
                MinAssurance::Logged => Assurance::Logged,
            };
        }
        if let Some(risk) = settings.risk_class {
            policy.risk_class = risk;
        }
        policy.allowed_software = settings.allowed_software;
        policy
    }
}

/// A launch to be decided: the members of [`LaunchRequest`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request<'a> {
    #[serde(borrow)]
    software_id: Cow<'a, str>,
    #[serde(borrow)]
    software_version: Cow<'a, str>,
    #[serde(borrow)]
    organization_id: Cow<'a, str>,
    content: Option<Content>,
    #[serde(borrow)]
    launch_uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    redirect_uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    scope: Option<Cow<'a, str>>,
    #[serde(borrow)]
    client: Option<Client<'a>>,
}

/// The bundle's digest, or the manifest's with the moment when it was fetched.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Content {
    Bundle { bundle: Digest },
    Manifest { manifest: Digest, observed_at: i64 },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client<'a> {
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
    #[serde(default)]
    dpop: bool,
}

impl<'a> From<&'a Request<'_>> for LaunchRequest<'a> {
    fn from(launch: &'a Request<'_>) -> Self {
        let content = match launch.content {
            Some(Content::Bundle { bundle }) => ObservedContent::Bundle(bundle),
            Some(Content::Manifest {
                manifest,
                observed_at,
            }) => ObservedContent::Manifest {
                digest: manifest,
                observed_at,
            },
            None => ObservedContent::Unobserved,
        };
        Self {
            launch_uri: launch.launch_uri.as_deref(),
            redirect_uri: launch.redirect_uri.as_deref(),
            scope: launch.scope.as_deref(),
            client: launch.client.as_ref().map(|client| ClientAuthentication {
                key: client.key.as_deref(),
                dpop: client.dpop,
            }),
            ..Self::new(
                &launch.software_id,
                &launch.software_version,
                &launch.organization_id,
                content,
            )
        }
    }
}
