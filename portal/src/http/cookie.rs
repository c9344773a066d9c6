//! The portal's two cookies. Both are `HttpOnly` and `SameSite=Lax`; over https they carry the
//! `__Host-` prefix, so that no other host can set them.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Holds the session's token.
    Session,
    /// Ties a login under way to the browser.
    Login,
}

impl Cookie {
    fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Session, false) => "mp_session",
            (Self::Session, true) => "__Host-mp_session",
            (Self::Login, false) => "mp_login",
            (Self::Login, true) => "__Host-mp_login",
        }
    }

    /// The value that the browser sent; none when it sent two.
    pub(crate) fn read(self, headers: &HeaderMap, is_https: bool) -> Option<&str> {
        let name = self.name(is_https);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value);
        match (found.next(), found.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }

    /// The header that sets it.
    pub(crate) fn set(self, value: &str, lasts: Duration, is_https: bool) -> Option<HeaderValue> {
        let secure = if is_https { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}",
            self.name(is_https),
            lasts.as_secs()
        );
        HeaderValue::from_str(&text).ok()
    }

    /// The header that takes it away.
    pub(crate) fn unset(self, is_https: bool) -> Option<HeaderValue> {
        self.set("", Duration::ZERO, is_https)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_read_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=1; xmp_session=no; mp_session=mps_x; b=2"),
        );
        assert_eq!(Cookie::Session.read(&headers, false), Some("mps_x"));
        assert_eq!(Cookie::Session.read(&headers, true), None);
        headers.append(header::COOKIE, HeaderValue::from_static("mp_session=other"));
        assert_eq!(Cookie::Session.read(&headers, false), None, "planted twice");
    }

    #[test]
    fn a_cookie_is_closed_to_scripts_and_other_sites() {
        let lasts = Duration::from_mins(1);
        let text = Cookie::Session.set("x", lasts, true).unwrap();
        let text = text.to_str().unwrap();
        for part in [
            "__Host-mp_session=x",
            "HttpOnly",
            "SameSite=Lax",
            "Secure",
            "Max-Age=60",
            "Path=/",
        ] {
            assert!(text.contains(part), "{part}");
        }
        assert!(Cookie::Login.set("a\r\nb", lasts, false).is_none());
    }
}
