//! A municipality browses approved solutions in a real browser, and finds out whom it relies on.

use serde_json::json;

use crate::support::browser::Browser;
use crate::support::product::Product;
use crate::support::walk::App;

#[tokio::test]
async fn a_municipality_finds_the_approved_app_and_verifies_its_approval_itself() {
    let product = Product::start().await;
    let app = App::built("blood-pressure");
    app.approved_in(&product).await;
    let name = app.entry["name"]["nb"].as_str().unwrap();

    let browser = Browser::start().await;
    browser.open(&product.portal).await;
    browser.click("Se godkjente apper og portaler").await;
    browser.fill("Søk i navn", "blodtrykk").await;
    browser.click("Søk").await;
    browser.sees(name).await;
    browser.click(name).await;
    browser.sees("Fjordkode Helse AS").await;
    browser.sees("Godkjent").await;
    let page = browser.address().await;

    follows_the_chain(&browser).await;
    verifies_it(&browser).await;
    let before = product.stranger().get("/status/0").await.expect(200).body;
    sees_a_suspension(&product, &app, &browser, &page).await;
    is_not_taken_back(&browser, &page, &before).await;
    copies_code(&product, &browser).await;
    browser.close().await;
}

/// Who has vouched for the app.
async fn follows_the_chain(browser: &Browser) {
    for link in [
        "Godkjent for informasjonssikkerhet",
        "Godkjent for klinisk bruk",
        "Registeret utstedte godkjenningen",
        "Ført i den åpne loggen som nummer",
        "Sett i loggen av 2 uavhengige vitner",
    ] {
        browser.sees(link).await;
    }
}

/// The verifier runs in the page: it accepts what is approved, and refuses the same with one
/// character changed.
async fn verifies_it(browser: &Browser) {
    browser.click("Sjekk godkjenningen nå").await;
    browser.sees("Godkjenningen holder").await;
    browser
        .sees("Den er verken suspendert, trukket eller utløpt.")
        .await;
    browser.click("Endre ett tegn, og sjekk").await;
    browser.sees("Godkjenningen holder ikke: E_SIG").await;
    browser.click("Hva koden betyr").await;
    browser.sees("E_SIG").await;
    browser.sees("Signaturen").await;
}

/// What it has seen before stays with the browser, and what is new is believed.
async fn sees_a_suspension(product: &Product, app: &App, browser: &Browser, page: &str) {
    let request = json!({"action": "suspend", "reason": "Prøvd i en test."});
    let path = format!("{}/status", app.path());
    let reviewer = product.person("sikkerhet-berg");
    reviewer.post(&path, request).await.expect(202);
    let suspended = |answer: &crate::support::api::Answer| answer.json()["state"] == "suspended";
    let patience = std::time::Duration::from_mins(1);
    reviewer.until(&app.path(), patience, suspended).await;

    browser.open(page).await;
    browser.sees("Godkjenningen er suspendert").await;
    browser.click("Sjekk godkjenningen nå").await;
    browser.sees("Godkjenningen holder ikke: E_SUSPENDED").await;
}

/// The list of before is played back to a later visit. The visit that refused has kept what it saw.
async fn is_not_taken_back(browser: &Browser, page: &str, before: &str) {
    const PLAY_BACK: &str = "const [list] = arguments, real = window.fetch;
        window.fetch = (address, options) => String(address).startsWith('/status/')
          ? Promise.resolve(new Response(list)) : real(address, options);";
    browser.open(page).await;
    let list = vec![json!(before)];
    browser.window.execute(PLAY_BACK, list).await.unwrap();
    browser.click("Sjekk godkjenningen nå").await;
    let found = "Godkjenningen holder ikke: E_STATUS_ROLLBACK";
    browser.sees(found).await;
}

/// The page for EPJ vendors has the programs whole.
async fn copies_code(product: &Product, browser: &Browser) {
    browser.open(&product.portal).await;
    browser.click("For journalleverandører").await;
    for language in ["Rust", "JavaScript", "Java", "Python"] {
        browser.sees(language).await;
    }
    browser.sees("E_REVIEW_QUORUM").await;
}
