//! A vendor at the console: registers an app, uploads it, watches the check, reads what is wrong and
//! how to put it right, and submits what passed.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::by_hand::Town;
use crate::support::browser::Browser;
use crate::support::walk::{App, CHECK};

pub(super) const VENDOR: &str = "Driftig Fjordhest";

pub(super) async fn a_vendor_reads_what_is_wrong_with_the_faulty_twin(town: &mut Town) {
    town.log_in(VENDOR).await;
    let browser = &town.browser;
    browser.click("Gå til leverandørsidene").await;
    browser.sees("Du har ingen apper ennå").await;

    // A form that was sent too early says what is missing, and keeps what was written.
    browser.click("Registrer en app").await;
    browser.fill("App-id", "no.maaling").await;
    browser.click("Registrer appen").await;
    browser.sees("må rettes").await;
    town.looks
        .glance(browser, "register an app, with errors")
        .await;
    let kept = browser.field("App-id").await.prop("value").await.unwrap();
    assert_eq!(kept.as_deref(), Some("no.maaling"));
    registers(browser, &town.faulty).await;
    uploads(browser, &town.faulty).await;
    browser.click("Kjør kontrollen").await;
    watches(browser, "Kontrollen fant noe som må rettes").await;

    let page = browser.text().await;
    let planted = include_str!("../../apps/blood-pressure-faulty/faults.json");
    let planted: Value = serde_json::from_str(planted).unwrap();
    for requirement in planted.as_object().unwrap().keys() {
        assert!(page.contains(requirement), "{requirement} in:\n{page}");
    }
    for words in [
        "Når tilgang avslås, forteller appen det og stopper.",
        "Slik retter du det",
        "vis en setning om hva som skjedde og hva brukeren kan gjøre",
    ] {
        assert!(page.contains(words), "{words:?} in:\n{page}");
    }
    town.looks.at(browser, "report with findings").await;

    browser.click("Tilbake til versjonen").await;
    browser.sees("krav ikke oppfylt").await;
    browser.misses("Send til vurdering").await;
}

pub(super) async fn a_vendor_submits_what_passed(town: &mut Town) {
    let browser = &town.browser;
    browser.click("For leverandører").await;
    browser.click("Registrer en app").await;
    registers(browser, &town.good).await;

    browser.click("Last opp versjonen").await;
    browser.sees("må rettes").await;
    town.looks.glance(browser, "upload, with errors").await;
    uploads(browser, &town.good).await;
    browser.click("Kjør kontrollen").await;
    watches(browser, "Alle krav som må oppfylles, er oppfylt").await;
    browser.click("Gå videre").await;
    browser.click("Send til vurdering").await;
    browser.sees("0 av 2 har signert").await;
    browser.log_out().await;
}

/// Fills the form of an app in, as its vendor describes it; ends at the form of a version.
pub(super) async fn registers(browser: &Browser, app: &App) {
    let text = |pointer: &str| app.entry.pointer(pointer).unwrap().as_str().unwrap();
    for (label, pointer) in [
        ("App-id", "/software_id"),
        ("Navn på bokmål", "/name/nb"),
        ("Navn på nynorsk", "/name/nn"),
        ("Navn på engelsk", "/name/en"),
        ("Formål på bokmål", "/purpose/nb"),
        ("Formål på engelsk", "/purpose/en"),
        ("Nettside", "/links/home"),
        ("Vilkår", "/links/terms"),
        ("Personvernerklæring", "/links/privacy"),
        ("Sikkerhet", "/contacts/security"),
        ("Personvern", "/contacts/privacy"),
        ("Klinisk sikkerhet", "/contacts/clinical"),
    ] {
        browser.fill(label, text(pointer)).await;
    }
    browser.select("Type", "App for helsepersonell").await;
    browser.choose("Måling og digital hjemmeoppfølging").await;
    browser.click("Registrer appen").await;
    browser
        .sees("En versjon kan aldri endres etter opplasting")
        .await;
}

/// Fills the form of a version in and chooses the archive; ends at the version's page.
pub(super) async fn uploads(browser: &Browser, app: &App) {
    let text = |pointer: &str| app.manifest.pointer(pointer).unwrap().as_str().unwrap();
    for (label, pointer) in [
        ("Versjonsnummer", "/software_version"),
        ("Hva er nytt? (bokmål)", "/changes/nb"),
        ("Startadresse", "/launch_uri"),
        ("Returadresser", "/redirect_uris/0"),
        ("Tilganger appen ber om (scopes)", "/scope"),
    ] {
        browser.fill(label, text(pointer)).await;
    }
    browser.attach("Zip-fil med appen", &app.archive).await;
    browser.click("Last opp versjonen").await;
    browser.sees("Veien til godkjenning").await;
}

/// Watches a check until it says `ended`. What happens shows without the page being loaded again.
async fn watches(browser: &Browser, ended: &str) {
    browser.sees("Siden oppdaterer seg selv").await;
    let mark = browser.window.execute("window.watched = true", Vec::new());
    mark.await.unwrap();
    let started = Instant::now();
    let mut shown = Vec::new();
    loop {
        let page = browser.text().await;
        if page.contains(ended) {
            break;
        }
        let watched = browser
            .window
            .execute("return window.watched === true", Vec::new());
        if watched.await.unwrap() == Value::Bool(true) && shown.last() != Some(&page) {
            shown.push(page);
        }
        assert!(
            started.elapsed() < CHECK,
            "{ended:?} does not show but {:?}",
            shown.last()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        shown.len() >= 5,
        "it changed {} times: {shown:#?}",
        shown.len()
    );
    assert!(
        shown.iter().any(|page| page.contains("Tilgang avslås")),
        "{shown:#?}"
    );
}
