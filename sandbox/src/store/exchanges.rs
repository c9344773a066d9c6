//! Recorded traffic.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query};

use crate::domain::exchange::Exchange;

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_exchange"]
    Name,
    Seq,
    Sandbox,
    At,
    ClientId,
    Launch,
    Content,
}

#[derive(Clone, Copy, Iden)]
enum Owner {
    #[iden = "sandbox_sandbox"]
    Table,
    Name,
}

/// Adds exchanges of one sandbox; nothing when it is gone by now.
pub(crate) async fn append(
    tx: &mut Tx,
    sandbox: &str,
    exchanges: &[Exchange],
) -> Result<(), StoreError> {
    let exists = Query::select()
        .column(Owner::Name)
        .from(Owner::Table)
        .and_where(Expr::col(Owner::Name).eq(sandbox))
        .to_owned();
    if tx.optional::<(String,)>(&exists).await?.is_none() {
        return Ok(());
    }
    let mut insert = Query::insert()
        .into_table(Table::Name)
        .columns([
            Table::Sandbox,
            Table::At,
            Table::ClientId,
            Table::Launch,
            Table::Content,
        ])
        .to_owned();
    for exchange in exchanges {
        let content = serde_json::to_string(exchange)
            .map_err(|_| StoreError::inconsistent("sandbox_exchange", "content", sandbox))?;
        insert.values_panic([
            sandbox.into(),
            exchange.at.millis().into(),
            exchange.client_id.clone().into(),
            exchange.launch.clone().into(),
            content.into(),
        ]);
    }
    tx.execute(&insert).await.map(|_| ())
}

/// Exchanges of a sandbox after `after`, oldest first.
pub(crate) async fn after(
    tx: &mut Tx,
    sandbox: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<Exchange>, StoreError> {
    let select = Query::select()
        .columns([Table::Seq, Table::Content])
        .from(Table::Name)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .and_where(Expr::col(Table::Seq).gt(after))
        .order_by(Table::Seq, Order::Asc)
        .limit(limit)
        .to_owned();
    let rows: Vec<(i64, String)> = tx.all(&select).await?;
    rows.into_iter()
        .map(|(seq, content)| {
            let exchange: Exchange = serde_json::from_str(&content).map_err(|_| {
                StoreError::inconsistent("sandbox_exchange", "content", seq.to_string())
            })?;
            Ok(Exchange { seq, ..exchange })
        })
        .collect()
}

/// Forgets the traffic of a sandbox.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}

/// Forgets traffic from before this.
pub(crate) async fn sweep(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name)
        .and_where(Expr::col(Table::At).lt(before.millis()))
        .to_owned();
    tx.execute(&delete).await
}
