//! The table of sandboxes.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, LockType, OnConflict, Order, Query};
use synthetic_data::Settings;

use crate::domain::sandbox::{SandboxInfo, Validation};

#[derive(Clone, Copy, Iden)]
enum Sandbox {
    #[iden = "sandbox_sandbox"]
    Table,
    Name,
    Title,
    Owner,
    DatasetVersion,
    Seed,
    Size,
    Municipality,
    AsOf,
    CreatedAt,
    ExpiresAt,
    Validation,
}

const COLUMNS: [Sandbox; 11] = [
    Sandbox::Name,
    Sandbox::Title,
    Sandbox::Owner,
    Sandbox::DatasetVersion,
    Sandbox::Seed,
    Sandbox::Size,
    Sandbox::Municipality,
    Sandbox::AsOf,
    Sandbox::CreatedAt,
    Sandbox::ExpiresAt,
    Sandbox::Validation,
];

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    title: String,
    owner: Option<String>,
    dataset_version: i64,
    seed: i64,
    size: i64,
    municipality: String,
    as_of: String,
    created_at: i64,
    expires_at: Option<i64>,
    validation: String,
}

impl Row {
    fn into_info(self) -> Result<SandboxInfo, StoreError> {
        let broken =
            |column| StoreError::inconsistent("sandbox_sandbox", column, self.name.clone());
        let settings = Settings {
            version: u32::try_from(self.dataset_version).map_err(|_| broken("dataset_version"))?,
            // The bits are kept; a database has no unsigned numbers.
            seed: self.seed.cast_unsigned(),
            size: u32::try_from(self.size).map_err(|_| broken("size"))?,
            as_of: self.as_of.parse().map_err(|_| broken("as_of"))?,
            municipality: self.municipality,
        };
        let known = [Validation::Strict, Validation::Lenient];
        let validation = known
            .into_iter()
            .find(|one| one.as_str() == self.validation);
        let validation = validation.ok_or_else(|| broken("validation"))?;
        Ok(SandboxInfo {
            validation,
            name: self.name,
            title: self.title,
            owner: self.owner,
            settings,
            created_at: Timestamp::from_millis(self.created_at),
            expires_at: self.expires_at.map(Timestamp::from_millis),
        })
    }
}

/// Adds a sandbox; `false` when the name is taken.
pub(crate) async fn insert(tx: &mut Tx, sandbox: &SandboxInfo) -> Result<bool, StoreError> {
    let settings = &sandbox.settings;
    let insert = Query::insert()
        .into_table(Sandbox::Table)
        .columns(COLUMNS)
        .values_panic([
            sandbox.name.as_str().into(),
            sandbox.title.as_str().into(),
            sandbox.owner.clone().into(),
            i64::from(settings.version).into(),
            settings.seed.cast_signed().into(),
            i64::from(settings.size).into(),
            settings.municipality.as_str().into(),
            settings.as_of.to_string().into(),
            sandbox.created_at.millis().into(),
            sandbox.expires_at.map(Timestamp::millis).into(),
            sandbox.validation.as_str().into(),
        ])
        .on_conflict(OnConflict::column(Sandbox::Name).do_nothing().to_owned())
        .to_owned();
    Ok(tx.execute(&insert).await? == 1)
}

pub(crate) async fn find(tx: &mut Tx, name: &str) -> Result<Option<SandboxInfo>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(Sandbox::Table)
        .and_where(Expr::col(Sandbox::Name).eq(name))
        .to_owned();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(Row::into_info).transpose()
}

pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<SandboxInfo>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(Sandbox::Table)
        .order_by(Sandbox::Name, Order::Asc)
        .to_owned();
    let rows: Vec<Row> = tx.all(&select).await?;
    rows.into_iter().map(Row::into_info).collect()
}

/// The sandbox with this name. Until the transaction ends, whoever else holds it waits, so that what it
/// has of something is counted by one at a time; who only adds to it does not wait.
pub(crate) async fn hold(tx: &mut Tx, name: &str) -> Result<Option<SandboxInfo>, StoreError> {
    let select = Query::select()
        .columns(COLUMNS)
        .from(Sandbox::Table)
        .and_where(Expr::col(Sandbox::Name).eq(name))
        .lock(LockType::NoKeyUpdate)
        .to_owned();
    let row: Option<Row> = tx.optional(&select).await?;
    row.map(Row::into_info).transpose()
}

/// How many sandboxes an organisation has. Whoever else counts them waits until the transaction ends.
pub(crate) async fn owned(tx: &mut Tx, owner: &str) -> Result<i64, StoreError> {
    tx.alone_with(&format!("the sandboxes of {owner}")).await?;
    let count = Query::select()
        .expr(Expr::col(Sandbox::Name).count())
        .from(Sandbox::Table)
        .and_where(Expr::col(Sandbox::Owner).eq(owner))
        .to_owned();
    let (owned,): (i64,) = tx.one(&count).await?;
    Ok(owned)
}

/// Moves the dataset's today.
pub(crate) async fn set_as_of(
    tx: &mut Tx,
    name: &str,
    as_of: synthetic_data::Date,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(Sandbox::Table)
        .value(Sandbox::AsOf, as_of.to_string())
        .and_where(Expr::col(Sandbox::Name).eq(name))
        .to_owned();
    tx.execute_one("sandbox_sandbox", &update).await
}

/// Removes the sandboxes whose time is over, with everything in them; how many there were.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(Sandbox::Table)
        .and_where(Expr::col(Sandbox::ExpiresAt).lte(now.millis()))
        .to_owned();
    tx.execute(&delete).await
}

/// Removes a sandbox and, by foreign keys, everything in it.
pub(crate) async fn delete(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Sandbox::Table)
        .and_where(Expr::col(Sandbox::Name).eq(name))
        .to_owned();
    tx.execute_one("sandbox_sandbox", &delete).await
}
