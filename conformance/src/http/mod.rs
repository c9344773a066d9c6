//! The room's addresses below `/api/v1`. A handler parses and answers; what may be seen by whom is
//! decided in `service/`.

mod checks;
mod events;
mod evidence;

use foundation::access::{Access, Role, Routes};

use crate::Conformance;

/// The route table.
pub(crate) fn routes(room: Conformance) -> Routes {
    const STARTERS: Access = Access::Roles(&[Role::Vendor, Role::Operator]);
    let of_version = "/api/v1/apps/{app}/versions/{version}/checks";
    let check = "/api/v1/checks/{check}";
    Routes::new()
        .post(of_version, STARTERS, checks::post)
        .get(of_version, Access::Public, checks::list)
        .get(check, Access::Public, checks::get)
        .get("/api/v1/checks/{check}/events", Access::Public, events::get)
        .get(
            "/api/v1/checks/{check}/evidence",
            Access::Public,
            evidence::get,
        )
        .get(
            "/api/v1/checks/{check}/attachments/{digest}",
            Access::Public,
            evidence::attachment,
        )
        .get("/api/v1/requirements", Access::Public, checks::requirements)
        .with_state(room)
}
