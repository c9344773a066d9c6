//! The tables of status: which index was given to which approval, its value, and the list tokens.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Cond, Expr, ExprTrait, Iden, OnConflict, Order, Query, SelectStatement};
use verifier::status::StatusValue;

#[derive(Clone, Copy, Iden)]
enum RegistryStatusEntry {
    Table,
    List,
    Position,
    Value,
    Jti,
    SoftwareId,
    SoftwareVersion,
}

#[derive(Clone, Copy, Iden)]
enum RegistryStatusList {
    Table,
    List,
    Generation,
    Token,
    IssuedAt,
}

/// A list as it was published last.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(in crate::trust) struct Published {
    pub(in crate::trust) list: i64,
    pub(in crate::trust) generation: i64,
    pub(in crate::trust) token: String,
    /// Milliseconds since the epoch.
    pub(in crate::trust) issued_at: i64,
}

/// The index of an approval, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::trust) struct Given {
    pub(in crate::trust) jti: String,
    pub(in crate::trust) list: i64,
    pub(in crate::trust) position: i64,
    pub(in crate::trust) value: StatusValue,
}

/// Gives an index to an approval of this version, as never issued; false when the index is taken.
pub(in crate::trust) async fn allocate(
    tx: &mut Tx,
    (list, position): (i64, i64),
    jti: &str,
    version: Option<(&str, &str)>,
) -> Result<bool, StoreError> {
    let (software_id, software_version) = version.unzip();
    let insert = Query::insert()
        .into_table(RegistryStatusEntry::Table)
        .columns([
            RegistryStatusEntry::List,
            RegistryStatusEntry::Position,
            RegistryStatusEntry::Value,
            RegistryStatusEntry::Jti,
            RegistryStatusEntry::SoftwareId,
            RegistryStatusEntry::SoftwareVersion,
        ])
        .values_panic([
            list.into(),
            position.into(),
            i64::from(StatusValue::NotIssued.byte()).into(),
            jti.into(),
            software_id.into(),
            software_version.into(),
        ])
        .on_conflict(
            OnConflict::columns([RegistryStatusEntry::List, RegistryStatusEntry::Position])
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&insert).await? == 1)
}

/// The list and the status of an approval, as recorded.
pub(in crate::trust) async fn entry(
    tx: &mut Tx,
    jti: &str,
) -> Result<Option<(i64, StatusValue)>, StoreError> {
    let select = Query::select()
        .columns([RegistryStatusEntry::List, RegistryStatusEntry::Value])
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::Jti).eq(jti))
        .to_owned();
    let row: Option<(i64, i64)> = tx.optional(&select).await?;
    Ok(row.map(|(list, value)| (list, read(value))))
}

fn read(value: i64) -> StatusValue {
    StatusValue::from_byte(value.try_into().unwrap_or(3))
}

/// Every approval of a version, also those that another has followed; this one in any case.
pub(in crate::trust) async fn of_version(
    tx: &mut Tx,
    (software_id, software_version): (&str, &str),
    jti: &str,
) -> Result<Vec<Given>, StoreError> {
    let of_version = Cond::all()
        .add(Expr::col(RegistryStatusEntry::SoftwareId).eq(software_id))
        .add(Expr::col(RegistryStatusEntry::SoftwareVersion).eq(software_version));
    let select = Query::select()
        .columns([
            RegistryStatusEntry::Jti,
            RegistryStatusEntry::List,
            RegistryStatusEntry::Position,
            RegistryStatusEntry::Value,
        ])
        .from(RegistryStatusEntry::Table)
        .cond_where(
            Cond::any()
                .add(of_version)
                .add(Expr::col(RegistryStatusEntry::Jti).eq(jti)),
        )
        .order_by(RegistryStatusEntry::Jti, Order::Asc)
        .to_owned();
    let rows: Vec<(String, i64, i64, i64)> = tx.all(&select).await?;
    let given = |(jti, list, position, value)| Given {
        jti,
        list,
        position,
        value: read(value),
    };
    Ok(rows.into_iter().map(given).collect())
}

/// The app and version that an approval is of.
pub(in crate::trust) async fn version_of(
    tx: &mut Tx,
    jti: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let select = Query::select()
        .columns([
            RegistryStatusEntry::SoftwareId,
            RegistryStatusEntry::SoftwareVersion,
        ])
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::Jti).eq(jti))
        .to_owned();
    let row: Option<(Option<String>, Option<String>)> = tx.optional(&select).await?;
    Ok(row.and_then(|(id, version)| id.zip(version)))
}

/// The approvals that hold and of which it is not recorded which version they are of.
pub(in crate::trust) async fn nameless(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let valid = i64::from(StatusValue::Valid.byte());
    let select = Query::select()
        .column(RegistryStatusEntry::Jti)
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::SoftwareId).is_null())
        .and_where(Expr::col(RegistryStatusEntry::Value).eq(valid))
        .to_owned();
    let rows: Vec<(String,)> = tx.all(&select).await?;
    Ok(rows.into_iter().map(|(jti,)| jti).collect())
}

/// Records which version an approval is of.
pub(in crate::trust) async fn name(
    tx: &mut Tx,
    jti: &str,
    (software_id, software_version): (&str, &str),
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryStatusEntry::Table)
        .value(RegistryStatusEntry::SoftwareId, software_id)
        .value(RegistryStatusEntry::SoftwareVersion, software_version)
        .and_where(Expr::col(RegistryStatusEntry::Jti).eq(jti))
        .to_owned();
    tx.execute_one("registry_status_entry", &update).await
}

/// The newest list that an index was given out in, and how many were.
pub(in crate::trust) async fn newest(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let select = Query::select()
        .column(RegistryStatusEntry::List)
        .from(RegistryStatusEntry::Table)
        .order_by(RegistryStatusEntry::List, Order::Desc)
        .limit(1)
        .to_owned();
    let newest: Option<(i64,)> = tx.optional(&select).await?;
    let Some((list,)) = newest else {
        return Ok((0, 0));
    };
    let count = Query::select()
        .expr(Expr::col(RegistryStatusEntry::Position).count())
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::List).eq(list))
        .to_owned();
    let (given,): (i64,) = tx.one(&count).await?;
    Ok((list, given))
}

/// Changes the status of an approval.
pub(in crate::trust) async fn set(
    tx: &mut Tx,
    jti: &str,
    value: StatusValue,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryStatusEntry::Table)
        .value(RegistryStatusEntry::Value, i64::from(value.byte()))
        .and_where(Expr::col(RegistryStatusEntry::Jti).eq(jti))
        .to_owned();
    tx.execute_one("registry_status_entry", &update).await
}

/// Every index of a list that was given out, with its value.
pub(in crate::trust) async fn entries(
    tx: &mut Tx,
    list: i64,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let select = Query::select()
        .columns([RegistryStatusEntry::Position, RegistryStatusEntry::Value])
        .from(RegistryStatusEntry::Table)
        .and_where(Expr::col(RegistryStatusEntry::List).eq(list))
        .to_owned();
    tx.all(&select).await
}

/// The list as it was published last.
pub(in crate::trust) async fn published(
    tx: &mut Tx,
    list: i64,
) -> Result<Option<Published>, StoreError> {
    let select = published_lists()
        .and_where(Expr::col(RegistryStatusList::List).eq(list))
        .to_owned();
    tx.optional(&select).await
}

/// Every list as it was published last, by number.
pub(in crate::trust) async fn all_published(tx: &mut Tx) -> Result<Vec<Published>, StoreError> {
    tx.all(&published_lists()).await
}

fn published_lists() -> SelectStatement {
    Query::select()
        .columns([
            RegistryStatusList::List,
            RegistryStatusList::Generation,
            RegistryStatusList::Token,
            RegistryStatusList::IssuedAt,
        ])
        .from(RegistryStatusList::Table)
        // Generation 0 is a list that is being made for the first time.
        .and_where(Expr::col(RegistryStatusList::Generation).gt(0))
        .order_by(RegistryStatusList::List, Order::Asc)
        .to_owned()
}

/// Number and generation of every published list: what a follower asks again and again.
pub(in crate::trust) async fn generations(tx: &mut Tx) -> Result<Vec<(i64, i64)>, StoreError> {
    let select = Query::select()
        .columns([RegistryStatusList::List, RegistryStatusList::Generation])
        .from(RegistryStatusList::Table)
        .and_where(Expr::col(RegistryStatusList::Generation).gt(0))
        .to_owned();
    tx.all(&select).await
}

/// Keeps a list for oneself until the transaction ends: two changes at once would each publish
/// without the other's. Gives the generation and the time of the last one; zeros when it is new.
pub(in crate::trust) async fn lock(tx: &mut Tx, list: i64) -> Result<(i64, i64), StoreError> {
    let insert = Query::insert()
        .into_table(RegistryStatusList::Table)
        .columns([
            RegistryStatusList::List,
            RegistryStatusList::Generation,
            RegistryStatusList::Token,
            RegistryStatusList::IssuedAt,
        ])
        .values_panic([list.into(), 0_i64.into(), "".into(), 0_i64.into()])
        .on_conflict(
            OnConflict::column(RegistryStatusList::List)
                .do_nothing()
                .to_owned(),
        )
        .to_owned();
    tx.execute(&insert).await?;
    let hold = Query::update()
        .table(RegistryStatusList::Table)
        .value(
            RegistryStatusList::Generation,
            Expr::col(RegistryStatusList::Generation),
        )
        .and_where(Expr::col(RegistryStatusList::List).eq(list))
        .returning(
            Query::returning()
                .columns([RegistryStatusList::Generation, RegistryStatusList::IssuedAt]),
        )
        .to_owned();
    tx.one(&hold).await
}

/// Raises the generation of a list that is locked; a higher one stays.
pub(in crate::trust) async fn raise(
    tx: &mut Tx,
    list: i64,
    generation: i64,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryStatusList::Table)
        .value(RegistryStatusList::Generation, generation)
        .and_where(Expr::col(RegistryStatusList::List).eq(list))
        .and_where(Expr::col(RegistryStatusList::Generation).lt(generation))
        .to_owned();
    tx.execute(&update).await?;
    Ok(())
}

/// Publishes a list that is locked.
pub(in crate::trust) async fn publish(
    tx: &mut Tx,
    list: i64,
    generation: i64,
    token: &str,
    issued_at: Timestamp,
) -> Result<(), StoreError> {
    let update = Query::update()
        .table(RegistryStatusList::Table)
        .value(RegistryStatusList::Generation, generation)
        .value(RegistryStatusList::Token, token)
        .value(RegistryStatusList::IssuedAt, issued_at.millis())
        .and_where(Expr::col(RegistryStatusList::List).eq(list))
        .to_owned();
    tx.execute_one("registry_status_list", &update).await
}

#[cfg(test)]
mod tests {
    use foundation::testing::databases;

    use super::*;

    #[tokio::test]
    async fn an_index_is_given_once_and_the_newest_list_is_counted() {
        for world in databases().await.unwrap() {
            let mut tx = world.database.begin().await.unwrap();
            assert_eq!(newest(&mut tx).await.unwrap(), (0, 0), "{}", world.engine);
            let version = Some(("no.eksempel.app", "1.0.0"));
            assert!(allocate(&mut tx, (0, 7), "a", version).await.unwrap());
            assert!(!allocate(&mut tx, (0, 7), "b", version).await.unwrap());
            assert!(allocate(&mut tx, (1, 7), "c", version).await.unwrap());
            assert!(allocate(&mut tx, (1, 8), "d", None).await.unwrap());
            assert_eq!(newest(&mut tx).await.unwrap(), (1, 2));
            let found = entry(&mut tx, "c").await.unwrap();
            assert_eq!(found, Some((1, StatusValue::NotIssued)));
            assert_eq!(entry(&mut tx, "x").await.unwrap(), None);
            let version = ("no.eksempel.app", "1.0.0");
            let given = async |tx: &mut Tx, version, jti| {
                let given = of_version(tx, version, jti).await.unwrap();
                given.into_iter().map(|one| one.jti).collect::<Vec<_>>()
            };
            assert_eq!(given(&mut tx, version, "c").await, ["a", "c"]);
            assert_eq!(given(&mut tx, ("", ""), "d").await, ["d"]);
            set(&mut tx, "d", StatusValue::Valid).await.unwrap();
            assert_eq!(nameless(&mut tx).await.unwrap(), ["d"]);
            assert_eq!(version_of(&mut tx, "d").await.unwrap(), None);
            name(&mut tx, "d", version).await.unwrap();
            assert_eq!(nameless(&mut tx).await.unwrap(), Vec::<String>::new());
            assert_eq!(given(&mut tx, version, "d").await, ["a", "c", "d"]);
        }
    }

    #[tokio::test]
    async fn a_list_that_is_being_made_is_not_published() {
        for world in databases().await.unwrap() {
            let mut tx = world.database.begin().await.unwrap();
            assert_eq!(lock(&mut tx, 3).await.unwrap(), (0, 0), "{}", world.engine);
            assert!(published(&mut tx, 3).await.unwrap().is_none());
            assert!(generations(&mut tx).await.unwrap().is_empty());
            let at = Timestamp::from_seconds(5);
            publish(&mut tx, 3, 9, "token", at).await.unwrap();
            assert_eq!(lock(&mut tx, 3).await.unwrap(), (9, at.millis()));
            assert_eq!(generations(&mut tx).await.unwrap(), [(3, 9)]);
            assert_eq!(all_published(&mut tx).await.unwrap().len(), 1);
        }
    }
}
