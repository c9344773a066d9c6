//! The witness's memory. Its one rule is enforced here, in one statement: the newest size only
//! moves from what the caller saw to something at least as large.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};
use verifier::merkle::Hash;

#[derive(Clone, Copy, Iden)]
enum WitnessLog {
    Table,
    Origin,
    OriginHash,
    TreeSize,
    Root,
    Note,
    CosignedAt,
}

#[derive(Clone, Copy, Iden)]
enum WitnessEvidence {
    Table,
    Origin,
    TreeSize,
    Root,
    Note,
    Seen,
    SeenAt,
}

/// What a log has signed, and what it had signed before: both cannot be.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Evidence {
    /// The note that contradicts.
    pub note: String,
    /// The witness's own note of that size; empty when the note contradicts itself.
    pub seen: String,
}

/// A checkpoint to remember.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    pub(crate) origin: &'a str,
    pub(crate) origin_hash: &'a str,
    pub(crate) size: u64,
    pub(crate) root: &'a Hash,
    pub(crate) note: &'a str,
    pub(crate) at: i64,
}

/// The newest checkpoint that was cosigned: size and root.
pub(crate) async fn newest(tx: &mut Tx, origin: &str) -> Result<Option<(u64, Hash)>, StoreError> {
    let select = Query::select()
        .columns([WitnessLog::TreeSize, WitnessLog::Root])
        .from(WitnessLog::Table)
        .and_where(Expr::col(WitnessLog::Origin).eq(origin))
        .to_owned();
    let row: Option<(i64, Vec<u8>)> = tx.optional(&select).await?;
    row.map(|(size, root)| {
        let unreadable = || StoreError::inconsistent("witness_log", "root", origin);
        let size = u64::try_from(size).map_err(|_| unreadable())?;
        Ok((size, Hash::try_from(root).map_err(|_| unreadable())?))
    })
    .transpose()
}

/// The newest note of the log whose origin has this hash.
pub(crate) async fn note(tx: &mut Tx, origin_hash: &str) -> Result<Option<String>, StoreError> {
    let select = Query::select()
        .column(WitnessLog::Note)
        .from(WitnessLog::Table)
        .and_where(Expr::col(WitnessLog::OriginHash).eq(origin_hash))
        .to_owned();
    let row: Option<(String,)> = tx.optional(&select).await?;
    Ok(row.map(|(note,)| note))
}

/// Moves the memory from size `old` (0: nothing seen yet) to this checkpoint; false when somebody
/// else moved it first.
pub(crate) async fn advance(tx: &mut Tx, old: u64, seen: &Seen<'_>) -> Result<bool, StoreError> {
    let unmoved = Expr::col((WitnessLog::Table, WitnessLog::TreeSize)).eq(signed(old));
    let upsert = Query::insert()
        .into_table(WitnessLog::Table)
        .columns([
            WitnessLog::Origin,
            WitnessLog::OriginHash,
            WitnessLog::TreeSize,
            WitnessLog::Root,
            WitnessLog::Note,
            WitnessLog::CosignedAt,
        ])
        .values_panic([
            seen.origin.into(),
            seen.origin_hash.into(),
            signed(seen.size).into(),
            seen.root.to_vec().into(),
            seen.note.into(),
            seen.at.into(),
        ])
        .on_conflict(
            OnConflict::column(WitnessLog::Origin)
                .update_columns([
                    WitnessLog::TreeSize,
                    WitnessLog::Root,
                    WitnessLog::Note,
                    WitnessLog::CosignedAt,
                ])
                .action_and_where(unmoved)
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&upsert).await? == 1)
}

/// Keeps what a log has signed against what was seen; once for each tree, and no more than
/// [`MAX_EVIDENCE`] for each log.
pub(crate) async fn keep_evidence(
    tx: &mut Tx,
    seen: &Seen<'_>,
    own: &str,
) -> Result<(), StoreError> {
    let count = Query::select()
        .expr(Expr::col(WitnessEvidence::TreeSize).count())
        .from(WitnessEvidence::Table)
        .and_where(Expr::col(WitnessEvidence::Origin).eq(seen.origin))
        .to_owned();
    let (count,): (i64,) = tx.one(&count).await?;
    if count >= MAX_EVIDENCE {
        return Ok(());
    }
    let insert = Query::insert()
        .into_table(WitnessEvidence::Table)
        .columns([
            WitnessEvidence::Origin,
            WitnessEvidence::TreeSize,
            WitnessEvidence::Root,
            WitnessEvidence::Note,
            WitnessEvidence::Seen,
            WitnessEvidence::SeenAt,
        ])
        .values_panic([
            seen.origin.into(),
            signed(seen.size).into(),
            seen.root.to_vec().into(),
            seen.note.into(),
            own.into(),
            seen.at.into(),
        ])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    Ok(())
}

/// The notes that contradict what was seen of a log.
pub(crate) async fn evidence(tx: &mut Tx, origin: &str) -> Result<Vec<Evidence>, StoreError> {
    let select = Query::select()
        .columns([WitnessEvidence::Note, WitnessEvidence::Seen])
        .from(WitnessEvidence::Table)
        .and_where(Expr::col(WitnessEvidence::Origin).eq(origin))
        .order_by(WitnessEvidence::SeenAt, sea_query::Order::Asc)
        .to_owned();
    tx.all(&select).await
}

/// Sizes fit the databases' signed integers: no log has 2⁶³ entries.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

const MAX_EVIDENCE: i64 = 100;
