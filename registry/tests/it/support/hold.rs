//! A process that is held up at a point, so that others overtake it.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use foundation::failpoint::{CutShort, Failpoints};

/// Holds a process up, each time it reaches a point, until it is let go.
#[derive(Debug)]
pub(crate) struct HoldAt {
    point: &'static str,
    reached: Sender<()>,
    go: Mutex<Receiver<()>>,
}

/// What is known of it outside.
pub(crate) struct Held {
    is_there: Receiver<()>,
    go: Sender<()>,
}

impl HoldAt {
    pub(crate) fn point(point: &'static str) -> (Self, Held) {
        let (reached, is_there) = channel();
        let (go, wait) = channel();
        let hold = Self {
            point,
            reached,
            go: Mutex::new(wait),
        };
        (hold, Held { is_there, go })
    }
}

impl Failpoints for HoldAt {
    fn pass(&self, point: &'static str) -> Result<(), CutShort> {
        if point == self.point {
            // Who is not waited for any more goes on.
            self.reached.send(()).unwrap_or_default();
            // The thread's other work goes on elsewhere.
            let wait = || self.go.lock().unwrap().recv().unwrap_or_default();
            tokio::task::block_in_place(wait);
        }
        Ok(())
    }
}

impl Held {
    /// Waits until the process has come to the point.
    pub(crate) async fn reached(self) -> Self {
        let Self { is_there, go } = self;
        let wait = move || {
            is_there.recv().unwrap();
            is_there
        };
        let is_there = tokio::task::spawn_blocking(wait).await.unwrap();
        Self { is_there, go }
    }

    /// Lets it go on to its end.
    pub(crate) fn let_go(self) {
        drop(self.go);
    }
}
