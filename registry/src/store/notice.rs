//! Notices to vendors. There is no update and no delete here.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query};

use crate::domain::notice::{Notice, NoticeKind};

#[derive(Clone, Copy, Iden)]
enum Notices {
    #[iden = "registry_notice"]
    Name_,
    Id,
    Orgnr,
    Kind,
    SoftwareId,
    SoftwareVersion,
    Detail,
    CreatedAt,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    kind: String,
    software_id: Option<String>,
    software_version: Option<String>,
    detail: String,
    created_at: i64,
}

impl TryFrom<Row> for Notice {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = NoticeKind::parse(&row.kind)
            .ok_or_else(|| StoreError::inconsistent("registry_notice", "kind", row.id.clone()))?;
        Ok(Self {
            id: row.id,
            kind,
            software_id: row.software_id,
            software_version: row.software_version,
            detail: row.detail,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// Adds a notice to an organisation.
pub(crate) async fn insert(tx: &mut Tx, orgnr: &str, notice: &Notice) -> Result<(), StoreError> {
    let query = Query::insert()
        .into_table(Notices::Name_)
        .columns([
            Notices::Id,
            Notices::Orgnr,
            Notices::Kind,
            Notices::SoftwareId,
            Notices::SoftwareVersion,
            Notices::Detail,
            Notices::CreatedAt,
        ])
        .values_panic([
            notice.id.as_str().into(),
            orgnr.into(),
            notice.kind.as_str().into(),
            notice.software_id.clone().into(),
            notice.software_version.clone().into(),
            notice.detail.as_str().into(),
            notice.created_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("registry_notice", &query).await
}

/// The newest notices to an organisation, newest first.
pub(crate) async fn newest(
    tx: &mut Tx,
    orgnr: &str,
    limit: u64,
) -> Result<Vec<Notice>, StoreError> {
    let query = Query::select()
        .columns([
            Notices::Id,
            Notices::Kind,
            Notices::SoftwareId,
            Notices::SoftwareVersion,
            Notices::Detail,
            Notices::CreatedAt,
        ])
        .from(Notices::Name_)
        .and_where(Expr::col(Notices::Orgnr).eq(orgnr))
        .order_by(Notices::CreatedAt, Order::Desc)
        .order_by(Notices::Id, Order::Desc)
        .limit(limit)
        .to_owned();
    let rows: Vec<Row> = tx.all(&query).await?;
    rows.into_iter().map(Notice::try_from).collect()
}
