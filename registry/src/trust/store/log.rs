//! The tables of the logs: their state and entries; the hashes above them are in `nodes`.

mod nodes;
mod removal;

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{
    Expr, ExprTrait, Iden, OnConflict, Order, Query, SelectStatement, UpdateStatement,
};
use verifier::merkle::leaf_hash;

pub(in crate::trust) use self::nodes::{frontier, nodes, row};
pub(in crate::trust) use self::removal::{cut, empty};

#[derive(Clone, Copy, Iden)]
enum RegistryLog {
    Table,
    Name,
    Origin,
    TreeSize,
    Note,
    NoteSize,
    WitnessedAt,
    SuccessorOf,
    FrozenAt,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum RegistryLogEntry {
    Table,
    Log,
    Position,
    EntryKey,
    Content,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum RegistryLogLoss {
    Table,
    What,
}

/// A log as it stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::trust) struct LogRow {
    pub(in crate::trust) name: String,
    pub(in crate::trust) origin: String,
    tree_size: i64,
    /// The newest checkpoint that is out.
    pub(in crate::trust) note: Option<String>,
    note_size: i64,
    /// When it was witnessed, in seconds since the epoch.
    pub(in crate::trust) witnessed_at: i64,
    pub(in crate::trust) successor_of: Option<String>,
    frozen_at: Option<i64>,
}

impl LogRow {
    /// How many entries have been sequenced.
    pub(in crate::trust) fn size(&self) -> u64 {
        self.tree_size.try_into().unwrap_or(0)
    }

    /// How many entries the newest witnessed checkpoint covers.
    pub(in crate::trust) fn witnessed_size(&self) -> u64 {
        self.note_size.try_into().unwrap_or(0)
    }

    pub(in crate::trust) const fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }
}

const COLUMNS: [RegistryLog; 8] = [
    RegistryLog::Name,
    RegistryLog::Origin,
    RegistryLog::TreeSize,
    RegistryLog::Note,
    RegistryLog::NoteSize,
    RegistryLog::WitnessedAt,
    RegistryLog::SuccessorOf,
    RegistryLog::FrozenAt,
];

fn select() -> SelectStatement {
    Query::select()
        .columns(COLUMNS)
        .from(RegistryLog::Table)
        .to_owned()
}

/// Every log, oldest first.
pub(in crate::trust) async fn all(tx: &mut Tx) -> Result<Vec<LogRow>, StoreError> {
    let ordered = select()
        .order_by(RegistryLog::CreatedAt, Order::Asc)
        .order_by(RegistryLog::Name, Order::Asc)
        .to_owned();
    tx.all(&ordered).await
}

/// The log with this name.
pub(in crate::trust) async fn named(tx: &mut Tx, name: &str) -> Result<Option<LogRow>, StoreError> {
    let one = select()
        .and_where(Expr::col(RegistryLog::Name).eq(name))
        .to_owned();
    tx.optional(&one).await
}

/// The log that takes entries.
pub(in crate::trust) async fn open(tx: &mut Tx) -> Result<Option<LogRow>, StoreError> {
    let one = select()
        .and_where(Expr::col(RegistryLog::FrozenAt).is_null())
        .to_owned();
    tx.optional(&one).await
}

/// The log that takes entries, kept from others until the transaction ends.
pub(in crate::trust) async fn lock_open(tx: &mut Tx) -> Result<Option<LogRow>, StoreError> {
    let one = select()
        .and_where(Expr::col(RegistryLog::FrozenAt).is_null())
        .lock_exclusive()
        .to_owned();
    tx.optional(&one).await
}

/// Opens a log.
pub(in crate::trust) async fn create(
    tx: &mut Tx,
    name: &str,
    origin: &str,
    successor_of: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryLog::Table)
        .columns([
            RegistryLog::Name,
            RegistryLog::Origin,
            RegistryLog::TreeSize,
            RegistryLog::NoteSize,
            RegistryLog::WitnessedAt,
            RegistryLog::SuccessorOf,
            RegistryLog::CreatedAt,
        ])
        .values_panic([
            name.into(),
            origin.into(),
            0i64.into(),
            0i64.into(),
            0i64.into(),
            successor_of.map(str::to_owned).into(),
            now.millis().into(),
        ])
        .to_owned();
    tx.execute_one("registry_log", &insert).await
}

/// Closes a log for good.
pub(in crate::trust) async fn freeze(
    tx: &mut Tx,
    name: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryLog::Table)
        .value(RegistryLog::FrozenAt, now.millis())
        .and_where(Expr::col(RegistryLog::Name).eq(name))
        .and_where(Expr::col(RegistryLog::FrozenAt).is_null())
        .to_owned();
    tx.execute_one("registry_log", &update).await
}

/// Remembers a witnessed checkpoint as the one that is out, and keeps the log from others until the
/// transaction ends; false when a larger one is out, or the log has been closed.
pub(in crate::trust) async fn publish(
    tx: &mut Tx,
    name: &str,
    size: u64,
    note: &str,
    witnessed_at: i64,
) -> Result<bool, StoreError> {
    let update = noted(name, size, note, witnessed_at)
        .and_where(Expr::col(RegistryLog::NoteSize).lte(signed(size)))
        .and_where(Expr::col(RegistryLog::FrozenAt).is_null())
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// Remembers the checkpoint that a log was read in again with, whatever it had before.
pub(in crate::trust) async fn restore_note(
    tx: &mut Tx,
    name: &str,
    size: u64,
    note: &str,
    witnessed_at: i64,
) -> Result<(), StoreError> {
    let update = noted(name, size, note, witnessed_at);
    tx.execute_one("registry_log", &update).await
}

fn noted(name: &str, size: u64, note: &str, witnessed_at: i64) -> UpdateStatement {
    Query::update()
        .table(RegistryLog::Table)
        .value(RegistryLog::Note, note)
        .value(RegistryLog::NoteSize, signed(size))
        .value(RegistryLog::WitnessedAt, witnessed_at)
        .and_where(Expr::col(RegistryLog::Name).eq(name))
        .to_owned()
}

/// Keeps a log whose checkpoint is of this size from others until the transaction ends; false when
/// another checkpoint is out by now.
pub(in crate::trust) async fn hold(tx: &mut Tx, name: &str, size: u64) -> Result<bool, StoreError> {
    let hold = Query::update()
        .table(RegistryLog::Table)
        .value(RegistryLog::NoteSize, Expr::col(RegistryLog::NoteSize))
        .and_where(Expr::col(RegistryLog::Name).eq(name))
        .and_where(Expr::col(RegistryLog::NoteSize).eq(signed(size)))
        .to_owned();
    Ok(tx.execute(&hold).await? == 1)
}

/// What a restored database still lacks, in words, in order.
pub(in crate::trust) async fn losses(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let select = Query::select()
        .column(RegistryLogLoss::What)
        .from(RegistryLogLoss::Table)
        .order_by(RegistryLogLoss::What, Order::Asc)
        .to_owned();
    let rows: Vec<(String,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(what,)| what).collect())
}

/// Records what a restored database lacks.
pub(in crate::trust) async fn insert_loss(tx: &mut Tx, what: &str) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryLogLoss::Table)
        .columns([RegistryLogLoss::What])
        .values_panic([what.into()])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

/// Forgets what was lost: people have seen it and go on without.
pub(in crate::trust) async fn accept_losses(tx: &mut Tx) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(RegistryLogLoss::Table)
        .to_owned();
    tx.execute(&delete).await?;
    Ok(())
}

/// The log and place of the entry with this key.
pub(in crate::trust) async fn find(
    tx: &mut Tx,
    key: &str,
) -> Result<Option<(String, u64)>, StoreError> {
    let select = Query::select()
        .columns([RegistryLogEntry::Log, RegistryLogEntry::Position])
        .from(RegistryLogEntry::Table)
        .and_where(Expr::col(RegistryLogEntry::EntryKey).eq(key))
        .to_owned();
    let found: Option<(String, i64)> = tx.optional(&select).await?;
    Ok(found.map(|(log, position)| (log, position.try_into().unwrap_or(0))))
}

/// An entry to be added.
#[derive(Clone, Copy, Debug)]
pub(in crate::trust) struct NewEntry<'a> {
    pub(in crate::trust) key: &'a str,
    pub(in crate::trust) content: &'a [u8],
}

/// Adds entries at the end of a log that [`lock_open`] has given. Two writers at once: the size has
/// moved, and one of them fails.
pub(in crate::trust) async fn append(
    tx: &mut Tx,
    log: &LogRow,
    entries: &[NewEntry<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut frontier = frontier(tx, &log.name, log.size()).await?;
    let mut nodes = Vec::with_capacity(entries.len() * 2);
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        rows.push((frontier.size(), *entry));
        nodes.extend(frontier.append(leaf_hash(entry.content)));
    }
    insert_entries(tx, &log.name, &rows, now).await?;
    nodes::insert(tx, &log.name, &nodes).await?;
    resize(tx, &log.name, log.size(), frontier.size()).await
}

async fn insert_entries(
    tx: &mut Tx,
    log: &str,
    rows: &[(u64, NewEntry<'_>)],
    now: Timestamp,
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let mut insert = Query::insert()
            .into_table(RegistryLogEntry::Table)
            .columns([
                RegistryLogEntry::Log,
                RegistryLogEntry::Position,
                RegistryLogEntry::EntryKey,
                RegistryLogEntry::Content,
                RegistryLogEntry::CreatedAt,
            ])
            .to_owned();
        for (position, entry) in rows {
            insert.values_panic([
                log.into(),
                signed(*position).into(),
                entry.key.into(),
                entry.content.to_vec().into(),
                now.millis().into(),
            ]);
        }
        tx.execute(&insert).await?;
    }
    Ok(())
}

async fn resize(tx: &mut Tx, log: &str, old: u64, new: u64) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryLog::Table)
        .value(RegistryLog::TreeSize, signed(new))
        .and_where(Expr::col(RegistryLog::Name).eq(log))
        .and_where(Expr::col(RegistryLog::TreeSize).eq(signed(old)))
        .to_owned();
    tx.execute_one("registry_log", &update).await
}

/// The keys and leaf hashes of a log's entries, in order, to be kept when it is restored.
pub(in crate::trust) async fn keys(tx: &mut Tx, log: &str) -> Result<Vec<String>, StoreError> {
    let select = Query::select()
        .column(RegistryLogEntry::EntryKey)
        .from(RegistryLogEntry::Table)
        .and_where(Expr::col(RegistryLogEntry::Log).eq(log))
        .order_by(RegistryLogEntry::Position, Order::Asc)
        .to_owned();
    let rows: Vec<(String,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// The entries from `start` on, at most `count`.
pub(in crate::trust) async fn entries(
    tx: &mut Tx,
    log: &str,
    start: u64,
    count: u64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let select = Query::select()
        .column(RegistryLogEntry::Content)
        .from(RegistryLogEntry::Table)
        .and_where(Expr::col(RegistryLogEntry::Log).eq(log))
        .and_where(Expr::col(RegistryLogEntry::Position).gte(signed(start)))
        .and_where(Expr::col(RegistryLogEntry::Position).lt(signed(start.saturating_add(count))))
        .order_by(RegistryLogEntry::Position, Order::Asc)
        .to_owned();
    let rows: Vec<(Vec<u8>,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(content,)| content).collect())
}

/// Sizes and places fit the databases' signed integers: no log has 2⁶³ entries.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// SQLite takes 32 766 parameters in a statement.
const ROWS_AT_ONCE: usize = 1000;
