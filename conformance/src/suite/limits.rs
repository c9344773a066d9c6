//! What a suite may use, and the limiter that says when memory was refused.

use std::time::Duration;

use wasmtime::ResourceLimiter;

/// Bounds of one call into a suite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Units of fuel, about one per instruction. The same call always costs the same.
    pub(crate) fuel: u64,
    /// Bytes of linear memory, over all memories of the suite.
    pub(crate) memory: usize,
    /// Wall time, for what fuel does not measure.
    pub(crate) wall: Duration,
    /// Largest component that is compiled, in bytes.
    pub(crate) component: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 5_000_000_000,
            memory: 256 << 20,
            wall: Duration::from_secs(20),
            component: 32 << 20,
        }
    }
}

/// The store's own state: how much memory the suite has, and whether it asked for too much.
#[derive(Debug)]
pub(crate) struct Meter {
    limit: usize,
    used: usize,
    refused: bool,
}

impl Meter {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            limit: limits.memory,
            used: 0,
            refused: false,
        }
    }

    /// Whether growth was refused: then a trap that follows is for want of memory.
    pub(crate) const fn refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limit {
            self.refused = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        INSTANCES
    }

    fn memories(&self) -> usize {
        INSTANCES
    }
}

/// Elements of one table: functions of a large suite fit many times over.
const TABLE_ELEMENTS: usize = 100_000;
/// Core instances, tables and memories: suites from other languages are made of some ten modules.
const INSTANCES: usize = 64;
