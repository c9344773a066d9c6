//! Both engines have the same tables and columns, with the same nullability.

use std::collections::BTreeSet;

use foundation::store::{Database, Engine};
use foundation::testing;
use sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};

async fn columns(database: &Database) -> BTreeSet<(String, String, bool)> {
    let mut tx = database.begin().await.unwrap();
    let query = match tx.engine() {
        Engine::Postgres => postgres_columns(),
        Engine::Sqlite => sqlite_columns(),
    };
    let rows: Vec<(String, String, i64)> = tx.all(&query).await.unwrap();
    rows.into_iter()
        .filter(|(table, ..)| !table.starts_with("_sqlx") && !table.starts_with("sqlite_"))
        .map(|(table, column, required)| (table, column, required == 1))
        .collect()
}

fn postgres_columns() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("table_name::text"))
        .expr(Expr::cust("column_name::text"))
        .expr(Expr::cust(
            "(CASE WHEN is_nullable = 'NO' THEN 1 ELSE 0 END)::bigint",
        ))
        .from((Alias::new("information_schema"), Alias::new("columns")))
        .and_where(Expr::col(Alias::new("table_schema")).eq("public"))
        .to_owned()
}

fn sqlite_columns() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("t.name"))
        .expr(Expr::cust("c.name"))
        .expr(Expr::cust("(c.\"notnull\" = 1 OR c.pk > 0)"))
        .from_as(Alias::new("sqlite_master"), Alias::new("t"))
        .from_function(
            Func::cust(Alias::new("pragma_table_info")).arg(Expr::cust("t.name")),
            Alias::new("c"),
        )
        .and_where(Expr::cust("t.type = 'table'"))
        .to_owned()
}

#[tokio::test]
async fn both_engines_have_the_same_columns() {
    let mut schemas = Vec::new();
    for test in testing::databases().await.unwrap() {
        schemas.push(columns(&test.database).await);
    }
    let sqlite = schemas.first().unwrap();
    assert!(sqlite.contains(&("foundation_job".to_owned(), "id".to_owned(), true)));
    for other in &schemas {
        assert_eq!(other, sqlite);
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    for test in testing::databases().await.unwrap() {
        let before = columns(&test.database).await;
        test.database.migrate().await.unwrap();
        assert_eq!(columns(&test.database).await, before);
    }
}

#[tokio::test]
async fn a_wrong_url_is_refused_in_plain_words() {
    let error = Database::connect("mysql://localhost/x").await.unwrap_err();
    assert!(
        error.to_string().contains("sqlite: or postgres:"),
        "{error}"
    );
}
