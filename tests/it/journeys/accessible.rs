//! Everybody can use the pages: axe-core finds nothing in light and dark, on a small phone, a phone
//! and a desk, and nothing has to be scrolled sideways.

use super::by_hand::Town;
use super::console::VENDOR;
use super::desk::SECURITY;

pub(super) async fn every_page_can_be_used_by_everybody(town: &mut Town) {
    for (page, path) in [
        ("front", "/"),
        ("catalogue", "/produkter"),
        ("catalogue, nothing found", "/produkter?q=finnesikke"),
        ("product", "/produkter/no.maaling.blodtrykk"),
        (
            "product, per requirement",
            "/produkter/no.maaling.blodtrykk/krav",
        ),
        ("requirements", "/krav"),
        ("requirement", "/krav/SMA-02.2"),
        ("error codes", "/problems"),
        ("error code", "/problems/check-failed"),
        ("no such page", "/finnes/ikke"),
        ("front in English", "/en"),
        ("login", "/logg-inn"),
    ] {
        town.portal(path).await;
        town.looks.at(&town.browser, page).await;
    }
    town.sandbox("/").await;
    town.looks.at(&town.browser, "sandbox").await;

    town.log_in(VENDOR).await;
    let good = town.good.id().to_owned();
    for (page, path) in [
        ("my page", "/min-side".to_owned()),
        ("keys", "/min-side/nokler".to_owned()),
        ("console", "/leverandor".to_owned()),
        ("register an app", "/leverandor/ny".to_owned()),
        ("app of the vendor", format!("/leverandor/apper/{good}")),
        ("upload", format!("/leverandor/apper/{good}/ny-versjon")),
        (
            "version",
            format!("/leverandor/apper/{good}/versjoner/1.0.0"),
        ),
    ] {
        town.portal(&path).await;
        town.looks.at(&town.browser, page).await;
    }
    town.browser.log_out().await;

    town.log_in(SECURITY).await;
    for (page, path) in [
        ("review desk", "/vurdering".to_owned()),
        ("case, approved", format!("/vurdering/{good}/1.0.0")),
    ] {
        town.portal(&path).await;
        town.looks.at(&town.browser, page).await;
    }
    town.browser.log_out().await;
}
