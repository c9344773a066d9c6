//! What a person does in a browser: finds things by what they are called on the page, never by
//! names that only the page's makers know.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::Locator;
use fantoccini::elements::Element;

use super::browser::Browser;

/// How long a person waits for a page.
const PATIENCE: Duration = Duration::from_secs(20);

impl Browser {
    /// Opens an address.
    pub(crate) async fn open(&self, url: &str) {
        self.window.goto(url).await.unwrap();
    }

    /// The text that a person sees on the page.
    pub(crate) async fn text(&self) -> String {
        // A page that is being replaced has no body for a moment.
        match self.window.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until the page shows `text`.
    pub(crate) async fn sees(&self, text: &str) {
        self.sees_within(text, PATIENCE).await;
    }

    /// Waits up to `limit` until the page shows `text`.
    pub(crate) async fn sees_within(&self, text: &str, limit: Duration) {
        self.until(&format!("{text:?}"), limit, |shown| shown.contains(text))
            .await;
    }

    /// Waits until what the page shows is `wanted`; gives it.
    pub(crate) async fn until(
        &self,
        wanted: &str,
        limit: Duration,
        is_there: impl Fn(&str) -> bool,
    ) -> String {
        let started = Instant::now();
        loop {
            let shown = self.text().await;
            if is_there(&shown) {
                return shown;
            }
            assert!(
                started.elapsed() < limit,
                "{wanted} does not show within {limit:?}; the page at {} says:\n{shown}",
                self.address().await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Makes sure that the page, which is there, does not show `text`.
    pub(crate) async fn misses(&self, text: &str) {
        let shown = self.text().await;
        assert!(
            !shown.is_empty() && !shown.contains(text),
            "{text:?} shows on {}:\n{shown}",
            self.address().await
        );
    }

    /// Where the window is.
    pub(crate) async fn address(&self) -> String {
        let url = self.window.current_url().await;
        url.map(Into::into).unwrap_or_default()
    }

    /// Clicks the link or button that is called this, or else the first whose name contains it.
    pub(crate) async fn click(&self, name: &str) {
        let exact = format!(
            "//*[self::a or self::button or self::summary]\
             [normalize-space(.)={name:?} or @aria-label={name:?}]"
        );
        let inside = format!(
            "//*[self::a or self::button or self::summary]\
             [contains(normalize-space(.), {name:?}) or contains(@aria-label, {name:?})]"
        );
        self.press(name, &[exact, inside]).await;
    }

    /// Clicks the choice (radio button or box) with this label.
    pub(crate) async fn choose(&self, label: &str) {
        self.press(label, &label_paths(label)).await;
    }

    /// Fills the field with this label, in place of what it holds.
    pub(crate) async fn fill(&self, label: &str, value: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// Chooses an option of the list with this label.
    pub(crate) async fn select(&self, label: &str, option: &str) {
        let field = self.field(label).await;
        let path = format!(".//option[normalize-space(.)={option:?}]");
        field.select_by(Locator::XPath(&path)).await.unwrap();
    }

    /// Chooses a file for the field with this label.
    pub(crate) async fn attach(&self, label: &str, file: &Path) {
        let field = self.field(label).await;
        field.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// The field with this label.
    pub(crate) async fn field(&self, label: &str) -> Element {
        let found = self.first(label, &label_paths(label)).await;
        let id = found.attr("for").await.unwrap().unwrap();
        self.window.find(Locator::Id(&id)).await.unwrap()
    }

    /// The options of the list with this label.
    pub(crate) async fn options(&self, label: &str) -> Vec<String> {
        let field = self.field(label).await;
        texts(field.find_all(Locator::Css("option")).await.unwrap()).await
    }

    /// The option that is chosen in the list with this label.
    pub(crate) async fn chosen(&self, label: &str) -> String {
        let field = self.field(label).await;
        texts(
            field
                .find_all(Locator::Css("option:checked"))
                .await
                .unwrap(),
        )
        .await
        .concat()
    }

    /// The names in the list under this heading.
    pub(crate) async fn listed(&self, heading: &str) -> Vec<String> {
        let path = format!("//*[normalize-space(.)={heading:?}]/following::ul[1]/li//strong");
        texts(self.window.find_all(Locator::XPath(&path)).await.unwrap()).await
    }

    /// Logs in at the simulator as the person with this name, and comes back.
    pub(crate) async fn log_in(&self, name: &str) {
        self.click("Logg inn").await;
        self.sees("Velg hvem du logger inn som").await;
        self.click(name).await;
        self.sees("Logg ut").await;
        self.sees(name).await;
    }

    /// Logs out.
    pub(crate) async fn log_out(&self) {
        self.click("Logg ut").await;
        self.sees("Logg inn").await;
        self.misses("Logg ut").await;
    }

    async fn press(&self, name: &str, paths: &[String]) {
        let started = Instant::now();
        loop {
            let element = self.first(name, paths).await;
            match element.click().await {
                Ok(()) => return,
                Err(error) => assert!(
                    started.elapsed() < PATIENCE,
                    "{name:?} cannot be clicked: {error}"
                ),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The first element that shows, by the first path that leads to one.
    async fn first(&self, name: &str, paths: &[String]) -> Element {
        let started = Instant::now();
        loop {
            for path in paths {
                let found = self.window.find_all(Locator::XPath(path)).await;
                for element in found.unwrap_or_default() {
                    if element.is_displayed().await.unwrap_or(false) {
                        return element;
                    }
                }
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{name:?} is not on the page at {}, which says:\n{}",
                self.address().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn texts(elements: Vec<Element>) -> Vec<String> {
    let mut texts = Vec::new();
    for element in elements {
        texts.push(element.text().await.unwrap());
    }
    texts
}

/// A label that says this, or else begins with it.
fn label_paths(label: &str) -> [String; 2] {
    [
        format!("//label[normalize-space(.)={label:?}]"),
        format!("//label[starts-with(normalize-space(.), {label:?})]"),
    ]
}
