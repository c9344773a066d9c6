//! What apps wrote in a sandbox, over the base population. The log in the database is the truth
//! ([`log`]); each process keeps a view of it in memory ([`view`]) and answers from there, so that a
//! search costs no query. A write holds the log's head, brings the view up to it, decides, appends,
//! and shows the change only when it is on disk. A view that another process has left behind is at
//! most [`FRESH`] old for readers, and never for writers.

mod draft;
mod follow;
mod index;
mod log;
mod parts;
mod turns;
mod view;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use bytes::Bytes;
use foundation::store::{Database, StoreError, Tx};
use tokio::sync::watch;

pub(crate) use draft::{Draft, Standing};
pub(crate) use follow::{Stretch, revise};
pub(crate) use index::{Lookup, Lookups};
pub(crate) use log::{Head, begin, clear, hold};
pub(crate) use parts::{collect, fork};
pub(crate) use view::{Change, Narrow, Version, View};

use super::error::FhirError;
use super::population::{Entry, Indexed};
use super::subscription::{self, is_subscription};
use super::types::TypeInfo;
use log::Row;
use turns::{Turns, Waiting};

/// How long a view is taken to be current before the log's head is looked at again.
const FRESH: Duration = Duration::from_millis(250);
/// Views kept in memory; the least recently used is read from the log again when it is needed.
const VIEWS_KEPT: usize = 64;
/// What a sandbox may hold: it is kept in memory whole.
pub(crate) const MOST_BYTES_KEPT: usize = 256 * 1024 * 1024;

/// The views of the sandboxes in use; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overlays {
    known: Arc<Mutex<Known>>,
    /// Rises when something was written that somebody subscribes to, perhaps.
    written: watch::Sender<u64>,
}

/// Overlays by the name of their sandbox, each with when it was last used.
type Known = BTreeMap<String, (Arc<Overlay>, Instant)>;

/// What was written in one sandbox.
#[derive(Debug)]
pub(crate) struct Overlay {
    sandbox: String,
    /// The public FHIR base, below which references are the sandbox's own.
    base: String,
    view: RwLock<View>,
    /// When the view was known to be current. Who holds it alone may write.
    checked: tokio::sync::Mutex<Option<Instant>>,
    fresh_until: Mutex<Option<Instant>>,
    turns: Turns,
    written: watch::Sender<u64>,
}

impl Overlays {
    /// The overlay of a sandbox, no older than [`FRESH`].
    pub(crate) async fn get(
        &self,
        database: &Database,
        sandbox: &str,
        base: &str,
    ) -> Result<Arc<Overlay>, StoreError> {
        let overlay = self.entry(sandbox, base);
        if !overlay.is_fresh() {
            // Boxed: nearly every request passes by, and would carry the room for it along.
            Box::pin(overlay.refresh(database)).await?;
        }
        Ok(overlay)
    }

    /// Brings the overlay of a sandbox up to the log as it is now, wherever that was written.
    pub(crate) async fn renew(
        &self,
        database: &Database,
        sandbox: &str,
        base: &str,
    ) -> Result<(), StoreError> {
        let overlay = self.entry(sandbox, base);
        let mut checked = overlay.checked.lock().await;
        overlay.look_up(database, &mut checked).await
    }

    fn entry(&self, sandbox: &str, base: &str) -> Arc<Overlay> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if let Some((overlay, used)) = all.get_mut(sandbox) {
            *used = now;
            return Arc::clone(overlay);
        }
        if all.len() >= VIEWS_KEPT {
            let oldest = all.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(name) = oldest.map(|(name, _)| name.clone()) {
                all.remove(&name);
            }
        }
        let overlay = Arc::new(Overlay {
            sandbox: sandbox.to_owned(),
            base: base.to_owned(),
            view: RwLock::default(),
            checked: tokio::sync::Mutex::default(),
            fresh_until: Mutex::default(),
            turns: Turns::default(),
            written: self.written.clone(),
        });
        all.insert(sandbox.to_owned(), (Arc::clone(&overlay), now));
        overlay
    }

    /// Tells when something was written in a sandbox with subscriptions.
    pub(crate) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Lets go of a view whose log was cleared.
    pub(crate) fn forget(&self, sandbox: &str) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(sandbox);
    }
}

impl Overlay {
    /// What is current. Not to be held while anything is awaited.
    pub(crate) fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_fresh(&self) -> bool {
        let until = self.fresh_until.lock();
        let until = *until.unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn mark(&self, checked: &mut Option<Instant>) {
        let now = Instant::now();
        *checked = Some(now);
        let mut until = self
            .fresh_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *until = Some(now + FRESH);
    }

    /// Brings the view up to the log's head, unless somebody else just did.
    async fn refresh(&self, database: &Database) -> Result<(), StoreError> {
        let mut checked = self.checked.lock().await;
        if !checked.is_some_and(|at| at.elapsed() < FRESH) {
            self.look_up(database, &mut checked).await?;
        }
        Ok(())
    }

    async fn look_up(
        &self,
        database: &Database,
        checked: &mut Option<Instant>,
    ) -> Result<(), StoreError> {
        let mut tx = database.read().await?;
        let head = log::head(&mut tx, &self.sandbox).await?;
        self.catch_up(&mut tx, head).await?;
        self.mark(checked);
        Ok(())
    }

    /// Decides on what is current, and changes nothing.
    pub(crate) fn look<T>(&self, decide: impl FnOnce(&Draft<'_>) -> T) -> T {
        decide(&Draft::new(&self.view()))
    }

    /// Decides on changes with everybody else shut out, appends them to the log, and shows them when
    /// they are on disk. `log` is the name of the log of a sandbox that has none.
    ///
    /// A write that was asked for goes on to its end when the client goes away, so that the view and
    /// the log cannot part.
    pub(crate) async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        database: &Database,
        log: i64,
        decide: impl FnOnce(&mut Draft<'_>) -> Result<T, FhirError> + Send + 'static,
    ) -> Result<T, FhirError> {
        let (told, leaderless) = self.turns.wait(decide);
        if leaderless {
            let (overlay, database) = (Arc::clone(self), database.clone());
            tokio::spawn(async move { overlay.lead(&database, log).await });
        }
        told.await.map_err(|_| FhirError::Interrupted)?
    }

    /// Carries out writes until nobody waits.
    async fn lead(&self, database: &Database, log: i64) {
        let mut lead = self.turns.lead();
        let mut checked = self.checked.lock().await;
        while let Some((goes_on, together)) = lead.take() {
            lead = goes_on;
            match self.begin(database, log).await {
                Ok(begun) => self.carry_out(begun, together, &mut checked).await,
                Err(error) => turns::refuse(together, error),
            }
        }
    }

    /// Holds the log's head, with the view up to it.
    async fn begin(&self, database: &Database, log: i64) -> Result<(Tx, Head), StoreError> {
        let mut tx = database.begin().await?;
        let head = log::lock(&mut tx, &self.sandbox, log).await?;
        self.catch_up(&mut tx, head).await?;
        Ok((tx, head))
    }

    async fn carry_out(
        &self,
        (tx, head): (Tx, Head),
        together: Vec<Waiting>,
        checked: &mut Option<Instant>,
    ) {
        let (tell, changes) = {
            let view = self.view();
            let mut draft = Draft::new(&view);
            (turns::decide(together, &mut draft), draft.into_changes())
        };
        let committed = self.commit(tx, head, &changes).await.map_err(Arc::new);
        if committed.is_ok() {
            let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
            for change in changes {
                view.apply(change);
            }
            let followed = view.has_subscriptions();
            drop(view);
            self.mark(checked);
            if followed {
                self.written.send_modify(|times| *times += 1);
            }
        }
        for one in tell {
            one(committed.clone());
        }
    }

    async fn commit(&self, mut tx: Tx, head: Head, changes: &[Change]) -> Result<(), StoreError> {
        let rows = (head.seq + 1..).zip(changes).map(|(seq, change)| Row {
            seq,
            resource_type: change.info.name.to_owned(),
            id: change.id.clone(),
            version: change.number,
            updated_at: change.updated,
            content: change
                .content
                .as_ref()
                .map(|content| content.entry.json.to_vec()),
        });
        log::append(&mut tx, &self.sandbox, head.log, rows.collect()).await?;
        for (seq, change) in (head.seq + 1..).zip(changes) {
            if is_subscription(change.info) {
                subscription::keep(&mut tx, &self.sandbox, seq, change).await?;
            }
        }
        tx.commit().await
    }

    /// Takes in what the log has and the view lacks.
    async fn catch_up(&self, tx: &mut Tx, head: Head) -> Result<(), StoreError> {
        let known = self.view().head;
        if known == head {
            return Ok(());
        }
        let goes_on = known.log == head.log && known.seq <= head.seq;
        let from = if goes_on { known.seq } else { 0 };
        let parts = parts::of(tx, head).await?;
        let rows = log::after(tx, &parts, from).await?;
        let changes: Vec<Change> = rows
            .into_iter()
            .filter_map(|row| self.change(row))
            .collect();
        let mut view = self.view.write().unwrap_or_else(PoisonError::into_inner);
        if !goes_on {
            *view = View::default();
        }
        for change in changes {
            view.apply(change);
        }
        view.head = head;
        Ok(())
    }

    fn change(&self, row: Row) -> Option<Change> {
        let info = TypeInfo::by_name(&row.resource_type)?;
        let content = row.content.map(|content| {
            let entry = Entry {
                resource_type: info.name,
                id: row.id.clone(),
                version: row.version,
                updated: row.updated_at,
                json: Bytes::from(content),
                patients: Vec::new(),
            };
            Indexed::written(info, entry, &self.base)
        });
        Some(Change {
            info,
            id: row.id,
            number: row.version,
            updated: row.updated_at,
            content,
            note: None,
        })
    }

    /// One version as it was written; the version's deletion has no content.
    pub(crate) async fn version(
        &self,
        database: &Database,
        info: &'static TypeInfo,
        id: &str,
        version: i64,
    ) -> Result<Option<Change>, StoreError> {
        let mut tx = database.read().await?;
        let head = self.view().head;
        let parts = parts::of(&mut tx, head).await?;
        let row = log::version(&mut tx, &parts, (info.name, id, version)).await?;
        Ok(row.and_then(|row| self.change(row)))
    }
}
