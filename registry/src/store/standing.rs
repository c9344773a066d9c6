//! Decisions about an approval's standing, and who agreed to them.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, Order, Query, SelectStatement};
use verifier::claims::StatusCause;

use crate::domain::history::Acted;
use crate::domain::standing::Action;

#[derive(Clone, Copy, Iden)]
enum Standings {
    #[iden = "registry_standing"]
    Name_,
    Id,
    SoftwareId,
    SoftwareVersion,
    Action,
    Progress,
    Cause,
    Reason,
    CreatedAt,
    DecidedAt,
    AppliedAt,
}

#[derive(Clone, Copy, Iden)]
enum Voices {
    #[iden = "registry_standing_voice"]
    Name_,
    Standing,
    Subject,
    Orgnr,
    Name,
    Reason,
    CreatedAt,
}

/// How far a decision has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    Gathering,
    Decided,
    Applied,
    Lapsed,
}

impl Progress {
    /// The stable spelling.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Gathering => "gathering",
            Self::Decided => "decided",
            Self::Applied => "applied",
            Self::Lapsed => "lapsed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Gathering, Self::Decided, Self::Applied, Self::Lapsed]
            .into_iter()
            .find(|progress| progress.as_str() == text)
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) id: String,
    pub(crate) software_id: String,
    pub(crate) software_version: String,
    pub(crate) action: Action,
    pub(crate) progress: Progress,
    pub(crate) cause: StatusCause,
    pub(crate) reason: String,
    pub(crate) created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    software_id: String,
    software_version: String,
    action: String,
    progress: String,
    cause: String,
    reason: String,
    created_at: i64,
}

impl TryFrom<Row> for Standing {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("registry_standing", column, row.id.clone());
        Ok(Self {
            action: Action::parse(&row.action).ok_or_else(|| wrong("action"))?,
            progress: Progress::parse(&row.progress).ok_or_else(|| wrong("progress"))?,
            cause: StatusCause::parse(&row.cause).ok_or_else(|| wrong("cause"))?,
            id: row.id,
            software_id: row.software_id,
            software_version: row.software_version,
            reason: row.reason,
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Standings::Id,
            Standings::SoftwareId,
            Standings::SoftwareVersion,
            Standings::Action,
            Standings::Progress,
            Standings::Cause,
            Standings::Reason,
            Standings::CreatedAt,
        ])
        .from(Standings::Name_)
        .to_owned()
}

/// Adds a decision that is being gathered.
pub(crate) async fn insert(tx: &mut Tx, standing: &Standing) -> Result<(), StoreError> {
    let query = Query::insert()
        .into_table(Standings::Name_)
        .columns([
            Standings::Id,
            Standings::SoftwareId,
            Standings::SoftwareVersion,
            Standings::Action,
            Standings::Progress,
            Standings::Cause,
            Standings::Reason,
            Standings::CreatedAt,
        ])
        .values_panic([
            standing.id.as_str().into(),
            standing.software_id.as_str().into(),
            standing.software_version.as_str().into(),
            standing.action.as_str().into(),
            standing.progress.as_str().into(),
            standing.cause.as_str().into(),
            standing.reason.as_str().into(),
            standing.created_at.millis().into(),
        ])
        .to_owned();
    tx.execute_one("registry_standing", &query).await
}

/// Adds a voice.
pub(crate) async fn insert_voice(
    tx: &mut Tx,
    standing: &str,
    by: &Acted,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let query = Query::insert()
        .into_table(Voices::Name_)
        .columns([
            Voices::Standing,
            Voices::Subject,
            Voices::Orgnr,
            Voices::Name,
            Voices::Reason,
            Voices::CreatedAt,
        ])
        .values_panic([
            standing.into(),
            by.person.as_str().into(),
            by.organisation.as_str().into(),
            by.name.as_str().into(),
            reason.into(),
            now.millis().into(),
        ])
        .to_owned();
    tx.execute_one("registry_standing_voice", &query).await
}

/// Who agreed, first to last.
pub(crate) async fn voices(tx: &mut Tx, standing: &str) -> Result<Vec<Acted>, StoreError> {
    let query = Query::select()
        .columns([Voices::Subject, Voices::Name, Voices::Orgnr])
        .from(Voices::Name_)
        .and_where(Expr::col(Voices::Standing).eq(standing))
        .order_by(Voices::CreatedAt, Order::Asc)
        .to_owned();
    let rows: Vec<(String, String, String)> = tx.all(&query).await?;
    Ok(rows
        .into_iter()
        .map(|(person, name, organisation)| Acted {
            person,
            name,
            organisation,
        })
        .collect())
}

/// The decision with this id.
pub(crate) async fn find(tx: &mut Tx, id: &str) -> Result<Option<Standing>, StoreError> {
    let query = select()
        .and_where(Expr::col(Standings::Id).eq(id))
        .to_owned();
    let row: Option<Row> = tx.optional(&query).await?;
    row.map(Standing::try_from).transpose()
}

/// Decisions about a version that are not carried out yet.
pub(crate) async fn open(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
) -> Result<Vec<Standing>, StoreError> {
    let open = [Progress::Gathering.as_str(), Progress::Decided.as_str()];
    let query = select()
        .and_where(Expr::col(Standings::SoftwareId).eq(software_id))
        .and_where(Expr::col(Standings::SoftwareVersion).eq(version))
        .and_where(Expr::col(Standings::Progress).is_in(open))
        .order_by(Standings::CreatedAt, Order::Asc)
        .to_owned();
    let rows: Vec<Row> = tx.all(&query).await?;
    rows.into_iter().map(Standing::try_from).collect()
}

/// The decisions that are to be carried out, about whichever version.
pub(crate) async fn decided(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let query = Query::select()
        .column(Standings::Id)
        .from(Standings::Name_)
        .and_where(Expr::col(Standings::Progress).eq(Progress::Decided.as_str()))
        .order_by(Standings::CreatedAt, Order::Asc)
        .to_owned();
    let rows: Vec<(String,)> = tx.all(&query).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Records how far a decision has come.
pub(crate) async fn advance(
    tx: &mut Tx,
    id: &str,
    progress: Progress,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut query = Query::update();
    query
        .table(Standings::Name_)
        .value(Standings::Progress, progress.as_str())
        .and_where(Expr::col(Standings::Id).eq(id));
    match progress {
        Progress::Decided => query.value(Standings::DecidedAt, now.millis()),
        Progress::Applied => query.value(Standings::AppliedAt, now.millis()),
        Progress::Gathering | Progress::Lapsed => &mut query,
    };
    tx.execute_one("registry_standing", &query).await
}

/// Lets what was being gathered about a version lapse.
pub(crate) async fn lapse(tx: &mut Tx, software_id: &str, version: &str) -> Result<(), StoreError> {
    let query = Query::update()
        .table(Standings::Name_)
        .value(Standings::Progress, Progress::Lapsed.as_str())
        .and_where(Expr::col(Standings::SoftwareId).eq(software_id))
        .and_where(Expr::col(Standings::SoftwareVersion).eq(version))
        .and_where(Expr::col(Standings::Progress).eq(Progress::Gathering.as_str()))
        .to_owned();
    tx.execute(&query).await?;
    Ok(())
}
