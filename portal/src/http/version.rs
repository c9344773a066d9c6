//! One version of the vendor's own: check, submit, withdraw.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use conformance::Check;
use foundation::access::Actor;
use foundation::error::{Describe, Fault, Problem};
use foundation::http::Path;
use registry::{
    Action, Decision, KeyState, StandingRequest, SubmissionRequest, VersionState, VersionView,
};

use super::form::Sent;
use super::frame::Frame;
use super::present::Show;
use super::{Portal, vendor, view};
use crate::pages::parts::{Counts, FieldError};
use crate::pages::version::{CheckSummary, VersionPage};
use crate::render::urls::Place;

/// App and version, as in the address.
type Address = (String, String);

pub(crate) async fn page(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
) -> Result<Response, Problem> {
    let page = filled(&portal, &frame, &actor, &address, Vec::new()).await?;
    Ok(Show(page).into_response())
}

pub(crate) async fn check(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
    _sent: Sent,
) -> Result<Response, Problem> {
    let (app, version) = &address;
    match portal.conformance().start(&actor, app, version).await {
        Ok(check) => {
            let next = Place::CHECK.href(frame.language, &[&check.id.to_string()]);
            Ok(Redirect::to(&next).into_response())
        }
        Err(error) => refused(&portal, &frame, &actor, &address, error).await,
    }
}

pub(crate) async fn submit(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
    sent: Sent,
) -> Result<Response, Problem> {
    let (app, version) = &address;
    let release = sent.one("release");
    let request = SubmissionRequest {
        release: (!release.is_empty()).then(|| release.to_owned()),
    };
    let registry = portal.registry();
    match registry.submit(&actor, app, version, request).await {
        Ok(_) => Ok(back(&frame, &address)),
        Err(error) => refused(&portal, &frame, &actor, &address, error).await,
    }
}

pub(crate) async fn withdraw(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(address): Path<Address>,
    sent: Sent,
) -> Result<Response, Problem> {
    let (app, version) = &address;
    let request = StandingRequest {
        action: Action::Withdraw,
        reason: sent.one("reason").to_owned(),
        confirms: None,
    };
    let registry = portal.registry();
    match registry
        .change_standing(&actor, app, version, request)
        .await
    {
        Ok(_) => Ok(back(&frame, &address)),
        Err(error) => refused(&portal, &frame, &actor, &address, error).await,
    }
}

fn back(frame: &Frame, (app, version): &Address) -> Response {
    Redirect::to(&Place::VERSION.href(frame.language, &[app, version])).into_response()
}

/// Shows the page again with what was refused; a failure of ours is an error page.
async fn refused<E: Describe>(
    portal: &Portal,
    frame: &Frame,
    actor: &Actor,
    address: &Address,
    error: E,
) -> Result<Response, Problem> {
    let fault: Fault = error.fault();
    if !fault.status.is_client_error() {
        return Err(error.into());
    }
    let mut errors = view::refusals(portal, &fault, frame.language, |_| String::new());
    if fault.code == "reason-missing"
        && let [only] = errors.as_mut_slice()
    {
        "reason".clone_into(&mut only.field);
    }
    let page = filled(portal, frame, actor, address, errors).await?;
    Ok(Show(page).into_response())
}

async fn filled(
    portal: &Portal,
    frame: &Frame,
    actor: &Actor,
    (app, version): &Address,
    errors: Vec<FieldError>,
) -> Result<VersionPage, Problem> {
    let own = vendor::find(portal, actor, app).await?;
    let registry = portal.registry();
    let found = registry.version(Some(actor), app, version).await?;
    let check = newest(portal, actor, app, version).await?;
    let history = view::history(version, registry.history(actor, app, version).await?);
    let reviews = registry.reviews(actor, app, version).await?;
    let signed = reviews
        .iter()
        .filter(|review| review.round == found.round && review.decision == Decision::Approve)
        .count();
    let is_open = matches!(found.state, VersionState::Draft | VersionState::Returned);
    let has_passed = check.as_ref().is_some_and(|check| check.has_passed);
    let is_running = check.as_ref().is_some_and(|check| !check.is_over);
    let reason = history
        .iter()
        .find(|entry| entry.status == found.state.as_str())
        .and_then(|entry| entry.reason.clone());
    let can_submit = is_open && has_passed;
    let to_sign = if can_submit {
        to_sign(portal, actor, (app, version)).await?
    } else {
        None
    };
    Ok(VersionPage {
        to_sign,
        name: view::local(&own.entry.name, frame.language),
        reviews: view::count(signed),
        can_submit,
        can_check: is_open && !is_running,
        can_withdraw: is_open || found.state == VersionState::Submitted,
        check,
        reason,
        history,
        errors,
        ..content(&found)
    })
}

/// What the vendor signs itself, when it has a key of its own in force.
async fn to_sign(
    portal: &Portal,
    actor: &Actor,
    (app, version): (&str, &str),
) -> Result<Option<String>, Problem> {
    let registry = portal.registry();
    let keys = registry.vendor_keys(actor).await?;
    let own = keys
        .iter()
        .any(|key| key.state == KeyState::Active && key.holder == actor.organisation);
    if !own {
        return Ok(None);
    }
    let claims = registry.release_claims(actor, app, version).await?;
    Ok(serde_json::to_string_pretty(&claims).ok())
}

/// What the version itself says.
fn content(found: &VersionView) -> VersionPage {
    VersionPage {
        software_id: found.software_id.clone(),
        name: crate::pages::parts::Worded::default(),
        version: found.software_version.clone(),
        status: found.state.as_str().to_owned(),
        release: found.release.sri(),
        level: view::spelled(&found.level),
        launch_uri: found.addresses.launch_uri.clone(),
        redirect_uris: found.addresses.redirect_uris.clone(),
        scope: found.manifest.scope.clone(),
        hosts: found.manifest.hosts.clone(),
        size: found.size.and_then(|size| i64::try_from(size).ok()),
        check: None,
        reviews: 0,
        reason: None,
        can_submit: false,
        to_sign: None,
        can_check: false,
        can_withdraw: false,
        withdrawal_reason: String::new(),
        history: Vec::new(),
        errors: Vec::new(),
    }
}

async fn newest(
    portal: &Portal,
    actor: &Actor,
    app: &str,
    version: &str,
) -> Result<Option<CheckSummary>, Problem> {
    let room = portal.conformance();
    let checks: Vec<Check> = room.checks(Some(actor), app, version).await?;
    let Some(check) = checks.into_iter().next() else {
        return Ok(None);
    };
    let counts = if check.report.is_some() {
        view::counts(room.report(Some(actor), &check.id).await?.counts)
    } else {
        Counts::default()
    };
    Ok(Some(CheckSummary {
        check: check.id.to_string(),
        state: check.state.as_str().to_owned(),
        is_over: check.state.is_final(),
        has_passed: check.state == conformance::CheckState::Passed,
        at: check.created_at.millis(),
        counts,
    }))
}
