//! Reviews, each kept as the exact JWS that its reviewer signed.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query};
use verifier::claims::{Decision, ReviewRole};

use super::{read, write};

#[derive(Clone, Copy, Iden)]
enum Reviews {
    #[iden = "registry_review"]
    Name_,
    Id,
    SoftwareId,
    SoftwareVersion,
    Round,
    Subject,
    Orgnr,
    Name,
    Role,
    Decision,
    Reason,
    Jws,
    DecidedAt,
}

/// A stored review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Review {
    pub(crate) id: String,
    pub(crate) round: i64,
    pub(crate) subject: String,
    pub(crate) orgnr: String,
    pub(crate) name: String,
    pub(crate) role: ReviewRole,
    pub(crate) decision: Decision,
    pub(crate) reason: String,
    pub(crate) jws: String,
    pub(crate) decided_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    round: i64,
    subject: String,
    orgnr: String,
    name: String,
    role: String,
    decision: String,
    reason: String,
    jws: String,
    decided_at: i64,
}

impl TryFrom<Row> for Review {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "registry_review";
        Ok(Self {
            role: read(table, "role", &row.id, &row.role)?,
            decision: read(table, "decision", &row.id, &row.decision)?,
            id: row.id,
            round: row.round,
            subject: row.subject,
            orgnr: row.orgnr,
            name: row.name,
            reason: row.reason,
            jws: row.jws,
            decided_at: Timestamp::from_millis(row.decided_at),
        })
    }
}

/// Adds a review.
pub(crate) async fn insert(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
    review: &Review,
) -> Result<(), StoreError> {
    let table = "registry_review";
    let query = Query::insert()
        .into_table(Reviews::Name_)
        .columns([
            Reviews::Id,
            Reviews::SoftwareId,
            Reviews::SoftwareVersion,
            Reviews::Round,
            Reviews::Subject,
            Reviews::Orgnr,
            Reviews::Name,
            Reviews::Role,
            Reviews::Decision,
            Reviews::Reason,
            Reviews::Jws,
            Reviews::DecidedAt,
        ])
        .values_panic([
            review.id.as_str().into(),
            software_id.into(),
            version.into(),
            review.round.into(),
            review.subject.as_str().into(),
            review.orgnr.as_str().into(),
            review.name.as_str().into(),
            write(table, "role", &review.role)?.into(),
            write(table, "decision", &review.decision)?.into(),
            review.reason.as_str().into(),
            review.jws.as_str().into(),
            review.decided_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one(table, &query).await
}

/// The reviews of a version in every round, oldest first.
pub(crate) async fn of(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
) -> Result<Vec<Review>, StoreError> {
    let query = Query::select()
        .columns([
            Reviews::Id,
            Reviews::Round,
            Reviews::Subject,
            Reviews::Orgnr,
            Reviews::Name,
            Reviews::Role,
            Reviews::Decision,
            Reviews::Reason,
            Reviews::Jws,
            Reviews::DecidedAt,
        ])
        .from(Reviews::Name_)
        .and_where(Expr::col(Reviews::SoftwareId).eq(software_id))
        .and_where(Expr::col(Reviews::SoftwareVersion).eq(version))
        .order_by(Reviews::DecidedAt, Order::Asc)
        .order_by(Reviews::Id, Order::Asc)
        .to_owned();
    let rows: Vec<Row> = tx.all(&query).await?;
    rows.into_iter().map(Review::try_from).collect()
}
