//! Uploads: `multipart/form-data` with the parts `manifest` and `bundle`, or `manifest` and
//! `integrity` or the manifest alone as JSON for an app that its vendor hosts. Parts are counted while they arrive.

use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use foundation::access::Actor;
use foundation::error::Problem;
use foundation::http::{Json, Path};

use crate::config::RegistryConfig;
use crate::error::RegistryError;
use crate::service::Registry;
use crate::service::upload::{Upload, Uploaded};

/// `POST /api/v1/apps/{id}/versions`
pub(super) async fn post(
    State(registry): State<Registry>,
    actor: Actor,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    registry.may_upload(&actor, &id).await?;
    let upload = read(request, registry.config()).await?;
    Ok(match registry.upload(&actor, &id, upload).await? {
        Uploaded::Created(version) => {
            let location = format!("/api/v1/apps/{id}/versions/{}", version.software_version);
            (
                StatusCode::CREATED,
                [(header::LOCATION, location)],
                Json(version),
            )
                .into_response()
        }
        Uploaded::Unchanged(version) => Json(version).into_response(),
    })
}

/// The most that a request may have: all parts and what stands between them.
pub(super) fn body_limit(config: &RegistryConfig) -> usize {
    let most = config
        .max_packed_bytes
        .saturating_add(MAX_MANIFEST)
        .saturating_add(MAX_INTEGRITY)
        .saturating_add(FRAMING);
    usize::try_from(most).unwrap_or(usize::MAX)
}

async fn read(request: Request, config: &RegistryConfig) -> Result<Upload, RegistryError> {
    if media_type(request.headers()) == "application/json" {
        let too_large = RegistryError::TooLarge {
            part: "manifest",
            limit: MAX_MANIFEST,
        };
        let manifest: Bytes = request.extract().await.map_err(|_| too_large)?;
        return Ok(Upload {
            manifest,
            bundle: None,
            integrity: None,
        });
    }
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|error| RegistryError::Upload {
        code: "upload-media-type",
        detail: error.body_text(),
        remedy: "Send multipart/form-data with the parts `manifest` and `bundle`, or the manifest as application/json.",
    })?;
    let (mut manifest, mut bundle, mut integrity) = (None, None, None);
    while let Some(field) = multipart
        .next_field()
        .await
        .map_err(|error| broken(&error, config))?
    {
        let (slot, part, limit) = match field.name() {
            Some("manifest") => (&mut manifest, "manifest", MAX_MANIFEST),
            Some("bundle") => (&mut bundle, "bundle", config.max_packed_bytes),
            Some("integrity") => (&mut integrity, "integrity", MAX_INTEGRITY),
            other => return Err(unknown_part(other)),
        };
        if slot.is_some() {
            return Err(RegistryError::Upload {
                code: "upload-part-repeated",
                detail: format!("The part `{part}` came twice."),
                remedy: "Send each part once.",
            });
        }
        *slot = Some(collect(field, part, limit, config).await?);
    }
    let manifest = manifest.ok_or(RegistryError::Upload {
        code: "upload-manifest-missing",
        detail: "There is no part `manifest`.".to_owned(),
        remedy: "Send the version's manifest as the part `manifest`.",
    })?;
    Ok(Upload {
        manifest,
        bundle,
        integrity,
    })
}

async fn collect(
    mut field: Field<'_>,
    part: &'static str,
    limit: u64,
    config: &RegistryConfig,
) -> Result<Bytes, RegistryError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field
        .chunk()
        .await
        .map_err(|error| broken(&error, config))?
    {
        if bytes.len().saturating_add(chunk.len()) as u64 > limit {
            return Err(RegistryError::TooLarge { part, limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn broken(error: &MultipartError, config: &RegistryConfig) -> RegistryError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return RegistryError::TooLarge {
            part: "bundle",
            limit: config.max_packed_bytes,
        };
    }
    RegistryError::Upload {
        code: "upload-broken",
        detail: error.body_text(),
        remedy: "Send it again; it was cut off or is no multipart/form-data.",
    }
}

fn unknown_part(name: Option<&str>) -> RegistryError {
    RegistryError::Upload {
        code: "upload-part-unknown",
        detail: format!("There is a part `{}`.", name.unwrap_or_default()),
        remedy: "Send the parts `manifest`, and `bundle` or `integrity`, and no other.",
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

const MAX_MANIFEST: u64 = 64 * 1024;
const MAX_INTEGRITY: u64 = 512 * 1024;
const FRAMING: u64 = 64 * 1024;
