//! The page of an app, and its verdict per requirement.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use conformance::Finished;
use foundation::error::Problem;
use foundation::http::Path;
use registry::{AppView, VersionState, VersionView};

use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::error::PortalError;
use crate::pages::product::{
    ApprovalView, ProductHead, ProductPage, ProductRequirementsPage, VersionRow,
};

/// The app as everybody sees it, and the version that stands for it.
struct Found {
    app: AppView,
    version: VersionView,
    verdict: Option<Finished>,
}

impl Found {
    /// A draft is nobody's product page, not even its vendor's.
    async fn read(portal: &Portal, software_id: &str) -> Result<Self, Problem> {
        let app = portal.registry().app(None, software_id).await?;
        let version = app
            .listed
            .as_ref()
            .and_then(|listed| {
                let mut versions = app.versions.iter();
                versions.find(|version| version.software_version == *listed)
            })
            .or_else(|| app.versions.first())
            .cloned()
            .ok_or(PortalError::NotFound)?;
        let verdict = portal.conformance().latest(&version.release).await?;
        Ok(Self {
            app,
            version,
            verdict,
        })
    }

    fn head(&self, frame: &Frame) -> ProductHead {
        let vendor = &self.app.vendor;
        let vendor = (vendor.orgnr.to_string(), vendor.name.clone());
        view::head(&self.app.entry, &self.version, vendor, frame.language)
    }
}

pub(crate) async fn page(
    State(portal): State<Portal>,
    frame: Frame,
    Path(software_id): Path<String>,
) -> Result<Response, Problem> {
    let found = Found::read(&portal, &software_id).await?;
    let mut page = filled(&portal, &frame, &found);
    page.history = history(&portal, &found).await?;
    if found.version.state != VersionState::Approved {
        page.reason = page
            .history
            .iter()
            .find(|entry| entry.status == page.head.status && entry.version == page.head.version)
            .and_then(|entry| entry.reason.clone());
    }
    if let Ok(approval) = portal
        .registry()
        .approval(&software_id, &found.version.software_version)
        .await
    {
        page.approval = Some(ApprovalView {
            log_index: log_index(&approval.ticket),
            status_index: i64::try_from(approval.status_index).unwrap_or(i64::MAX),
        });
    }
    Ok(Show(page).into_response())
}

fn filled(portal: &Portal, frame: &Frame, found: &Found) -> ProductPage {
    let (entry, version) = (&found.app.entry, &found.version);
    ProductPage {
        head: found.head(frame),
        purpose: view::local(&entry.purpose, frame.language),
        reason: None,
        needs: entry.needs.iter().cloned().collect(),
        languages: entry.languages.iter().cloned().collect(),
        data_location: entry.data_location.clone(),
        level: view::spelled(&version.level),
        launch_uri: version.addresses.launch_uri.clone(),
        hosts: version.manifest.hosts.clone(),
        scope: version.manifest.scope.clone(),
        home: entry.links.home.clone(),
        terms: entry.links.terms.clone(),
        privacy: entry.links.privacy.clone(),
        source: entry.links.source.clone(),
        security_contact: entry.contacts.security.clone(),
        privacy_contact: entry.contacts.privacy.clone(),
        clinical_contact: entry.contacts.clinical.clone(),
        prices: view::prices(entry.price.as_ref(), frame.language),
        verdict: found.verdict.as_ref().map(view::verdict),
        approval: None,
        versions: found
            .app
            .versions
            .iter()
            .map(|version| VersionRow {
                version: version.software_version.clone(),
                status: version.state.as_str().to_owned(),
                approved_at: view::millis(version.approved_at),
                changes: view::local(&version.manifest.changes, frame.language),
            })
            .collect(),
        history: Vec::new(),
        public_url: portal.config().public_url.clone(),
    }
}

/// What everybody may know of what happened to the app's approvals, newest first.
async fn history(
    portal: &Portal,
    found: &Found,
) -> Result<Vec<crate::pages::parts::HistoryEntry>, Problem> {
    let software_id = &found.app.entry.software_id;
    let events = portal.registry().public_history(software_id).await?;
    Ok(events
        .into_iter()
        .flat_map(|(version, entry)| view::history(&version, vec![entry]))
        .collect())
}

/// The `index` line of a ticket (C2SP tlog-proof).
fn log_index(ticket: &str) -> i64 {
    ticket
        .lines()
        .find_map(|line| line.strip_prefix("index "))
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or_default()
}

pub(crate) async fn requirements(
    State(portal): State<Portal>,
    frame: Frame,
    Path(software_id): Path<String>,
) -> Result<Response, Problem> {
    let found = Found::read(&portal, &software_id).await?;
    let results = found
        .verdict
        .as_ref()
        .map(|verdict| &verdict.report.results);
    Ok(Show(ProductRequirementsPage {
        head: found.head(&frame),
        verdict: found.verdict.as_ref().map(view::verdict),
        findings: results
            .into_iter()
            .flatten()
            .map(|result| view::finding(result, frame.language))
            .collect(),
    })
    .into_response())
}

#[cfg(test)]
mod tests {
    use super::log_index;

    #[test]
    fn the_number_in_the_log_is_read_from_the_ticket() {
        assert_eq!(log_index("c2sp.org/tlog-proof@v1\nindex 17\nabc\n"), 17);
        assert_eq!(log_index(""), 0);
    }
}
