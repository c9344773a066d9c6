//! Organisations and persons.

use std::collections::BTreeSet;

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Order, Query};

use super::{parse, read, write};
use crate::domain::organisation::{Organisation, Person};

#[derive(Clone, Copy, Iden)]
enum Organisations {
    #[iden = "registry_organisation"]
    Name_,
    Orgnr,
    Name,
    Roles,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum Persons {
    #[iden = "registry_person"]
    Name_,
    Subject,
    Orgnr,
    Name,
    Roles,
    ReviewRoles,
    CreatedAt,
}

type OrganisationRow = (String, String, String);
type PersonRow = (String, String, String, String, String);

fn organisation((orgnr, name, roles): OrganisationRow) -> Result<Organisation, StoreError> {
    let table = "registry_organisation";
    Ok(Organisation {
        roles: read(table, "roles", &orgnr, &roles)?,
        orgnr: parse(table, "orgnr", &orgnr, &orgnr)?,
        name,
    })
}

fn person((subject, orgnr, name, roles, review_roles): PersonRow) -> Result<Person, StoreError> {
    let table = "registry_person";
    Ok(Person {
        roles: read(table, "roles", &subject, &roles)?,
        review_roles: read(table, "review_roles", &subject, &review_roles)?,
        orgnr: parse(table, "orgnr", &subject, &orgnr)?,
        subject,
        name,
    })
}

/// Adds the organisation, or gives it this name and these roles.
pub(crate) async fn save(
    tx: &mut Tx,
    now: Timestamp,
    organisation: &Organisation,
) -> Result<(), StoreError> {
    let table = "registry_organisation";
    let query = Query::insert()
        .into_table(Organisations::Name_)
        .columns([
            Organisations::Orgnr,
            Organisations::Name,
            Organisations::Roles,
            Organisations::CreatedAt,
        ])
        .values_panic([
            organisation.orgnr.as_str().into(),
            organisation.name.as_str().into(),
            write(table, "roles", &organisation.roles)?.into(),
            now.millis().into(),
        ])
        .on_conflict(
            OnConflict::column(Organisations::Orgnr)
                .update_columns([Organisations::Name, Organisations::Roles])
                .to_owned(),
        )
        .to_owned();
    tx.execute_one(table, &query).await
}

/// The organisation with this number.
pub(crate) async fn find(tx: &mut Tx, orgnr: &str) -> Result<Option<Organisation>, StoreError> {
    let query = Query::select()
        .columns([
            Organisations::Orgnr,
            Organisations::Name,
            Organisations::Roles,
        ])
        .from(Organisations::Name_)
        .and_where(Expr::col(Organisations::Orgnr).eq(orgnr))
        .to_owned();
    let row: Option<OrganisationRow> = tx.optional(&query).await?;
    row.map(organisation).transpose()
}

/// Every organisation, by name.
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Organisation>, StoreError> {
    let query = Query::select()
        .columns([
            Organisations::Orgnr,
            Organisations::Name,
            Organisations::Roles,
        ])
        .from(Organisations::Name_)
        .order_by(Organisations::Name, Order::Asc)
        .to_owned();
    let rows: Vec<OrganisationRow> = tx.all(&query).await?;
    rows.into_iter().map(organisation).collect()
}

/// Adds the person to the organisation, or gives them this name and these roles.
pub(crate) async fn save_person(
    tx: &mut Tx,
    now: Timestamp,
    person: &Person,
) -> Result<(), StoreError> {
    let table = "registry_person";
    let query = Query::insert()
        .into_table(Persons::Name_)
        .columns([
            Persons::Subject,
            Persons::Orgnr,
            Persons::Name,
            Persons::Roles,
            Persons::ReviewRoles,
            Persons::CreatedAt,
        ])
        .values_panic([
            person.subject.as_str().into(),
            person.orgnr.as_str().into(),
            person.name.as_str().into(),
            write(table, "roles", &person.roles)?.into(),
            write(table, "review_roles", &person.review_roles)?.into(),
            now.millis().into(),
        ])
        .on_conflict(
            OnConflict::columns([Persons::Subject, Persons::Orgnr])
                .update_columns([Persons::Name, Persons::Roles, Persons::ReviewRoles])
                .to_owned(),
        )
        .to_owned();
    tx.execute_one(table, &query).await
}

/// The person in the organisation.
pub(crate) async fn find_person(
    tx: &mut Tx,
    subject: &str,
    orgnr: &str,
) -> Result<Option<Person>, StoreError> {
    let query = Query::select()
        .columns([
            Persons::Subject,
            Persons::Orgnr,
            Persons::Name,
            Persons::Roles,
            Persons::ReviewRoles,
        ])
        .from(Persons::Name_)
        .and_where(Expr::col(Persons::Subject).eq(subject))
        .and_where(Expr::col(Persons::Orgnr).eq(orgnr))
        .to_owned();
    let row: Option<PersonRow> = tx.optional(&query).await?;
    row.map(person).transpose()
}

/// Everybody in the organisation, or everybody.
pub(crate) async fn persons(tx: &mut Tx, orgnr: Option<&str>) -> Result<Vec<Person>, StoreError> {
    let mut query = Query::select();
    query
        .columns([
            Persons::Subject,
            Persons::Orgnr,
            Persons::Name,
            Persons::Roles,
            Persons::ReviewRoles,
        ])
        .from(Persons::Name_)
        .order_by(Persons::Name, Order::Asc);
    if let Some(orgnr) = orgnr {
        query.and_where(Expr::col(Persons::Orgnr).eq(orgnr));
    }
    let rows: Vec<PersonRow> = tx.all(&query).await?;
    rows.into_iter().map(person).collect()
}

/// Keeps the name that the login gave.
pub(crate) async fn rename_person(
    tx: &mut Tx,
    subject: &str,
    orgnr: &str,
    name: &str,
) -> Result<(), StoreError> {
    let query = Query::update()
        .table(Persons::Name_)
        .value(Persons::Name, name)
        .and_where(Expr::col(Persons::Subject).eq(subject))
        .and_where(Expr::col(Persons::Orgnr).eq(orgnr))
        .to_owned();
    tx.execute_one("registry_person", &query).await
}

/// Roles that count: those that both the person and the organisation have.
pub(crate) fn effective<T: Ord + Clone>(
    person: &BTreeSet<T>,
    organisation: &BTreeSet<T>,
) -> BTreeSet<T> {
    person.intersection(organisation).cloned().collect()
}
