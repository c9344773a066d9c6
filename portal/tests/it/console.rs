//! The vendor's console: registering, uploading, and being told what is wrong where.

use axum::body::Body;
use axum::http::{Request, header};

use crate::support::{Browser, Reply, world, worlds};

const APP: [(&str, &str); 14] = [
    ("software_id", "no.eksempel.blodtrykk"),
    ("kind", "clinician-app"),
    ("name_nb", "Blodtrykk over tid"),
    ("purpose_nb", "Viser blodtrykk som kurve for fastlegen."),
    ("needs", "K04"),
    ("languages", "nb"),
    ("data_location", "none"),
    ("home", "https://eksempel.no/"),
    ("terms", "https://eksempel.no/vilkar"),
    ("privacy", "https://eksempel.no/personvern"),
    ("security", "sikkerhet@eksempel.no"),
    ("privacy_contact", "personvern@eksempel.no"),
    ("clinical", "klinikk@eksempel.no"),
    ("price", "1 250,50"),
];

async fn register(browser: &mut Browser<'_>, change: &[(&str, &str)]) -> Reply {
    let token = browser.get("/leverandor/ny").await.expect(200).form_token();
    let mut form: Vec<(&str, &str)> = APP
        .into_iter()
        .filter(|(name, _)| change.iter().all(|(other, _)| other != name))
        .collect();
    form.extend_from_slice(change);
    form.push(("price_basis", "municipality"));
    form.push(("form_token", &token));
    browser.post("/leverandor/ny", &form).await
}

async fn upload(browser: &mut Browser<'_>, change: &[(&str, &str)], bundle: &[u8]) -> Reply {
    let address = "/leverandor/apper/no.eksempel.blodtrykk/ny-versjon";
    let token = browser.get(address).await.expect(200).form_token();
    let mut parts = vec![
        ("form_token", token.as_str()),
        ("software_version", "1.0.0"),
        ("launch_uri", "https://app.eksempel.no/launch"),
        ("redirect_uris", "https://app.eksempel.no/"),
        ("scope", "launch openid fhirUser patient/Observation.rs"),
        ("hosts", ""),
        ("changes_nb", "Første versjon."),
        ("integrity", ""),
    ];
    for part in &mut parts {
        if let Some((_, value)) = change.iter().find(|(name, _)| *name == part.0) {
            part.1 = value;
        }
    }
    let mut body = Vec::new();
    for (name, value) in parts {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(
        b"--b\r\nContent-Disposition: form-data; name=\"bundle\"; filename=\"a.zip\"\r\n\r\n",
    );
    body.extend(bundle);
    body.extend(b"\r\n--b--\r\n");
    let request =
        Request::post(address).header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    browser.send(request, Body::from(body)).await
}

#[tokio::test]
async fn an_app_is_registered_and_a_version_uploaded() {
    for world in worlds().await {
        let mut browser = world.logged_in("vendor").await;
        let sent = register(&mut browser, &[]).await.expect(303);
        assert_eq!(
            sent.location(),
            "/leverandor/apper/no.eksempel.blodtrykk/ny-versjon"
        );
        let sent = upload(&mut browser, &[], b"").await.expect(303);
        let address = sent.location().to_owned();
        assert_eq!(
            address,
            "/leverandor/apper/no.eksempel.blodtrykk/versjoner/1.0.0"
        );
        let page = browser.get(&address).await.expect(200);
        assert!(page.text.contains("Utkast") && page.text.contains("Kjør kontrollen"));
        assert!(page.text.contains("Lese og søke i målinger"));

        // Submitting without a check is refused on the page, in plain words.
        let token = page.form_token();
        let refused = browser
            .post(&format!("{address}/innsending"), &[("form_token", &token)])
            .await;
        assert!(
            refused
                .expect(409)
                .text
                .contains("Versjonen er ikke kontrollert.")
        );

        // A check is started as a job and has a page that works without script.
        let sent = browser
            .post(&format!("{address}/kontroll"), &[("form_token", &token)])
            .await
            .expect(303);
        let page = browser.get(sent.location()).await.expect(200);
        assert!(
            page.text.contains("<noscript><meta http-equiv=\"refresh\""),
            "{}",
            page.text
        );
        assert!(page.text.contains("Kontrollen står i kø"));

        let withdrawal = format!("{address}/trekk");
        let form = [("form_token", token.as_str())];
        let refused = browser.post(&withdrawal, &form).await.expect(409);
        assert!(refused.text.contains("id=\"f-reason-error\""));
        let form = [("form_token", token.as_str()), ("reason", "Feil fil.")];
        let sent = browser.post(&withdrawal, &form).await.expect(303);
        let page = browser.get(sent.location()).await.expect(200);
        assert!(page.text.contains("Trukket av leverandøren"));
    }
}

#[tokio::test]
async fn each_mistake_is_told_beside_its_input_and_nothing_is_lost() {
    let world = world().await;
    let mut browser = world.logged_in("vendor").await;
    let change = [
        ("software_id", "Ikke Domene"),
        ("security", "ingen"),
        ("price", "mye"),
        ("name_nb", "<b>Navn</b>"),
    ];
    let page = register(&mut browser, &change).await.expect(422);
    for field in ["software_id", "security", "price"] {
        assert!(
            page.text.contains(&format!("href=\"#f-{field}\"")),
            "{field}"
        );
        assert!(
            page.text.contains(&format!("id=\"f-{field}-error\"")),
            "{field}"
        );
    }
    assert!(
        page.text.contains("value=\"&lt;b&gt;Navn&lt;"),
        "{}",
        page.text
    );
    assert!(page.text.contains("value=\"K04\" checked"));

    register(&mut browser, &[]).await.expect(303);
    let page = register(&mut browser, &[]).await.expect(422);
    assert!(page.text.contains("Du har alt registrert en app"));
    let mut other = world.logged_in("other-vendor").await;
    let page = register(&mut other, &[]).await.expect(422);
    assert!(page.text.contains("tilhører en annen leverandør"));
}

#[tokio::test]
async fn a_bad_upload_is_told_and_another_vendors_app_is_unknown() {
    let world = world().await;
    let mut browser = world.logged_in("vendor").await;
    register(&mut browser, &[]).await.expect(303);
    let bundled = [
        ("launch_uri", "/launch.html"),
        ("redirect_uris", "/index.html"),
    ];
    let page = upload(&mut browser, &bundled, b"this is no zip")
        .await
        .expect(422);
    assert!(page.text.contains("href=\"#f-bundle\""), "{}", page.text);
    let page = upload(&mut browser, &[("integrity", "{}")], b"")
        .await
        .expect(422);
    assert!(page.text.contains("href=\"#f-integrity\""), "{}", page.text);
    let page = upload(&mut browser, &[("redirect_uris", "https://annet.no/")], b"")
        .await
        .expect(422);
    assert!(
        page.text.contains("href=\"#f-redirect_uris\""),
        "{}",
        page.text
    );
    let page = upload(&mut browser, &[("form_token", "x")], b"")
        .await
        .expect(403);
    assert!(page.text.contains("form-expired"));

    let mut other = world.logged_in("other-vendor").await;
    other
        .get("/leverandor/apper/no.eksempel.blodtrykk")
        .await
        .expect(404);
    other
        .get("/leverandor/apper/no.eksempel.blodtrykk/ny-versjon")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_key_is_shown_once_and_can_be_ended() {
    let world = world().await;
    let mut browser = world.logged_in("vendor").await;
    let token = browser
        .get("/min-side/nokler")
        .await
        .expect(200)
        .form_token();
    let form = [
        ("name", "Byggserver"),
        ("days", "30"),
        ("form_token", token.as_str()),
    ];
    let page = browser.post("/min-side/nokler", &form).await.expect(200);
    assert!(page.text.contains("mpk_"));
    let page = browser.get("/min-side/nokler").await.expect(200);
    assert!(page.text.contains("Byggserver") && !page.text.contains("mpk_"));
    let id = page
        .text
        .split("/min-side/nokler/")
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let form = [("form_token", token.as_str())];
    browser
        .post(&format!("/min-side/nokler/{id}/slett"), &form)
        .await
        .expect(303);
    assert!(
        browser
            .get("/min-side/nokler")
            .await
            .text
            .contains("Slettet")
    );
    let form = [("name", ""), ("form_token", token.as_str())];
    let page = browser.post("/min-side/nokler", &form).await;
    assert!(page.text.contains("href=\"#f-name\""), "{}", page.text);
}

#[tokio::test]
async fn the_desk_shows_the_queue_and_an_unknown_case_is_not_found() {
    let world = world().await;
    let mut browser = world.logged_in("security").await;
    let page = browser.get("/vurdering").await.expect(200);
    assert!(page.text.contains("0 versjoner venter"));
    browser
        .get("/vurdering/no.eksempel.ukjent/1.0.0")
        .await
        .expect(404);
    let page = world
        .logged_in("municipality")
        .await
        .get("/min-side")
        .await
        .expect(200);
    assert!(page.text.contains("Organisasjon 4") && page.text.contains("kommune"));
}
