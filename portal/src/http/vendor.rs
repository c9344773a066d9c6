//! The vendor's own apps.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::Path;
use foundation::language::Language;
use registry::{Notice, VendorApp};

use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::error::PortalError;
use crate::pages::vendor::{NoticeRow, OwnApp, OwnVersion, VendorAppPage, VendorPage};

/// The page shows the newest; the API gives them all.
const NOTICES: usize = 5;

pub(crate) async fn list(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
) -> Result<Response, Problem> {
    let apps = portal.registry().vendor_apps(&actor).await?;
    let apps = apps.iter().map(|app| own(app, frame.language)).collect();
    let notices = portal.registry().notices(&actor).await?;
    let notices = notices.into_iter().take(NOTICES).map(told).collect();
    Ok(Show(VendorPage { apps, notices }).into_response())
}

fn told(notice: Notice) -> NoticeRow {
    NoticeRow {
        kind: notice.kind.as_str().to_owned(),
        software_id: notice.software_id,
        version: notice.software_version,
        detail: notice.detail,
        at: notice.created_at.millis(),
    }
}

pub(crate) async fn app(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(software_id): Path<String>,
) -> Result<Response, Problem> {
    let app = find(&portal, &actor, &software_id).await?;
    Ok(Show(VendorAppPage {
        manifest: serde_json::to_string_pretty(&app.entry).unwrap_or_default(),
        app: own(&app, frame.language),
    })
    .into_response())
}

/// An app of the vendor's own; another's is as unknown as one that is not there.
pub(crate) async fn find(
    portal: &Portal,
    actor: &Actor,
    software_id: &str,
) -> Result<VendorApp, Problem> {
    let apps = portal.registry().vendor_apps(actor).await?;
    apps.into_iter()
        .find(|app| app.entry.software_id == software_id)
        .ok_or_else(|| PortalError::NotFound.into())
}

pub(crate) fn own(app: &VendorApp, language: Language) -> OwnApp {
    OwnApp {
        software_id: app.entry.software_id.clone(),
        name: view::local(&app.entry.name, language),
        purpose: view::local(&app.entry.purpose, language),
        kind: app.entry.kind.as_str().to_owned(),
        versions: app
            .versions
            .iter()
            .map(|version| OwnVersion {
                version: version.software_version.clone(),
                status: version.state.as_str().to_owned(),
                created_at: version.created_at.millis(),
            })
            .collect(),
    }
}
