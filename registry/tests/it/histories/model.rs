//! What must be: who may be launched after what happened. Nothing here knows how the registry or
//! an EPJ comes to that.

use std::collections::BTreeSet;

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Both reviewers approve an app.
    Approve(usize),
    /// One of them suspends it.
    Suspend(usize),
    /// Both bring it back.
    Reinstate(usize),
    /// One ends it for good.
    Revoke(usize),
    /// Another key signs approvals from now on.
    ReplaceKey,
    /// Somebody has a copy of the key that signs approvals, and signs with it.
    Steal,
    /// That key is withdrawn: from now on, or with all that it has ever signed.
    Withdraw { everything: bool },
    /// What a withdrawn key had signed is signed anew.
    Resign,
    /// The database is copied, the first time.
    Backup,
    /// The copy is put back, and the log read in again.
    Restore,
    /// Minutes go by.
    Wait(u64),
    /// The EPJ that sleeps asks for what is new.
    Wake,
}

/// How an app stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Submitted,
    Approved,
    Suspended,
    Revoked,
}

impl Standing {
    /// The state that the registry calls so.
    pub(super) const fn state(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }
}

/// An app, as it must be.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) standing: Standing,
    /// The key that its approval is signed with.
    pub(super) signed_by: String,
}

/// What must be.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) apps: Vec<App>,
    /// The key that signs approvals.
    pub(super) key: String,
    /// The keys whose every signature is worth nothing.
    pub(super) void: BTreeSet<String>,
}

impl Model {
    pub(super) fn new(apps: usize, key: String) -> Self {
        let app = App {
            standing: Standing::Submitted,
            signed_by: String::new(),
        };
        Self {
            apps: vec![app; apps],
            key,
            void: BTreeSet::new(),
        }
    }

    /// Whether an EPJ that knows everything launches this app.
    pub(super) fn counts(&self, app: usize) -> bool {
        let app = &self.apps[app];
        app.standing == Standing::Approved && !self.void.contains(&app.signed_by)
    }

    /// After an event, as far as it is about standing and signatures.
    pub(super) fn after(&mut self, event: &Event) {
        match event {
            Event::Approve(app) if self.apps[*app].standing == Standing::Submitted => {
                self.apps[*app] = App {
                    standing: Standing::Approved,
                    signed_by: self.key.clone(),
                };
            }
            Event::Suspend(app) => self.moves(*app, &[Standing::Approved], Standing::Suspended),
            Event::Reinstate(app) => self.moves(*app, &[Standing::Suspended], Standing::Approved),
            Event::Revoke(app) => {
                let from = [Standing::Approved, Standing::Suspended];
                self.moves(*app, &from, Standing::Revoked);
            }
            Event::Withdraw { everything: true } => drop(self.void.insert(self.key.clone())),
            Event::Resign => {
                let stranded = |app: &&mut App| {
                    app.standing == Standing::Approved && self.void.contains(&app.signed_by)
                };
                for app in self.apps.iter_mut().filter(stranded) {
                    app.signed_by.clone_from(&self.key);
                }
            }
            _ => {}
        }
    }

    fn moves(&mut self, app: usize, from: &[Standing], to: Standing) {
        let app = &mut self.apps[app];
        if from.contains(&app.standing) {
            app.standing = to;
        }
    }
}
