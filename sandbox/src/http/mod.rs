//! Routes and layers of the room. Each group of routes has its own layers: who may read across
//! origins, what is recorded, and for FHIR whose token it is.

use std::sync::Arc;

use foundation::access::Routes;

use crate::error::SandboxError;
use crate::service::Core;

/// Every route of the room.
pub(crate) fn routes(_core: Arc<Core>) -> Result<Routes, SandboxError> {
    Ok(Routes::new())
}
