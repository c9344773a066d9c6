//! The witness's memory. Its one rule is enforced here, in one statement: the newest size only
//! moves from what the caller saw to something at least as large.

use foundation::store::{StoreError, Tx};
use sea_query::{Expr, ExprTrait, Iden, OnConflict, Query};
use verifier::merkle::Hash;

#[derive(Clone, Copy, Iden)]
enum RegistryWitness {
    Table,
    Origin,
    TreeSize,
    Root,
}

/// The newest checkpoint that the witness has cosigned: size and root.
pub(in crate::trust) async fn newest(
    tx: &mut Tx,
    origin: &str,
) -> Result<Option<(u64, Hash)>, StoreError> {
    let select = Query::select()
        .columns([RegistryWitness::TreeSize, RegistryWitness::Root])
        .from(RegistryWitness::Table)
        .and_where(Expr::col(RegistryWitness::Origin).eq(origin))
        .to_owned();
    let row: Option<(i64, Vec<u8>)> = tx.optional(&select).await?;
    row.map(|(size, root)| {
        let unreadable = || StoreError::inconsistent("registry_witness", "root", origin);
        let size = u64::try_from(size).map_err(|_| unreadable())?;
        Ok((size, Hash::try_from(root).map_err(|_| unreadable())?))
    })
    .transpose()
}

/// Moves the memory from size `old` (0: nothing seen yet) to this checkpoint; false when somebody
/// else moved it first.
pub(in crate::trust) async fn advance(
    tx: &mut Tx,
    origin: &str,
    old: u64,
    size: u64,
    root: &Hash,
) -> Result<bool, StoreError> {
    let unmoved = Expr::col((RegistryWitness::Table, RegistryWitness::TreeSize))
        .eq(i64::try_from(old).unwrap_or(i64::MAX));
    let upsert = Query::insert()
        .into_table(RegistryWitness::Table)
        .columns([
            RegistryWitness::Origin,
            RegistryWitness::TreeSize,
            RegistryWitness::Root,
        ])
        .values_panic([
            origin.into(),
            i64::try_from(size).unwrap_or(i64::MAX).into(),
            root.to_vec().into(),
        ])
        .on_conflict(
            OnConflict::column(RegistryWitness::Origin)
                .update_columns([RegistryWitness::TreeSize, RegistryWitness::Root])
                .action_and_where(unmoved)
                .to_owned(),
        )
        .to_owned();
    Ok(tx.execute(&upsert).await? == 1)
}
