//! The forms of an app and of a version as the registry's JSON, and the registry's findings as
//! errors of the forms' inputs. The rules are the registry's; nothing is checked here.

use serde_json::{Map, Value, json};

use super::form::Sent;

/// The app entry that a form means. What was left empty is left out.
pub(crate) fn app(sent: &Sent) -> Value {
    let mut entry = json!({
        "software_id": sent.one("software_id"),
        "name": texts(sent, "name"),
        "purpose": texts(sent, "purpose"),
        "kind": sent.one("kind"),
        "needs": sent.all("needs"),
        "languages": sent.all("languages"),
        "contacts": {
            "security": sent.one("security"),
            "privacy": sent.one("privacy_contact"),
            "clinical": sent.one("clinical"),
        },
        "links": {
            "home": sent.one("home"),
            "terms": sent.one("terms"),
            "privacy": sent.one("privacy"),
        },
        "data_location": sent.one("data_location"),
    });
    if !sent.one("source").is_empty()
        && let Some(links) = entry.get_mut("links").and_then(Value::as_object_mut)
    {
        links.insert("source".to_owned(), sent.one("source").into());
    }
    if !sent.one("price").is_empty()
        && let Some(members) = entry.as_object_mut()
    {
        members.insert(
            "price".to_owned(),
            json!({
                "currency": "NOK",
                "recurring": [{
                    "basis": sent.one("price_basis"),
                    "period": "year",
                    "ore": ore(sent.one("price")),
                }],
            }),
        );
    }
    entry
}

/// The version manifest that a form means.
pub(crate) fn version(sent: &Sent) -> Value {
    let scope: Vec<&str> = sent.one("scope").split_whitespace().collect();
    json!({
        "software_version": sent.one("software_version"),
        "launch_uri": sent.one("launch_uri"),
        "redirect_uris": lines(sent.one("redirect_uris")),
        "scope": scope.join(" "),
        "hosts": lines(sent.one("hosts")),
        "changes": texts(sent, "changes"),
    })
}

fn texts(sent: &Sent, name: &str) -> Value {
    let mut texts = Map::new();
    for language in ["nb", "nn", "en"] {
        let text = sent.one(&format!("{name}_{language}"));
        if !text.is_empty() || language == "nb" {
            texts.insert(language.to_owned(), text.into());
        }
    }
    Value::Object(texts)
}

fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

/// Kroner as people write them, in øre; what is no amount stays as it is, so that the registry
/// names it.
fn ore(text: &str) -> Value {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (kroner, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let rest = format!("{rest:0<2}");
    let amount = kroner
        .parse::<i64>()
        .ok()
        .zip(rest.parse::<i64>().ok().filter(|_| rest.len() == 2))
        .and_then(|(kroner, rest)| kroner.checked_mul(100)?.checked_add(rest));
    amount.map_or_else(|| text.into(), Value::from)
}

/// The input that a pointer into an app entry is about.
pub(crate) fn app_field(pointer: &str) -> String {
    let field = match segments(pointer).as_slice() {
        [
            name @ ("name" | "purpose"),
            language @ ("nb" | "nn" | "en"),
            ..,
        ] => {
            return format!("{name}_{language}");
        }
        [name @ ("name" | "purpose")] => return format!("{name}_nb"),
        ["contacts", "privacy"] => "privacy_contact",
        ["contacts", contact @ ("security" | "clinical")] => contact,
        ["links", link @ ("home" | "terms" | "privacy" | "source")] => link,
        ["price", ..] => "price",
        [
            name @ ("software_id" | "kind" | "needs" | "languages" | "data_location"),
            ..,
        ] => name,
        _ => "",
    };
    field.to_owned()
}

/// The input that a pointer into a version manifest, or a file of the archive, is about.
pub(crate) fn version_field(pointer: &str) -> String {
    let field = match segments(pointer).as_slice() {
        ["changes", "en"] => "changes_en",
        ["changes", ..] => "changes_nb",
        [
            name @ ("software_version" | "launch_uri" | "redirect_uris" | "scope" | "hosts"),
            ..,
        ] => name,
        ["integrity" | "hashes", ..] => "integrity",
        [
            "grant_types" | "token_endpoint_auth_method" | "dpop_bound_access_tokens" | "jwks",
            ..,
        ] => "",
        _ => "bundle",
    };
    field.to_owned()
}

fn segments(pointer: &str) -> Vec<&str> {
    pointer.trim_start_matches('/').split('/').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::vendor::{NewAppPage, NewVersionPage};

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        let mut sent = Sent::default();
        for (name, value) in pairs {
            sent.add((*name).to_owned(), (*value).to_owned());
        }
        sent
    }

    #[test]
    fn an_empty_optional_input_is_left_out() {
        let entry = app(&sent(&[("name_nb", " Blodtrykk "), ("name_en", "")]));
        assert_eq!(entry.pointer("/name"), Some(&json!({"nb": "Blodtrykk"})));
        assert_eq!(entry.pointer("/links/source"), None);
        assert_eq!(entry.get("price"), None);
        let entry = app(&sent(&[("price", "1 250,5"), ("price_basis", "patient")]));
        assert_eq!(
            entry.pointer("/price/recurring/0/ore"),
            Some(&json!(125_050))
        );
    }

    #[test]
    fn what_is_no_amount_is_left_for_the_registry_to_name() {
        for text in ["mye", "1,234", "-", "99999999999999999999"] {
            assert_eq!(ore(text), json!(text));
        }
        assert_eq!(ore("12"), json!(1200));
    }

    #[test]
    fn lists_are_one_on_each_line() {
        let manifest = version(&sent(&[
            ("redirect_uris", "/a.html\r\n\r\n /b.html "),
            ("scope", "launch\n openid"),
        ]));
        assert_eq!(
            manifest.get("redirect_uris"),
            Some(&json!(["/a.html", "/b.html"]))
        );
        assert_eq!(manifest.get("scope"), Some(&json!("launch openid")));
    }

    #[test]
    fn every_finding_leads_to_an_input_that_is_there() {
        let lists = ["needs", "languages"];
        for pointer in [
            "/name/nb",
            "/purpose",
            "/contacts/privacy",
            "/links/privacy",
            "/price/recurring/0/ore",
            "/needs/3",
            "/software_id",
            "",
        ] {
            let field = app_field(pointer);
            let known = field.is_empty()
                || NewAppPage::FIELDS.contains(&field.as_str())
                || lists.contains(&field.as_str());
            assert!(known, "{pointer} {field}");
        }
        for pointer in [
            "/changes/nb",
            "/redirect_uris/0",
            "/jwks",
            "integrity",
            "index.html",
            "../x",
        ] {
            let field = version_field(pointer);
            assert!(
                field.is_empty() || NewVersionPage::FIELDS.contains(&field.as_str()),
                "{pointer}"
            );
        }
    }
}
