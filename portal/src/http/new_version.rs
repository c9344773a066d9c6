//! Uploading a version: the form's own inputs become the manifest, the file the archive. The form's
//! token stands first in the form and is checked before anything else is read.

use axum::extract::{FromRequest, Multipart, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use foundation::access::Actor;
use foundation::error::{Describe, Problem};
use foundation::http::Path;
use registry::{Upload, Uploaded};

use super::form::{Sent, TOKEN, check_token};
use super::frame::Frame;
use super::present::Show;
use super::{Portal, entry, vendor, view};
use crate::error::PortalError;
use crate::pages::parts::FieldError;
use crate::pages::vendor::NewVersionPage;
use crate::render::urls::Place;

pub(crate) async fn show(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(software_id): Path<String>,
) -> Result<Response, Problem> {
    let page = page(
        &portal,
        &frame,
        &actor,
        &software_id,
        &Sent::default(),
        Vec::new(),
    )
    .await?;
    Ok(Show(page).into_response())
}

pub(crate) async fn send(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    Path(software_id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    portal.registry().may_upload(&actor, &software_id).await?;
    let (sent, files) = read(&frame, request).await?;
    let upload = Upload {
        manifest: entry::version(&sent).to_string().into(),
        bundle: files.bundle,
        integrity: files.integrity,
    };
    match portal.registry().upload(&actor, &software_id, upload).await {
        Ok(Uploaded::Created(version) | Uploaded::Unchanged(version)) => {
            let values = [software_id.as_str(), version.software_version.as_str()];
            Ok(Redirect::to(&Place::VERSION.href(frame.language, &values)).into_response())
        }
        Err(error) if error.fault().status.is_client_error() => {
            let mut errors = view::refusals(
                &portal,
                &error.fault(),
                frame.language,
                entry::version_field,
            );
            let code = error.fault().code;
            if let [only] = errors.as_mut_slice()
                && only.field.is_empty()
            {
                let field = if code == "version-reused" {
                    "software_version"
                } else {
                    "bundle"
                };
                field.clone_into(&mut only.field);
            }
            let page = page(&portal, &frame, &actor, &software_id, &sent, errors).await?;
            Ok(Show(page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// What was chosen in the file inputs.
#[derive(Default)]
struct Files {
    bundle: Option<Bytes>,
    integrity: Option<Bytes>,
}

async fn read(frame: &Frame, request: Request) -> Result<(Sent, Files), PortalError> {
    let unreadable = |reason: String| PortalError::FormUnreadable(reason);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|rejection| unreadable(rejection.body_text()))?;
    let mut sent = Sent::default();
    let mut files = Files::default();
    let mut has_token = false;
    while let Some(part) = form
        .next_field()
        .await
        .map_err(|error| unreadable(error.body_text()))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part
            .bytes()
            .await
            .map_err(|error| unreadable(error.body_text()))?;
        if !has_token {
            let token = if name == TOKEN { &bytes[..] } else { b"" };
            check_token(frame, &String::from_utf8_lossy(token))?;
            has_token = true;
        } else if name == "bundle" || name == "integrity" {
            // A file input that was left empty is sent without bytes.
            let chosen = (!bytes.is_empty()).then_some(bytes);
            if name == "bundle" {
                files.bundle = chosen;
            } else {
                files.integrity = chosen;
            }
        } else {
            sent.add(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    if has_token {
        Ok((sent, files))
    } else {
        Err(PortalError::FormExpired)
    }
}

async fn page(
    portal: &Portal,
    frame: &Frame,
    actor: &Actor,
    software_id: &str,
    sent: &Sent,
    errors: Vec<FieldError>,
) -> Result<NewVersionPage, Problem> {
    let app = vendor::find(portal, actor, software_id).await?;
    Ok(NewVersionPage {
        app: vendor::own(&app, frame.language),
        form: sent.filled(&NewVersionPage::FIELDS),
        errors,
        max_upload: i64::try_from(portal.registry().max_packed_bytes()).unwrap_or(i64::MAX),
    })
}
