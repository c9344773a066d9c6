//! A clinician at the EPJ's page: chooses who, whom and which app by hand. What is approved opens and
//! shows the right patient; what is not says why in plain words.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::wd::WindowHandle;

use super::by_hand::Town;
use super::desk::SECURITY;
use crate::support::api::Answer;
use crate::support::walk::ISSUING;

const OPEN_HERE: &str = "Åpne her: Trykkurven 1.0.0";
const OPEN_IN_TAB: &str = "Åpne i ny fane: Trykkurven 1.0.0";

pub(super) async fn what_was_never_approved_does_not_open(town: &mut Town) {
    town.sandbox("/").await;
    let browser = &town.browser;
    browser.click("Åpne demojournalen").await;
    browser.sees("Kan ikke åpnes").await;
    browser.sees("Denne versjonen er ikke godkjent.").await;
    town.looks.at(browser, "EPJ, nobody chosen").await;
    chooses_a_patient(town, 0).await;
    browser.click(OPEN_HERE).await;
    browser.sees("Appen ble ikke åpnet").await;
    browser.sees("Denne versjonen er ikke godkjent.").await;
    town.looks.glance(browser, "EPJ, not opened").await;
    browser.click("Tilbake til journalen").await;
    browser.sees("Kan ikke åpnes").await;
}

pub(super) async fn the_app_draws_the_chosen_patient_in_a_tab(town: &mut Town) -> String {
    town.sandbox("/").await;
    let browser = &town.browser;
    browser.click("Åpne demojournalen").await;
    browser.click("Hent ny statusliste").await;
    browser.sees("Statuslisten er hentet på nytt.").await;
    browser
        .sees("Godkjenningen er kontrollert og gjelder til")
        .await;
    let practitioners = browser.options("Pålogget behandler").await;
    browser
        .select("Pålogget behandler", &practitioners[1])
        .await;

    let patient = chooses_a_patient(town, 0).await;
    let contacts = browser.options("Kontakt").await;
    browser.select("Kontakt", &contacts[1]).await;
    browser.click("Bruk valgene").await;
    browser.sees(&patient).await;
    assert_eq!(browser.chosen("Pålogget behandler").await, practitioners[1]);
    assert_eq!(browser.chosen("Kontakt").await, contacts[1]);
    town.looks.at(browser, "EPJ, patient chosen").await;

    let home = browser.window.window().await.unwrap();
    browser.click(OPEN_IN_TAB).await;
    let tab = opened_tab(town, &home).await;
    browser.window.switch_to_window(tab).await.unwrap();
    draws(town, &patient).await;
    browser.window.close_window().await.unwrap();
    browser.window.switch_to_window(home).await.unwrap();

    patient
}

/// Another patient, in a frame: nothing of the first one stays.
pub(super) async fn the_app_draws_another_patient_in_a_frame(town: &mut Town, patient: &str) {
    let browser = &town.browser;
    browser.click("Velg en annen pasient").await;
    let other = chooses_a_patient(town, 1).await;
    assert_ne!(patient, other);
    browser.click(OPEN_HERE).await;
    browser.sees("Lukk appen").await;
    browser.sees(&other).await;
    let frame = browser.window.find(Locator::Css("iframe")).await.unwrap();
    frame.enter_frame().await.unwrap();
    draws(town, &other).await;
    browser.misses(patient).await;
    browser.window.enter_parent_frame().await.unwrap();
    town.looks.at(browser, "EPJ, app in a frame").await;
    browser.click("Lukk appen").await;
    browser.sees("Velg en annen pasient").await;
}

pub(super) async fn what_is_suspended_does_not_open_and_the_page_says_why(town: &mut Town) {
    town.log_in(SECURITY).await;
    let browser = &town.browser;
    browser.click("Vurdering").await;
    browser.click("Trykkurven 1.0.0").await;
    browser
        .fill("Begrunnelse", "Melding om feil i visningen.")
        .await;
    browser.click("Suspender").await;
    browser.sees("Endringen er vedtatt").await;
    town.looks.glance(browser, "case, being suspended").await;
    let is = |answer: &Answer| answer.json()["state"] == "suspended";
    let stranger = town.product.stranger();
    stranger.until(&town.good.path(), ISSUING, is).await;
    browser.click("Oppdater siden").await;
    browser.sees("Gjeninnsett").await;
    browser.misses("Endringen er vedtatt").await;
    browser.log_out().await;

    town.sandbox("/demo/").await;
    browser.click("Hent ny statusliste").await;
    browser.sees("Statuslisten er hentet på nytt.").await;
    let why = "Godkjenningen er midlertidig stanset. Appen kan ikke brukes nå.";
    browser.sees(why).await;
    chooses_a_patient(town, 0).await;
    browser.click(OPEN_HERE).await;
    browser.sees("Appen ble ikke åpnet").await;
    browser.sees(why).await;

    town.portal("/produkter/no.maaling.blodtrykk").await;
    browser.sees("Melding om feil i visningen.").await;
    town.looks.glance(browser, "product, suspended").await;
}

/// Chooses the patient at this place in the list; gives the name that the EPJ shows.
async fn chooses_a_patient(town: &Town, place: usize) -> String {
    let browser = &town.browser;
    browser.sees("Pasienter").await;
    let listed = browser.listed("Pasienter").await;
    let name = listed[place].clone();
    browser
        .fill("Navn, fødselsdato, fødselsnummer eller D-nummer", &name)
        .await;
    browser.click("Søk").await;
    browser.click(&name).await;
    browser.sees("Velg en annen pasient").await;
    browser.sees(&name).await;
    name
}

/// The app has drawn this patient's measurements.
async fn draws(town: &Town, patient: &str) {
    let browser = &town.browser;
    browser.sees("Siste måling").await;
    browser.sees(patient).await;
    browser.sees("Blodtrykk i mmHg, nyeste først").await;
}

async fn opened_tab(town: &Town, home: &WindowHandle) -> WindowHandle {
    for _attempt in 0..600 {
        let windows = town.browser.window.windows().await.unwrap();
        if let Some(tab) = windows.into_iter().find(|window| window != home) {
            return tab;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no new tab opened");
}
