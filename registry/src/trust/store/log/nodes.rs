//! The table of subtree hashes above the logs' entries, and reading trees from it.

use std::collections::BTreeMap;

use foundation::store::{StoreError, Tx};
use sea_query::{Cond, Expr, ExprTrait, Iden, Order, Query};
use verifier::merkle::{Frontier, Hash, NodeId, NodeReader, proof};

use super::{ROWS_AT_ONCE, signed};

#[derive(Clone, Copy, Iden)]
enum RegistryLogNode {
    Table,
    Log,
    Level,
    Position,
    Hash,
}

/// Adds the hashes of subtrees that have become complete.
pub(super) async fn insert(
    tx: &mut Tx,
    log: &str,
    nodes: &[(NodeId, Hash)],
) -> Result<(), StoreError> {
    for nodes in nodes.chunks(ROWS_AT_ONCE) {
        let mut insert = Query::insert()
            .into_table(RegistryLogNode::Table)
            .columns([
                RegistryLogNode::Log,
                RegistryLogNode::Level,
                RegistryLogNode::Position,
                RegistryLogNode::Hash,
            ])
            .to_owned();
        for (node, hash) in nodes {
            insert.values_panic([
                log.into(),
                i64::from(node.level).into(),
                signed(node.index).into(),
                hash.to_vec().into(),
            ]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

/// Forgets a log's hashes.
pub(super) async fn empty(tx: &mut Tx, log: &str) -> Result<(), StoreError> {
    let nodes = Query::delete()
        .from_table(RegistryLogNode::Table)
        .and_where(Expr::col(RegistryLogNode::Log).eq(log))
        .to_owned();
    tx.execute(&nodes).await?;
    Ok(())
}

/// Forgets the hashes of subtrees that end after the first `size` entries.
pub(super) async fn cut(tx: &mut Tx, log: &str, size: u64) -> Result<(), StoreError> {
    for level in 0..=MAX_LEVEL {
        let nodes = Query::delete()
            .from_table(RegistryLogNode::Table)
            .and_where(Expr::col(RegistryLogNode::Log).eq(log))
            .and_where(Expr::col(RegistryLogNode::Level).eq(i64::from(level)))
            .and_where(Expr::col(RegistryLogNode::Position).gte(signed(size >> level)))
            .to_owned();
        tx.execute(&nodes).await?;
    }
    Ok(())
}

/// The hashes of one level from `start` on, at most `count`, one after the other.
pub(in crate::trust) async fn row(
    tx: &mut Tx,
    log: &str,
    level: u8,
    start: u64,
    count: u64,
) -> Result<Vec<u8>, StoreError> {
    let select = Query::select()
        .column(RegistryLogNode::Hash)
        .from(RegistryLogNode::Table)
        .and_where(Expr::col(RegistryLogNode::Log).eq(log))
        .and_where(Expr::col(RegistryLogNode::Level).eq(i64::from(level)))
        .and_where(Expr::col(RegistryLogNode::Position).gte(signed(start)))
        .and_where(Expr::col(RegistryLogNode::Position).lt(signed(start.saturating_add(count))))
        .order_by(RegistryLogNode::Position, Order::Asc)
        .to_owned();
    let rows: Vec<(Vec<u8>,)> = tx.all(&select).await?;
    Ok(rows.into_iter().flat_map(|(hash,)| hash).collect())
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
    log: &str,
    wanted: impl IntoIterator<Item = NodeId>,
) -> Result<Nodes, StoreError> {
    let mut any = Cond::any();
    let mut some = false;
    for id in wanted {
        some = true;
        any = any.add(
            Cond::all()
                .add(Expr::col(RegistryLogNode::Level).eq(i64::from(id.level)))
                .add(Expr::col(RegistryLogNode::Position).eq(signed(id.index))),
        );
    }
    if !some {
        return Ok(Nodes(BTreeMap::new()));
    }
    let select = Query::select()
        .columns([
            RegistryLogNode::Level,
            RegistryLogNode::Position,
            RegistryLogNode::Hash,
        ])
        .from(RegistryLogNode::Table)
        .and_where(Expr::col(RegistryLogNode::Log).eq(log))
        .cond_where(any)
        .to_owned();
    let rows: Vec<(i64, i64, Vec<u8>)> = tx.all(&select).await?;
    let read = |(level, position, hash): (i64, i64, Vec<u8>)| {
        let id = NodeId {
            level: level.try_into().ok()?,
            index: position.try_into().ok()?,
        };
        Some((id, Hash::try_from(hash).ok()?))
    };
    Ok(Nodes(rows.into_iter().filter_map(read).collect()))
}

/// The right edge of the tree of the first `size` entries.
pub(in crate::trust) async fn frontier(
    tx: &mut Tx,
    log: &str,
    size: u64,
) -> Result<Frontier, StoreError> {
    let wanted = proof::range_nodes(0, size);
    let nodes = nodes(tx, log, wanted.iter().copied()).await?;
    let hashes: Result<Vec<_>, _> = wanted.into_iter().map(|id| nodes.node(id)).collect();
    hashes
        .ok()
        .and_then(|hashes| Frontier::from_nodes(size, hashes))
        .ok_or_else(|| StoreError::inconsistent("registry_log_node", "hash", size.to_string()))
}

/// No tree is as large as 2⁶³.
const MAX_LEVEL: u8 = 62;
