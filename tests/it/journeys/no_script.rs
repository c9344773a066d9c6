//! The pages work without scripts (architecture, decision 9): the catalogue, the login and the forms
//! of a vendor, in a browser whose user has turned scripts off.

use super::console;
use crate::support::browser::Browser;
use crate::support::product::Product;
use crate::support::walk::{App, CHECK};

#[tokio::test]
async fn a_vendor_without_scripts_logs_in_uploads_and_follows_the_check() {
    let product = Product::start().await;
    let browser = Browser::without_scripts().await;
    browser
        .open("data:text/html,<noscript>off</noscript><script>document.write('on')</script>")
        .await;
    assert_eq!(browser.text().await, "off");

    browser.open(&product.portal).await;
    browser.click("Se godkjente apper og portaler").await;
    browser.fill("Søk i navn", "blodtrykk").await;
    browser.click("Søk").await;
    browser.sees("Ingen treff").await;

    browser.log_in(console::VENDOR).await;
    browser.click("For leverandører").await;
    browser.click("Registrer en app").await;
    let app = App::built("blood-pressure");
    console::registers(&browser, &app).await;
    console::uploads(&browser, &app).await;
    browser.click("Kjør kontrollen").await;
    // The page loads itself again until there is more to tell.
    browser.sees("Oppdater nå").await;
    browser.sees_within("Tilgang avslås", CHECK).await;
    browser.close().await;
}
