//! A case in the making: a world with fixed keys, and what an EPJ is given, step by step.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use verifier::claims::{Approval, Review, ReviewRole, StatusListToken};
use verifier::{Environment, LocalPolicy, TrustUpdate, note};

use crate::keys::EcKey;
use crate::support::{NOW, World};

/// When honest tickets were witnessed.
pub(super) const SEEN: i64 = NOW - 598;

/// One case, as it is written.
#[derive(Serialize)]
pub(super) struct Case {
    pub(super) name: String,
    why: String,
    /// What a verifier must be able to do beyond ES256 and Ed25519: `tuf`, `ml-dsa`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs: Vec<&'static str>,
    policy: Value,
    steps: Vec<Value>,
    /// What becomes of the last step; the ones before it are accepted.
    expected: String,
}

/// All the cases, and the trust configurations that they name.
#[derive(Default)]
pub(super) struct Pack {
    pub(super) cases: Vec<Case>,
    pub(super) trusts: BTreeMap<String, Value>,
    pub(super) pinned_root: String,
}

/// What a case is made of.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) policy: LocalPolicy,
    pub(super) needs: Vec<&'static str>,
    steps: Vec<Value>,
    trusts: Vec<Value>,
}

/// A world in which the same things have the same bytes each time.
pub(super) fn fixed(environment: Environment) -> World {
    World::with_keys(environment, &EcKey::seeded)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

impl Pack {
    /// Adds a case. `name` is `group/name`; `expected` is `accepted` or a code.
    pub(super) fn scene(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        build: impl FnOnce(&mut Scene),
    ) {
        let mut scene = Scene {
            world: fixed(Environment::Prod),
            policy: LocalPolicy::new(Environment::Prod),
            needs: Vec::new(),
            steps: Vec::new(),
            trusts: Vec::new(),
        };
        build(&mut scene);
        if self.pinned_root.is_empty() {
            self.pinned_root = text(&scene.world.pinned_root());
        }
        for (at, trust) in scene.trusts.into_iter().enumerate() {
            let same = self.trusts.iter().find(|(_, known)| **known == trust);
            let known = same.map(|(name, _)| name.clone());
            let label = known.unwrap_or_else(|| {
                let new = match (self.trusts.is_empty(), at) {
                    (true, _) => "base".to_owned(),
                    (false, 0) => name.to_owned(),
                    (false, at) => format!("{name} {}", at + 1),
                };
                self.trusts.insert(new.clone(), trust);
                new
            });
            for step in &mut scene.steps {
                if step["trust"] == at {
                    step["trust"] = label.as_str().into();
                }
            }
        }
        self.cases.push(Case {
            name: name.to_owned(),
            why: why.to_owned(),
            needs: scene.needs,
            policy: policy(&scene.policy),
            steps: scene.steps,
            expected: expected.to_owned(),
        });
    }

    /// An EPJ that is given this token as an approval, with an honest ticket for it.
    pub(super) fn token(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        make: impl FnOnce(&mut World) -> String,
    ) {
        self.scene(name, why, expected, |scene| {
            let token = make(&mut scene.world);
            scene.epj().logged(&token, SEEN);
        });
    }

    /// An approval whose claims were changed before it was signed and logged.
    pub(super) fn claims(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        change: impl FnOnce(&mut Approval),
    ) {
        self.token(name, why, expected, |world| {
            let mut approval = world.approval();
            change(&mut approval);
            world.issue.sign(&approval)
        });
    }

    /// An honest approval in a world that was changed before.
    pub(super) fn world(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        change: impl FnOnce(&mut World),
    ) {
        self.scene(name, why, expected, |scene| {
            change(&mut scene.world);
            let approval = scene.world.approval();
            scene.approved(&approval);
        });
    }

    /// An approval whose security review was changed before it was signed.
    pub(super) fn review(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        change: impl FnOnce(&mut Review),
    ) {
        self.token(name, why, expected, |world| {
            let release = World::release();
            let token = world.sign_release(&release);
            let mut review = World::review(&release, &token, ReviewRole::Security);
            change(&mut review);
            let mut approval = world.approval();
            approval.reviews[0] = world.security.sign(&review);
            world.issue.sign(&approval)
        });
    }

    /// An honest approval with a ticket that was changed.
    pub(super) fn ticket(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        change: impl FnOnce(&mut World, String) -> String,
    ) {
        self.scene(name, why, expected, |scene| {
            let world = &mut scene.world;
            let token = world.issue.sign(&world.approval());
            let ticket = world.log_at(&token, SEEN);
            let ticket = change(world, ticket);
            scene.epj().ingest(&token, Some(&ticket), NOW);
        });
    }

    /// An honest approval under a checkpoint with these signature lines.
    pub(super) fn signed_by(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        lines: impl FnOnce(&World, &str) -> Vec<String>,
    ) {
        self.ticket(name, why, expected, |world, _| {
            let text = world.checkpoint();
            world.ticket(20, &note::assemble(&text, lines(world, &text)))
        });
    }

    /// A status list whose claims were changed before it was signed, for an EPJ that holds one.
    pub(super) fn list(
        &mut self,
        name: &str,
        why: &str,
        expected: &str,
        change: impl FnOnce(&mut StatusListToken),
    ) {
        self.scene(name, why, expected, |scene| {
            let mut claims = scene.epj().world.status_claims(NOW - 5);
            change(&mut claims);
            let token = scene.world.status.sign(&claims);
            scene.status(&token, NOW);
        });
    }

    /// The approval and the ticket of which no byte may be changed.
    pub(super) fn mutations(&self) -> Value {
        let case = self
            .cases
            .iter()
            .find(|case| case.name == "form/honest")
            .unwrap();
        json!({
            "format": super::FORMAT,
            "why": "Of the last step's approval and ticket, each byte in turn is changed by exclusive or with 1; all of them are refused, with whatever code.",
            "case": case,
        })
    }
}

impl Scene {
    /// An EPJ with the world's trust configuration and status list.
    pub(super) fn epj(&mut self) -> &mut Self {
        self.trust(NOW);
        let token = self.world.status_token(NOW - 10);
        self.status(&token, NOW)
    }

    /// Gives the world's trust configuration.
    pub(super) fn trust(&mut self, now: i64) -> &mut Self {
        let update = self.world.trust_update();
        self.trust_of(&update, now)
    }

    /// Gives this trust configuration.
    pub(super) fn trust_of(&mut self, update: &TrustUpdate, now: i64) -> &mut Self {
        let config = &self.world.config;
        let files: BTreeMap<_, _> = update
            .files
            .iter()
            .map(|(name, file)| (name.clone(), text(file)))
            .collect();
        self.steps
            .push(json!({ "do": "trust", "now": now, "trust": self.trusts.len() }));
        self.trusts.push(json!({
            "issued": config.iat,
            "until": { "offline": config.exp, "online": config.online },
            "files": files,
            "metadata": {
                "roots": update.roots.iter().map(|root| text(root)).collect::<Vec<_>>(),
                "timestamp": text(&update.timestamp),
                "snapshot": text(&update.snapshot),
                "targets": text(&update.targets),
            },
        }));
        self
    }

    /// Gives a status list.
    pub(super) fn status(&mut self, token: &str, now: i64) -> &mut Self {
        self.steps
            .push(json!({ "do": "status", "now": now, "token": token }));
        self
    }

    /// Gives a status list that was fetched from this address.
    pub(super) fn status_from(&mut self, uri: &str, token: &str) -> &mut Self {
        self.steps
            .push(json!({ "do": "status", "now": NOW, "from": uri, "token": token }));
        self
    }

    /// Gives an approval.
    pub(super) fn ingest(&mut self, token: &str, ticket: Option<&str>, now: i64) -> &mut Self {
        self.steps
            .push(json!({ "do": "ingest", "now": now, "approval": token, "ticket": ticket }));
        self
    }

    /// Logs a token, and gives it with its ticket.
    pub(super) fn logged(&mut self, token: &str, at: i64) -> &mut Self {
        let ticket = self.world.log_at(token, at);
        self.ingest(token, Some(&ticket), NOW)
    }

    /// Signs and logs an approval, and gives it to an EPJ that knows nothing else.
    pub(super) fn approved(&mut self, approval: &Approval) -> &mut Self {
        let token = self.world.issue.sign(approval);
        self.epj().logged(&token, SEEN)
    }

    /// The step at this place.
    pub(super) fn step(&self, at: usize) -> Value {
        self.steps[at].clone()
    }

    /// Gives what an earlier step gave.
    pub(super) fn again(&mut self, step: Value) -> &mut Self {
        self.steps.push(step);
        self
    }

    /// Asks for a launch.
    pub(super) fn launch(&mut self, request: &Value, now: i64) -> &mut Self {
        self.steps
            .push(json!({ "do": "launch", "now": now, "request": request }));
        self
    }
}

fn policy(local: &LocalPolicy) -> Value {
    let assurance = match local.min_assurance {
        verifier::Assurance::JoseOnly => "jose-only",
        verifier::Assurance::Logged => "logged",
    };
    json!({
        "environment": local.environment,
        "min_assurance": assurance,
        "min_content_level": local.min_content_level,
        "risk_class": local.risk_class,
        "allowed_software": local.allowed_software,
    })
}
