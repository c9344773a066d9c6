//! The public catalogue.

use super::Registry;
use crate::domain::catalogue::{CatalogueQuery, Listing, Results};
use crate::error::RegistryError;
use crate::store;

impl Registry {
    /// A page of what the query finds, with facets.
    pub async fn catalogue(&self, query: &CatalogueQuery) -> Result<Results, RegistryError> {
        let mut tx = self.parts().database.read().await?;
        let found = store::listing::search(&mut tx, &query.words()).await?;
        Ok(query.answer(found))
    }

    /// Everything that the query finds, on one page, for exports.
    pub async fn catalogue_export(
        &self,
        query: &CatalogueQuery,
    ) -> Result<Vec<Listing>, RegistryError> {
        let whole = CatalogueQuery {
            page: 1,
            page_size: usize::MAX,
            ..query.clone()
        };
        Ok(self.catalogue(&whole).await?.hits)
    }
}
