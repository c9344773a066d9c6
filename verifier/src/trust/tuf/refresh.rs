//! Bringing what is believed of a repository up to date (TUF §5), without doing any I/O: it says
//! which file is wanted next, and is given the file or told that there is none.
//!
//! What was verified before a refusal is kept, so that a repository that is broken further on
//! cannot be used to undo it.

use super::envelope::max_len;
use super::metadata::{MetaFile, RoleName};
use super::repository::Repository;
use crate::code::{Code, VerifyError};

/// A refresh under way.
#[derive(Debug)]
pub struct Refresh<'r> {
    repository: &'r mut Repository,
    now: i64,
    wanted: Option<RoleName>,
    roots: u32,
}

/// A file that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name below the repository's address.
    pub name: String,
    /// Stop reading after this many bytes, and refuse the file.
    pub max_len: usize,
}

impl<'r> Refresh<'r> {
    /// A refresh at this moment, which stays the same to its end.
    pub const fn new(repository: &'r mut Repository, now: i64) -> Self {
        Self {
            repository,
            now,
            wanted: Some(RoleName::Root),
            roots: 0,
        }
    }

    /// The file that is wanted next; `None` when everything is up to date.
    pub fn wanted(&self) -> Option<Wanted> {
        let role = self.wanted?;
        let repository = &*self.repository;
        let root = repository.root().document();
        let named = match role {
            RoleName::Root | RoleName::Timestamp => None,
            RoleName::Snapshot => repository
                .timestamp()
                .map(|timestamp| &timestamp.document().meta.snapshot),
            RoleName::Targets => repository
                .snapshot()
                .and_then(|snapshot| snapshot.document().targets()),
        };
        let name = match (role, named) {
            (RoleName::Root, _) => format!("{}.root.json", root.version + 1),
            (_, Some(MetaFile { version, .. })) if root.consistent_snapshot => {
                format!("{version}.{role}.json")
            }
            _ => format!("{role}.json"),
        };
        let length = named.and_then(|named| usize::try_from(named.length?).ok());
        Some(Wanted {
            name,
            max_len: length.unwrap_or(usize::MAX).min(max_len(role)),
        })
    }

    /// The role whose document is wanted next.
    pub const fn role(&self) -> Option<RoleName> {
        self.wanted
    }

    /// Gives the file that was wanted, or says that there is none. After an error nothing more is
    /// wanted; what was accepted before it stays.
    pub fn take(&mut self, file: Option<&[u8]>) -> Result<(), VerifyError> {
        let Some(role) = self.wanted.take() else {
            return Ok(());
        };
        self.wanted = match (role, file) {
            (RoleName::Root, Some(bytes)) if self.roots < MAX_ROOTS => {
                self.repository.advance_root(bytes)?;
                self.roots += 1;
                Some(RoleName::Root)
            }
            (RoleName::Root, _) => {
                self.repository.settle_root(self.now)?;
                Some(RoleName::Timestamp)
            }
            (_, None) => {
                return Err(Code::TrustConfig.because(format!("{role}.json: there is none")));
            }
            (RoleName::Timestamp, Some(bytes)) => {
                self.repository.advance_timestamp(bytes, self.now)?;
                self.after_timestamp()?
            }
            (RoleName::Snapshot, Some(bytes)) => {
                self.repository.advance_snapshot(bytes, self.now)?;
                self.after_snapshot()?
            }
            (RoleName::Targets, Some(bytes)) => {
                self.repository.advance_targets(bytes, self.now)?;
                None
            }
        };
        Ok(())
    }

    fn after_timestamp(&self) -> Result<Option<RoleName>, VerifyError> {
        if self.repository.has_snapshot(self.now)? {
            self.after_snapshot()
        } else {
            Ok(Some(RoleName::Snapshot))
        }
    }

    fn after_snapshot(&self) -> Result<Option<RoleName>, VerifyError> {
        let held = self.repository.has_targets(self.now)?;
        Ok((!held).then_some(RoleName::Targets))
    }
}

/// The most root documents that are followed in one refresh.
const MAX_ROOTS: u32 = 256;
