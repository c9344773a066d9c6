//! Lets it happen: on a real registry, with a thief, an EPJ that is awake and one that sleeps.

use std::sync::Arc;
use std::time::Duration;

use foundation::failpoint::StopAt;
use foundation::store::{AFTER_COMMIT, BEFORE_COMMIT};
use registry::Cutoff;
use serde_json::json;
use verifier::jws::TokenType;
use verifier::trust::{MaxStale, RevocationReason};

use super::APPS;
use super::model::{Event, Model, Standing};
use crate::drills::thief::{Thief, claims, ticket};
use crate::support::audit::audited;
use crate::support::epj::Epj;
use crate::support::process::Process;
use crate::support::{World, backup};

/// A registry's history.
pub(super) struct History {
    world: World,
    model: Model,
    paths: Vec<String>,
    awake: Epj,
    sleeper: Sleeper,
    /// What thieves have signed.
    forged: Vec<String>,
    /// What must be, when the backup was made.
    backup: Option<Model>,
    /// The keys that were withdrawn, and whether with everything.
    withdrawn: Vec<(String, bool)>,
    launched: usize,
    refused: usize,
}

/// An EPJ that asks for news now and then.
struct Sleeper {
    epj: Epj,
    /// What it was told when it last asked.
    told: Model,
    at: i64,
}

impl History {
    pub(super) async fn begin(world: World) -> Self {
        let mut paths = Vec::new();
        for (app, name) in (0..APPS).zip(["Blodtrykk", "Legemidler", "Vaksiner"]) {
            paths.push(world.submitted(&software_id(app), name).await);
        }
        let model = Model::new(APPS, signing_key(&world).await);
        let mut awake = Epj::new(&world).await;
        let mut epj = Epj::new(&world).await;
        assert_eq!(awake.refresh(&world).await, None);
        assert_eq!(epj.refresh(&world).await, None);
        let sleeper = Sleeper {
            epj,
            told: model.clone(),
            at: world.clock_seconds(),
        };
        Self {
            world,
            model,
            paths,
            awake,
            sleeper,
            forged: Vec::new(),
            backup: None,
            withdrawn: Vec::new(),
            launched: 0,
            refused: 0,
        }
    }

    /// An event, in a process that may die before it is done; the next one carries on, and whoever
    /// got no answer asks again.
    pub(super) async fn happens(mut self, event: &Event, dies_after: Option<u32>) -> Self {
        match event {
            Event::Steal => self.steal().await,
            Event::Backup if self.backup.is_none() => {
                backup::make(&self.world.database.database).await;
                self.backup = Some(self.model.clone());
            }
            Event::Restore if self.backup.is_some() => self = Box::pin(self.restore()).await,
            Event::Wait(minutes) => self.wait(*minutes).await,
            Event::Wake => self.wake().await,
            Event::Backup | Event::Restore => {}
            decided => self = Box::pin(self.decide(decided, dies_after)).await,
        }
        self
    }

    async fn decide(mut self, event: &Event, dies_after: Option<u32>) -> Self {
        if let Some(commits) = dies_after {
            // Half of the cuts are before a commit, and half after it.
            let point = [BEFORE_COMMIT, AFTER_COMMIT][(commits % 2) as usize];
            let stop = Arc::new(StopAt::point(point, commits));
            self.carried_out(event, &self.world.process_until(stop))
                .await;
            self.world = Box::pin(self.world.restarted()).await;
            self.world.clock.advance(Duration::from_secs(20));
            self.world.work().await;
        }
        self.carried_out(event, &self.world.process()).await;
        if let Event::Withdraw { everything } = event {
            self.withdrawn.push((self.model.key.clone(), *everything));
        }
        // What is signed anew, is signed with the key that there is now.
        if *event == Event::Resign {
            self.model.key = signing_key(&self.world).await;
        }
        self.model.after(event);
        self.model.key = signing_key(&self.world).await;
        self
    }

    /// As far as the process lives, and as far as it is not done yet. Nobody hears how it went.
    async fn carried_out(&self, event: &Event, process: &Process) {
        let registry = &process.registry;
        let kid = &self.model.key;
        match event {
            Event::Approve(app) => {
                for role in ["security", "clinical"] {
                    process.review(role, &self.paths[*app]).await;
                }
            }
            Event::Suspend(app) => {
                process
                    .decide("security", &self.paths[*app], "suspend")
                    .await;
            }
            Event::Reinstate(app) => {
                for who in ["security", "clinical"] {
                    process.decide(who, &self.paths[*app], "reinstate").await;
                }
            }
            Event::Revoke(app) => {
                process
                    .decide("security", &self.paths[*app], "revoke")
                    .await;
            }
            Event::ReplaceKey => {
                drop(registry.announce_key(kid).await);
                drop(registry.retire_key(kid).await);
            }
            Event::Withdraw { everything } => withdraw(process, kid, *everything).await,
            Event::Resign => drop(registry.resign_approvals().await),
            _ => {}
        }
        process.worker.run_due().await.unwrap_or_default();
    }

    /// The thief has the key that signs approvals, and gets an approval into the log that nobody has
    /// reviewed: a genuine one, but for what it is about.
    async fn steal(&mut self) {
        let approved = |app: &usize| self.model.apps[*app].standing == Standing::Approved;
        let Some(app) = (0..APPS).find(approved) else {
            return;
        };
        let shown = self
            .world
            .get("", &format!("{}/approval", self.paths[app]))
            .await;
        let mut forged = claims(&shown.expect(200).text());
        forged["software_id"] = json!(THIEFS);
        forged["jti"] = json!(format!(
            "7c9e6679-7425-40de-944b-{:012x}",
            self.forged.len()
        ));
        let thief = Thief::of(&self.world, "approval", &self.model.key).await;
        let forged = thief.sign(TokenType::Approval, &forged);
        let key = format!("forged-{}", self.forged.len());
        let log = self.world.registry.log();
        log.add(&key, forged.as_bytes()).await.unwrap();
        self.forged.push(forged);
    }

    /// The backup is put back and the log read in again; people decide anew what was lost with trust
    /// documents.
    async fn restore(mut self) -> Self {
        backup::put_back(&self.world.database.database).await;
        self.world = Box::pin(self.world.restarted()).await;
        let restored = self
            .world
            .registry
            .restore_log(&self.world.files, "log2026", true);
        restored.await.unwrap();
        self.world = Box::pin(self.world.restarted()).await;
        for (kid, everything) in self.withdrawn.clone() {
            withdraw(&self.world.process(), &kid, everything).await;
        }
        self.world.work().await;
        self.model.key = signing_key(&self.world).await;
        for (app, path) in self.paths.iter().enumerate() {
            let state = self.world.state(path).await;
            let app = &mut self.model.apps[app];
            // What the database never knew to be approved is with the reviewers, and counts for nobody.
            if state == Standing::Submitted.state() {
                app.standing = Standing::Submitted;
            }
            let shown = self.world.get("", &format!("{path}/approval")).await;
            if shown.status == 200 {
                app.signed_by = kid(&shown.text());
            }
        }
        self
    }

    async fn wait(&self, minutes: u64) {
        // The registry's own clockwork runs every five minutes.
        for _ in 0..minutes.min(12).div_ceil(6) {
            self.world.clock.advance(Duration::from_mins(6));
            self.world.work().await;
        }
        if let Some(rest @ 1..) = minutes.checked_sub(12) {
            self.world.clock.advance(Duration::from_mins(rest));
            self.world.work().await;
        }
    }

    async fn wake(&mut self) {
        learn(&mut self.sleeper.epj, &self.world, &self.paths).await;
        self.sleeper.told = self.model.clone();
        self.sleeper.at = self.world.clock_seconds();
    }

    /// The registry stands as the model does, and so do the EPJs.
    pub(super) async fn nobody_launches_what_must_not_be(&mut self) {
        for (app, path) in self.model.apps.iter().zip(&self.paths) {
            assert_eq!(self.world.state(path).await, app.standing.state(), "{path}");
        }
        learn(&mut self.awake, &self.world, &self.paths).await;
        let slept = self.world.clock_seconds() - self.sleeper.at;
        for app in 0..APPS {
            let launches = launches(&self.awake, &self.world, app);
            assert_eq!(launches, self.model.counts(app), "{}", software_id(app));
            self.launched += usize::from(launches);
            self.refused += usize::from(!launches);
            if self::launches(&self.sleeper.epj, &self.world, app) {
                assert!(self.sleeper.told.counts(app), "{}", software_id(app));
                assert!(slept <= MaxStale::DEFAULT.normal + 60, "{slept}");
            }
        }
        for forged in &self.forged {
            let ticket = ticket(&self.world, forged).await;
            let refused = self.awake.take(&self.world, forged, &ticket);
            assert!(refused.is_some());
        }
    }

    /// Whoever audits finds nothing that nobody did; gives how often an app was launched and refused.
    pub(super) async fn ends(self) -> (usize, usize) {
        let quiet = self.forged.is_empty() && self.withdrawn.is_empty() && self.backup.is_none();
        if quiet {
            assert_eq!(audited(&self.world).await, []);
        }
        (self.launched, self.refused)
    }
}

/// The EPJ asks for everything that is new, and for every approval that is shown.
async fn learn(epj: &mut Epj, world: &World, paths: &[String]) {
    assert_eq!(epj.refresh(world).await, None);
    for path in paths {
        let shown = world.get("", &format!("{path}/approval")).await;
        if shown.status == 200 {
            let ticket = world.get("", &format!("{path}/approval.tlog-proof")).await;
            // Whether it takes it in, it says at launch.
            epj.take(world, &shown.text(), &ticket.expect(200).text());
        }
    }
}

fn launches(epj: &Epj, world: &World, app: usize) -> bool {
    let id = software_id(app);
    let known = epj
        .verifier
        .approvals()
        .any(|approval| approval.software_id == id);
    known && epj.launch(world, &id).is_none()
}

async fn withdraw(process: &Process, kid: &str, everything: bool) {
    let cutoff = if everything {
        Cutoff::Nothing
    } else {
        Cutoff::Now
    };
    let compromised = RevocationReason::Compromised;
    let withdrawn = process
        .registry
        .withdraw_key(kid, compromised, cutoff)
        .await;
    drop(withdrawn);
}

async fn signing_key(world: &World) -> String {
    let all = world.registry.all_keys().await.unwrap();
    let mut active = all
        .into_iter()
        .filter(|key| key.purpose == "approval" && key.state == "active");
    active.next().unwrap().kid
}

fn kid(jws: &str) -> String {
    let header = verifier::base64url::decode(jws.split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn software_id(app: usize) -> String {
    format!("no.eksempel.app{app}")
}

/// What the thieves call theirs.
const THIEFS: &str = "no.eksempel.tyv";
