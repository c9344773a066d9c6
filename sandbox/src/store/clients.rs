//! Registered clients and the origins where their scripts run.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{
    Expr, ExprTrait, Iden, InsertStatement, OnConflict, Order, Query, SelectStatement,
};

use crate::domain::client::{AuthMethod, Client};

#[derive(Clone, Copy, Iden)]
enum Table {
    #[iden = "sandbox_client"]
    Name_,
    Sandbox,
    ClientId,
    Name,
    AuthMethod,
    SecretDigest,
    Jwks,
    RedirectUris,
    LaunchUri,
    Scope,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum OriginTable {
    #[iden = "sandbox_client_origin"]
    Name_,
    Sandbox,
    ClientId,
    Origin,
}

const READ: [Table; 8] = [
    Table::ClientId,
    Table::Name,
    Table::AuthMethod,
    Table::SecretDigest,
    Table::Jwks,
    Table::RedirectUris,
    Table::LaunchUri,
    Table::Scope,
];

#[derive(sqlx::FromRow)]
struct Row {
    client_id: String,
    name: String,
    auth_method: String,
    secret_digest: Option<Vec<u8>>,
    jwks: Option<String>,
    redirect_uris: String,
    launch_uri: Option<String>,
    scope: String,
}

impl Row {
    fn into_client(self) -> Result<Client, StoreError> {
        let broken =
            |column| StoreError::inconsistent("sandbox_client", column, self.client_id.clone());
        let auth_method =
            AuthMethod::parse(&self.auth_method).ok_or_else(|| broken("auth_method"))?;
        let redirect_uris =
            serde_json::from_str(&self.redirect_uris).map_err(|_| broken("redirect_uris"))?;
        Ok(Client {
            client_id: self.client_id,
            name: self.name,
            auth_method,
            secret_digest: self.secret_digest,
            jwks: self.jwks,
            redirect_uris,
            launch_uri: self.launch_uri,
            scope: self.scope,
        })
    }
}

/// Adds a client, or replaces what was registered under its identifier.
pub(crate) async fn save(
    tx: &mut Tx,
    sandbox: &str,
    client: &Client,
    origins: impl IntoIterator<Item = String>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let redirect_uris = serde_json::Value::from(client.redirect_uris.clone()).to_string();
    let changed = [
        Table::Name,
        Table::AuthMethod,
        Table::SecretDigest,
        Table::Jwks,
        Table::RedirectUris,
        Table::LaunchUri,
        Table::Scope,
    ];
    let insert = Query::insert()
        .into_table(Table::Name_)
        .columns([Table::Sandbox, Table::CreatedAt].into_iter().chain(READ))
        .values_panic([
            sandbox.into(),
            now.millis().into(),
            client.client_id.as_str().into(),
            client.name.as_str().into(),
            client.auth_method.as_str().into(),
            client.secret_digest.clone().into(),
            client.jwks.clone().into(),
            redirect_uris.into(),
            client.launch_uri.clone().into(),
            client.scope.as_str().into(),
        ])
        .on_conflict(
            OnConflict::columns([Table::Sandbox, Table::ClientId])
                .update_columns(changed)
                .to_owned(),
        )
        .to_owned();
    tx.execute_one("sandbox_client", &insert).await?;
    save_origins(tx, sandbox, &client.client_id, origins).await
}

async fn save_origins(
    tx: &mut Tx,
    sandbox: &str,
    client_id: &str,
    origins: impl IntoIterator<Item = String>,
) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(OriginTable::Name_)
        .and_where(Expr::col(OriginTable::Sandbox).eq(sandbox))
        .and_where(Expr::col(OriginTable::ClientId).eq(client_id))
        .to_owned();
    tx.execute(&delete).await?;
    for origin in origins {
        let insert = Query::insert()
            .into_table(OriginTable::Name_)
            .columns([
                OriginTable::Sandbox,
                OriginTable::ClientId,
                OriginTable::Origin,
            ])
            .values_panic([sandbox.into(), client_id.into(), origin.into()])
            .to_owned();
        tx.execute_one("sandbox_client_origin", &insert).await?;
    }
    Ok(())
}

pub(crate) async fn find(
    tx: &mut Tx,
    sandbox: &str,
    client_id: &str,
) -> Result<Option<Client>, StoreError> {
    let select = Query::select()
        .columns(READ)
        .from(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .and_where(Expr::col(Table::ClientId).eq(client_id))
        .to_owned();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(Row::into_client).transpose()
}

pub(crate) async fn all(tx: &mut Tx, sandbox: &str) -> Result<Vec<Client>, StoreError> {
    let select = Query::select()
        .columns(READ)
        .from(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .order_by(Table::ClientId, Order::Asc)
        .to_owned();
    let rows: Vec<Row> = tx.all(&select).await?;
    rows.into_iter().map(Row::into_client).collect()
}

/// How many clients a sandbox has besides this one.
pub(crate) async fn others(tx: &mut Tx, sandbox: &str, client_id: &str) -> Result<i64, StoreError> {
    let count = Query::select()
        .expr(Expr::col(Table::ClientId).count())
        .from(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .and_where(Expr::col(Table::ClientId).ne(client_id))
        .to_owned();
    let (others,): (i64,) = tx.one(&count).await?;
    Ok(others)
}

/// Registers in `to` every client of `from` with its secret, keys and origins.
pub(crate) async fn copy(tx: &mut Tx, from: &str, to: &str) -> Result<(), StoreError> {
    let mut clients = Query::select();
    clients
        .expr(Expr::val(to))
        .column(Table::CreatedAt)
        .columns(READ)
        .from(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(from));
    let columns = [Table::Sandbox, Table::CreatedAt].into_iter().chain(READ);
    let mut insert = Query::insert();
    insert.into_table(Table::Name_).columns(columns);
    tx.execute(selected(&mut insert, clients)?).await?;
    let mut origins = Query::select();
    origins
        .expr(Expr::val(to))
        .columns([OriginTable::ClientId, OriginTable::Origin])
        .from(OriginTable::Name_)
        .and_where(Expr::col(OriginTable::Sandbox).eq(from));
    let mut insert = Query::insert();
    insert.into_table(OriginTable::Name_).columns([
        OriginTable::Sandbox,
        OriginTable::ClientId,
        OriginTable::Origin,
    ]);
    tx.execute(selected(&mut insert, origins)?).await?;
    Ok(())
}

fn selected(
    insert: &mut InsertStatement,
    select: SelectStatement,
) -> Result<&InsertStatement, StoreError> {
    let odd = |_| StoreError::inconsistent("sandbox_client", "columns", "copied".to_owned());
    insert
        .select_from(select)
        .map(|insert| &*insert)
        .map_err(odd)
}

/// Removes a client; `false` when there was none.
pub(crate) async fn delete(
    tx: &mut Tx,
    sandbox: &str,
    client_id: &str,
) -> Result<bool, StoreError> {
    let delete = Query::delete()
        .from_table(Table::Name_)
        .and_where(Expr::col(Table::Sandbox).eq(sandbox))
        .and_where(Expr::col(Table::ClientId).eq(client_id))
        .to_owned();
    Ok(tx.execute(&delete).await? == 1)
}

/// True when some client of the sandbox registered this origin.
pub(crate) async fn has_origin(
    tx: &mut Tx,
    sandbox: &str,
    origin: &str,
) -> Result<bool, StoreError> {
    let select = Query::select()
        .column(OriginTable::Origin)
        .from(OriginTable::Name_)
        .and_where(Expr::col(OriginTable::Sandbox).eq(sandbox))
        .and_where(Expr::col(OriginTable::Origin).eq(origin))
        .limit(1)
        .to_owned();
    let row: Option<(String,)> = tx.optional(&select).await?;
    Ok(row.is_some())
}
