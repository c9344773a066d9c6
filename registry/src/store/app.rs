//! App entries, and who may use which name.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query, SelectStatement};

use super::{read, write};
use crate::domain::app::AppEntry;

#[derive(Clone, Copy, Iden)]
enum Apps {
    #[iden = "registry_app"]
    Name_,
    SoftwareId,
    Orgnr,
    Entry,
    Revision,
    CreatedAt,
    UpdatedAt,
}

#[derive(Clone, Copy, Iden)]
enum Names {
    #[iden = "registry_name"]
    Name_,
    Skeleton,
    Orgnr,
    Name,
}

#[derive(sqlx::FromRow)]
struct Row {
    orgnr: String,
    entry: String,
    revision: i64,
    created_at: i64,
    updated_at: i64,
    software_id: String,
}

/// A stored app entry.
#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) orgnr: String,
    pub(crate) entry: AppEntry,
    pub(crate) revision: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl TryFrom<Row> for App {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            entry: read("registry_app", "entry", &row.software_id, &row.entry)?,
            orgnr: row.orgnr,
            revision: row.revision,
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
        })
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Apps::SoftwareId,
            Apps::Orgnr,
            Apps::Entry,
            Apps::Revision,
            Apps::CreatedAt,
            Apps::UpdatedAt,
        ])
        .from(Apps::Name_)
        .to_owned()
}

/// Adds an entry; false when the identifier is taken.
pub(crate) async fn insert(
    tx: &mut Tx,
    now: Timestamp,
    orgnr: &str,
    entry: &AppEntry,
) -> Result<bool, StoreError> {
    let query = Query::insert()
        .into_table(Apps::Name_)
        .columns([
            Apps::SoftwareId,
            Apps::Orgnr,
            Apps::Entry,
            Apps::Revision,
            Apps::CreatedAt,
            Apps::UpdatedAt,
        ])
        .values_panic([
            entry.software_id.as_str().into(),
            orgnr.into(),
            write("registry_app", "entry", entry)?.into(),
            1_i64.into(),
            now.millis().into(),
            now.millis().into(),
        ])
        .on_conflict(OnConflict::column(Apps::SoftwareId).do_nothing().to_owned())
        .to_owned();
    Ok(tx.execute(&query).await? == 1)
}

/// Replaces an entry that still has this revision; false when it has another by now.
pub(crate) async fn update(
    tx: &mut Tx,
    now: Timestamp,
    entry: &AppEntry,
    revision: i64,
) -> Result<bool, StoreError> {
    let query = Query::update()
        .table(Apps::Name_)
        .value(Apps::Entry, write("registry_app", "entry", entry)?)
        .value(Apps::Revision, revision.saturating_add(1))
        .value(Apps::UpdatedAt, now.millis())
        .and_where(Expr::col(Apps::SoftwareId).eq(entry.software_id.as_str()))
        .and_where(Expr::col(Apps::Revision).eq(revision))
        .to_owned();
    Ok(tx.execute(&query).await? == 1)
}

/// The entry with this identifier.
pub(crate) async fn find(tx: &mut Tx, software_id: &str) -> Result<Option<App>, StoreError> {
    let query = select()
        .and_where(Expr::col(Apps::SoftwareId).eq(software_id))
        .to_owned();
    let row: Option<Row> = tx.optional(&query).await?;
    row.map(App::try_from).transpose()
}

/// Lets no other transaction add to this app before this one ends.
pub(crate) async fn lock(tx: &mut Tx, software_id: &str) -> Result<(), StoreError> {
    let query = Query::select()
        .column(Apps::Revision)
        .from(Apps::Name_)
        .and_where(Expr::col(Apps::SoftwareId).eq(software_id))
        .lock_exclusive()
        .to_owned();
    tx.optional::<(i64,)>(&query).await.map(drop)
}

/// The vendor's entries, or all of them, by identifier.
pub(crate) async fn of(tx: &mut Tx, orgnr: Option<&str>) -> Result<Vec<App>, StoreError> {
    let mut query = select();
    query.order_by(Apps::SoftwareId, Order::Asc);
    if let Some(orgnr) = orgnr {
        query.and_where(Expr::col(Apps::Orgnr).eq(orgnr));
    }
    let rows: Vec<Row> = tx.all(&query).await?;
    rows.into_iter().map(App::try_from).collect()
}

/// Takes a name for a vendor; gives the name it collides with when another vendor has it.
pub(crate) async fn claim_name(
    tx: &mut Tx,
    skeleton: &str,
    orgnr: &str,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let insert = Query::insert()
        .into_table(Names::Name_)
        .columns([Names::Skeleton, Names::Orgnr, Names::Name])
        .values_panic([skeleton.into(), orgnr.into(), name.into()])
        .on_conflict(OnConflict::column(Names::Skeleton).do_nothing().to_owned())
        .to_owned();
    tx.execute(&insert).await?;
    let select = Query::select()
        .columns([Names::Orgnr, Names::Name])
        .from(Names::Name_)
        .and_where(Expr::col(Names::Skeleton).eq(skeleton))
        .to_owned();
    let (owner, taken): (String, String) = tx.one(&select).await?;
    Ok((owner != orgnr).then_some(taken))
}
