//! Public pages as strangers get them: headers, languages, ways out.

use crate::support::world;

#[tokio::test]
async fn a_page_carries_the_policy_that_its_script_needs() {
    let world = world().await;
    let page = world.browser().get("/").await.expect(200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(
        !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    let other = world.browser().get("/").await;
    assert_ne!(
        other.headers["content-security-policy"],
        page.headers["content-security-policy"]
    );
}

#[tokio::test]
async fn every_public_page_is_there_in_every_language() {
    let world = world().await;
    for path in [
        "",
        "/produkter?q=blod&needs=K04&page=2",
        "/krav",
        "/krav/v0",
        "/problems",
        "/problems/E_REVOKED",
    ] {
        for (prefix, lang) in [("", "nb"), ("/nn", "nn"), ("/en", "en")] {
            let address = format!("{prefix}{path}");
            let address = if address.is_empty() { "/" } else { &address };
            let page = world.browser().get(address).await.expect(200);
            assert!(
                page.text.contains(&format!("<html lang=\"{lang}\"")),
                "{address}"
            );
        }
    }
}

#[tokio::test]
async fn a_requirement_leads_to_its_page() {
    let world = world().await;
    let list = world.browser().get("/krav").await.expect(200);
    let id = list
        .text
        .split("href=\"/krav/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let page = world
        .browser()
        .get(&format!("/en/krav/{id}"))
        .await
        .expect(200);
    assert!(page.text.contains(id));
    world.browser().get("/krav/XXX-99").await.expect(404);
}

#[tokio::test]
async fn an_address_that_leads_nowhere_has_a_way_out() {
    let world = world().await;
    for path in [
        "/nothing",
        "/nn/nothing",
        "/produkter/no.eksempel.ukjent",
        "/problems/no-such",
        "/kontroller/x",
    ] {
        let page = world.browser().get(path).await.expect(404);
        assert!(
            page.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/html"),
            "{path}"
        );
        assert!(page.text.contains("Gå til f"), "{path}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_hash() {
    let world = world().await;
    let page = world.browser().get("/").await.expect(200);
    let address = page
        .text
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let css = world.browser().get(address).await.expect(200);
    assert_eq!(
        css.headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert!(css.text.len() < 160_000, "{}", css.text.len());
    world
        .browser()
        .get("/assets/portal.old.css")
        .await
        .expect(404);
}
