//! The power goes in the middle: nothing is lost, nothing is half done.

use std::time::Duration;

use crate::support::api::{Answer, Caller};
use crate::support::product::Product;
use crate::support::walk::{App, finished};

#[tokio::test]
async fn a_check_that_was_killed_finishes_after_the_next_start() {
    let mut product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    app.uploaded_by(&vendor).await;
    let check = app.check_started_by(&vendor).await;
    let running = |answer: &Answer| answer.json()["state"] == "running";
    vendor.until(&check, Duration::from_secs(30), running).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    product.kill();

    product.launch().await;
    let check = finished(&vendor, &check).await;
    assert_eq!(check["state"], "passed", "{check:#}");
}

#[tokio::test]
async fn an_approval_that_was_killed_is_there_or_not_but_never_half() {
    let mut product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    app.uploaded_by(&vendor).await;
    app.checked_by(&vendor).await;
    app.submitted_by(&vendor).await.expect(200);
    let security = product.person("sikkerhet-berg");
    app.reviewed_by(&security, "security", "approve")
        .await
        .expect(201);
    let clinical = product.person("klinikk-eng");
    app.reviewed_by(&clinical, "clinical", "approve")
        .await
        .expect(201);

    // Killed again and again while it is being carried through, at other moments each time.
    for pause in [0, 15, 40, 90, 160, 250] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        product.kill();
        product.launch().await;
        let before = state(&vendor, &app).await;
        let approval = there(&vendor, &format!("{}/approval", app.path())).await;
        let ticket = there(&vendor, &format!("{}/approval.tlog-proof", app.path())).await;
        let after = state(&vendor, &app).await;
        match (before.as_str(), after.as_str()) {
            ("approved", "approved") => assert!(approval && ticket, "after {pause} ms"),
            ("issuing", "issuing") => assert!(!approval && !ticket, "after {pause} ms"),
            // Published between these requests.
            ("issuing", "approved") => {}
            other => panic!("{other:?} after {pause} ms"),
        }
    }
    let (approval, ticket) = app.approval(&vendor).await;
    let again = app.approval(&vendor).await;
    assert_eq!((approval, ticket), again, "one approval, not two");
}

/// Whether it is served; anything but that and these is wrong.
async fn there(person: &Caller, path: &str) -> bool {
    let status = person.get(path).await.status;
    assert!([200, 404, 409].contains(&status), "{status}");
    status == 200
}

async fn state(person: &Caller, app: &App) -> String {
    let version = person.get(&app.path()).await.json();
    version["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_second_start_finds_everything_again_and_an_interrupt_ends_it_cleanly() {
    let mut product = Product::start().await;
    let vendor = product.person("leverandor-fjord");
    let app = App::built("blood-pressure");
    app.uploaded_by(&vendor).await;
    assert_eq!(product.interrupt(), Some(0));
    product.launch().await;
    vendor.get(&app.path()).await.expect(200);
}
