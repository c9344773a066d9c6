//! Launches: the context that waits for an app.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};

use crate::domain::behaviour::Behaviour;

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_launch"]
    Name,
    Id,
    Sandbox,
    ClientId,
    ValueDigest,
    Practitioner,
    Patient,
    Encounter,
    Behaviour,
    CreatedAt,
    ExpiresAt,
}

/// A launch as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) practitioner: String,
    pub(crate) patient: Option<String>,
    pub(crate) encounter: Option<String>,
    pub(crate) behaviour: Behaviour,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    client_id: String,
    practitioner: String,
    patient: Option<String>,
    encounter: Option<String>,
    behaviour: String,
    created_at: i64,
    expires_at: i64,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    sandbox: &str,
    value: Digest,
    launch: &Launch,
) -> Result<(), StoreError> {
    let behaviour = serde_json::to_string(&launch.behaviour)
        .map_err(|_| StoreError::inconsistent("sandbox_launch", "behaviour", launch.id.clone()))?;
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::Id,
            Table::Sandbox,
            Table::ClientId,
            Table::ValueDigest,
            Table::Practitioner,
            Table::Patient,
            Table::Encounter,
            Table::Behaviour,
            Table::CreatedAt,
            Table::ExpiresAt,
        ])
        .values_panic([
            launch.id.as_str().into(),
            sandbox.into(),
            launch.client_id.as_str().into(),
            value.as_bytes().to_vec().into(),
            launch.practitioner.as_str().into(),
            launch.patient.clone().into(),
            launch.encounter.clone().into(),
            behaviour.into(),
            launch.created_at.millis().into(),
            launch.expires_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_launch", &insert).await
}

/// The launch of this sandbox with this value.
pub(crate) async fn find(
    tx: &mut Tx,
    sandbox: &str,
    value: Digest,
) -> Result<Option<Launch>, StoreError> {
    let select = Query::select()
        .columns([
            Table::Id,
            Table::ClientId,
            Table::Practitioner,
            Table::Patient,
            Table::Encounter,
            Table::Behaviour,
            Table::CreatedAt,
            Table::ExpiresAt,
        ])
        .from(Table::Name)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .to_owned();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(|row| {
        let behaviour = serde_json::from_str(&row.behaviour)
            .map_err(|_| StoreError::inconsistent("sandbox_launch", "behaviour", row.id.clone()))?;
        Ok(Launch {
            id: row.id,
            client_id: row.client_id,
            practitioner: row.practitioner,
            patient: row.patient,
            encounter: row.encounter,
            behaviour,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: Timestamp::from_millis(row.expires_at),
        })
    })
    .transpose()
}

/// Forgets the launches of a sandbox.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}

/// Forgets launches that ended before this.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::ExpiresAt).lt(before.millis()))
        .to_owned();
    tx.execute(&delete).await
}
