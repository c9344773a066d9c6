//! The table of trust configurations: every version that was published.

use foundation::store::{StoreError, Tx};
use sea_query::{Iden, Order, Query};

#[derive(Clone, Copy, Iden)]
enum RegistryTrustConfig {
    Table,
    Version,
    Token,
    ExpiresAt,
}

/// A published configuration.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in crate::trust) struct Stored {
    pub(in crate::trust) version: i64,
    pub(in crate::trust) token: String,
    /// Seconds since the epoch.
    pub(in crate::trust) expires_at: i64,
}

/// The newest configuration.
pub(in crate::trust) async fn newest(tx: &mut Tx) -> Result<Option<Stored>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryTrustConfig::Version,
            RegistryTrustConfig::Token,
            RegistryTrustConfig::ExpiresAt,
        ])
        .from(RegistryTrustConfig::Table)
        .order_by(RegistryTrustConfig::Version, Order::Desc)
        .limit(1)
        .to_owned();
    tx.optional(&select).await
}

/// Publishes a configuration; its version must be new.
pub(in crate::trust) async fn insert(tx: &mut Tx, stored: &Stored) -> Result<(), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryTrustConfig::Table)
        .columns([
            RegistryTrustConfig::Version,
            RegistryTrustConfig::Token,
            RegistryTrustConfig::ExpiresAt,
        ])
        .values_panic([
            stored.version.into(),
            stored.token.as_str().into(),
            stored.expires_at.into(),
        ])
        .to_owned();
    tx.execute_one("registry_trust_config", &insert).await
}
