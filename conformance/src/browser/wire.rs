//! The conversation with Chromium: JSON commands and answers, paired by number, and the events
//! between them in the order they came. The client is our own and thin because raw, ordered events
//! of every target are the evidence, and generated clients drop what they do not know.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::BrowserError;
use super::process::Pipe;

/// Something that happened in the browser.
#[derive(Debug)]
pub(crate) struct Event {
    /// The target's session; empty for the browser itself.
    pub(crate) session: String,
    pub(crate) method: String,
    pub(crate) params: Value,
}

/// Sends commands; cheap to clone.
#[derive(Clone)]
pub(crate) struct Wire {
    shared: Arc<Shared>,
}

struct Shared {
    next: AtomicU64,
    out: mpsc::UnboundedSender<String>,
    /// `None` once the browser is gone.
    pending: Mutex<Option<Pending>>,
}

type Pending = BTreeMap<u64, oneshot::Sender<Result<Value, String>>>;

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    /// Takes over the pipe; events come out of the receiver, which closes when the browser ends.
    pub(crate) fn over(pipe: Pipe) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let (out, commands) = mpsc::unbounded_channel();
        let (events, received) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            next: AtomicU64::new(1),
            out,
            pending: Mutex::new(Some(BTreeMap::new())),
        });
        tokio::spawn(write(pipe.write, commands));
        tokio::spawn(read(pipe.read, Arc::downgrade(&shared), events));
        (Self { shared }, received)
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn call(
        &self,
        session: &str,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        let answer = self.send(session, method, &params)?;
        match timeout(limit, answer).await {
            Ok(Ok(Ok(result))) => Ok(result),
            Ok(Ok(Err(message))) => Err(BrowserError::Refused {
                method: method.to_owned(),
                message,
            }),
            Ok(Err(_)) => Err(BrowserError::Gone),
            Err(_) => Err(BrowserError::Timeout {
                method: method.to_owned(),
                limit,
            }),
        }
    }

    /// Sends a command whose answer nobody needs: the target may be gone before it arrives.
    pub(crate) fn post(&self, session: &str, method: &str, params: &Value) {
        drop(self.send(session, method, params));
    }

    /// True once the browser has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.shared.pending().is_none()
    }

    fn send(
        &self,
        session: &str,
        method: &str,
        params: &Value,
    ) -> Result<oneshot::Receiver<Result<Value, String>>, BrowserError> {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let mut command = json!({"id": id, "method": method, "params": params});
        if let (false, Some(members)) = (session.is_empty(), command.as_object_mut()) {
            members.insert("sessionId".to_owned(), session.into());
        }
        let (answer, waiting) = oneshot::channel();
        match self.shared.pending().as_mut() {
            Some(pending) => pending.insert(id, answer),
            None => return Err(BrowserError::Gone),
        };
        self.shared
            .out
            .send(command.to_string())
            .map_err(|_| BrowserError::Gone)?;
        Ok(waiting)
    }
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Option<Pending>> {
        match self.pending.lock() {
            Ok(pending) => pending,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

async fn write(mut pipe: ChildStdin, mut commands: mpsc::UnboundedReceiver<String>) {
    while let Some(command) = commands.recv().await {
        let mut bytes = command.into_bytes();
        bytes.push(0);
        if pipe.write_all(&bytes).await.is_err() || pipe.flush().await.is_err() {
            return;
        }
    }
}

async fn read(
    pipe: ChildStdout,
    shared: std::sync::Weak<Shared>,
    events: mpsc::UnboundedSender<Event>,
) {
    let mut pipe = BufReader::with_capacity(1 << 16, pipe);
    let mut message = Vec::new();
    loop {
        message.clear();
        match pipe.read_until(0, &mut message).await {
            Ok(count) if count > 0 => {}
            _ => break,
        }
        message.pop();
        let Some(shared) = shared.upgrade() else {
            return;
        };
        match serde_json::from_slice::<Value>(&message) {
            Ok(value) => dispatch(&shared, &events, value),
            Err(error) => tracing::warn!(%error, "the browser sent something unreadable"),
        }
    }
    if let Some(shared) = shared.upgrade() {
        // Dropping the waiting ends tells every caller that the browser is gone.
        shared.pending().take();
    }
}

fn dispatch(shared: &Shared, events: &mpsc::UnboundedSender<Event>, mut value: Value) {
    if let Some(id) = value.get("id").and_then(Value::as_u64) {
        let waiting = shared.pending().as_mut().and_then(|all| all.remove(&id));
        let result = match value.get("error") {
            Some(error) => Err(text(error, "message").to_owned()),
            None => Ok(take(&mut value, "result")),
        };
        if let Some(waiting) = waiting {
            // The caller may have given up.
            waiting.send(result).unwrap_or_default();
        }
        return;
    }
    let event = Event {
        session: text(&value, "sessionId").to_owned(),
        method: text(&value, "method").to_owned(),
        params: take(&mut value, "params"),
    };
    // Nobody listens once the browser is being closed.
    events.send(event).unwrap_or_default();
}

fn take(value: &mut Value, member: &str) -> Value {
    value.get_mut(member).map(Value::take).unwrap_or_default()
}

/// The text of a member, empty when it has none.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The text of a member below another.
pub(crate) fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}
