//! Where work can be cut short: passed in like time and randomness. Production passes every point;
//! a test stops at one as a power cut would, and everything after it stops too.

use std::fmt;
use std::sync::Mutex;

/// The work was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cut short at {0}")]
pub struct CutShort(pub &'static str);

/// Says whether work goes on past a point.
pub trait Failpoints: Send + Sync + fmt::Debug {
    /// Called at each point, by its name.
    fn pass(&self, point: &'static str) -> Result<(), CutShort>;
}

/// Every point is passed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFailpoints;

impl Failpoints for NoFailpoints {
    fn pass(&self, _point: &'static str) -> Result<(), CutShort> {
        Ok(())
    }
}

/// Stops at one point, the n-th time that it is reached, and nothing goes on after that: the
/// process is dead. Remembers the points it has seen, so that a test can visit them all.
#[derive(Debug, Default)]
pub struct StopAt(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    point: Option<&'static str>,
    left: u32,
    dead: bool,
    seen: Vec<&'static str>,
}

impl StopAt {
    /// Only remembers.
    pub fn nowhere() -> Self {
        Self::default()
    }

    /// Stops at `point` when it is reached for the `nth` time, counted from 1.
    pub fn point(point: &'static str, nth: u32) -> Self {
        Self(Mutex::new(State {
            point: Some(point),
            left: nth,
            ..State::default()
        }))
    }

    /// True when it has stopped.
    pub fn stopped(&self) -> bool {
        self.state().dead
    }

    /// The points that were reached, in order, each time anew.
    pub fn seen(&self) -> Vec<&'static str> {
        self.state().seen.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        match self.0.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

impl Failpoints for StopAt {
    fn pass(&self, point: &'static str) -> Result<(), CutShort> {
        let mut state = self.state();
        state.seen.push(point);
        if state.point == Some(point) && state.left > 0 {
            state.left -= 1;
            state.dead |= state.left == 0;
        }
        if state.dead {
            Err(CutShort(point))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stops_at_the_point_and_for_good() {
        let stop = StopAt::point("b", 2);
        assert_eq!(stop.pass("a"), Ok(()));
        assert_eq!(stop.pass("b"), Ok(()));
        assert_eq!(stop.pass("b"), Err(CutShort("b")));
        assert_eq!(stop.pass("a"), Err(CutShort("a")));
        assert!(stop.stopped());
        assert_eq!(stop.seen(), ["a", "b", "b", "a"]);
        assert_eq!(NoFailpoints.pass("b"), Ok(()));
        assert!(!StopAt::nowhere().stopped());
    }
}
