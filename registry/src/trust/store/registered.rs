//! The tables of registered public keys and of what was signed to be sent once.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query, SelectStatement};
use verifier::jwk::{EcPublicKey, KeyUse};

use crate::domain::vendor_key::KeyState;

#[derive(Clone, Copy, Iden)]
enum RegistryPublicKey {
    Table,
    Kid,
    Purpose,
    Holder,
    PublicKey,
    State,
    CreatedBy,
    CreatedAt,
    DueAt,
    VerifiedBy,
    VerifiedAt,
    ActiveAt,
    EndedAt,
}

#[derive(Clone, Copy, Iden)]
enum RegistrySpentToken {
    Table,
    Jti,
    ExpiresAt,
}

/// A key whose private part its holder keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RegisteredKey {
    pub(crate) kid: String,
    pub(crate) holder: String,
    pub(crate) public: EcPublicKey,
    pub(crate) state: KeyState,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) verified_at: Option<Timestamp>,
    pub(crate) active_at: Option<Timestamp>,
    pub(crate) ended_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    kid: String,
    holder: String,
    public_key: Vec<u8>,
    state: String,
    created_by: String,
    created_at: i64,
    due_at: Option<i64>,
    verified_at: Option<i64>,
    active_at: Option<i64>,
    ended_at: Option<i64>,
}

impl TryFrom<Row> for RegisteredKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let wrong = |column| StoreError::inconsistent("registry_public_key", column, &*row.kid);
        Ok(Self {
            public: EcPublicKey::from_uncompressed(&row.public_key)
                .map_err(|_| wrong("public_key"))?,
            state: KeyState::parse(&row.state).ok_or_else(|| wrong("state"))?,
            kid: row.kid,
            holder: row.holder,
            created_by: row.created_by,
            created_at: Timestamp::from_millis(row.created_at),
            due_at: row.due_at.map(Timestamp::from_millis),
            verified_at: row.verified_at.map(Timestamp::from_millis),
            active_at: row.active_at.map(Timestamp::from_millis),
            ended_at: row.ended_at.map(Timestamp::from_millis),
        })
    }
}

fn select(purpose: KeyUse) -> SelectStatement {
    Query::select()
        .columns([
            RegistryPublicKey::Kid,
            RegistryPublicKey::Holder,
            RegistryPublicKey::PublicKey,
            RegistryPublicKey::State,
            RegistryPublicKey::CreatedBy,
            RegistryPublicKey::CreatedAt,
            RegistryPublicKey::DueAt,
            RegistryPublicKey::VerifiedAt,
            RegistryPublicKey::ActiveAt,
            RegistryPublicKey::EndedAt,
        ])
        .from(RegistryPublicKey::Table)
        .and_where(Expr::col(RegistryPublicKey::Purpose).eq(purpose.as_str()))
        .order_by(RegistryPublicKey::CreatedAt, Order::Asc)
        .order_by(RegistryPublicKey::Kid, Order::Asc)
        .to_owned()
}

async fn read(tx: &mut Tx, query: &SelectStatement) -> Result<Vec<RegisteredKey>, StoreError> {
    let rows: Vec<Row> = tx.all(query).await?;
    rows.into_iter().map(RegisteredKey::try_from).collect()
}

/// Every key of this purpose, oldest first.
pub(crate) async fn all(tx: &mut Tx, purpose: KeyUse) -> Result<Vec<RegisteredKey>, StoreError> {
    read(tx, &select(purpose)).await
}

/// The keys of a holder, oldest first.
pub(crate) async fn of(
    tx: &mut Tx,
    purpose: KeyUse,
    holder: &str,
) -> Result<Vec<RegisteredKey>, StoreError> {
    let query = select(purpose)
        .and_where(Expr::col(RegistryPublicKey::Holder).eq(holder))
        .to_owned();
    read(tx, &query).await
}

/// The keys of a holder that are in force.
pub(crate) async fn active(
    tx: &mut Tx,
    purpose: KeyUse,
    holder: &str,
) -> Result<Vec<RegisteredKey>, StoreError> {
    let mut keys = of(tx, purpose, holder).await?;
    keys.retain(|key| key.state == KeyState::Active);
    Ok(keys)
}

/// The key of this purpose with this thumbprint.
pub(crate) async fn find(
    tx: &mut Tx,
    purpose: KeyUse,
    kid: &str,
) -> Result<Option<RegisteredKey>, StoreError> {
    let query = select(purpose)
        .and_where(Expr::col(RegistryPublicKey::Kid).eq(kid))
        .to_owned();
    Ok(read(tx, &query).await?.pop())
}

/// Keeps a key. Its thumbprint must be new, whatever the purpose.
pub(crate) async fn insert(
    tx: &mut Tx,
    purpose: KeyUse,
    key: &RegisteredKey,
) -> Result<(), StoreError> {
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let insert = Query::insert()
        .into_table(RegistryPublicKey::Table)
        .columns([
            RegistryPublicKey::Kid,
            RegistryPublicKey::Purpose,
            RegistryPublicKey::Holder,
            RegistryPublicKey::PublicKey,
            RegistryPublicKey::State,
            RegistryPublicKey::CreatedBy,
            RegistryPublicKey::CreatedAt,
            RegistryPublicKey::DueAt,
            RegistryPublicKey::ActiveAt,
        ])
        .values_panic([
            key.kid.as_str().into(),
            purpose.as_str().into(),
            key.holder.as_str().into(),
            key.public.as_uncompressed().to_vec().into(),
            key.state.as_str().into(),
            key.created_by.as_str().into(),
            key.created_at.millis().into(),
            millis(key.due_at).into(),
            millis(key.active_at).into(),
        ])
        .to_owned();
    tx.execute_one("registry_public_key", &insert).await
}

/// Moves a key from one state to another; false when it was not in it (any more).
pub(crate) async fn advance(
    tx: &mut Tx,
    kid: &str,
    (from, to): (KeyState, KeyState),
    now: Timestamp,
) -> Result<bool, StoreError> {
    let column = match to {
        KeyState::Pending | KeyState::Active => RegistryPublicKey::ActiveAt,
        KeyState::Retired | KeyState::Cancelled => RegistryPublicKey::EndedAt,
    };
    let update = Query::update()
        .table(RegistryPublicKey::Table)
        .value(RegistryPublicKey::State, to.as_str())
        .value(column, now.millis())
        .and_where(Expr::col(RegistryPublicKey::Kid).eq(kid))
        .and_where(Expr::col(RegistryPublicKey::State).eq(from.as_str()))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// Records that the holder of a waiting key was looked at anew; false when it does not wait.
pub(crate) async fn verify(
    tx: &mut Tx,
    kid: &str,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let update = Query::update()
        .table(RegistryPublicKey::Table)
        .value(RegistryPublicKey::VerifiedBy, by)
        .value(RegistryPublicKey::VerifiedAt, now.millis())
        .and_where(Expr::col(RegistryPublicKey::Kid).eq(kid))
        .and_where(Expr::col(RegistryPublicKey::State).eq(KeyState::Pending.as_str()))
        .to_owned();
    Ok(tx.execute(&update).await? == 1)
}

/// Spends something that was signed to be sent once; false when it was spent before.
pub(crate) async fn spend(
    tx: &mut Tx,
    jti: &str,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let insert = Query::insert()
        .into_table(RegistrySpentToken::Table)
        .columns([RegistrySpentToken::Jti, RegistrySpentToken::ExpiresAt])
        .values_panic([jti.into(), expires_at.millis().into()])
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .to_owned();
    Ok(tx.execute(&insert).await? == 1)
}

/// Forgets what has expired: it is refused for its time by now.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let delete = Query::delete()
        .from_table(RegistrySpentToken::Table)
        .and_where(Expr::col(RegistrySpentToken::ExpiresAt).lt(now.millis()))
        .to_owned();
    tx.execute(&delete).await
}
