//! `$meta` of a resource (R4 Resource operations): its profiles, tags and labels as Parameters.

use serde_json::{Value, json};

use super::super::error::FhirError;
use super::super::room::Room;
use super::super::types::TypeInfo;

impl Room {
    /// The meta of a resource.
    pub(super) async fn meta_of(
        &self,
        info: &'static TypeInfo,
        id: &str,
    ) -> Result<String, FhirError> {
        let entry = self.readable(info, id).await?;
        let resource: Value = serde_json::from_slice(&entry.json).unwrap_or_default();
        let meta = resource.get("meta").cloned().unwrap_or_default();
        let parameter = json!([{"name": "return", "valueMeta": meta}]);
        Ok(json!({"resourceType": "Parameters", "parameter": parameter}).to_string())
    }
}
