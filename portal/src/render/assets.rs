//! The style sheet, icons, mark and script: in the binary, served under their content hash, so
//! that a browser may keep them for ever.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::Digest;

/// One file that pages refer to.
#[derive(Clone, Copy, Debug)]
struct Asset {
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 4] = [
    Asset {
        name: "portal",
        extension: "css",
        media_type: "text/css; charset=utf-8",
        content: concat!(
            include_str!("../../assets/designsystemet.css"),
            include_str!("../../assets/portal.css")
        ),
    },
    Asset {
        name: "icons",
        extension: "svg",
        media_type: "image/svg+xml",
        content: include_str!("../../assets/icons.svg"),
    },
    Asset {
        name: "live",
        extension: "js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/live.js"),
    },
    Asset {
        name: "mark",
        extension: "svg",
        media_type: "image/svg+xml",
        content: include_str!("../../assets/mark.svg"),
    },
];

impl Asset {
    fn file(&self) -> String {
        let hash: String = Digest::of(self.content.as_bytes())
            .label()
            .chars()
            .take(16)
            .collect();
        format!("{}.{hash}.{}", self.name, self.extension)
    }
}

/// Addresses of the assets by name, for templates.
pub(crate) fn addresses() -> Vec<(&'static str, String)> {
    ASSETS
        .iter()
        .map(|asset| (asset.name, format!("/assets/{}", asset.file())))
        .collect()
}

/// Answers `/assets/{file}`.
pub(crate) fn serve(file: &str) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.file() == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = asset.content.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.media_type),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_its_file_and_another_hash_to_nothing() {
        for (_, address) in addresses() {
            let file = address.trim_start_matches("/assets/");
            assert_eq!(serve(file).status(), StatusCode::OK);
            let other = file.replacen('.', ".x", 1);
            assert_eq!(serve(&other).status(), StatusCode::NOT_FOUND);
        }
    }

    #[test]
    fn the_script_stays_small_and_the_style_calls_nobody() {
        for asset in ASSETS {
            if asset.extension == "js" {
                assert!(asset.content.len() <= 5_000);
            }
            for scheme in ["url(http", "url(\"http", "@import", "url(//"] {
                assert!(!asset.content.contains(scheme), "{} {scheme}", asset.name);
            }
        }
    }
}
