//! Standalone launches while their users choose.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, Query};
use serde::{Deserialize, Serialize};

use crate::domain::authorization::Request;

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_interaction"]
    Name,
    ValueDigest,
    Sandbox,
    Request,
    Choice,
    ExpiresAt,
}

/// What the user has chosen so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// `Practitioner/{id}` or `Patient/{id}`.
    pub(crate) user: Option<String>,
    /// Logical id of the patient.
    pub(crate) patient: Option<String>,
}

/// A launch that waits for its user.
#[derive(Clone, Debug)]
pub(crate) struct Interaction {
    pub(crate) request: Request,
    pub(crate) choice: Choice,
    pub(crate) expires_at: Timestamp,
}

fn json<T: Serialize>(column: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|_| StoreError::inconsistent("sandbox_interaction", column, "new"))
}

pub(crate) async fn insert(
    tx: &mut Tx,
    sandbox: &str,
    value: Digest,
    interaction: &Interaction,
) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::ValueDigest,
            Table::Sandbox,
            Table::Request,
            Table::Choice,
            Table::ExpiresAt,
        ])
        .values_panic([
            value.as_bytes().to_vec().into(),
            sandbox.into(),
            json("request", &interaction.request)?.into(),
            json("choice", &interaction.choice)?.into(),
            interaction.expires_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_interaction", &insert).await
}

pub(crate) async fn find(
    tx: &mut Tx,
    sandbox: &str,
    value: Digest,
) -> Result<Option<Interaction>, StoreError> {
    let select = Query::select()
        .columns([Table::Request, Table::Choice, Table::ExpiresAt])
        .from(Table::Name)
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .to_owned();
    let row: Option<(String, String, i64)> = tx.optional(&select).await?;
    row.map(|(request, choice, expires_at)| {
        let broken = |column| StoreError::inconsistent("sandbox_interaction", column, value.hex());
        Ok(Interaction {
            request: serde_json::from_str(&request).map_err(|_| broken("request"))?,
            choice: serde_json::from_str(&choice).map_err(|_| broken("choice"))?,
            expires_at: Timestamp::from_millis(expires_at),
        })
    })
    .transpose()
}

pub(crate) async fn set_choice(
    tx: &mut Tx,
    value: Digest,
    choice: &Choice,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Table::Name)
        .value(Table::Choice, json("choice", choice)?)
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .to_owned();
    tx.execute_one("sandbox_interaction", &update).await
}

/// Ends an interaction; `false` when it was ended before, also by a request at the same moment.
pub(crate) async fn take(tx: &mut Tx, value: Digest) -> Result<bool, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::ValueDigest).eq(value.as_bytes().to_vec()))
        .to_owned();
    Ok(tx.execute(&delete).await? == 1)
}

/// Forgets interactions that ended before this.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::ExpiresAt).lt(before.millis()))
        .to_owned();
    tx.execute(&delete).await
}
