//! Contacts that the page's own Content Security Policy forbade. Chromium tells of them neither as
//! requests nor as failures, only as issues; they are recorded as both, once for each page and URL.

use serde_json::Value;
use url::Url;

use super::wire::text;

/// A contact that the page tried and its policy forbade.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forbidden {
    pub(super) url: String,
    pub(super) kind: &'static str,
    pub(super) source: String,
}

impl Forbidden {
    /// The contact in an issue, if it is one.
    pub(super) fn of(params: &Value) -> Option<Self> {
        let details = params.pointer("/issue/details/contentSecurityPolicyIssueDetails")?;
        let reported = details.get("isReportOnly").and_then(Value::as_bool);
        let url = text(details, "blockedURL");
        let is_contact = Url::parse(url)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss"));
        if reported == Some(true) || !is_contact {
            return None;
        }
        let directive = text(details, "violatedDirective");
        let directive = directive.split_whitespace().next().unwrap_or_default();
        Some(Self {
            url: url.to_owned(),
            kind: match directive {
                "connect-src" => "fetch",
                "script-src" | "script-src-elem" | "worker-src" => "script",
                "img-src" => "image",
                "style-src" | "style-src-elem" => "stylesheet",
                "font-src" => "font",
                "media-src" => "media",
                "frame-src" | "child-src" | "form-action" => "document",
                _ => "other",
            },
            source: details
                .pointer("/sourceCodeLocation/url")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_contacts_that_were_truly_forbidden_count() {
        let issue = |url: &str, report_only: bool| {
            json!({"issue": {"details": {"contentSecurityPolicyIssueDetails": {
                "blockedURL": url, "violatedDirective": "connect-src", "isReportOnly": report_only,
            }}}})
        };
        let found = Forbidden::of(&issue("https://x.example/a", false)).unwrap();
        assert_eq!(
            (found.url.as_str(), found.kind),
            ("https://x.example/a", "fetch")
        );
        assert_eq!(Forbidden::of(&issue("https://x.example/a", true)), None);
        assert_eq!(Forbidden::of(&issue("inline", false)), None);
        assert_eq!(Forbidden::of(&json!({})), None);
    }
}
