//! What is known about the running browser: its targets, what is under way, and when something last
//! happened. Written by the listener, read by whoever acts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::time::Instant;

/// Shared between the listener and the page.
#[derive(Clone, Debug)]
pub(crate) struct State(Arc<Mutex<Known>>);

/// A thing that DevTools is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) target: String,
    pub(crate) kind: TargetKind,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetKind {
    /// A frame of another site inside a page.
    Frame,
    /// A tab or window.
    Page,
    /// Any sort of worker.
    Worker,
}

/// Who waits for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Awaited {
    pub(super) session: String,
    pub(super) frame: String,
    /// The document that asked: another one in the same frame does not wait for it.
    pub(super) loader: String,
    /// Whether it goes to the stage, whose slowness is not the app's.
    pub(super) is_of_stage: bool,
}

/// What a page still waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Waiting {
    Nothing,
    /// The app's own hosts.
    App,
    /// The stage.
    Stage,
}

#[derive(Debug)]
pub(super) struct Known {
    /// The browser context of the open page; events of others are not ours.
    pub(super) context: String,
    pub(super) sessions: BTreeMap<String, Session>,
    /// Requests under way, by their ids.
    pub(super) under_way: BTreeMap<String, Awaited>,
    pub(super) last_change: Instant,
    pub(super) crashed: BTreeSet<String>,
    pub(super) dialogs: usize,
    pub(super) received: u64,
    /// Isolated worlds of ours by session, with the frame each belongs to.
    pub(super) worlds: BTreeMap<(String, i64), String>,
    pub(super) gone: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Known {
            context: String::new(),
            sessions: BTreeMap::new(),
            under_way: BTreeMap::new(),
            last_change: Instant::now(),
            crashed: BTreeSet::new(),
            dialogs: 0,
            received: 0,
            worlds: BTreeMap::new(),
            gone: false,
        })))
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        match self.0.lock() {
            Ok(known) => known,
            Err(poisoned) => poisoned.into_inner(),
        }
    }

    /// Begins with a new browser context.
    pub(super) fn enter(&self, context: &str) {
        let mut known = self.known();
        context.clone_into(&mut known.context);
        known.under_way.clear();
        known.dialogs = 0;
        known.touch();
    }

    /// The session of a page's target.
    pub(super) fn session_of(&self, target: &str) -> Option<Session> {
        self.known()
            .sessions
            .values()
            .find(|session| session.target == target)
            .cloned()
    }

    /// Pages and frames that are attached now, pages first.
    pub(super) fn documents(&self) -> Vec<Session> {
        let known = self.known();
        let of = |kind| {
            known
                .sessions
                .values()
                .filter(move |session| session.kind == kind)
                .cloned()
        };
        of(TargetKind::Page).chain(of(TargetKind::Frame)).collect()
    }

    /// True when the target's process has crashed.
    pub(super) fn has_crashed(&self, session: &str) -> bool {
        self.known().crashed.contains(session)
    }

    /// Bytes received over the network so far.
    pub(crate) fn received(&self) -> u64 {
        self.known().received
    }

    /// True once the browser has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.known().gone
    }

    /// Since when nothing has happened, and what is under way.
    pub(super) fn quiet_since(&self) -> (Instant, Waiting) {
        let known = self.known();
        let awaited = known.under_way.values().map(|request| {
            if request.is_of_stage {
                Waiting::Stage
            } else {
                Waiting::App
            }
        });
        let waiting = awaited.max().unwrap_or(Waiting::Nothing);
        (known.last_change, waiting)
    }

    /// Our isolated world in a frame of a session.
    pub(super) fn world(&self, session: &str, frame: &str) -> Option<i64> {
        self.known()
            .worlds
            .iter()
            .find(|((of, _), in_frame)| of == session && in_frame.as_str() == frame)
            .map(|((_, context), _)| *context)
    }
}

impl Known {
    /// Notes that something happened.
    pub(super) fn touch(&mut self) {
        self.last_change = Instant::now();
    }

    /// Nobody waits any more for what the frame's former document asked for; the browser does not
    /// always say so.
    pub(super) fn navigated(&mut self, frame: &str, loader: &str) {
        self.under_way
            .retain(|_, request| request.frame != frame || request.loader == loader);
        self.touch();
    }

    pub(super) fn forget(&mut self, session: &str) {
        self.sessions.remove(session);
        self.crashed.remove(session);
        self.under_way
            .retain(|_, request| request.session != session);
        self.worlds.retain(|(of, _), _| of != session);
        self.touch();
    }
}
