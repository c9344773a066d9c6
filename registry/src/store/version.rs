//! Versions. What identifies one is written once: there is no query here that changes a digest.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query, SelectStatement};

use super::{parse, read, write};
use crate::domain::app::AppEntry;
use crate::domain::manifest::VersionManifest;
use crate::domain::version::{Event, IllegalTransition, VersionState};
use crate::service::carry::Published;
use crate::service::ports::Verdict;

#[derive(Clone, Copy, Iden)]
enum Versions {
    #[iden = "registry_version"]
    Name_,
    SoftwareId,
    SoftwareVersion,
    ReleaseDigest,
    Manifest,
    ManifestDigest,
    Bundle,
    Integrity,
    Size,
    State,
    Round,
    Entry,
    Verdict,
    ReleaseJws,
    Approval,
    CreatedBy,
    CreatedAt,
    SubmittedAt,
    ApprovedAt,
    ExpiresAt,
}

const COLUMNS: [Versions; 19] = [
    Versions::SoftwareId,
    Versions::SoftwareVersion,
    Versions::ReleaseDigest,
    Versions::Manifest,
    Versions::ManifestDigest,
    Versions::Bundle,
    Versions::Integrity,
    Versions::Size,
    Versions::State,
    Versions::Round,
    Versions::Entry,
    Versions::Verdict,
    Versions::ReleaseJws,
    Versions::Approval,
    Versions::CreatedBy,
    Versions::CreatedAt,
    Versions::SubmittedAt,
    Versions::ApprovedAt,
    Versions::ExpiresAt,
];

#[derive(sqlx::FromRow)]
struct Row {
    software_id: String,
    software_version: String,
    release_digest: String,
    manifest: String,
    manifest_digest: String,
    bundle: Option<String>,
    integrity: Option<String>,
    size: Option<i64>,
    state: String,
    round: i64,
    entry: Option<String>,
    verdict: Option<String>,
    release_jws: Option<String>,
    approval: Option<String>,
    created_by: String,
    created_at: i64,
    submitted_at: Option<i64>,
    approved_at: Option<i64>,
    expires_at: Option<i64>,
}

/// A stored version.
#[expect(
    clippy::struct_field_names,
    reason = "software_version is its name in RFC 7591"
)]
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Version {
    pub(crate) software_id: String,
    pub(crate) software_version: String,
    pub(crate) release: Digest,
    pub(crate) manifest: VersionManifest,
    pub(crate) manifest_digest: Digest,
    pub(crate) bundle: Option<Digest>,
    pub(crate) integrity: Option<Digest>,
    pub(crate) size: Option<u64>,
    pub(crate) state: VersionState,
    pub(crate) round: i64,
    pub(crate) entry: Option<AppEntry>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) release_jws: Option<String>,
    pub(crate) approval: Option<Published>,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) submitted_at: Option<Timestamp>,
    pub(crate) approved_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Version {
    /// The state after `event`.
    pub(crate) fn after(&self, event: Event) -> Result<VersionState, IllegalTransition> {
        self.state.after(event, self.approval.is_some())
    }

    /// True when EPJs may launch it: approved, also while it is reviewed anew.
    pub(crate) fn is_in_force(&self) -> bool {
        let stopped = matches!(self.state, VersionState::Suspended | VersionState::Revoked);
        self.approval.is_some() && !stopped
    }
}

impl TryFrom<Row> for Version {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let table = "registry_version";
        let id = format!("{} {}", row.software_id, row.software_version);
        let digest = |column, text: &str| parse::<Digest>(table, column, &id, text);
        let optional = |column, text: &Option<String>| {
            text.as_deref().map(|text| digest(column, text)).transpose()
        };
        Ok(Self {
            release: digest("release_digest", &row.release_digest)?,
            manifest: read(table, "manifest", &id, &row.manifest)?,
            manifest_digest: digest("manifest_digest", &row.manifest_digest)?,
            bundle: optional("bundle", &row.bundle)?,
            integrity: optional("integrity", &row.integrity)?,
            size: row.size.and_then(|size| u64::try_from(size).ok()),
            state: VersionState::parse(&row.state)
                .ok_or_else(|| StoreError::inconsistent(table, "state", id.clone()))?,
            round: row.round,
            entry: json(table, "entry", &id, row.entry.as_deref())?,
            verdict: json(table, "verdict", &id, row.verdict.as_deref())?,
            release_jws: row.release_jws,
            approval: json(table, "approval", &id, row.approval.as_deref())?,
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            submitted_at: row.submitted_at.map(Timestamp::from_millis),
            approved_at: row.approved_at.map(Timestamp::from_millis),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            software_id: row.software_id,
            software_version: row.software_version,
        })
    }
}

fn json<T: serde::de::DeserializeOwned>(
    table: &'static str,
    column: &'static str,
    id: &str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(table, column, id, text)).transpose()
}

fn select() -> SelectStatement {
    Query::select()
        .columns(COLUMNS)
        .from(Versions::Name_)
        .to_owned()
}

/// Adds a version; false when the pair of app and version exists already.
pub(crate) async fn insert(tx: &mut Tx, version: &Version) -> Result<bool, StoreError> {
    let query = Query::insert()
        .into_table(Versions::Name_)
        .columns([
            Versions::SoftwareId,
            Versions::SoftwareVersion,
            Versions::ReleaseDigest,
            Versions::Manifest,
            Versions::ManifestDigest,
            Versions::Bundle,
            Versions::Integrity,
            Versions::Size,
            Versions::State,
            Versions::Round,
            Versions::CreatedBy,
            Versions::CreatedAt,
        ])
        .values_panic([
            version.software_id.as_str().into(),
            version.software_version.as_str().into(),
            version.release.hex().into(),
            write("registry_version", "manifest", &version.manifest)?.into(),
            version.manifest_digest.hex().into(),
            version.bundle.map(|digest| digest.hex()).into(),
            version.integrity.map(|digest| digest.hex()).into(),
            version
                .size
                .and_then(|size| i64::try_from(size).ok())
                .into(),
            version.state.as_str().into(),
            version.round.into(),
            version.created_by.as_str().into(),
            version.created_at.millis().into(),
        ])
        .on_conflict(
            OnConflict::columns([Versions::SoftwareId, Versions::SoftwareVersion])
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&query).await? == 1)
}

/// One version.
pub(crate) async fn find(
    tx: &mut Tx,
    software_id: &str,
    version: &str,
) -> Result<Option<Version>, StoreError> {
    let query = select()
        .and_where(Expr::col(Versions::SoftwareId).eq(software_id))
        .and_where(Expr::col(Versions::SoftwareVersion).eq(version))
        .to_owned();
    let row: Option<Row> = tx.optional(&query).await?;
    row.map(Version::try_from).transpose()
}

/// Lets no other transaction decide about this version before this one ends. `SQLite` has one writer
/// anyway.
pub(crate) async fn lock(tx: &mut Tx, software_id: &str, version: &str) -> Result<(), StoreError> {
    let query = Query::select()
        .column(Versions::State)
        .from(Versions::Name_)
        .and_where(Expr::col(Versions::SoftwareId).eq(software_id))
        .and_where(Expr::col(Versions::SoftwareVersion).eq(version))
        .lock_exclusive()
        .to_owned();
    tx.optional::<(String,)>(&query).await.map(drop)
}

/// The versions of an app, newest upload first.
pub(crate) async fn of(tx: &mut Tx, software_id: &str) -> Result<Vec<Version>, StoreError> {
    all(
        tx,
        select().and_where(Expr::col(Versions::SoftwareId).eq(software_id)),
    )
    .await
}

/// The versions in one of these states, newest upload first.
pub(crate) async fn in_states(
    tx: &mut Tx,
    states: &[VersionState],
) -> Result<Vec<Version>, StoreError> {
    let states = states.iter().map(|state| state.as_str());
    all(
        tx,
        select().and_where(Expr::col(Versions::State).is_in(states)),
    )
    .await
}

/// The versions that are made of this bundle, newest upload first.
pub(crate) async fn with_bundle(tx: &mut Tx, bundle: &Digest) -> Result<Vec<Version>, StoreError> {
    all(
        tx,
        select().and_where(Expr::col(Versions::Bundle).eq(bundle.hex())),
    )
    .await
}

async fn all(tx: &mut Tx, query: &mut SelectStatement) -> Result<Vec<Version>, StoreError> {
    query
        .order_by(Versions::CreatedAt, Order::Desc)
        .order_by(Versions::SoftwareVersion, Order::Desc);
    let rows: Vec<Row> = tx.all(query).await?;
    rows.into_iter().map(Version::try_from).collect()
}

/// Moves a version from one state to another; false when it is not in that state any more.
pub(crate) async fn transition(
    tx: &mut Tx,
    version: &Version,
    to: VersionState,
) -> Result<bool, StoreError> {
    let query = Query::update()
        .table(Versions::Name_)
        .value(Versions::State, to.as_str())
        .and_where(Expr::col(Versions::SoftwareId).eq(version.software_id.as_str()))
        .and_where(Expr::col(Versions::SoftwareVersion).eq(version.software_version.as_str()))
        .and_where(Expr::col(Versions::State).eq(version.state.as_str()))
        .to_owned();
    Ok(tx.execute(&query).await? == 1)
}

/// Begins another round of reviews of the same submission.
pub(crate) async fn reopen(tx: &mut Tx, version: &Version) -> Result<(), StoreError> {
    let query = Query::update()
        .table(Versions::Name_)
        .value(Versions::Round, version.round.saturating_add(1))
        .and_where(Expr::col(Versions::SoftwareId).eq(version.software_id.as_str()))
        .and_where(Expr::col(Versions::SoftwareVersion).eq(version.software_version.as_str()))
        .to_owned();
    tx.execute_one("registry_version", &query).await
}

/// What is frozen at submission.
#[derive(Clone, Debug)]
pub(crate) struct Frozen<'a> {
    pub(crate) entry: &'a AppEntry,
    pub(crate) verdict: &'a Verdict,
    pub(crate) release_jws: &'a str,
    pub(crate) at: Timestamp,
}

/// Records a submission.
pub(crate) async fn freeze(
    tx: &mut Tx,
    version: &Version,
    frozen: &Frozen<'_>,
) -> Result<(), StoreError> {
    let table = "registry_version";
    let query = Query::update()
        .table(Versions::Name_)
        .value(Versions::Entry, write(table, "entry", frozen.entry)?)
        .value(Versions::Verdict, write(table, "verdict", frozen.verdict)?)
        .value(Versions::ReleaseJws, frozen.release_jws)
        .value(Versions::Round, version.round.saturating_add(1))
        .value(Versions::SubmittedAt, frozen.at.millis())
        .and_where(Expr::col(Versions::SoftwareId).eq(version.software_id.as_str()))
        .and_where(Expr::col(Versions::SoftwareVersion).eq(version.software_version.as_str()))
        .to_owned();
    tx.execute_one(table, &query).await
}

/// Records what was published.
pub(crate) async fn publish(
    tx: &mut Tx,
    version: &Version,
    published: &Published,
) -> Result<(), StoreError> {
    let table = "registry_version";
    let query = Query::update()
        .table(Versions::Name_)
        .value(Versions::Approval, write(table, "approval", published)?)
        .value(Versions::ApprovedAt, published.issued_at.millis())
        .value(Versions::ExpiresAt, published.expires_at.millis())
        .and_where(Expr::col(Versions::SoftwareId).eq(version.software_id.as_str()))
        .and_where(Expr::col(Versions::SoftwareVersion).eq(version.software_version.as_str()))
        .to_owned();
    tx.execute_one(table, &query).await
}
