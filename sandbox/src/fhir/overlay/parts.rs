//! Where logs begin. A log may go on from another up to one of its sequence numbers, so that a snapshot,
//! a clone and a reset cost a row, whatever the sandbox holds; nothing that such a log goes on from is
//! ever changed. A log that no sandbox, snapshot or other log reads is collected.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Query};

use super::log::{Change, Head};

#[derive(Clone, Copy, Iden)]
enum Log {
    #[iden = "sandbox_fhir_log"]
    Table,
    Id,
    Parent,
    Begins,
}

#[derive(Clone, Copy, Iden)]
enum Reader {
    #[iden = "sandbox_fhir_head"]
    Head,
    #[iden = "sandbox_snapshot"]
    Snapshot,
    Log,
}

/// Logs that one may go on from; a longer chain is copied into one log, since every part is a query.
const MOST_PARTS: usize = 16;

/// Where what one log holds is: in itself and, before that, in those it goes on from.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts(Vec<Part>);

/// A stretch of one log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) log: i64,
    /// The sequence number before its first.
    pub(super) begins: i64,
    /// The last sequence number that counts.
    pub(super) until: i64,
}

impl Parts {
    pub(super) fn newest_first(&self) -> impl Iterator<Item = Part> {
        self.0.iter().copied()
    }

    pub(super) fn oldest_first(&self) -> impl Iterator<Item = Part> {
        self.0.iter().rev().copied()
    }
}

/// Where what a log holds is, up to a sequence number.
pub(super) async fn of(tx: &mut Tx, head: Head) -> Result<Parts, StoreError> {
    let mut parts = Vec::new();
    let mut next = (head.log != 0).then_some((head.log, head.seq));
    while let Some((log, until)) = next {
        let query = Query::select()
            .columns([Log::Parent, Log::Begins])
            .from(Log::Table)
            .and_where(Expr::col(Log::Id).eq(log))
            .to_owned();
        let (parent, begins): (Option<i64>, i64) = tx.one(&query).await?;
        parts.push(Part { log, begins, until });
        next = parent.map(|parent| (parent, begins));
    }
    Ok(Parts(parts))
}

/// Begins a log, empty or where another is.
pub(super) async fn begin(tx: &mut Tx, log: i64, from: Option<Head>) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(Log::Table)
        .columns([Log::Id, Log::Parent, Log::Begins])
        .values_panic([
            log.into(),
            from.map(|head| head.log).into(),
            from.map_or(0, |head| head.seq).into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_fhir_log", &insert).await
}

/// Begins the log `log` with everything that another holds up to `from`. Whoever reads `from` must be
/// held, so that it is not collected meanwhile.
pub(crate) async fn fork(tx: &mut Tx, log: i64, from: Head) -> Result<Head, StoreError> {
    let parts = of(tx, from).await?;
    // A stretch in which nothing was written is none to go on from.
    let held = parts.newest_first().find(|part| part.until > part.begins);
    let seq = held.map_or(0, |part| part.until);
    if parts.0.len() < MOST_PARTS {
        let from = held.map(|part| Head {
            log: part.log,
            seq: part.until,
        });
        begin(tx, log, from).await?;
    } else {
        begin(tx, log, None).await?;
        for part in parts.oldest_first() {
            copy(tx, part, log).await?;
        }
    }
    Ok(Head { log, seq })
}

async fn copy(tx: &mut Tx, part: Part, log: i64) -> Result<(), StoreError> {
    let content = [
        Change::Seq,
        Change::ResourceType,
        Change::Id,
        Change::Version,
        Change::UpdatedAt,
        Change::Content,
    ];
    let select = Query::select()
        .expr(Expr::val(log))
        .columns(content)
        .from(Change::Table)
        .and_where(Expr::col(Change::Log).eq(part.log))
        .and_where(Expr::col(Change::Seq).gt(part.begins))
        .and_where(Expr::col(Change::Seq).lte(part.until))
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(Change::Table)
        .columns([Change::Log].into_iter().chain(content));
    insert.select_from(select).map_err(|_| {
        StoreError::inconsistent("sandbox_fhir_change", "log", part.log.to_string())
    })?;
    tx.execute(&insert).await.map(|_| ())
}

/// Removes one log that nobody reads, with what it holds; `false` when there is none.
pub(crate) async fn collect(tx: &mut Tx) -> Result<bool, StoreError> {
    let readers = |reader: Reader| {
        Query::select()
            .column(Reader::Log)
            .from(reader)
            .and_where(Expr::col(Reader::Log).is_not_null())
            .to_owned()
    };
    let parents = Query::select()
        .column(Log::Parent)
        .from(Log::Table)
        .and_where(Expr::col(Log::Parent).is_not_null())
        .to_owned();
    let unread = Query::select()
        .column(Log::Id)
        .from(Log::Table)
        .and_where(Expr::col(Log::Id).not_in_subquery(readers(Reader::Head)))
        .and_where(Expr::col(Log::Id).not_in_subquery(readers(Reader::Snapshot)))
        .and_where(Expr::col(Log::Id).not_in_subquery(parents))
        .limit(1)
        .to_owned();
    let Some((log,)) = tx.optional::<(i64,)>(&unread).await? else {
        return Ok(false);
    };
    let delete = Query::delete()
        .from_table(Log::Table)
        .and_where(Expr::col(Log::Id).eq(log))
        .to_owned();
    tx.execute(&delete).await.map(|gone| gone == 1)
}
