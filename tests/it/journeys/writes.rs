//! The power goes while apps write to the FHIR server: what was acknowledged is there, on both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use foundation::testing;
use reqwest::{Client, StatusCode, redirect};
use serde_json::{Value, json};

use crate::support::product::Product;

const SCOPE: &str = "launch user/*.cruds";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const WRITERS: usize = 8;

#[tokio::test]
async fn what_a_write_acknowledged_outlives_a_power_cut() {
    for database in testing::databases().await.unwrap() {
        let mut product = Product::configured();
        product.keep_in(&database.url);
        product.launch().await;
        let token = token(&product).await;
        for cut in [3, 40, 250] {
            let (kept, tried) = write_until_cut(&mut product, &token, cut).await;
            product.launch().await;
            for (path, body) in &kept {
                let read = get(&product, &token, path).await;
                assert_eq!(read["note"], body["note"], "{}: {path}", database.engine);
            }
            // Of a transaction both halves are there or none, acknowledged or not.
            for number in 0..tried {
                let there = async |half: &str| {
                    let path = format!("Device/{cut}-{number}-{half}");
                    get(&product, &token, &path).await["resourceType"] == "Device"
                };
                assert_eq!(there("a").await, there("b").await, "{cut}: {number}");
            }
        }
    }
}

/// Writers at the same time, until the power goes; gives what was acknowledged, and how many were tried.
async fn write_until_cut(
    product: &mut Product,
    token: &str,
    cut: u64,
) -> (Vec<(String, Value)>, usize) {
    let base = format!("{}/demo/fhir", product.sandbox);
    let over = Arc::new(AtomicBool::new(false));
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (base, token, over) = (base.clone(), token.to_owned(), Arc::clone(&over));
        let acknowledged = Arc::clone(&acknowledged);
        writers.push(tokio::spawn(async move {
            let client = Client::new();
            let (mut kept, mut number) = (Vec::new(), writer);
            while !over.load(Ordering::Relaxed) {
                let half = |half: &str| {
                    let id = format!("{cut}-{number}-{half}");
                    let note = [json!({"text": format!("{cut} {number}")})];
                    json!({"resourceType": "Device", "id": id, "note": note})
                };
                let halves = [half("a"), half("b")];
                let entries = halves.iter().map(|one| {
                    let url = format!("Device/{}", one["id"].as_str().unwrap());
                    json!({"resource": one, "request": {"method": "PUT", "url": url}})
                });
                let bundle = json!({"resourceType": "Bundle", "type": "transaction",
                    "entry": entries.collect::<Vec<_>>()});
                let sent = client.post(&base).bearer_auth(&token).json(&bundle);
                number += WRITERS;
                match sent.send().await {
                    Ok(answer) if answer.status() == StatusCode::OK => {
                        let paths = halves.map(|one| {
                            let path = format!("Device/{}", one["id"].as_str().unwrap());
                            (path, one)
                        });
                        kept.extend(paths);
                        acknowledged.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(answer) => panic!("{}", answer.text().await.unwrap()),
                    Err(_) => break,
                }
            }
            (kept, number)
        }));
    }
    // The first write waits for the definitions to be read.
    while acknowledged.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(cut)).await;
    product.kill();
    over.store(true, Ordering::Relaxed);
    let (mut kept, mut tried) = (Vec::new(), 0);
    for writer in writers {
        let (own, number) = writer.await.unwrap();
        kept.extend(own);
        tried = tried.max(number);
    }
    (kept, tried)
}

async fn get(product: &Product, token: &str, path: &str) -> Value {
    let address = format!("{}/demo/fhir/{path}", product.sandbox);
    let asked = Client::new().get(address).bearer_auth(token).send();
    asked.await.unwrap().json().await.unwrap()
}

/// An access token of the demo sandbox, as an app that is launched gets it.
async fn token(product: &Product) -> String {
    let operator = product.person("drift");
    let sandbox = format!("{}/api/v1/sandboxes/demo", product.sandbox);
    let home = "http://localhost/app";
    let client = json!({"client_id": "writer", "name": "Writer", "redirect_uris": [home],
        "launch_uri": home, "scope": SCOPE});
    let registered = operator.post(&format!("{sandbox}/clients"), client).await;
    registered.expect(201);
    let launch = json!({"client_id": "writer", "patient": "p0"});
    let launched = operator.post(&format!("{sandbox}/launches"), launch).await;
    let launch = launched.expect(201).json()["launch"].clone();

    let still = redirect::Policy::none();
    let browser = Client::builder().redirect(still).build().unwrap();
    let authorize = format!("{}/demo/auth/authorize", product.sandbox);
    let base = format!("{}/demo/fhir", product.sandbox);
    let query = [
        ("response_type", "code"),
        ("client_id", "writer"),
        ("redirect_uri", home),
        ("scope", SCOPE),
        ("launch", launch.as_str().unwrap()),
        ("aud", &base),
        ("state", "0123456789abcdef0123456789abcdef"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let address = reqwest::Url::parse_with_params(&authorize, query).unwrap();
    let answer = browser.get(address).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    let back = reqwest::Url::parse(&back).unwrap();
    let mut pairs = back.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "writer"),
        ("redirect_uri", home),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let endpoint = format!("{}/demo/auth/token", product.sandbox);
    let granted = browser.post(endpoint).form(&form).send().await.unwrap();
    let granted: Value = granted.json().await.unwrap();
    granted["access_token"].as_str().unwrap().to_owned()
}
