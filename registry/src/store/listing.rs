//! What the catalogue shows, one row per listed app.

use foundation::Timestamp;
use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, LikeExpr, OnConflict, Query};

use super::{read, write};
use crate::domain::catalogue::Listing;

#[derive(Clone, Copy, Iden)]
enum Listings {
    #[iden = "registry_listing"]
    Name_,
    SoftwareId,
    SoftwareVersion,
    Search,
    Listing,
    UpdatedAt,
}

/// Shows the app like this.
pub(crate) async fn save(tx: &mut Tx, now: Timestamp, listing: &Listing) -> Result<(), StoreError> {
    let table = "registry_listing";
    let query = Query::insert()
        .into_table(Listings::Name_)
        .columns([
            Listings::SoftwareId,
            Listings::SoftwareVersion,
            Listings::Search,
            Listings::Listing,
            Listings::UpdatedAt,
        ])
        .values_panic([
            listing.software_id.as_str().into(),
            listing.software_version.as_str().into(),
            listing.search_text().into(),
            write(table, "listing", listing)?.into(),
            now.millis().into(),
        ])
        .on_conflict(
            OnConflict::column(Listings::SoftwareId)
                .update_columns([
                    Listings::SoftwareVersion,
                    Listings::Search,
                    Listings::Listing,
                    Listings::UpdatedAt,
                ])
                .to_owned(),
        )
        .to_owned();
    tx.execute_one(table, &query).await
}

/// Shows the app no longer.
pub(crate) async fn remove(tx: &mut Tx, software_id: &str) -> Result<(), StoreError> {
    let query = Query::delete()
        .from_table(Listings::Name_)
        .and_where(Expr::col(Listings::SoftwareId).eq(software_id))
        .to_owned();
    tx.execute(&query).await?;
    Ok(())
}

/// Everything in which all the words are found.
pub(crate) async fn search(tx: &mut Tx, words: &[String]) -> Result<Vec<Listing>, StoreError> {
    let mut query = Query::select();
    query
        .columns([Listings::SoftwareId, Listings::Listing])
        .from(Listings::Name_);
    for word in words {
        let pattern = format!("%{}%", escaped(word));
        query.and_where(Expr::col(Listings::Search).like(LikeExpr::new(pattern).escape('\\')));
    }
    let rows: Vec<(String, String)> = tx.all(&query).await?;
    rows.into_iter()
        .map(|(id, listing)| read("registry_listing", "listing", &id, &listing))
        .collect()
}

/// A word in which `%` and `_` stand for themselves.
fn escaped(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
