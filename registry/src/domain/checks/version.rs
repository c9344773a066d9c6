//! Rules about a version's manifest, alone and against the archive that came with it.

use std::collections::BTreeSet;

use foundation::error::Finding;
use verifier::scope::{Scope, ScopeSet};
use verifier::uri::WebUri;

use super::{address, finding};
use crate::config::RegistryConfig;
use crate::domain::hosted::HostedManifest;
use crate::domain::integrity::Integrity;
use crate::domain::manifest::VersionManifest;

/// Every rule that a manifest breaks by itself.
pub(crate) fn check(
    manifest: &VersionManifest,
    has_bundle: bool,
    config: &RegistryConfig,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(bundle_presence(manifest, has_bundle));
    addresses(manifest, config, &mut findings);
    duplicates(manifest, &mut findings);
    scope(&manifest.scope, &mut findings);
    hosts(&manifest.hosts, config, &mut findings);
    client(manifest, &mut findings);
    if !verifier::claims::is_software_version(&manifest.software_version) {
        findings.push(finding(
            "version-shape",
            "/software_version",
            format!("{} is not a version.", manifest.software_version),
            "Write three numbers as Semantic Versioning does, such as 1.4.0.",
        ));
    }
    findings
}

fn bundle_presence(manifest: &VersionManifest, has_bundle: bool) -> Option<Finding> {
    match (manifest.is_bundled(), has_bundle) {
        (true, false) => Some(finding(
            "bundle-missing",
            "/launch_uri",
            "The launch address is a path in an archive, and no archive came with it.",
            "Send the archive as the part `bundle`, or give the https address where you host the app.",
        )),
        (false, true) => Some(finding(
            "bundle-unexpected",
            "/launch_uri",
            "An archive came with it, but the launch address is somewhere else.",
            "Give the launch address as a path in the archive, or leave the archive out.",
        )),
        _ => None,
    }
}

fn addresses(manifest: &VersionManifest, config: &RegistryConfig, findings: &mut Vec<Finding>) {
    let bundled = manifest.is_bundled();
    let named = manifest
        .redirect_uris
        .iter()
        .enumerate()
        .map(|(index, uri)| (format!("/redirect_uris/{index}"), uri));
    let origin = WebUri::parse(&manifest.launch_uri, config.environment)
        .ok()
        .map(WebUri::origin);
    let launch = ("/launch_uri".to_owned(), &manifest.launch_uri);
    for (pointer, uri) in std::iter::once(launch).chain(named) {
        if bundled && !uri.starts_with('/') {
            findings.push(other_origin(&pointer, uri));
        } else if bundled {
            findings.extend(address::check_path(&pointer, uri));
        } else if let Some(wrong) = address::check(&pointer, uri, config.environment) {
            findings.push(wrong);
        } else {
            let own = WebUri::parse(uri, config.environment)
                .ok()
                .map(WebUri::origin);
            if origin.is_some() && own != origin {
                findings.push(other_origin(&pointer, uri));
            }
        }
    }
}

fn other_origin(pointer: &str, uri: &str) -> Finding {
    finding(
        "redirect-other-origin",
        pointer,
        format!("{uri} is on another origin than the app's launch address."),
        "Redirect to the app's own origin: codes sent elsewhere are codes given away.",
    )
}

fn duplicates(manifest: &VersionManifest, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, uri) in manifest.redirect_uris.iter().enumerate() {
        if !seen.insert(uri) {
            findings.push(finding(
                "redirect-duplicate",
                &format!("/redirect_uris/{index}"),
                format!("{uri} is given twice."),
                "Give each redirect address once.",
            ));
        }
    }
}

fn scope(text: &str, findings: &mut Vec<Finding>) {
    let set = match ScopeSet::parse(text) {
        Ok(set) => set,
        Err(error) => {
            findings.push(finding(
                "scope-unreadable",
                "/scope",
                error.to_string(),
                "Write scopes as SMART App Launch 2 does, separated by single spaces.",
            ));
            return;
        }
    };
    for scope in &set {
        if let Scope::Resource(resource) = scope
            && resource.resource_type().is_none()
        {
            findings.push(finding(
                "scope-wildcard",
                "/scope",
                format!("{scope} asks for every kind of resource."),
                "Name each resource type that the app needs, such as patient/Observation.rs.",
            ));
        }
    }
}

fn hosts(hosts: &[String], config: &RegistryConfig, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, host) in hosts.iter().enumerate() {
        let pointer = format!("/hosts/{index}");
        if host.contains('*') {
            findings.push(finding(
                "host-wildcard",
                &pointer,
                format!("{host} stands for more than one host."),
                "Name each host that the app contacts.",
            ));
            continue;
        }
        let fits = WebUri::parse(&format!("https://{host}"), config.environment)
            .is_ok_and(WebUri::is_origin);
        let local =
            host == "localhost" || host.starts_with("localhost:") || host.contains(".localhost");
        let named = host.contains('.') && host.chars().any(|c| c.is_ascii_alphabetic());
        if !fits || !(named || (local && config.is_test())) {
            findings.push(finding(
                "host-shape",
                &pointer,
                format!("{host} is not the public name of a host."),
                "Write the name alone, such as api.eksempel.no, without scheme and path.",
            ));
        } else if !seen.insert(host) {
            findings.push(finding(
                "host-duplicate",
                &pointer,
                format!("{host} is given twice."),
                "Give each host once.",
            ));
        }
    }
}

fn client(manifest: &VersionManifest, findings: &mut Vec<Finding>) {
    let confidential = manifest.token_endpoint_auth_method != "none";
    if confidential != manifest.jwks.is_some() {
        findings.push(finding(
            "jwks-mismatch",
            "/jwks",
            "Keys are needed by confidential clients, and by them only.",
            "Give `jwks` together with token_endpoint_auth_method private_key_jwt, or neither.",
        ));
    }
    if let Some(Err(error)) = manifest
        .jwks
        .as_ref()
        .map(verifier::jwk::JwkSet::thumbprints)
    {
        findings.push(finding(
            "jwks-invalid",
            "/jwks",
            error.to_string(),
            "Give public keys on P-256.",
        ));
    }
    if manifest.is_bundled() && confidential {
        findings.push(finding(
            "client-not-confidential",
            "/token_endpoint_auth_method",
            "An app that consists of files alone cannot keep a private key secret.",
            "Use token_endpoint_auth_method `none` with PKCE.",
        ));
    }
    let grants = &manifest.grant_types;
    let has = |grant: &str| grants.iter().any(|given| given == grant);
    if has("client_credentials") && !confidential {
        findings.push(finding(
            "grant-needs-key",
            "/grant_types",
            "client_credentials is for clients that hold a key.",
            "Use private_key_jwt and give `jwks`, or leave the grant type out.",
        ));
    }
    let offline = manifest
        .scope
        .split(' ')
        .any(|s| matches!(s, "offline_access" | "online_access"));
    if offline && !has("refresh_token") {
        findings.push(finding(
            "grant-refresh-missing",
            "/grant_types",
            "The scope asks for a refresh token that the grant types do not allow.",
            "Add refresh_token to grant_types, or leave offline_access and online_access out.",
        ));
    }
}

/// Launch and redirect paths must lead to files of the archive.
pub(crate) fn check_paths(manifest: &VersionManifest, integrity: &Integrity) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !manifest.is_bundled() {
        return findings;
    }
    let exists = |uri: &str| integrity.resolve(address::without_query(uri)).is_some();
    if !exists(&manifest.launch_uri) {
        findings.push(finding(
            "launch-missing-in-bundle",
            "/launch_uri",
            format!("The archive has no file for {}.", manifest.launch_uri),
            "Give the path of a file in the archive. Is everything inside one folder too many?",
        ));
    }
    for (index, uri) in manifest.redirect_uris.iter().enumerate() {
        if uri.starts_with('/') && !exists(uri) {
            findings.push(finding(
                "redirect-missing-in-bundle",
                &format!("/redirect_uris/{index}"),
                format!("The archive has no file for {uri}."),
                "Give the path of a file in the archive.",
            ));
        }
    }
    findings
}

/// The integrity manifest of a hosted app: readable, and about this app's addresses.
pub(crate) fn check_hosted(manifest: &VersionManifest, integrity: &[u8]) -> Vec<Finding> {
    if manifest.is_bundled() {
        return vec![finding(
            "integrity-unexpected",
            "integrity",
            "An integrity manifest came with an app that is uploaded as an archive.",
            "Leave it out: one is made of the archive. It is for apps that you host yourself.",
        )];
    }
    match HostedManifest::read(integrity) {
        Ok(read) => read.check(manifest),
        Err(findings) => findings,
    }
}

/// The finding about a version that is not higher than those before.
pub(crate) fn not_monotone(highest: &str) -> Finding {
    finding(
        "version-not-monotone",
        "/software_version",
        format!("{highest} was uploaded before."),
        "Give a version that is higher than every one before.",
    )
}

#[cfg(test)]
#[path = "version_tests.rs"]
mod tests;
