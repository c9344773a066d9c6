//! A municipality browses approved solutions in a real browser.

use crate::support::browser::Browser;
use crate::support::product::Product;
use crate::support::walk::App;

#[tokio::test]
async fn a_municipality_finds_the_approved_app_and_reads_what_was_found() {
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
    browser.close().await;
}
