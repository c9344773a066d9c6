//! A client of The Update Framework (specification 1.0.34) as pure functions over bytes: the
//! documents, their canonical form, keys and thresholds, and the rules of §5 for taking one
//! document in another's place. Delegated targets roles are not followed.

pub mod canonical;
mod envelope;
mod key;
mod metadata;
mod refresh;
mod repository;
pub mod time;

pub use envelope::max_len;
pub use key::{RoleKey, from_pem, to_pem};
pub use metadata::{
    Document, Hashes, Keys, MetaFile, Role, RoleName, Roles, Root, SPEC_VERSION, Snapshot,
    TargetFile, Targets, Timestamp, TimestampMeta, Unsigned,
};
pub use refresh::{Refresh, Wanted};
pub use repository::{Held, Repository};

pub(crate) use repository::reheld;
