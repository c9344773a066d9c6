//! A database from before logs had names of their own.

use foundation::store::{Connection, Database, Tx};
use sea_query::{Alias, Query};
use sqlx::AssertSqlSafe;

const MIGRATIONS: [&str; 5] = [
    include_str!("../../../../migrations/sqlite/0001_foundation.sql"),
    include_str!("../../../../migrations/sqlite/0010_registry.sql"),
    include_str!("../../../../migrations/sqlite/0011_registry_trust.sql"),
    include_str!("../../../../migrations/sqlite/0012_registry_trust_repository.sql"),
    include_str!("../../../../migrations/sqlite/0013_registry_logs.sql"),
];

async fn run(tx: &mut Tx, sql: &str) {
    let Connection::Sqlite(tx) = tx.connection() else {
        panic!("SQLite alone");
    };
    let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    sql.execute(&mut **tx).await.unwrap();
}

#[tokio::test]
async fn entries_without_a_checkpoint_are_carried_over_too() {
    let entry = "INSERT INTO registry_log_entry VALUES (0, 'key', x'00', 1);
                 INSERT INTO registry_log_node VALUES (0, 0, x'00');";
    let checkpoint = "INSERT INTO registry_log_checkpoint VALUES ('example.no/log', 1, 'note', 7);";
    for (rows, expected) in [
        (String::new(), None),
        (entry.to_owned(), Some(("log0", 1, None))),
        (
            format!("{entry}{checkpoint}"),
            Some(("example.no/log", 1, Some("note"))),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("before.db").display());
        let database = Database::connect(&url).await.unwrap();
        let mut tx = database.begin().await.unwrap();
        let [before @ .., logs] = MIGRATIONS;
        for migration in before {
            run(&mut tx, migration).await;
        }
        run(&mut tx, &rows).await;
        run(&mut tx, logs).await;

        let log = Query::select()
            .columns(["origin", "tree_size", "note"].map(Alias::new))
            .from(Alias::new("registry_log"))
            .to_owned();
        let log: Option<(String, i64, Option<String>)> = tx.optional(&log).await.unwrap();
        let log = log
            .as_ref()
            .map(|(origin, size, note)| (origin.as_str(), *size, note.as_deref()));
        assert_eq!(log, expected);
        for table in ["registry_log_entry", "registry_log_node"] {
            let kept = Query::select()
                .column(Alias::new("log"))
                .from(Alias::new(table))
                .to_owned();
            let kept: Vec<(String,)> = tx.all(&kept).await.unwrap();
            assert_eq!(kept.len(), usize::from(expected.is_some()), "{table}");
        }
    }
}
