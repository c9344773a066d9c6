//! Registering an app.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use foundation::access::Actor;
use foundation::error::{Describe, Problem};

use super::form::Sent;
use super::frame::Frame;
use super::present::Show;
use super::{Portal, entry, view};
use crate::pages::parts::FieldError;
use crate::pages::vendor::NewAppPage;
use crate::render::urls::Place;

pub(crate) async fn show(State(portal): State<Portal>) -> Show<NewAppPage> {
    let mut blank = Sent::default();
    blank.add("languages".to_owned(), "nb".to_owned());
    Show(page(&portal, &blank, Vec::new()))
}

pub(crate) async fn send(
    State(portal): State<Portal>,
    frame: Frame,
    actor: Actor,
    sent: Sent,
) -> Result<Response, Problem> {
    let json = entry::app(&sent).to_string();
    match portal.registry().create_app(&actor, json.as_bytes()).await {
        Ok(app) => {
            let next = Place::NEW_VERSION.href(frame.language, &[&app.entry.software_id]);
            Ok(Redirect::to(&next).into_response())
        }
        Err(error) if error.fault().status.is_client_error() => {
            let mut errors =
                view::refusals(&portal, &error.fault(), frame.language, entry::app_field);
            // Whose identifier it is, is about that one input.
            if let [only] = errors.as_mut_slice()
                && only.field.is_empty()
                && error.fault().status == axum::http::StatusCode::CONFLICT
            {
                "software_id".clone_into(&mut only.field);
            }
            Ok(Show(page(&portal, &sent, errors)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn page(portal: &Portal, sent: &Sent, errors: Vec<FieldError>) -> NewAppPage {
    let needs: BTreeSet<String> = portal
        .renderer()
        .messages()
        .keys()
        .filter_map(|key| key.strip_prefix("value.needs."))
        .map(str::to_owned)
        .collect();
    NewAppPage {
        form: sent.filled(&NewAppPage::FIELDS),
        needs: sent.all("needs"),
        languages: sent.all("languages"),
        all_needs: needs.into_iter().collect(),
        errors,
    }
}
