//! Bundles and their files.

use foundation::store::{StoreError, Tx};
use foundation::{Digest, Timestamp};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};

use super::parse;
use crate::domain::integrity::Integrity;

#[derive(Clone, Copy, Iden)]
enum Bundles {
    #[iden = "registry_bundle"]
    Name_,
    Digest,
    SoftwareId,
    Integrity,
    Size,
    Unpacked,
    Files,
    CreatedAt,
}

#[derive(Clone, Copy, Iden)]
enum Files {
    #[iden = "registry_bundle_file"]
    Name_,
    Bundle,
    Path,
    Digest,
    Size,
    MediaType,
}

/// A bundle to be kept.
#[derive(Clone, Debug)]
pub(crate) struct NewBundle<'a> {
    pub(crate) digest: Digest,
    pub(crate) software_id: &'a str,
    pub(crate) integrity_digest: Digest,
    pub(crate) size: u64,
    pub(crate) integrity: &'a Integrity,
}

/// A file that is served.
#[derive(Clone, Debug)]
pub(crate) struct ServedFile {
    pub(crate) digest: Digest,
    pub(crate) media_type: String,
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Keeps a bundle and its files; a bundle that is known already is left as it is.
pub(crate) async fn insert(
    tx: &mut Tx,
    now: Timestamp,
    bundle: &NewBundle<'_>,
) -> Result<(), StoreError> {
    let files = &bundle.integrity.files;
    let unpacked: u64 = files.values().map(|file| file.size).sum();
    let query = Query::insert()
        .into_table(Bundles::Name_)
        .columns([
            Bundles::Digest,
            Bundles::SoftwareId,
            Bundles::Integrity,
            Bundles::Size,
            Bundles::Unpacked,
            Bundles::Files,
            Bundles::CreatedAt,
        ])
        .values_panic([
            bundle.digest.hex().into(),
            bundle.software_id.into(),
            bundle.integrity_digest.hex().into(),
            signed(bundle.size).into(),
            signed(unpacked).into(),
            i64::try_from(files.len()).unwrap_or(i64::MAX).into(),
            now.millis().into(),
        ])
        .on_conflict(OnConflict::column(Bundles::Digest).do_nothing().to_owned())
        .to_owned();
    if tx.execute(&query).await? == 0 {
        return Ok(());
    }
    let rows: Vec<_> = files.iter().collect();
    for chunk in rows.chunks(ROWS_AT_ONCE) {
        let mut query = Query::insert();
        query.into_table(Files::Name_).columns([
            Files::Bundle,
            Files::Path,
            Files::Digest,
            Files::Size,
            Files::MediaType,
        ]);
        for (path, file) in chunk {
            query.values_panic([
                bundle.digest.hex().into(),
                path.as_str().into(),
                file.sha256.hex().into(),
                signed(file.size).into(),
                file.media_type.as_str().into(),
            ]);
        }
        tx.execute(&query).await?;
    }
    Ok(())
}

/// The app that a bundle belongs to.
pub(crate) async fn owner(tx: &mut Tx, digest: &Digest) -> Result<Option<String>, StoreError> {
    let query = Query::select()
        .column(Bundles::SoftwareId)
        .from(Bundles::Name_)
        .and_where(Expr::col(Bundles::Digest).eq(digest.hex()))
        .to_owned();
    let row: Option<(String,)> = tx.optional(&query).await?;
    Ok(row.map(|(owner,)| owner))
}

/// The file at a path of a bundle.
pub(crate) async fn file(
    tx: &mut Tx,
    bundle: &Digest,
    path: &str,
) -> Result<Option<ServedFile>, StoreError> {
    let query = Query::select()
        .columns([Files::Digest, Files::MediaType])
        .from(Files::Name_)
        .and_where(Expr::col(Files::Bundle).eq(bundle.hex()))
        .and_where(Expr::col(Files::Path).eq(path))
        .to_owned();
    let row: Option<(String, String)> = tx.optional(&query).await?;
    row.map(|(digest, media_type)| {
        Ok(ServedFile {
            digest: parse("registry_bundle_file", "digest", path, &digest)?,
            media_type,
        })
    })
    .transpose()
}

/// SQLite binds at most 32 766 parameters in a statement.
const ROWS_AT_ONCE: usize = 500;
