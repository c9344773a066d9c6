//! Everybody can use the pages: axe-core finds nothing in light and dark, on a small phone, a phone
//! and a desk, and nothing has to be scrolled sideways.

use super::by_hand::Town;
use super::console::VENDOR;
use super::desk::SECURITY;

pub(super) async fn every_page_can_be_used_by_everybody(town: &mut Town) {
    for (page, path) in [
        ("front", "/"),
        ("catalogue", "/produkter"),
        ("product", "/produkter/no.maaling.blodtrykk"),
        ("login", "/logg-inn"),
    ] {
        town.portal(path).await;
        town.looks.at(&town.browser, page).await;
    }
    for (page, path) in [
        ("front in English", "/en"),
        ("catalogue, nothing found", "/produkter?q=finnesikke"),
        ("verdict", "/produkter/no.maaling.blodtrykk/krav"),
        ("requirements", "/krav"),
        ("requirement", "/krav/SMA-02.2"),
        ("error code", "/problems/check-failed"),
        ("no such page", "/finnes/ikke"),
    ] {
        town.portal(path).await;
        town.looks.glance(&town.browser, page).await;
    }
    town.sandbox("/").await;
    town.looks.glance(&town.browser, "sandbox").await;
    the_vendors_pages(town).await;
    the_reviewers_pages(town).await;
}

async fn the_vendors_pages(town: &mut Town) {
    town.log_in(VENDOR).await;
    let app = format!("/leverandor/apper/{}", town.good.id());
    for (page, path) in [
        ("console", "/leverandor".to_owned()),
        ("upload", format!("{app}/ny-versjon")),
        ("version", format!("{app}/versjoner/1.0.0")),
    ] {
        town.portal(&path).await;
        town.looks.at(&town.browser, page).await;
    }
    for (page, path) in [
        ("my page", "/min-side"),
        ("keys", "/min-side/nokler"),
        ("register an app", "/leverandor/ny"),
        ("app of the vendor", &app),
    ] {
        town.portal(path).await;
        town.looks.glance(&town.browser, page).await;
    }
    town.browser.log_out().await;
}

async fn the_reviewers_pages(town: &mut Town) {
    town.log_in(SECURITY).await;
    let case = format!("/vurdering/{}/1.0.0", town.good.id());
    for (page, path) in [("review desk", "/vurdering"), ("case, approved", &case)] {
        town.portal(path).await;
        town.looks.at(&town.browser, page).await;
    }
    town.browser.log_out().await;
}
