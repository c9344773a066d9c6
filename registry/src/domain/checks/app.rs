//! Rules about an app entry.

use foundation::error::Finding;

use super::{address, finding, name};
use crate::config::RegistryConfig;
use crate::domain::app::AppEntry;

/// Every rule that an entry breaks.
pub(crate) fn check(entry: &AppEntry, config: &RegistryConfig) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !verifier::claims::is_software_id(&entry.software_id) {
        findings.push(finding(
            "software-id-shape",
            "/software_id",
            format!("{} is not a reverse domain name.", entry.software_id),
            "Turn a domain name of your own round and add the app: no.yourcompany.app.",
        ));
    }
    findings.extend(
        entry
            .name
            .texts()
            .filter_map(|(tag, text)| name::check(tag, text)),
    );
    let links = &entry.links;
    let pages = [
        ("/links/home", Some(&links.home)),
        ("/links/terms", Some(&links.terms)),
        ("/links/privacy", Some(&links.privacy)),
        ("/links/source", links.source.as_ref()),
    ];
    findings.extend(
        pages
            .into_iter()
            .filter_map(|(pointer, page)| address::check(pointer, page?, config.environment)),
    );
    findings
}

/// The finding about an entry that is sent to another app's address.
pub(crate) fn other_software_id(expected: &str) -> Finding {
    finding(
        "software-id-fixed",
        "/software_id",
        "The software_id of an entry never changes.",
        &format!("Write {expected}, or create another entry."),
    )
}
