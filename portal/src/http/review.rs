//! The review desk. The rules of who may sign are the registry's; what the page leaves out is only
//! what the registry would refuse anyway.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::access::{Actor, Role};
use foundation::error::{Describe, Problem};
use foundation::http::Path;
use registry::{
    Action, CatalogueQuery, Decision, KeyState, Organisation, RegistryError, ReviewRequest,
    ReviewRole, ReviewView, Sort, StandingRequest, VersionState, VersionView,
};
use serde::de::DeserializeOwned;

use super::form::Sent;
use super::frame::Frame;
use super::present::Show;
use super::{Portal, view};
use crate::pages::parts::{FieldError, Worded};
use crate::pages::review::{CasePage, QueuePage, QueueRow, SignedReview};
use crate::render::urls::Place;

/// Begins the query of the page after a decision about an approval.
const STANDING: &str = "endring=";

/// App and version, as in the address.
type Address = (String, String);

pub(crate) async fn queue(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
) -> Result<Response, Problem> {
    let waiting = portal.registry().review_queue(&actor).await?;
    let everything = CatalogueQuery {
        sort: Sort::Approved,
        page: 1,
        page_size: 100,
        ..CatalogueQuery::default()
    };
    let listed = portal.registry().catalogue(&everything).await?.hits;
    Ok(Show(QueuePage {
        waiting: waiting
            .into_iter()
            .map(|item| QueueRow {
                name: Worded::choose(frame.language, &item.name, None, None),
                vendor: item.vendor_name,
                kind: item
                    .version
                    .entry
                    .as_ref()
                    .map_or_else(String::new, |entry| entry.kind.as_str().to_owned()),
                status: item.version.state.as_str().to_owned(),
                submitted_at: view::millis(item.version.submitted_at)
                    .unwrap_or_else(|| item.version.created_at.millis()),
                signed: item
                    .reviews
                    .iter()
                    .map(|review| view::spelled(&review.role))
                    .collect(),
                software_id: item.version.software_id,
                version: item.version.software_version,
            })
            .collect(),
        listed: listed
            .into_iter()
            .map(|hit| view::card(hit, frame.language))
            .collect(),
    })
    .into_response())
}

pub(crate) async fn case(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
) -> Result<Response, Problem> {
    let page = filled(&portal, &frame, &actor, &address, String::new(), Vec::new()).await?;
    Ok(Show(page).into_response())
}

pub(crate) async fn decide(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
    sent: Sent,
) -> Result<Response, Problem> {
    let reason = sent.one("reason").to_owned();
    let jws = sent.one("jws").to_owned();
    if !jws.is_empty() {
        let request = ReviewRequest::Signed {
            jws,
            reason: reason.clone(),
        };
        return decided(&portal, &frame, &actor, &address, reason, request).await;
    }
    let (Some(decision), Some(role)) = (
        word::<Decision>(sent.one("decision")),
        word::<ReviewRole>(sent.one("role")),
    ) else {
        let error = portal
            .problems()
            .error("decision", "decision-missing", "", "", frame.language);
        let page = filled(&portal, &frame, &actor, &address, reason, vec![error]).await?;
        return Ok(Show(page).into_response());
    };
    let request = ReviewRequest::Desk {
        decision,
        role,
        reason: reason.clone(),
    };
    decided(&portal, &frame, &actor, &address, reason, request).await
}

/// Records a decision, or shows the case again with why not.
async fn decided(
    portal: &Portal,
    frame: &Frame,
    actor: &Actor,
    address: &Address,
    reason: String,
    request: ReviewRequest,
) -> Result<Response, Problem> {
    let (app, version) = address;
    match portal.registry().review(actor, app, version, request).await {
        Ok(_) => Ok(back(frame, address)),
        Err(error) => refused(portal, frame, actor, address, reason, error).await,
    }
}

pub(crate) async fn change_standing(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
    sent: Sent,
) -> Result<Response, Problem> {
    let (app, version) = &address;
    let reason = sent.one("reason").to_owned();
    let Some(action) = word::<Action>(sent.one("action")) else {
        return Ok(back(&frame, &address));
    };
    let request = StandingRequest {
        action,
        reason: reason.clone(),
        confirms: None,
    };
    match portal
        .registry()
        .change_standing(&actor, app, version, request)
        .await
    {
        // It is logged before it shows: the page that follows says so.
        Ok(outcome) => {
            let case = Place::CASE.href(frame.language, &[app, version]);
            let next = format!("{case}?{STANDING}{}", outcome.progress);
            Ok(Redirect::to(&next).into_response())
        }
        Err(error) => refused(&portal, &frame, &actor, &address, reason, error).await,
    }
}

/// What the address says became of a decision.
fn standing(frame: &Frame) -> Option<String> {
    let told = frame.query.as_deref()?.strip_prefix(STANDING)?;
    let known = ["decided", "needs-another-reviewer"];
    known.contains(&told).then(|| told.to_owned())
}

fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

fn back(frame: &Frame, (app, version): &Address) -> Response {
    Redirect::to(&Place::CASE.href(frame.language, &[app, version])).into_response()
}

async fn refused(
    portal: &Portal,
    frame: &Frame,
    actor: &Actor,
    address: &Address,
    reason: String,
    error: RegistryError,
) -> Result<Response, Problem> {
    let fault = error.fault();
    if !fault.status.is_client_error() {
        return Err(error.into());
    }
    let mut errors = view::refusals(portal, &fault, frame.language, |_| String::new());
    if matches!(error, RegistryError::ReasonMissing)
        && let [only] = errors.as_mut_slice()
    {
        "reason".clone_into(&mut only.field);
    }
    let page = filled(portal, frame, actor, address, reason, errors).await?;
    Ok(Show(page).into_response())
}

async fn filled(
    portal: &Portal,
    frame: &Frame,
    actor: &Actor,
    (app, version): &Address,
    reason: String,
    errors: Vec<FieldError>,
) -> Result<CasePage, Problem> {
    let registry = portal.registry();
    let found = registry.version(Some(actor), app, version).await?;
    let shown = registry.app(Some(actor), app).await?;
    // Reviewers judge what was frozen at submission, not what the vendor has written since.
    let entry = found.entry.clone().unwrap_or(shown.entry);
    let vendor = (shown.vendor.orgnr.to_string(), shown.vendor.name);
    let verdict = portal.conformance().latest(&found.release).await?;
    let results = verdict
        .as_ref()
        .map_or(&[][..], |finished| &finished.report.results);
    let (failed, others) = view::grouped(results, frame.language);
    let mut reviews = registry.reviews(actor, app, version).await?;
    let organisations = registry.organisations().await?;
    reviews.retain(|review| review.round == found.round);
    let capacities = match registry.person(actor).await {
        Ok(person) => person.review_roles,
        Err(RegistryError::PersonUnknown) => BTreeSet::new(),
        Err(error) => return Err(error.into()),
    };
    let (roles, barred) = may_sign(actor, &vendor.0, &found, &reviews, &capacities);
    let cards = registry.reviewer_keys(actor).await?;
    let has_card = cards
        .iter()
        .any(|key| key.state == KeyState::Active && key.holder == actor.person);
    Ok(CasePage {
        actions: actions(actor, &vendor.0, found.state),
        head: view::head(&entry, &found, vendor, frame.language),
        purpose: view::local(&entry.purpose, frame.language),
        changes: view::local(&found.manifest.changes, frame.language),
        release: found.release.sri(),
        launch_uri: found.addresses.launch_uri.clone(),
        redirect_uris: found.addresses.redirect_uris.clone(),
        hosts: found.manifest.hosts.clone(),
        scope: found.manifest.scope.clone(),
        verdict: verdict.as_ref().map(view::verdict),
        failed,
        others,
        manifest: serde_json::to_string_pretty(&found.manifest).unwrap_or_default(),
        entry: serde_json::to_string_pretty(&entry).unwrap_or_default(),
        reviews: reviews
            .into_iter()
            .map(|review| signed(review, &organisations))
            .collect(),
        history: view::history(version, registry.history(actor, app, version).await?),
        roles,
        has_card,
        barred,
        standing: standing(frame),
        reason,
        errors,
    })
}

fn signed(review: ReviewView, organisations: &[Organisation]) -> SignedReview {
    let number = review.reviewer.organisation;
    let known = organisations
        .iter()
        .find(|organisation| organisation.orgnr.as_str() == number);
    SignedReview {
        role: view::spelled(&review.role),
        reviewer: review.reviewer.name,
        organisation: known.map_or(number, |organisation| organisation.name.clone()),
        at: review.decided_at.millis(),
    }
}

/// The capacities in which the reader may sign now, or why there is none.
fn may_sign(
    actor: &Actor,
    vendor: &str,
    found: &VersionView,
    reviews: &[ReviewView],
    capacities: &BTreeSet<ReviewRole>,
) -> (Vec<String>, Option<String>) {
    let barred = if found.state != VersionState::Submitted {
        // An approved version is followed up instead; nothing needs explaining then.
        return (Vec::new(), None);
    } else if !actor.is(Role::Reviewer) || capacities.is_empty() {
        "no-reviewer"
    } else if actor.organisation == vendor {
        "own-app"
    } else if reviews
        .iter()
        .any(|review| review.reviewer.person == actor.person)
    {
        "signed-already"
    } else if reviews
        .iter()
        .any(|review| review.reviewer.organisation == actor.organisation)
    {
        "same-organisation"
    } else {
        let free: Vec<String> = capacities
            .iter()
            .filter(|role| reviews.iter().all(|review| review.role != **role))
            .map(view::spelled)
            .collect();
        if !free.is_empty() {
            return (free, None);
        }
        "no-role-left"
    };
    (Vec::new(), Some(barred.to_owned()))
}

/// What the reader may do with an approval; the registry decides.
fn actions(actor: &Actor, vendor: &str, state: VersionState) -> Vec<String> {
    let is_reviewer = actor.is(Role::Reviewer);
    let mut actions = Vec::new();
    if !is_reviewer {
        return Vec::new();
    }
    let is_own = actor.organisation == vendor;
    match state {
        VersionState::Approved => {
            actions.push("suspend");
            if !is_own {
                actions.push("revoke");
            }
        }
        VersionState::Suspended if !is_own => actions.extend(["reinstate", "revoke"]),
        _ => {}
    }
    actions.into_iter().map(str::to_owned).collect()
}
