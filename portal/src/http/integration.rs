//! The page for those who build an EPJ.

use axum::extract::State;

use super::present::Show;
use super::{Portal, view};
use crate::pages::integration::{IntegrationPage, PROGRAMS};

pub(crate) async fn page(State(portal): State<Portal>) -> Show<IntegrationPage> {
    Show(IntegrationPage {
        public_url: portal.config().public_url.clone(),
        environment: view::spelled(&portal.registry().environment()),
        programs: PROGRAMS.to_vec(),
    })
}
