//! The list of sandboxes, and the stylesheet.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use foundation::http::Path;
use serde_json::json;

use super::Web;
use super::authorize::page_of;
use super::pages::{Beyond, Place};
use crate::domain::sandbox::DEMO;

/// `GET /`: the demo sandbox. Other sandboxes are found by those who know their names.
pub(super) async fn list(State(web): State<Web>, uri: Uri) -> Response {
    let values = json!({"demo": DEMO, "base": web.core.fhir_base(DEMO), "issuer": web.core.helseid_issuer()});
    web.pages.respond(
        StatusCode::OK,
        "home.html",
        &Place::of(&uri),
        values,
        &Beyond::default(),
    )
}

/// `GET /static/{file}`.
pub(super) async fn asset(State(web): State<Web>, Path(file): Path<String>, uri: Uri) -> Response {
    if file != "sandbox.css" {
        let place = Place::of(&uri);
        return page_of(
            &web,
            &place,
            StatusCode::NOT_FOUND,
            "refused_missing_title",
            "refused_missing_text",
            "",
        );
    }
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/css; charset=utf-8"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, include_str!("../../assets/sandbox.css")).into_response()
}
