//! A real headless Chromium for journeys, driven by `WebDriver` like a person would.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

/// A browser with one window; ended when dropped.
pub(crate) struct Browser {
    driver: Child,
    /// The window.
    pub(crate) window: Client,
}

impl Browser {
    /// Starts chromedriver and a browser with an empty profile.
    pub(crate) async fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed; `make test` does it");
        let started = Instant::now();
        let window = loop {
            match session(port).await {
                Ok(window) => break window,
                Err(error) => assert!(
                    started.elapsed() < Duration::from_secs(30),
                    "no browser: {error}"
                ),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        Self { driver, window }
    }

    /// Opens an address.
    pub(crate) async fn open(&self, url: &str) {
        self.window.goto(url).await.unwrap();
    }

    /// The text that a person sees on the page.
    pub(crate) async fn text(&self) -> String {
        let body = self.window.find(Locator::Css("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// Waits until the page shows `text`.
    pub(crate) async fn sees(&self, text: &str) {
        self.sees_within(text, Duration::from_secs(15)).await;
    }

    /// Waits up to `limit` until the page shows `text`.
    pub(crate) async fn sees_within(&self, text: &str, limit: Duration) {
        let started = Instant::now();
        loop {
            // A page that is being replaced has no body for a moment.
            let shown = match self.window.find(Locator::Css("body")).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if shown.contains(text) {
                return;
            }
            assert!(
                started.elapsed() < limit,
                "{text:?} does not show within {limit:?}; the page at {} says:\n{shown}",
                self.window.current_url().await.unwrap()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Clicks the link or button with this text.
    pub(crate) async fn click(&self, text: &str) {
        let quoted = format!("\"{text}\"");
        let path = format!(
            "//a[contains(normalize-space(.), {quoted})] | //button[contains(normalize-space(.), {quoted})]"
        );
        self.element(Locator::XPath(&path))
            .await
            .click()
            .await
            .unwrap();
    }

    /// Fills the field with this name.
    pub(crate) async fn fill(&self, name: &str, value: &str) {
        let css = format!("[name=\"{name}\"]");
        let field = self.element(Locator::Css(&css)).await;
        field.send_keys(value).await.unwrap();
    }

    /// The first element that matches, waited for.
    pub(crate) async fn element(&self, locator: Locator<'_>) -> Element {
        let found = self
            .window
            .wait()
            .at_most(Duration::from_secs(15))
            .for_element(locator)
            .await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("{locator:?} is not there ({error}):\n{}", self.text().await),
        }
    }

    /// Ends the browser in good order.
    pub(crate) async fn close(self) {
        self.window.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked to end, chromedriver ends its browser too; killed, it would leave it behind.
        let id = self.driver.id().to_string();
        let _asked = Command::new("kill").args(["-TERM", &id]).status();
        let _status = self.driver.wait();
    }
}

async fn session(port: u16) -> Result<Client, fantoccini::error::NewSessionError> {
    let mut capabilities = serde_json::Map::new();
    capabilities.insert(
        "goog:chromeOptions".to_owned(),
        json!({"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--window-size=1280,900", "--lang=nb"
        ]}),
    );
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
}
