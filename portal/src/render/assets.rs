//! The style sheet, icons, mark, scripts and the verifier that runs in browsers: in the binary,
//! served under their content hash, so that a browser may keep them for ever.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::Digest;

/// One file that pages refer to.
#[derive(Clone, Copy, Debug)]
struct Asset {
    name: &'static str,
    extension: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 8] = [
    Asset {
        name: "portal",
        extension: "css",
        media_type: "text/css; charset=utf-8",
        content: concat!(
            include_str!("../../assets/designsystemet.css"),
            include_str!("../../assets/portal.css")
        )
        .as_bytes(),
    },
    Asset {
        name: "icons",
        extension: "svg",
        media_type: "image/svg+xml",
        content: include_bytes!("../../assets/icons.svg"),
    },
    Asset {
        name: "mark",
        extension: "svg",
        media_type: "image/svg+xml",
        content: include_bytes!("../../assets/mark.svg"),
    },
    Asset {
        name: "live",
        extension: "js",
        media_type: JAVASCRIPT,
        content: include_bytes!("../../assets/live.js"),
    },
    Asset {
        name: "verify",
        extension: "js",
        media_type: JAVASCRIPT,
        content: include_bytes!("../../assets/verify.js"),
    },
    Asset {
        name: "copy",
        extension: "js",
        media_type: JAVASCRIPT,
        content: include_bytes!("../../assets/copy.js"),
    },
    // The npm package's own files: what people try here is what an EPJ installs.
    Asset {
        name: "verifier",
        extension: "js",
        media_type: JAVASCRIPT,
        content: include_bytes!("../../../verifier/embed/npm/index.js"),
    },
    Asset {
        name: "verifier_module",
        extension: "wasm",
        media_type: "application/wasm",
        content: include_bytes!("../../../verifier/embed/npm/verifier.wasm"),
    },
];

/// The file names, in the order of [`ASSETS`].
static FILES: LazyLock<Vec<String>> = LazyLock::new(|| ASSETS.iter().map(Asset::file).collect());

impl Asset {
    fn file(&self) -> String {
        let hash: String = Digest::of(self.content).label().chars().take(16).collect();
        format!("{}.{hash}.{}", self.name, self.extension)
    }
}

/// Addresses of the assets by name, for templates.
pub(crate) fn addresses() -> Vec<(&'static str, String)> {
    let files = FILES.iter();
    ASSETS
        .iter()
        .zip(files)
        .map(|(asset, file)| (asset.name, format!("/assets/{file}")))
        .collect()
}

/// Answers `/assets/{file}`.
pub(crate) fn serve(file: &str) -> Response {
    let mut known = ASSETS.iter().zip(FILES.iter());
    let Some((asset, _)) = known.find(|(_, known)| *known == file) else {
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
    fn scripts_stay_small_and_the_style_calls_nobody() {
        for asset in ASSETS {
            if asset.extension == "js" {
                assert!(asset.content.len() <= 6_000, "{}", asset.name);
            }
            let Ok(text) = std::str::from_utf8(asset.content) else {
                assert_eq!(asset.extension, "wasm");
                continue;
            };
            for scheme in ["url(http", "url(\"http", "@import", "url(//"] {
                assert!(!text.contains(scheme), "{} {scheme}", asset.name);
            }
        }
    }
}
