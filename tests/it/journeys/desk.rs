//! The review desk: reviewers read what was found, return with reasons, or sign; two from different
//! organisations make an approval, and nobody judges what their own organisation made.

use super::by_hand::Town;
use super::console::VENDOR;
use crate::support::product::Product;

pub(super) const SECURITY: &str = "Våken Bergugle";
const CLINICAL: &str = "Klok Engblomme";
const REASON: &str = "Formålet sier ikke hvilke pasienter appen passer for.";

pub(super) async fn a_reviewer_returns_and_the_vendor_reads_why(town: &mut Town) {
    opens_the_case(town, SECURITY, "1 versjon venter").await;
    let browser = &town.browser;
    for words in [
        "Hva som skal vurderes",
        "Fjordkode Helse AS, organisasjonsnummer 310700002",
        "Hva kontrollen fant",
        "krav uten avvik",
    ] {
        browser.sees(words).await;
    }
    browser.click("Se hele kontrollen").await;
    browser.sees("Alle krav som må oppfylles, er oppfylt").await;
    browser.window.back().await.unwrap();

    browser.choose("Send tilbake").await;
    browser.click("Signer").await;
    browser.sees("Begrunnelsen mangler.").await;
    town.looks.glance(browser, "case, with errors").await;
    browser.choose("Send tilbake").await;
    browser.fill("Begrunnelse", REASON).await;
    browser.click("Signer").await;
    browser.sees("Sendt tilbake").await;
    browser.log_out().await;

    town.log_in(VENDOR).await;
    browser.click("For leverandører").await;
    browser.sees("Sendt tilbake").await;
    browser.click("Trykkurven").await;
    browser.click("1.0.0").await;
    browser.sees("Versjonen er sendt tilbake").await;
    browser.sees(REASON).await;
    browser.click("Send til vurdering").await;
    browser.sees("0 av 2 har signert").await;
    browser.log_out().await;
}

pub(super) async fn a_colleague_of_the_vendor_may_not_sign(town: &mut Town) {
    // The vendor takes reviews on too; the same person now wears both hats.
    records_the_vendor_as(&town.product, &["vendor", "reviewer"]);
    opens_the_case(town, VENDOR, "1 versjon venter").await;
    let browser = &town.browser;
    browser.sees("Du kan ikke signere her").await;
    browser
        .sees("Appen er laget av din egen organisasjon.")
        .await;
    browser.misses("Avgjørelse").await;
    town.looks.glance(browser, "case, not yours to sign").await;
    browser.log_out().await;
    records_the_vendor_as(&town.product, &["vendor"]);
}

pub(super) async fn two_reviewers_sign_and_the_catalogue_shows_it(town: &mut Town) {
    opens_the_case(town, SECURITY, "1 versjon venter").await;
    let browser = &town.browser;
    town.looks.at(browser, "case").await;
    browser.choose("Godkjenn").await;
    browser.fill("Begrunnelse", "Lest kode og opptak.").await;
    browser.click("Signer").await;
    browser.sees("Du har signert denne versjonen.").await;
    browser.log_out().await;

    opens_the_case(town, CLINICAL, "Sikkerhet").await;
    browser
        .sees("Våken Bergugle, Bergtrygg sikkerhetsvurdering")
        .await;
    browser.choose("Godkjenn").await;
    browser.click("Signer").await;
    browser.sees("Signert av andre vurderer").await;
    browser.log_out().await;

    town.good.approval(&town.product.stranger()).await;
    town.portal("/produkter?q=trykkurven").await;
    browser.sees("1 treff").await;
    browser.click("Trykkurven").await;
    for words in [
        "Godkjent",
        "Fjordkode Helse AS",
        "Hva appen får gjøre i journalen",
        "Godkjent og loggført",
    ] {
        browser.sees(words).await;
    }
}

/// Logs in and opens the case from the queue.
async fn opens_the_case(town: &Town, who: &str, waiting: &str) {
    town.log_in(who).await;
    let browser = &town.browser;
    browser.click("Vurdering").await;
    browser.sees(waiting).await;
    browser.click("Trykkurven 1.0.0").await;
    browser.sees("Hva som skal vurderes").await;
}

/// What an operator does at the machine.
fn records_the_vendor_as(product: &Product, roles: &[&str]) {
    let persona = sandbox::personas::by_key("leverandor-fjord").unwrap();
    let mut organisation = vec![
        "user",
        "organisation",
        "--orgnr",
        persona.organisation,
        "--name",
        persona.organisation_name,
    ];
    let name = persona.name();
    let mut person = vec![
        "user",
        "person",
        "--subject",
        persona.sub,
        "--name",
        &name,
        "--orgnr",
        persona.organisation,
        "--reviews",
        "security",
    ];
    for role in roles {
        organisation.extend(["--role", role]);
        person.extend(["--role", role]);
    }
    for arguments in [organisation, person] {
        let output = product.command(&arguments);
        assert!(output.status.success(), "{output:?}");
    }
}
