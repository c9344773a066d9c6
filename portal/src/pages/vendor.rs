//! The vendor's console: own apps, and the forms that register an app and a version.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde::Serialize;

use super::Page;
use super::parts::{FieldError, Worded};

/// A version in the vendor's list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OwnVersion {
    pub(crate) version: String,
    pub(crate) status: String,
    pub(crate) created_at: i64,
}

/// An app in the vendor's list.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OwnApp {
    pub(crate) software_id: String,
    pub(crate) name: Worded,
    pub(crate) purpose: Worded,
    pub(crate) kind: String,
    pub(crate) versions: Vec<OwnVersion>,
}

/// `/leverandor`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VendorPage {
    pub(crate) apps: Vec<OwnApp>,
    /// What the vendor was told, newest first.
    pub(crate) notices: Vec<NoticeRow>,
}

/// Something that the vendor was told.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NoticeRow {
    pub(crate) kind: String,
    pub(crate) software_id: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) detail: String,
    pub(crate) at: i64,
}

/// `/leverandor/apper/{app}`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct VendorAppPage {
    pub(crate) app: OwnApp,
    pub(crate) manifest: String,
}

/// What was filled in, by name of the input.
pub(crate) type Filled = BTreeMap<String, String>;

/// `/leverandor/ny`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewAppPage {
    pub(crate) form: Filled,
    pub(crate) needs: BTreeSet<String>,
    pub(crate) languages: BTreeSet<String>,
    pub(crate) all_needs: Vec<String>,
    pub(crate) errors: Vec<FieldError>,
}

/// `/leverandor/apper/{app}/ny-versjon`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewVersionPage {
    pub(crate) app: OwnApp,
    pub(crate) form: Filled,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) max_upload: i64,
}

impl NewAppPage {
    /// Inputs of the form that hold one value.
    pub(crate) const FIELDS: [&'static str; 18] = [
        "software_id",
        "kind",
        "name_nb",
        "name_nn",
        "name_en",
        "purpose_nb",
        "purpose_nn",
        "purpose_en",
        "data_location",
        "home",
        "terms",
        "privacy",
        "source",
        "security",
        "privacy_contact",
        "clinical",
        "price",
        "price_basis",
    ];
}

impl NewVersionPage {
    /// Inputs of the form that hold one value.
    pub(crate) const FIELDS: [&'static str; 9] = [
        "software_version",
        "launch_uri",
        "redirect_uris",
        "scope",
        "hosts",
        "changes_nb",
        "changes_en",
        "bundle",
        "integrity",
    ];
}

#[cfg(test)]
pub(crate) fn own_app() -> OwnApp {
    OwnApp {
        software_id: "no.fjordhelse.blodtrykk".to_owned(),
        name: Worded::nb("Blodtrykk over tid"),
        purpose: Worded::nb("Viser blodtrykk som kurve."),
        kind: "clinician-app".to_owned(),
        versions: [
            "draft",
            "submitted",
            "issuing",
            "approved",
            "returned",
            "suspended",
            "revoked",
            "withdrawn",
        ]
        .map(|status| OwnVersion {
            version: "1.4.0".to_owned(),
            status: status.to_owned(),
            created_at: 1_795_251_600_000,
        })
        .to_vec(),
    }
}

#[cfg(test)]
fn errors(field: &str) -> Vec<FieldError> {
    let error = super::parts::samples::error;
    vec![error(field), error("")]
}

#[cfg(test)]
fn blank(fields: &[&str]) -> Filled {
    fields
        .iter()
        .map(|name| ((*name).to_owned(), String::new()))
        .collect()
}

impl Page for VendorPage {
    const TEMPLATE: &'static str = "pages/vendor.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let without = OwnApp {
            software_id: "no.fjordhelse.ny".to_owned(),
            versions: Vec::new(),
            ..own_app()
        };
        vec![
            Self {
                apps: Vec::new(),
                notices: Vec::new(),
            },
            Self {
                apps: vec![own_app(), without],
                notices: registry::NoticeKind::ALL
                    .map(|kind| NoticeRow {
                        kind: kind.as_str().to_owned(),
                        software_id: Some("no.fjordhelse.blodtrykk".to_owned()),
                        version: Some("1.4.0".to_owned()),
                        detail: "Feil enhet i visningen.".to_owned(),
                        at: 1_795_251_600_000,
                    })
                    .to_vec(),
            },
        ]
    }
}

impl Page for VendorAppPage {
    const TEMPLATE: &'static str = "pages/vendor-app.html";

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let mut without = own_app();
        without.versions.clear();
        [own_app(), without]
            .map(|app| Self {
                app,
                manifest: "{\n  \"software_id\": \"no.fjordhelse.blodtrykk\"\n}".to_owned(),
            })
            .to_vec()
    }
}

impl Page for NewAppPage {
    const TEMPLATE: &'static str = "pages/new-app.html";

    fn status(&self) -> StatusCode {
        if self.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let page = |errors| Self {
            form: blank(&Self::FIELDS),
            needs: BTreeSet::from(["K04".to_owned()]),
            languages: BTreeSet::from(["nb".to_owned()]),
            all_needs: vec!["K01".to_owned(), "K04".to_owned()],
            errors,
        };
        vec![
            page(Vec::new()),
            page(errors("software_id")),
            page(errors("needs")),
        ]
    }
}

impl Page for NewVersionPage {
    const TEMPLATE: &'static str = "pages/new-version.html";

    fn status(&self) -> StatusCode {
        if self.errors.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }

    #[cfg(test)]
    fn samples() -> Vec<Self> {
        let page = |errors| Self {
            app: own_app(),
            form: blank(&Self::FIELDS),
            errors,
            max_upload: 50 * 1024 * 1024,
        };
        vec![
            page(Vec::new()),
            page(errors("bundle")),
            page(errors("integrity")),
        ]
    }
}
