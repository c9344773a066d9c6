//! The sandbox's tables, one file per aggregate, as functions over a transaction. Transactions are
//! begun in `service/`.

pub(crate) mod assertions;
pub(crate) mod clients;
pub(crate) mod documents;
pub(crate) mod exchanges;
pub(crate) mod grants;
pub(crate) mod helseid;
pub(crate) mod interactions;
pub(crate) mod keys;
pub(crate) mod launches;
pub(crate) mod sandboxes;
pub(crate) mod shares;
pub(crate) mod snapshots;
pub(crate) mod tokens;
