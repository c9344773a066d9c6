//! What the EPJ of a sandbox keeps of the registry, as it was fetched.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, InsertStatement, OnConflict, Query};

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_epj_document"]
    Name_,
    Sandbox,
    Name,
    Content,
    FetchedAt,
}

/// A kept document.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) content: String,
}

pub(crate) async fn save(
    tx: &mut Tx,
    sandbox: &str,
    name: &str,
    content: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let insert = inserting(sandbox, name, content, now)
        .on_conflict(
            OnConflict::columns([Table::Sandbox, Table::Name])
                .update_columns([Table::Content, Table::FetchedAt])
                .to_owned(),
        )
        .to_owned();
    tx.execute_one("sandbox_epj_document", &insert).await
}

fn inserting(sandbox: &str, name: &str, content: &str, now: Timestamp) -> InsertStatement {
    Query::insert()
        .into_table(Table::Name_)
        .columns([
            Table::Sandbox,
            Table::Name,
            Table::Content,
            Table::FetchedAt,
        ])
        .values_panic([
            sandbox.into(),
            name.into(),
            content.into(),
            now.millis().into(),
        ])
        .to_owned()
}

/// Puts `content` in the place of `before`; false when something else stands there by now.
pub(crate) async fn replace(
    tx: &mut Tx,
    sandbox: &str,
    name: &str,
    (before, content): (Option<&str>, &str),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(before) = before else {
        let insert = inserting(sandbox, name, content, now)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .to_owned();
        return Ok(tx.execute(&insert).await? == 1);
    };
    let update = Query::update()
        .table(Table::Name_)
        .value(Table::Content, content)
        .value(Table::FetchedAt, now.millis())
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .and_where(Expr::col(Table::Name).eq(name))
        .and_where(Expr::col(Table::Content).eq(before))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// The sandboxes whose EPJ keeps a document of this name, each with its content.
pub(crate) async fn named(tx: &mut Tx, name: &str) -> Result<Vec<(String, String)>, StoreError> {
    let select = Query::select()
        .columns([Table::Sandbox, Table::Content])
        .from(Table::Name_)
        .and_where(Expr::col(Table::Name).eq(name))
        .to_owned();
    tx.all(&select).await
}

/// Every document of a sandbox's EPJ.
pub(crate) async fn all(tx: &mut Tx, sandbox: &str) -> Result<Vec<Document>, StoreError> {
    let select = Query::select()
        .columns([Table::Name, Table::Content])
        .from(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .to_owned();
    tx.all(&select).await
}

/// Forgets the documents of a sandbox's EPJ.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}
