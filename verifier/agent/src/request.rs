//! What an EPJ asks: whether an approval is good, and whether a launch may go on.

use serde::Deserialize;
use verifier::claims::{Approval, ContentLevel, is_software_id, is_software_version};
use verifier::{ClientAuthentication, Code, Digest, LaunchRequest, ObservedContent};

use crate::error::AgentError;
use crate::policy::Policy;

/// An approval to be taken in: itself with its ticket, or the version whose published ones are meant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Verify {
    approval: Option<String>,
    ticket: Option<String>,
    software_id: Option<String>,
    software_version: Option<String>,
    /// What is known about the bytes that would run.
    pub(crate) content: Option<Content>,
}

/// What is to be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Sent {
        approval: String,
        ticket: Option<String>,
    },
    Version(String, String),
}

impl Verify {
    /// Either an approval or a version, each whole and not both.
    pub(crate) fn wanted(&self) -> Result<Wanted, AgentError> {
        let clone = Clone::clone;
        let named = (self.software_id.as_ref(), self.software_version.as_ref());
        match (self.approval.as_ref(), named) {
            (Some(approval), (None, None)) => Ok(Wanted::Sent {
                approval: approval.trim().to_owned(),
                ticket: self.ticket.as_ref().map(clone),
            }),
            (None, (Some(id), Some(version))) if self.ticket.is_none() => {
                if !is_software_id(id) {
                    return incomplete("/software_id", "software_id is no reverse domain name");
                }
                if !is_software_version(version) {
                    return incomplete("/software_version", "software_version is no version");
                }
                Ok(Wanted::Version(clone(id), clone(version)))
            }
            (None, (Some(_), None)) => {
                incomplete("/software_version", "software_version is missing")
            }
            (None, (None, Some(_))) => incomplete("/software_id", "software_id is missing"),
            _ => incomplete(
                "",
                "send either approval and ticket, or software_id and software_version",
            ),
        }
    }
}

/// A launch to be decided, at whichever step of the flow the EPJ is; what a step does not carry yet is
/// left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Launch {
    pub(crate) software_id: String,
    pub(crate) software_version: String,
    /// The client, when the policy registers it.
    client_id: Option<String>,
    /// The vendor that the client is registered for, when the policy does not say.
    organization_id: Option<String>,
    #[serde(rename = "launch_uri")]
    uri: Option<String>,
    redirect_uri: Option<String>,
    scope: Option<String>,
    content: Option<Content>,
    client: Option<Client>,
}

/// The bundle's digest, or the manifest's with the moment when it was fetched.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Content {
    Bundle { bundle: Digest },
    Manifest { manifest: Digest, observed_at: i64 },
}

/// How the client authenticates at the token endpoint.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    /// RFC 7638 thumbprint of its key; absent for a public client.
    key: Option<String>,
    /// Whether it sent a `DPoP` proof.
    #[serde(default)]
    dpop: bool,
}

impl Launch {
    /// The same for the verifier, with the vendor that the client is registered for.
    pub(crate) fn request<'a>(
        &'a self,
        policy: &'a Policy,
    ) -> Result<LaunchRequest<'a>, AgentError> {
        let organization = self.organization(policy)?;
        let content = observed(self.content);
        let (id, version) = (&self.software_id, &self.software_version);
        Ok(LaunchRequest {
            launch_uri: self.uri.as_deref(),
            redirect_uri: self.redirect_uri.as_deref(),
            scope: self.scope.as_deref(),
            client: self.client.as_ref().map(|client| ClientAuthentication {
                key: client.key.as_deref(),
                dpop: client.dpop,
            }),
            ..LaunchRequest::new(id, version, organization, content)
        })
    }

    /// Whom the client is registered for: by the policy, or by the caller's own word.
    fn organization<'a>(&'a self, policy: &'a Policy) -> Result<&'a str, AgentError> {
        let said = self.organization_id.as_deref();
        let Some(client_id) = self.client_id.as_deref() else {
            return said.ok_or(AgentError::Incomplete {
                pointer: "/organization_id",
                detail: "neither organization_id nor client_id says whom the client is registered for",
            });
        };
        let refuse = |what: &'static str| Err(Code::Vendor.because(what).into());
        match (policy.client(client_id), said) {
            (Some(client), _) if client.software != self.software_id => {
                refuse("the client is registered for other software")
            }
            (Some(client), Some(said)) if client.organization != said => {
                refuse("the client is registered for another organisation")
            }
            (Some(client), _) => Ok(&client.organization),
            (None, Some(said)) => Ok(said),
            (None, None) => refuse("the policy registers no such client"),
        }
    }
}

/// What is known about the bytes that would run.
pub(crate) const fn observed(content: Option<Content>) -> ObservedContent {
    match content {
        Some(Content::Bundle { bundle }) => ObservedContent::Bundle(bundle),
        Some(Content::Manifest {
            manifest,
            observed_at,
        }) => ObservedContent::Manifest {
            digest: manifest,
            observed_at,
        },
        None => ObservedContent::Unobserved,
    }
}

/// What an approval says that runs, seen now: to ask whether anything but the content is against it.
pub(crate) fn approved(approval: &Approval, now: i64) -> ObservedContent {
    let content = &approval.content;
    match (content.level, content.bundle, content.manifest) {
        (ContentLevel::Bundle, Some(bundle), _) => ObservedContent::Bundle(bundle),
        (ContentLevel::Manifest, _, Some(digest)) => ObservedContent::Manifest {
            digest,
            observed_at: now,
        },
        _ => ObservedContent::Unobserved,
    }
}

const fn incomplete<T>(pointer: &'static str, detail: &'static str) -> Result<T, AgentError> {
    Err(AgentError::Incomplete { pointer, detail })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verify(value: Value) -> Result<Wanted, AgentError> {
        serde_json::from_value::<Verify>(value).unwrap().wanted()
    }

    #[test]
    fn either_an_approval_or_a_version_and_not_both() {
        assert!(verify(json!({"approval": "a", "ticket": "t"})).is_ok());
        assert!(verify(json!({"approval": "a"})).is_ok());
        let version = json!({"software_id": "no.example.app", "software_version": "1.0.0"});
        assert!(verify(version).is_ok());
        for bad in [
            json!({}),
            json!({"ticket": "t"}),
            json!({"software_id": "no.example.app"}),
            json!({"software_version": "1.0.0"}),
            json!({"approval": "a", "software_id": "no.example.app"}),
            json!({"software_id": "no.example.app", "software_version": "1.0.0", "ticket": "t"}),
            json!({"software_id": "../../x", "software_version": "1.0.0"}),
            json!({"software_id": "no.example.app", "software_version": "1.0.0/../x"}),
        ] {
            let refused = verify(bad.clone());
            assert!(
                matches!(refused, Err(AgentError::Incomplete { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_client_is_whom_the_policy_registers_it_for() {
        let policy = Policy::parse(
            "[[clients]]\nclient_id = \"c\"\nsoftware_id = \"no.example.app\"\n\
             organization_id = \"NO:ORGNR:974760673\"\n",
        )
        .unwrap();
        let ask = |more: Value| {
            let mut body = json!({"software_id": "no.example.app", "software_version": "1.0.0"});
            let members = body.as_object_mut().unwrap();
            members.extend(more.as_object().unwrap().clone());
            let launch: Launch = serde_json::from_value(body).unwrap();
            launch
                .request(&policy)
                .map(|request| request.organization_id.to_owned())
        };
        let vendor = "NO:ORGNR:974760673";
        assert_eq!(ask(json!({"client_id": "c"})).unwrap(), vendor);
        assert_eq!(ask(json!({"organization_id": vendor})).unwrap(), vendor);
        assert!(matches!(ask(json!({})), Err(AgentError::Incomplete { .. })));
        for wrong in [
            json!({"client_id": "d"}),
            json!({"client_id": "c", "organization_id": "NO:ORGNR:889640782"}),
            json!({"client_id": "c", "software_id": "no.example.other"}),
        ] {
            let refused = ask(wrong);
            assert!(matches!(&refused, Err(AgentError::Refused(no)) if no.code == Code::Vendor));
        }
    }
}
