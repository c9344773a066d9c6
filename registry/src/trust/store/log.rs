//! The tables of the log: entries, subtree hashes, and the newest witnessed checkpoint.

use std::collections::BTreeMap;

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query};
use verifier::merkle::{Frontier, Hash, NodeId, NodeReader, proof};

#[derive(Clone, Copy, Iden)]
enum RegistryLogEntry {
    Table,
    Position,
    EntryKey,
    Content,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum RegistryLogNode {
    Table,
    Level,
    Position,
    Hash,
}

#[derive(Clone, Copy, Iden)]
enum RegistryLogCheckpoint {
    Table,
    Origin,
    TreeSize,
    Note,
    WitnessedAt,
}

/// A checkpoint that the witness has cosigned.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Witnessed {
    tree_size: i64,
    /// The signed note.
    pub(crate) note: String,
    /// The witness's time, in seconds since the epoch.
    #[sqlx(rename = "witnessed_at")]
    pub(in crate::trust) time: i64,
}

impl Witnessed {
    /// How many entries the checkpoint covers.
    pub(in crate::trust) fn size(&self) -> u64 {
        self.tree_size.try_into().unwrap_or(0)
    }
}

/// How many entries the log has.
pub(in crate::trust) async fn size(tx: &mut Tx) -> Result<u64, StoreError> {
    let count = Query::select()
        .expr(Expr::col(RegistryLogEntry::Position).count())
        .from(RegistryLogEntry::Table)
        .to_owned();
    let (count,): (i64,) = tx.one(&count).await?;
    Ok(count.try_into().unwrap_or(0))
}

/// The place of the entry with this key.
pub(in crate::trust) async fn find(tx: &mut Tx, key: &str) -> Result<Option<u64>, StoreError> {
    let select = Query::select()
        .column(RegistryLogEntry::Position)
        .from(RegistryLogEntry::Table)
        .and_where(Expr::col(RegistryLogEntry::EntryKey).eq(key))
        .to_owned();
    let found: Option<(i64,)> = tx.optional(&select).await?;
    Ok(found.map(|(position,)| position.try_into().unwrap_or(0)))
}

/// Adds an entry at the end. Two writers at once: the place is taken, and one of them fails.
pub(in crate::trust) async fn append(
    tx: &mut Tx,
    frontier: &mut Frontier,
    key: &str,
    content: &[u8],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let position = frontier.size();
    let insert = Query::insert()
        .into_table(RegistryLogEntry::Table)
        .columns([
            RegistryLogEntry::Position,
            RegistryLogEntry::EntryKey,
            RegistryLogEntry::Content,
            RegistryLogEntry::CreatedAt,
        ])
        .values_panic([
            signed(position).into(),
            key.into(),
            content.to_vec().into(),
            now.millis().into(),
        ])
        .to_owned();
    tx.execute_one("registry_log_entry", &insert).await?;
    for (node, hash) in frontier.append(verifier::merkle::leaf_hash(content)) {
        let insert = Query::insert()
            .into_table(RegistryLogNode::Table)
            .columns([
                RegistryLogNode::Level,
                RegistryLogNode::Position,
                RegistryLogNode::Hash,
            ])
            .values_panic([
                i64::from(node.level).into(),
                signed(node.index).into(),
                hash.to_vec().into(),
            ])
            .to_owned();
        tx.execute_one("registry_log_node", &insert).await?;
    }
    Ok(position)
}

/// The entries from `start` on, at most `count`.
pub(in crate::trust) async fn entries(
    tx: &mut Tx,
    start: u64,
    count: u64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let select = Query::select()
        .column(RegistryLogEntry::Content)
        .from(RegistryLogEntry::Table)
        .and_where(Expr::col(RegistryLogEntry::Position).gte(signed(start)))
        .and_where(Expr::col(RegistryLogEntry::Position).lt(signed(start.saturating_add(count))))
        .order_by(RegistryLogEntry::Position, Order::Asc)
        .to_owned();
    let rows: Vec<(Vec<u8>,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(content,)| content).collect())
}

/// Hashes of complete subtrees that were read.
#[derive(Debug)]
pub(in crate::trust) struct Nodes(BTreeMap<NodeId, Hash>);

/// A subtree that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hash of the log is missing")]
pub(in crate::trust) struct NodeMissing;

impl NodeReader for Nodes {
    type Error = NodeMissing;

    fn node(&self, id: NodeId) -> Result<Hash, NodeMissing> {
        self.0.get(&id).copied().ok_or(NodeMissing)
    }
}

/// Reads these subtrees' hashes.
pub(in crate::trust) async fn nodes(
    tx: &mut Tx,
    wanted: impl IntoIterator<Item = NodeId>,
) -> Result<Nodes, StoreError> {
    let mut found = BTreeMap::new();
    for id in wanted {
        let select = Query::select()
            .column(RegistryLogNode::Hash)
            .from(RegistryLogNode::Table)
            .and_where(Expr::col(RegistryLogNode::Level).eq(i64::from(id.level)))
            .and_where(Expr::col(RegistryLogNode::Position).eq(signed(id.index)))
            .to_owned();
        let row: Option<(Vec<u8>,)> = tx.optional(&select).await?;
        if let Some(hash) = row.and_then(|(hash,)| Hash::try_from(hash).ok()) {
            found.insert(id, hash);
        }
    }
    Ok(Nodes(found))
}

/// The right edge of the tree of the first `size` entries.
pub(in crate::trust) async fn frontier(tx: &mut Tx, size: u64) -> Result<Frontier, StoreError> {
    let wanted = proof::range_nodes(0, size);
    let nodes = nodes(tx, wanted.iter().copied()).await?;
    let hashes: Result<Vec<_>, _> = wanted.into_iter().map(|id| nodes.node(id)).collect();
    hashes
        .ok()
        .and_then(|hashes| Frontier::from_nodes(size, hashes))
        .ok_or_else(|| StoreError::inconsistent("registry_log_node", "hash", size.to_string()))
}

/// The newest witnessed checkpoint of this log.
pub(in crate::trust) async fn witnessed(
    tx: &mut Tx,
    origin: &str,
) -> Result<Option<Witnessed>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryLogCheckpoint::TreeSize,
            RegistryLogCheckpoint::Note,
            RegistryLogCheckpoint::WitnessedAt,
        ])
        .from(RegistryLogCheckpoint::Table)
        .and_where(Expr::col(RegistryLogCheckpoint::Origin).eq(origin))
        .to_owned();
    tx.optional(&select).await
}

/// Publishes a witnessed checkpoint unless a larger one is out already.
pub(in crate::trust) async fn publish(
    tx: &mut Tx,
    origin: &str,
    size: u64,
    note: &str,
    witnessed_at: i64,
) -> Result<(), StoreError> {
    let newer = Expr::col((
        RegistryLogCheckpoint::Table,
        RegistryLogCheckpoint::TreeSize,
    ))
    .lte(signed(size));
    let upsert = Query::insert()
        .into_table(RegistryLogCheckpoint::Table)
        .columns([
            RegistryLogCheckpoint::Origin,
            RegistryLogCheckpoint::TreeSize,
            RegistryLogCheckpoint::Note,
            RegistryLogCheckpoint::WitnessedAt,
        ])
        .values_panic([
            origin.into(),
            signed(size).into(),
            note.into(),
            witnessed_at.into(),
        ])
        .on_conflict(
            OnConflict::column(RegistryLogCheckpoint::Origin)
                .update_columns([
                    RegistryLogCheckpoint::TreeSize,
                    RegistryLogCheckpoint::Note,
                    RegistryLogCheckpoint::WitnessedAt,
                ])
                .action_and_where(newer)
                .to_owned(),
        )
        .to_owned();
    tx.execute(&upsert).await?;
    Ok(())
}

/// Sizes and places fit the databases' signed integers: no log has 2⁶³ entries.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
