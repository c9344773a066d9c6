//! Signing keys that are in the database before a world begins.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use foundation::store::Database;
use sea_query::{Alias, Query};

/// Making an RSA key takes longer than a test: all worlds share two.
pub(crate) async fn keys(database: &Database) {
    static KEYS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let pairs = KEYS.get_or_init(|| {
        std::array::from_fn(|_| {
            let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
            let der: Pkcs8V1Der<'static> = pair.as_der().unwrap();
            der.as_ref().to_vec()
        })
    });
    let mut tx = database.begin().await.unwrap();
    for (purpose, key) in ["smart", "helseid"].into_iter().zip(pairs) {
        let insert = Query::insert()
            .into_table(Alias::new("sandbox_key"))
            .columns(["purpose", "private", "created_at"].map(Alias::new))
            .values_panic([purpose.into(), key.clone().into(), 0_i64.into()])
            .to_owned();
        tx.execute_one("sandbox_key", &insert).await.unwrap();
    }
    tx.commit().await.unwrap();
}
