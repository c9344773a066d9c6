//! A small world for the tests: parties with keys, a log in memory, one witness, and a registry that
//! issues. The benchmarks use it too.

use std::cell::RefCell;
use std::collections::BTreeMap;

use verifier::checkpoint::Checkpoint;
use verifier::claims::{
    Approval, Content, ContentLevel, Criteria, Custody, Decision, Delegation, Evidence,
    EvidenceKind, Grant, LogAnchor, Release, Review, ReviewRole, StatusListClaim,
    StatusListReference, StatusListToken, TreeHead,
};
use verifier::jwk::KeyUse;
use verifier::merkle::{leaf_hash, proof};
use verifier::note::{self, SignatureType};
use verifier::status::{StatusList, StatusValue};
use verifier::tlog_proof::TlogProof;
use verifier::trust::{Anchors, Denylist, MarkOwner, MaxStale, TrustedKey, TrustedMark};
use verifier::{Digest, Environment, LocalPolicy, TrustUpdate, Verifier, VerifyError, base64url};

use crate::authority::{Authority, Config};
pub(crate) use crate::keys::{EcKey, NoteKey, Tree};

/// The moment at which the tests play.
pub(crate) const NOW: i64 = 1_790_000_000;
pub(crate) const REGISTRY: &str = "https://registry.example.no";
pub(crate) const MARK: &str = "https://registry.example.no/tm/smart-app/v1";
pub(crate) const TEST_MARK: &str = "https://registry.example.no/tm/smart-app-test/v1";
pub(crate) const LIST: &str = "https://registry.example.no/status/0";
pub(crate) const ORIGIN: &str = "registry.example.no/log2026";
pub(crate) const CRITERIA: &str = "https://registry.example.no/criteria/v1";
pub(crate) const OWNER: &str = "https://owner.example.no";
pub(crate) const VENDOR: &str = "NO:ORGNR:974760673";
pub(crate) const DAY: i64 = 86_400;

/// A list as its `lst` member, the same bytes in every build. What the product's own encoder makes
/// depends on which zlib the rest of the build brings along.
pub(crate) fn packed(list: &StatusList) -> String {
    base64url::encode(&miniz_oxide::deflate::compress_to_vec_zlib(
        list.as_bytes(),
        9,
    ))
}

/// Everything around a verifier.
pub(crate) struct World {
    pub(crate) authority: Authority,
    pub(crate) environment: Environment,
    pub(crate) issue: EcKey,
    pub(crate) status: EcKey,
    pub(crate) event: EcKey,
    pub(crate) digest: EcKey,
    pub(crate) federation: EcKey,
    pub(crate) vendor: EcKey,
    pub(crate) security: EcKey,
    pub(crate) clinical: EcKey,
    pub(crate) log: NoteKey,
    pub(crate) witness: NoteKey,
    pub(crate) tree: Tree,
    pub(crate) list: StatusList,
    pub(crate) generation: u64,
    /// A release is signed once: signatures differ each time.
    releases: RefCell<BTreeMap<String, String>>,
    pub(crate) config: Config,
}

impl World {
    /// A log of 20 other entries, and a status list with nothing issued.
    pub(crate) fn new() -> Self {
        Self::in_environment(Environment::Prod)
    }

    pub(crate) fn in_environment(environment: Environment) -> Self {
        Self::with_keys(environment, &|_| EcKey::new())
    }

    /// With keys made by name.
    pub(crate) fn with_keys(environment: Environment, key: &dyn Fn(&str) -> EcKey) -> Self {
        let authority = Authority::with_keys(key);
        let names = [
            "issue",
            "status",
            "event",
            "digest",
            "federation",
            "vendor",
            "security",
            "clinical",
        ];
        let [
            issue,
            status,
            event,
            digest,
            federation,
            vendor,
            security,
            clinical,
        ] = names.map(key);
        let log = NoteKey::new(ORIGIN, SignatureType::Ed25519, 1);
        let witness = NoteKey::new("w.nhn.example", SignatureType::CosignatureV1, 2);
        let reviewer = |key: &EcKey, organization_id, person, roles: &[ReviewRole]| {
            TrustedKey::reviewer(&key.public, organization_id, person, roles)
        };
        let both = [ReviewRole::Clinical, ReviewRole::Privacy];
        let keys = vec![
            TrustedKey::service(&issue.public, KeyUse::Approval),
            TrustedKey::service(&status.public, KeyUse::Status),
            TrustedKey::service(&event.public, KeyUse::StatusEvent),
            reviewer(
                &security,
                "NO:ORGNR:983544622",
                "urn:reviewer:a",
                &[ReviewRole::Security],
            ),
            reviewer(&clinical, "NO:ORGNR:889640782", "urn:reviewer:b", &both),
            TrustedKey::service(&digest.public, KeyUse::StatusDigest),
        ];
        let config = Config {
            version: 1,
            iat: NOW - DAY,
            exp: NOW + 30 * DAY,
            online: NOW + 30 * DAY,
            keys,
            log_policy: format!("log {}\nwitness nhn {}\nquorum nhn\n", log.key, witness.key),
            anchors: anchors(&authority, environment),
            denylist: Denylist::default(),
            delegation: Some(delegation()),
        };
        let tree = Tree((0..20u8).map(|entry| leaf_hash(&[entry])).collect());
        let mut list = StatusList::allow_list(1 << 10);
        assert!(list.set(7, StatusValue::Valid.byte()));
        Self {
            authority,
            environment,
            issue,
            status,
            event,
            digest,
            federation,
            vendor,
            security,
            clinical,
            log,
            witness,
            tree,
            list,
            config,
            generation: 1,
            releases: RefCell::default(),
        }
    }

    pub(crate) fn trust_update(&self) -> TrustUpdate {
        self.authority.update(&self.config)
    }

    /// The root document that verifiers are given.
    pub(crate) fn pinned_root(&self) -> Vec<u8> {
        self.authority.pinned(NOW + 2 * 365 * DAY)
    }

    /// A verifier that knows nothing but the pinned root document.
    pub(crate) fn blank(&self, local: LocalPolicy) -> Verifier {
        Verifier::new(&self.pinned_root(), local).unwrap()
    }

    pub(crate) fn release() -> Release {
        Release {
            iss: "https://vendor.example.no".to_owned(),
            sub: "https://app.example.no".to_owned(),
            aud: REGISTRY.to_owned(),
            iat: NOW - 3600,
            exp: NOW - 3300,
            jti: "0d6f1f9e-5c1b-4f0a-9d51-6f0c6a0e7d11".to_owned(),
            software_id: "no.example.blodtrykk".to_owned(),
            software_version: "1.2.0".to_owned(),
            client_name: "Blodtrykk".to_owned(),
            logo_uri: Some("https://app.example.no/logo.svg".to_owned()),
            client_uri: None,
            tos_uri: None,
            policy_uri: None,
            contacts: vec!["hjelp@example.no".to_owned()],
            developer_name: "Eksempel AS".to_owned(),
            organization_id: VENDOR.to_owned(),
            redirect_uris: vec!["https://app.example.no/cb".to_owned()],
            launch_uri: Some("https://app.example.no/launch".to_owned()),
            origins: vec!["https://app.example.no".to_owned()],
            scope: "launch openid fhirUser patient/Observation.rs patient/Patient.r".to_owned(),
            grant_types: vec!["authorization_code".to_owned()],
            response_types: vec!["code".to_owned()],
            token_endpoint_auth_method: "none".to_owned(),
            dpop_bound_access_tokens: false,
            require_pushed_authorization_requests: false,
            jwks: None,
            content: Content::bundle(Digest::of(b"bundle"), Digest::of(b"manifest"), 6),
            custody: Custody::Vendor,
            evidence: Vec::new(),
        }
    }

    pub(crate) fn sign_release(&self, release: &Release) -> String {
        let claims = serde_json::to_string(release).unwrap();
        let mut releases = self.releases.borrow_mut();
        releases
            .entry(claims)
            .or_insert_with(|| self.vendor.sign(release))
            .clone()
    }

    pub(crate) fn review(release: &Release, token: &str, role: ReviewRole) -> Review {
        let person = if role == ReviewRole::Security {
            "urn:reviewer:a"
        } else {
            "urn:reviewer:b"
        };
        Review {
            iss: person.to_owned(),
            sub: release.sub.clone(),
            iat: NOW - 1800,
            release_digest: Digest::of(token.as_bytes()),
            software_id: release.software_id.clone(),
            software_version: release.software_version.clone(),
            decision: Decision::Approve,
            role,
            criteria: CRITERIA.to_owned(),
            evidence: vec![
                Evidence::new(EvidenceKind::Suite, Digest::of(b"suite")),
                Evidence::new(EvidenceKind::Evidence, Digest::of(b"evidence")),
            ],
            scope: None,
            redirect_uris: None,
        }
    }

    /// The claims of an approval of this release, with both reviews.
    pub(crate) fn approval_of(&self, release: &Release) -> Approval {
        let token = self.sign_release(release);
        let review = |role, key: &EcKey| key.sign(&Self::review(release, &token, role));
        let reviews = vec![
            review(ReviewRole::Security, &self.security),
            review(ReviewRole::Clinical, &self.clinical),
        ];
        Approval::of_release(
            release,
            Grant {
                iss: REGISTRY.to_owned(),
                trust_mark_type: MARK.to_owned(),
                iat: NOW - 600,
                exp: NOW + 300 * DAY,
                jti: "9b2f0c8e-3c1d-4f5a-8b7e-0123456789ab".to_owned(),
                reference: Some("https://registry.example.no/apps/1".to_owned()),
                release_digest: Digest::of(token.as_bytes()),
                reviews,
                criteria: Criteria {
                    uri: CRITERIA.to_owned(),
                    digest: Digest::of(b"criteria"),
                },
                status: StatusListReference {
                    idx: 7,
                    uri: LIST.to_owned(),
                },
                max_stale: DAY,
                log: LogAnchor {
                    origin: ORIGIN.to_owned(),
                    after: TreeHead {
                        size: self.tree.size(),
                        root: Digest::from_bytes(self.tree.root()),
                    },
                },
                supersedes: None,
            },
        )
    }

    pub(crate) fn approval(&self) -> Approval {
        self.approval_of(&Self::release())
    }

    /// The text of the log's present checkpoint.
    pub(crate) fn checkpoint(&self) -> String {
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.tree.size(),
            root: self.tree.root(),
        };
        checkpoint.to_string()
    }

    /// Logs a token and makes its ticket, witnessed at this time.
    pub(crate) fn log_at(&mut self, token: &str, at: i64) -> String {
        self.tree.0.push(leaf_hash(token.as_bytes()));
        let text = self.checkpoint();
        let note = note::assemble(
            &text,
            [self.log.sign(&text), self.witness.cosign(&text, at)],
        );
        self.ticket(self.tree.size() - 1, &note)
    }

    /// The ticket of an entry under a note about the present tree.
    pub(crate) fn ticket(&self, index: u64, note: &str) -> String {
        let hashes = proof::inclusion(index, self.tree.size(), &self.tree).unwrap();
        TlogProof {
            extra: None,
            index,
            hashes,
            checkpoint: note,
        }
        .to_string()
    }

    /// Signs, logs and staples.
    pub(crate) fn issue(&mut self, approval: &Approval) -> (String, String) {
        let token = self.issue.sign(approval);
        let ticket = self.log_at(&token, approval.iat + 2);
        (token, ticket)
    }

    pub(crate) fn status_claims(&self, iat: i64) -> StatusListToken {
        StatusListToken {
            iss: REGISTRY.to_owned(),
            sub: LIST.to_owned(),
            iat,
            exp: iat + DAY,
            ttl: 300,
            status_list: StatusListClaim {
                bits: self.list.bits(),
                lst: packed(&self.list),
            },
            r#gen: self.generation,
        }
    }

    pub(crate) fn status_token(&self, iat: i64) -> String {
        self.status.sign(&self.status_claims(iat))
    }

    /// Changes the approval's status and makes the next list.
    pub(crate) fn set_status(&mut self, value: StatusValue, iat: i64) -> String {
        assert!(self.list.set(7, value.byte()));
        self.generation += 1;
        self.status_token(iat)
    }

    /// The present list under this generation.
    pub(crate) fn set_generation(&mut self, generation: u64, iat: i64) -> String {
        self.generation = generation;
        self.status_token(iat)
    }

    /// A verifier with trust configuration and status list, and no approval yet.
    pub(crate) fn verifier(&self) -> Verifier {
        self.verifier_with(LocalPolicy::new(self.environment))
    }

    pub(crate) fn verifier_with(&self, local: LocalPolicy) -> Verifier {
        let mut verifier = self.blank(local);
        verifier.update_trust(&self.trust_update(), NOW).unwrap();
        verifier
            .update_status(&self.status_token(NOW - 10), NOW)
            .unwrap();
        verifier
    }

    /// A verifier that has accepted the app.
    pub(crate) fn ready(&mut self) -> Verifier {
        let approval = self.approval();
        let (token, ticket) = self.issue(&approval);
        let mut verifier = self.verifier();
        verifier.ingest(&token, &ticket, NOW).unwrap();
        verifier
    }

    /// What becomes of an approval whose claims were changed before signing.
    pub(crate) fn ingest_changed(
        &mut self,
        change: impl FnOnce(&mut Approval),
    ) -> Result<verifier::Accepted, VerifyError> {
        let mut approval = self.approval();
        change(&mut approval);
        let (token, ticket) = self.issue(&approval);
        self.verifier().ingest(&token, &ticket, NOW)
    }
}

/// The owner's leave to issue the mark.
fn delegation() -> Delegation {
    Delegation {
        iss: OWNER.to_owned(),
        sub: REGISTRY.to_owned(),
        trust_mark_type: MARK.to_owned(),
        iat: NOW - 300 * DAY,
        exp: NOW + 360 * DAY,
        reference: None,
    }
}

fn anchors(authority: &Authority, environment: Environment) -> Anchors {
    let owner = TrustedKey::service(&authority.owner.public, KeyUse::Delegation);
    let owner = MarkOwner {
        sub: OWNER.to_owned(),
        keys: vec![owner],
    };
    Anchors {
        registry: REGISTRY.to_owned(),
        marks: vec![
            TrustedMark {
                mark_type: MARK.to_owned(),
                environment,
                owner: Some(owner),
            },
            TrustedMark {
                mark_type: TEST_MARK.to_owned(),
                environment: Environment::Test,
                owner: None,
            },
        ],
        criteria: vec![CRITERIA.to_owned()],
        min_content_level: ContentLevel::Origin,
        max_stale: MaxStale::DEFAULT,
        frozen_logs: Vec::new(),
        min_versions: Vec::new(),
    }
}
