//! The tables of this room. Functions over `&mut Tx`; a transaction is begun in `service/`.

pub(crate) mod attachment;
pub(crate) mod check;
pub(crate) mod progress;
