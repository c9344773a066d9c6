//! What the last look at each hosted app came to: one row for each version, replaced by every look.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};

#[derive(Clone, Copy, Iden)]
enum Looks {
    #[iden = "registry_hosted"]
    Name_,
    SoftwareId,
    SoftwareVersion,
    Outcome,
    Detail,
    Drifts,
    LookedAt,
    SameAt,
}

/// The last look at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// `same`, `differs` or `unreachable`.
    pub(crate) outcome: String,
    pub(crate) detail: String,
    /// How many times in a row something else was served.
    pub(crate) drifts: i64,
    pub(crate) looked_at: Timestamp,
    /// When every byte was last the approved one.
    pub(crate) same_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    outcome: String,
    detail: String,
    drifts: i64,
    looked_at: i64,
    same_at: Option<i64>,
}

impl From<Row> for Look {
    fn from(row: Row) -> Self {
        Self {
            outcome: row.outcome,
            detail: row.detail,
            drifts: row.drifts,
            looked_at: Timestamp::from_millis(row.looked_at),
            same_at: row.same_at.map(Timestamp::from_millis),
        }
    }
}

/// The last look at a version, if there was one.
pub(crate) async fn find(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
) -> Result<Option<Look>, StoreError> {
    let query = Query::select()
        .columns([
            Looks::Outcome,
            Looks::Detail,
            Looks::Drifts,
            Looks::LookedAt,
            Looks::SameAt,
        ])
        .from(Looks::Name_)
        .and_where(Expr::col(Looks::SoftwareId).eq(software_id))
        .and_where(Expr::col(Looks::SoftwareVersion).eq(version))
        .to_owned();
    let row: Option<Row> = tx.optional(&query).await?;
    Ok(row.map(Look::from))
}

/// Records a look in place of the one before.
pub(crate) async fn put(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
    look: &Look,
) -> Result<(), StoreError> {
    let changing = [
        Looks::Outcome,
        Looks::Detail,
        Looks::Drifts,
        Looks::LookedAt,
        Looks::SameAt,
    ];
    let query = Query::insert()
        .into_table(Looks::Name_)
        .columns(
            [Looks::SoftwareId, Looks::SoftwareVersion]
                .into_iter()
                .chain(changing),
        )
        .values_panic([
            software_id.into(),
            version.into(),
            look.outcome.as_str().into(),
            look.detail.as_str().into(),
            look.drifts.into(),
            look.looked_at.millis().into(),
            look.same_at.map(Timestamp::millis).into(),
        ])
        .on_conflict(
            OnConflict::columns([Looks::SoftwareId, Looks::SoftwareVersion])
                .update_columns(changing)
                .to_owned(),
        )
        .to_owned();
    tx.execute_one("registry_hosted", &query).await
}
