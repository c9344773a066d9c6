//! Launches: each step's refusal, and what is granted.

use verifier::claims::{Content, ContentLevel, Release};
use verifier::jwk::JwkSet;
use verifier::{
    Assurance, ClientAuthentication, Code, Digest, Environment, Freshness, LaunchRequest,
    LocalPolicy, ObservedContent, Verifier,
};

use crate::support::{DAY, EcKey, NOW, VENDOR, World};

const BUNDLE: fn() -> ObservedContent = || ObservedContent::Bundle(Digest::of(b"bundle"));

fn request<'a>() -> LaunchRequest<'a> {
    LaunchRequest::new("no.example.blodtrykk", "1.2.0", VENDOR, BUNDLE())
}

fn accepted(release: &Release, local: LocalPolicy) -> Verifier {
    let mut world = World::new();
    let approval = world.approval_of(release);
    let (token, ticket) = world.issue(&approval);
    let mut verifier = world.verifier_with(local);
    verifier.ingest(&token, &ticket, NOW).unwrap();
    verifier
}

fn code(verifier: &Verifier, request: &LaunchRequest<'_>) -> Option<Code> {
    verifier.launch(request, NOW).err().map(|error| error.code)
}

fn refused(change: impl FnOnce(&mut LaunchRequest<'_>)) -> Option<Code> {
    let verifier = accepted(&World::release(), LocalPolicy::new(Environment::Prod));
    let mut request = request();
    change(&mut request);
    code(&verifier, &request)
}

fn with_key(key: &EcKey, dpop: bool) -> Release {
    let jwk = serde_json::to_value(key.public.to_jwk()).unwrap();
    Release {
        token_endpoint_auth_method: "private_key_jwt".to_owned(),
        dpop_bound_access_tokens: dpop,
        jwks: Some(JwkSet {
            keys: vec![jwk.as_object().unwrap().clone()],
        }),
        ..World::release()
    }
}

fn local_refusal(change: impl FnOnce(&mut LocalPolicy)) -> Option<Code> {
    let mut local = LocalPolicy::new(Environment::Prod);
    change(&mut local);
    let release = Release {
        content: Content::manifest(Digest::of(b"m")),
        ..World::release()
    };
    let mut request = request();
    request.content = ObservedContent::Manifest {
        digest: Digest::of(b"m"),
        observed_at: NOW,
    };
    code(&accepted(&release, local), &request)
}

/// Every launch code with the least request that causes it.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn launch_refusals() -> Vec<(Code, Option<Code>)> {
    let mut world = World::new();
    let ready = world.ready();
    let at = |now| ready.launch(&request(), now).err().map(|error| error.code);
    let client = EcKey::new();
    let confidential = accepted(
        &with_key(&client, true),
        LocalPolicy::new(Environment::Prod),
    );
    let kid = client.kid();
    let token = |key: Option<&str>, dpop| {
        let mut request = request();
        request.client = Some(ClientAuthentication { key, dpop });
        code(&confidential, &request)
    };
    assert_eq!(token(Some(&kid), true), None);
    vec![
        (Code::ClockRollback, at(NOW - 71)),
        (Code::TrustExpired, at(world.config.exp)),
        (Code::StatusStale, at(NOW + DAY)),
        (
            Code::NotApproved,
            refused(|r| r.software_id = "no.example.other"),
        ),
        (Code::NotApproved, refused(|r| r.software_version = "1.2.1")),
        (
            Code::Vendor,
            refused(|r| r.organization_id = "NO:ORGNR:983544622"),
        ),
        (
            Code::LaunchUri,
            refused(|r| r.launch_uri = Some("https://app.example.no/launch/")),
        ),
        (
            Code::RedirectUri,
            refused(|r| r.redirect_uri = Some("https://app.example.no/cb?x=1")),
        ),
        (
            Code::RedirectUri,
            refused(|r| r.redirect_uri = Some("https://APP.example.no/cb")),
        ),
        (
            Code::Scope,
            refused(|r| r.scope = Some("openid patient/Observation.cruds")),
        ),
        (
            Code::Scope,
            refused(|r| r.scope = Some("openid offline_access")),
        ),
        (
            Code::Scope,
            refused(|r| r.scope = Some("patient/Observation.sr")),
        ),
        (Code::ClientKey, token(Some(&EcKey::new().kid()), true)),
        (Code::ClientKey, token(None, true)),
        (Code::ClientKey, token(Some(&kid), false)),
        (
            Code::Digest,
            refused(|r| r.content = ObservedContent::Bundle(Digest::of(b"changed"))),
        ),
        (
            Code::Digest,
            refused(|r| r.content = ObservedContent::Unobserved),
        ),
        (
            Code::Digest,
            refused(|r| {
                r.content = ObservedContent::Manifest {
                    digest: Digest::of(b"manifest"),
                    observed_at: NOW,
                };
            }),
        ),
        (Code::ContentDrift, manifest(b"changed", NOW)),
        (Code::ContentDrift, manifest(b"m", NOW - DAY)),
        (Code::ContentDrift, manifest(b"m", NOW + 61)),
        (
            Code::LocalPolicy,
            local_refusal(|l| l.min_content_level = ContentLevel::Bundle),
        ),
        (
            Code::LocalPolicy,
            local_refusal(|l| l.allowed_software = Some(["no.example.a".to_owned()].into())),
        ),
    ]
}

fn manifest(bytes: &[u8], observed_at: i64) -> Option<Code> {
    let release = Release {
        content: Content::manifest(Digest::of(b"m")),
        ..World::release()
    };
    let verifier = accepted(&release, LocalPolicy::new(Environment::Prod));
    let mut request = request();
    request.content = ObservedContent::Manifest {
        digest: Digest::of(bytes),
        observed_at,
    };
    code(&verifier, &request)
}

#[test]
fn what_is_approved_is_granted() {
    let verifier = accepted(&World::release(), LocalPolicy::new(Environment::Prod));
    let mut request = request();
    request.launch_uri = Some("https://app.example.no/launch");
    request.redirect_uri = Some("https://app.example.no/cb");
    request.scope = Some("launch openid patient/Observation.read patient/Patient.r");
    // A public client shows no key; that is no refusal.
    request.client = Some(ClientAuthentication {
        key: None,
        dpop: false,
    });
    let granted = verifier.launch(&request, NOW).unwrap();
    assert_eq!(granted.approval.client_name, "Blodtrykk");
    assert_eq!(granted.assurance, Assurance::Logged);
    assert_eq!(granted.freshness, Freshness::Fresh);
    assert_eq!(manifest(b"m", NOW - DAY + 1), None);
    assert_eq!(
        local_refusal(|l| l.min_content_level = ContentLevel::Manifest),
        None
    );
    let listed = ["no.example.blodtrykk".to_owned()];
    assert_eq!(
        local_refusal(|l| l.allowed_software = Some(listed.into())),
        None
    );
}

#[test]
fn an_app_bound_to_its_origin_needs_no_observation() {
    let release = Release {
        content: Content::origin(),
        ..World::release()
    };
    let verifier = accepted(&release, LocalPolicy::new(Environment::Prod));
    let mut request = request();
    request.content = ObservedContent::Unobserved;
    assert_eq!(code(&verifier, &request), None);
}

#[test]
fn an_app_without_a_launch_address_cannot_be_launched_at_one() {
    let release = Release {
        launch_uri: None,
        ..World::release()
    };
    let verifier = accepted(&release, LocalPolicy::new(Environment::Prod));
    let mut request = request();
    assert_eq!(code(&verifier, &request), None);
    request.launch_uri = Some("https://app.example.no/launch");
    assert_eq!(code(&verifier, &request), Some(Code::LaunchUri));
}

#[test]
fn a_denied_vendor_or_bundle_stops_launching_at_once() {
    for bundle in [false, true] {
        let mut world = World::new();
        let mut verifier = world.ready();
        world.config.version = 2;
        if bundle {
            world.config.denylist.digests = vec![Digest::of(b"bundle")];
        } else {
            world.config.denylist.organizations = vec![VENDOR.to_owned()];
        }
        verifier.update_trust(&world.trust_update(), NOW).unwrap();
        assert_eq!(code(&verifier, &request()), Some(Code::Denylisted));
        // And is forgiven as soon as the list says so.
        world.config.version = 3;
        world.config.denylist = verifier::trust::Denylist::default();
        verifier.update_trust(&world.trust_update(), NOW).unwrap();
        assert_eq!(code(&verifier, &request()), None);
    }
}

/// A busy installation launches often, and a look-up must not wait for an allocator.
#[test]
fn a_launch_that_is_granted_allocates_nothing() {
    let key = EcKey::new();
    let verifier = accepted(&with_key(&key, false), LocalPolicy::new(Environment::Prod));
    let kid = key.kid();
    let mut request = request();
    request.launch_uri = Some("https://app.example.no/launch");
    request.redirect_uri = Some("https://app.example.no/cb");
    request.scope = Some("patient/Patient.r openid patient/Observation.rs?code=85354-9");
    request.client = Some(ClientAuthentication {
        key: Some(&kid),
        dpop: false,
    });
    let mut granted = None;
    let used = allocation_counter::measure(|| granted = Some(verifier.launch(&request, NOW)));
    assert!(granted.unwrap().is_ok());
    assert_eq!(used.count_total, 0);
    // The counter counts.
    let used = allocation_counter::measure(|| drop(vec![1u8; 10]));
    assert_eq!(used.count_total, 1);
}
