//! Requests as a router answers them.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.bytes)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// Status and problem code, checked for what every problem must have.
    pub(crate) fn problem(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{body}"
        );
        for member in ["title", "detail", "remedy"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{body}"
            );
        }
        (self.status, body["code"].as_str().unwrap().to_owned())
    }

    /// Code and place of each finding.
    pub(crate) fn findings(&self) -> Vec<(String, String)> {
        let body = self.json();
        let findings = body["errors"].as_array().cloned().unwrap_or_default();
        let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
        findings
            .iter()
            .map(|finding| (text(finding, "code"), text(finding, "pointer")))
            .collect()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.bytes)
        );
        self
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!(self.problem(), (status, code.to_owned()), "{}", self.json());
    }
}

pub(crate) async fn call(router: Router, request: Request<Body>) -> Reply {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    Reply {
        status,
        headers,
        bytes: bytes.to_vec(),
    }
}
