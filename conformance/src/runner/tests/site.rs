//! A small web site with pages of every temper, and a canary that nobody may reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use tokio::net::TcpListener;

pub(super) struct Site {
    pub(super) origin: String,
    /// Another origin of the app's, which is not the stage.
    pub(super) other: String,
    pub(super) canary: String,
    pub(super) reached: Arc<AtomicUsize>,
}

pub(super) async fn site() -> Site {
    let reached = Arc::new(AtomicUsize::new(0));
    let canary = Router::new()
        .fallback(|State(count): State<Arc<AtomicUsize>>| async move {
            count.fetch_add(1, Ordering::SeqCst);
            ([(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], "reached")
        })
        .with_state(Arc::clone(&reached));
    let canary = serve(canary).await;
    let target = canary.clone();
    let other = serve(Router::new().route("/never", get(never))).await;
    let hangs = HANGS.replace("OTHER", &other);
    let pages = Router::new()
        .route("/never", get(never))
        .route("/late", get(late))
        .route("/hangs", get(move || async move { Html(hangs) }))
        .route("/waits", get(|| async { Html(WAITS) }))
        .route("/leaves", get(|| async { Html(LEAVES) }))
        .route("/plain", get(|| async { Html(PLAIN) }))
        .route("/alerts", get(|| async { Html(ALERTS) }))
        .route("/busy", get(|| async { Html(BUSY) }))
        .route("/restless", get(|| async { Html(RESTLESS) }))
        .route("/noisy", get(|| async { Html(NOISY) }))
        .route("/secrets", get(|| async { Html(SECRETS) }))
        .route("/loop", get(|| async { Redirect::to("/loop") }))
        .route("/strict", get(strict))
        .route("/huge", get(huge))
        .route("/tick", get(|| async { "tick" }))
        .route("/token", axum::routing::post(token))
        .route(
            "/leak",
            get({
                let target = target.clone();
                move || async move { Redirect::to(&target) }
            }),
        )
        .route(
            "/contact",
            get(move || async move { Html(CONTACT.replace("CANARY", &target)) }),
        );
    Site {
        origin: serve(pages).await,
        other,
        canary,
        reached,
    }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://127.0.0.1:{port}")
}

async fn strict() -> Response {
    let policy = "default-src 'self'; script-src 'unsafe-inline'; connect-src 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(STRICT)).into_response()
}

/// Longer than a request may hang.
async fn late() -> &'static str {
    tokio::time::sleep(Duration::from_secs(6)).await;
    "late"
}

async fn never() -> &'static str {
    std::future::pending().await
}

async fn huge() -> Response {
    let mut page = String::from("<!doctype html><html lang=nb><title>Stor</title><body>");
    let paragraph = format!("<p>{}</p>", "blodtrykk ".repeat(1000));
    while page.len() < 50 << 20 {
        page.push_str(&paragraph);
    }
    Html(page).into_response()
}

async fn token() -> Response {
    let body = r#"{"access_token":"the-access-token-of-this-test","token_type":"Bearer"}"#;
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

const PLAIN: &str = r#"<!doctype html><html lang="nb"><title>Vanlig</title><body>
<main><h1>Pasient</h1><p id="out">Ingenting er lagret.</p>
<label>Navn <input id="name"></label>
<button onclick="document.getElementById('out').textContent = 'Lagret: ' + document.getElementById('name').value">Lagre</button>
<div role="status">Klar</div><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<div style="width:600px;height:1px"></div></main>
<script>localStorage.setItem('a', '1'); sessionStorage.setItem('b', '2'); document.cookie = 'c=3'; console.log('hei', 7);</script>"#;

const HANGS: &str = "<!doctype html><html lang=nb><title>Henger</title><h1>Henger</h1><script>fetch('OTHER/never', { mode: 'no-cors' });</script>";

const WAITS: &str = "<!doctype html><html lang=nb><title>Venter</title><h1>Venter</h1><script>fetch('/late').then(() => { document.querySelector('h1').textContent = 'Ferdig'; });</script>";

const LEAVES: &str = "<!doctype html><html lang=nb><title>Går</title><h1>Går</h1><script>fetch('/never'); setTimeout(() => { location = '/plain'; }, 300);</script>";

const ALERTS: &str = "<!doctype html><html lang=nb><title>Varsler</title><h1>Varsler</h1><script>while (true) { alert('nei'); }</script>";

const BUSY: &str = "<!doctype html><html lang=nb><title>Opptatt</title><h1>Opptatt</h1><script>setTimeout(() => { while (true) {} }, 50);</script>";

const RESTLESS: &str = "<!doctype html><html lang=nb><title>Urolig</title><h1>Urolig</h1><script>setInterval(() => fetch('/tick'), 100);</script>";

const NOISY: &str = "<!doctype html><html lang=nb><title>Støy</title><script>setInterval(() => { for (let i = 0; i < 500; i++) console.log('støy ' + i); }, 1);</script>";

const CONTACT: &str = "<!doctype html><html lang=nb><title>Kontakt</title><h1>Kontakt</h1><script>fetch('CANARY/direct').catch(() => {}); fetch('/leak').catch(() => {}); new Image().src = 'http://localhost:1/pixel'; try { new WebSocket('ws://undeclared.invalid/'); } catch {} navigator.sendBeacon('CANARY/beacon', 'x'); new Worker(URL.createObjectURL(new Blob([\"fetch('CANARY/worker').catch(() => {})\"])));</script>";

const STRICT: &str = "<!doctype html><html lang=nb><title>Streng</title><h1>Streng</h1><script>const tell = () => fetch('https://statistics.invalid/use', {method: 'POST'}).catch(() => {}); tell(); tell();</script>";

const SECRETS: &str = "<!doctype html><html lang=nb><title>Hemmelig</title><p id=p></p><script>sessionStorage.setItem('verifier', 'the-code-verifier-of-this-test'); fetch('/token', {method: 'POST', headers: {'content-type': 'application/x-www-form-urlencoded'}, body: 'grant_type=authorization_code&code=the-code-of-this-very-test&code_verifier=the-code-verifier-of-this-test'}).then(r => r.json()).then(t => { document.getElementById('p').textContent = 'Token ' + t.access_token; localStorage.setItem('token', JSON.stringify(t)); console.log(t.access_token); });</script>";
