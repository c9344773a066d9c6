//! What people decide may not run, whoever approved it: vendors and contents on the deny list, and
//! versions that are too old (design/trust.md, targets files `denylist.json` and `anchors.json`).

use std::str::FromStr;

use verifier::claims::is_organization_id;
use verifier::digest::Digest;
use verifier::trust::MinVersion;
use verifier::trust::tuf::RoleName;

use super::contents::Contents;
use crate::trust::Trust;
use crate::trust::error::TrustError;

/// A vendor or a content that can be denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// A bundle or a manifest, by its digest.
    Content(Digest),
    /// A vendor: `NO:ORGNR:` and nine digits.
    Organization(String),
}

/// One decision about what may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// Any version of the software may run again.
    AnyVersion(String),
    /// It may not run.
    Deny(Denied),
    /// It may run again.
    Lift(Denied),
    /// The oldest version that may run.
    Oldest(MinVersion),
}

/// A text that names neither a vendor nor a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write NO:ORGNR: and a valid organisation number, or sha256- and 44 characters of base64")]
pub struct BadDenied;

impl FromStr for Denied {
    type Err = BadDenied;

    fn from_str(text: &str) -> Result<Self, BadDenied> {
        if let Ok(digest) = text.parse() {
            return Ok(Self::Content(digest));
        }
        if is_organization_id(text) {
            Ok(Self::Organization(text.to_owned()))
        } else {
            Err(BadDenied)
        }
    }
}

impl Restriction {
    /// Carries the decision out. One that holds already changes nothing.
    pub(super) fn apply(self, contents: &mut Contents) {
        let denylist = &mut contents.denylist;
        let oldest = &mut contents.anchors.min_versions;
        match self {
            Self::Deny(Denied::Organization(id)) => put(&mut denylist.organizations, id),
            Self::Deny(Denied::Content(digest)) => put(&mut denylist.digests, digest),
            Self::Lift(Denied::Organization(id)) => {
                denylist.organizations.retain(|other| *other != id);
            }
            Self::Lift(Denied::Content(digest)) => {
                denylist.digests.retain(|other| *other != digest);
            }
            Self::Oldest(version) => {
                oldest.retain(|other| other.software_id != version.software_id);
                oldest.push(version);
            }
            Self::AnyVersion(id) => oldest.retain(|other| other.software_id != id),
        }
    }

    /// As `keys prepare` takes it.
    fn argument(&self) -> String {
        let named = |denied: &Denied| match denied {
            Denied::Content(digest) => digest.to_string(),
            Denied::Organization(id) => id.clone(),
        };
        match self {
            Self::Deny(denied) => format!(" --deny {}", named(denied)),
            Self::Lift(denied) => format!(" --lift {}", named(denied)),
            Self::Oldest(version) => format!(
                " --oldest {}={}",
                version.software_id, version.software_version
            ),
            Self::AnyVersion(id) => format!(" --any-version {id}"),
        }
    }
}

fn put<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

impl Trust {
    /// Publishes decisions about what may run.
    pub(crate) async fn restrict(&self, decided: Vec<Restriction>) -> Result<(), TrustError> {
        let arguments: String = decided.iter().map(Restriction::argument).collect();
        self.ensure_signable(RoleName::Targets, None, &arguments)
            .await?;
        let edit: super::publish::Edit = Box::new(move |draft, _| {
            for one in decided {
                one.apply(&mut draft.contents);
            }
            Ok(())
        });
        self.publish(Some(edit), None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_a_vendor_or_a_content() {
        let digest = Digest::of(b"x");
        assert_eq!(digest.to_string().parse(), Ok(Denied::Content(digest)));
        let vendor = "NO:ORGNR:974760673";
        assert_eq!(vendor.parse(), Ok(Denied::Organization(vendor.to_owned())));
        for text in [
            "",
            "974760673",
            "NO:ORGNR:97476067",
            "NO:ORGNR:97476067x",
            // The last digit is a control digit.
            "NO:ORGNR:974760674",
            "sha256-x",
        ] {
            assert_eq!(text.parse::<Denied>(), Err(BadDenied), "{text}");
        }
    }
}
