//! A backup of a registry's database, and its return: every row is as it was then.

use foundation::store::{Connection, Database, Engine, Tx};
use sqlx::AssertSqlSafe;

/// What a registry keeps, but for what its witnesses do.
const TABLES: [&str; 28] = [
    "foundation_job",
    "registry_organisation",
    "registry_person",
    "registry_token",
    "registry_app",
    "registry_name",
    "registry_bundle",
    "registry_bundle_file",
    "registry_version",
    "registry_history",
    "registry_review",
    "registry_standing",
    "registry_standing_voice",
    "registry_listing",
    "registry_key",
    "registry_status_entry",
    "registry_status_list",
    "registry_issuance",
    "registry_trust_metadata",
    "registry_trust_target",
    "registry_trust_floor",
    "registry_log",
    "registry_log_loss",
    "registry_log_entry",
    "registry_log_node",
    "registry_notice",
    "registry_public_key",
    "registry_hosted",
];

async fn run(tx: &mut Tx, sql: String) {
    let sql = AssertSqlSafe(sql);
    match tx.connection() {
        Connection::Postgres(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
        Connection::Sqlite(tx) => drop(sqlx::query(sql).execute(&mut **tx).await.unwrap()),
    }
}

/// Keeps everything as it is now.
pub(crate) async fn make(database: &Database) {
    let mut tx = database.begin().await.unwrap();
    for table in TABLES {
        let copy = format!("CREATE TABLE backup_of_{table} AS SELECT * FROM {table}");
        run(&mut tx, copy).await;
    }
    tx.commit().await.unwrap();
}

/// Puts everything back as it was.
pub(crate) async fn put_back(database: &Database) {
    let mut tx = database.begin().await.unwrap();
    // A restored database is written by its engine, past triggers and references.
    if tx.engine() == Engine::Sqlite {
        run(&mut tx, "PRAGMA defer_foreign_keys = ON".to_owned()).await;
        for table in ["registry_trust_metadata", "registry_trust_target"] {
            let drop = format!("DROP TRIGGER IF EXISTS {table}_no_delete");
            run(&mut tx, drop).await;
        }
    } else {
        let past = "SET LOCAL session_replication_role = replica";
        run(&mut tx, past.to_owned()).await;
    }
    for table in TABLES {
        run(&mut tx, format!("DELETE FROM {table}")).await;
        let copy = format!("INSERT INTO {table} SELECT * FROM backup_of_{table}");
        run(&mut tx, copy).await;
    }
    tx.commit().await.unwrap();
}
