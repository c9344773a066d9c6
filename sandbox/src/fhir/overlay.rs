//! What apps wrote in a sandbox, over the base population: every version of every resource written,
//! the newest one marked. A resource of the base that is changed is copied here first and then
//! stands before the base's.

use bytes::Bytes;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query, SelectStatement};

use super::parameter::TypeInfo;
use super::population::Entry;

#[derive(Clone, Copy, Iden)]
enum Column {
    #[iden = "sandbox_fhir_resource"]
    Table,
    Sandbox,
    ResourceType,
    Id,
    Version,
    Newest,
    Patient,
    UpdatedAt,
    Content,
}

/// The most that one search reads of what was written.
const MOST: u64 = 2000;

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: String,
    version: i64,
    patient: Option<String>,
    updated_at: i64,
    content: Vec<u8>,
}

impl Row {
    fn entry(self, info: &'static TypeInfo) -> Entry {
        Entry {
            resource_type: info.name,
            id: self.id,
            version: self.version,
            updated: self.updated_at,
            json: Bytes::from(self.content),
            patient: self.patient,
        }
    }
}

fn select(sandbox: &str, info: &TypeInfo) -> SelectStatement {
    Query::select()
        .columns([
            Column::Id,
            Column::Version,
            Column::Patient,
            Column::UpdatedAt,
            Column::Content,
        ])
        .from(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::ResourceType).eq(info.name))
        .to_owned()
}

/// The newest version of a resource.
pub(crate) async fn newest(
    tx: &mut Tx,
    sandbox: &str,
    info: &'static TypeInfo,
    id: &str,
) -> Result<Option<Entry>, StoreError> {
    let query = select(sandbox, info)
        .and_where(Expr::col(Column::Id).eq(id))
        .and_where(Expr::col(Column::Newest).eq(1))
        .to_owned();
    Ok(tx.optional::<Row>(&query).await?.map(|row| row.entry(info)))
}

/// One version of a resource.
pub(crate) async fn version(
    tx: &mut Tx,
    sandbox: &str,
    info: &'static TypeInfo,
    id: &str,
    version: i64,
) -> Result<Option<Entry>, StoreError> {
    let query = select(sandbox, info)
        .and_where(Expr::col(Column::Id).eq(id))
        .and_where(Expr::col(Column::Version).eq(version))
        .to_owned();
    Ok(tx.optional::<Row>(&query).await?.map(|row| row.entry(info)))
}

/// The newest versions of all resources of a type, of some patients or of all, oldest first.
pub(crate) async fn all(
    tx: &mut Tx,
    sandbox: &str,
    info: &'static TypeInfo,
    patients: Option<&[String]>,
) -> Result<Vec<Entry>, StoreError> {
    let mut query = select(sandbox, info);
    query
        .and_where(Expr::col(Column::Newest).eq(1))
        .order_by(Column::UpdatedAt, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(MOST);
    if let Some(patients) = patients {
        query.and_where(Expr::col(Column::Patient).is_in(patients.iter().map(String::as_str)));
    }
    Ok(tx
        .all::<Row>(&query)
        .await?
        .into_iter()
        .map(|row| row.entry(info))
        .collect())
}

/// Keeps a new version as the newest; a version that exists already is a lost race.
pub(crate) async fn put(tx: &mut Tx, sandbox: &str, entry: &Entry) -> Result<(), StoreError> {
    let older = Query::update()
        .table(Column::Table)
        .value(Column::Newest, 0)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .and_where(Expr::col(Column::ResourceType).eq(entry.resource_type))
        .and_where(Expr::col(Column::Id).eq(entry.id.as_str()))
        .and_where(Expr::col(Column::Newest).eq(1))
        .to_owned();
    tx.execute(&older).await?;
    let insert = Query::insert()
        .into_table(Column::Table)
        .columns([
            Column::Sandbox,
            Column::ResourceType,
            Column::Id,
            Column::Version,
            Column::Newest,
            Column::Patient,
            Column::UpdatedAt,
            Column::Content,
        ])
        .values_panic([
            sandbox.into(),
            entry.resource_type.into(),
            entry.id.as_str().into(),
            entry.version.into(),
            1.into(),
            entry.patient.clone().into(),
            entry.updated.into(),
            entry.json.to_vec().into(),
        ])
        .to_owned();
    tx.execute_one("sandbox_fhir_resource", &insert).await
}

/// Forgets everything that was written in a sandbox.
pub(crate) async fn clear(tx: &mut Tx, sandbox: &str) -> Result<(), StoreError> {
    let delete = Query::delete()
        .from_table(Column::Table)
        .and_where(Expr::col(Column::Sandbox).eq(sandbox))
        .to_owned();
    tx.execute(&delete).await.map(|_| ())
}
