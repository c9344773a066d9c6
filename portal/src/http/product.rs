//! The page of an app, and its verdict per requirement.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use conformance::Finished;
use foundation::error::Problem;
use foundation::http::Path;
use registry::{AppView, Chain, RegistryError, VersionState, VersionView};

use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::error::PortalError;
use crate::pages::chain::{ChainView, ReviewLine, WitnessLine};
use crate::pages::product::{ProductHead, ProductPage, ProductRequirementsPage, VersionRow};

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
    page.chain = chain(&portal, &software_id, &found.version.software_version).await?;
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
        chain: None,
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

/// How the version's approval hangs together; a version that was never approved has none.
async fn chain(
    portal: &Portal,
    software_id: &str,
    version: &str,
) -> Result<Option<ChainView>, Problem> {
    match portal.registry().chain(software_id, version).await {
        Ok(chain) => {
            let environment = view::spelled(&portal.registry().environment());
            Ok(Some(links(chain, environment)))
        }
        Err(RegistryError::ApprovalMissing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn links(chain: Chain, environment: String) -> ChainView {
    let millis = |seconds: i64| seconds.saturating_mul(1000);
    let reviews = chain.reviews.into_iter().map(|review| ReviewLine {
        role: view::spelled(&review.role),
        organisation: review.organization_name.or(review.organization_id),
        key: review.key,
        decided_at: millis(review.decided_at),
    });
    let witnesses = chain.log.witnesses.into_iter().map(|witness| WitnessLine {
        name: witness.name,
        seen_at: millis(witness.seen_at),
    });
    ChainView {
        release: chain.release,
        content: chain.content,
        reviews: reviews.collect(),
        issuer_key: chain.issuer_key,
        issued_at: millis(chain.issued_at),
        expires_at: millis(chain.expires_at),
        origin: chain.log.origin,
        index: i64::try_from(chain.log.index).unwrap_or(i64::MAX),
        witnesses: witnesses.collect(),
        environment,
    }
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
