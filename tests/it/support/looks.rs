//! How pages look to people who see, use or read them differently: axe-core, in light and dark, on
//! a phone, a small phone and a desk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fantoccini::wd::WebDriverCompatibleCommand;
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::browser::Browser;

/// Widths in CSS pixels: WCAG 2.1's reflow width, a phone, a desk.
const WIDTHS: [u32; 3] = [320, 390, 1280];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// What was found on every page looked at.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    seen: BTreeSet<String>,
    /// Each problem with every place that has it.
    problems: BTreeMap<String, Vec<String>>,
}

impl Looks {
    /// Looks at the page that is open, in every way, and leaves the window as it was.
    pub(crate) async fn at(&mut self, browser: &Browser, page: &str) {
        let ways = SCHEMES.map(|scheme| WIDTHS.map(|width| (width, scheme)));
        self.look(browser, page, ways.as_flattened()).await;
    }

    /// Looks at a page that is made of the same parts as others, in the two ways that differ most.
    pub(crate) async fn glance(&mut self, browser: &Browser, page: &str) {
        self.look(browser, page, &[(320, "dark"), (1280, "light")])
            .await;
    }

    async fn look(&mut self, browser: &Browser, page: &str, ways: &[(u32, &str)]) {
        for &(width, scheme) in ways {
            browser.looks_as(width, scheme).await;
            let place = format!("{page}, {width} px, {scheme}");
            for problem in browser.problems().await {
                self.problems
                    .entry(problem)
                    .or_default()
                    .push(place.clone());
            }
            if let Some(folder) = std::env::var_os("JOURNEY_PICTURES") {
                let file = Path::new(&folder).join(format!("{page}-{width}-{scheme}.png"));
                fs::write(file, browser.picture().await).unwrap();
            }
        }
        browser.looks_as(1280, "light").await;
        self.seen.insert(page.to_owned());
    }

    /// Fails the test when anything was found; what, is told at its end.
    pub(crate) fn are_good(&self) {
        assert!(!self.seen.is_empty(), "no page was looked at");
        assert!(self.problems.is_empty(), "not everybody can use the pages");
    }
}

impl Drop for Looks {
    fn drop(&mut self) {
        for (problem, places) in &self.problems {
            println!("{problem}\n    on {}", places.join("; "));
        }
    }
}

impl Browser {
    async fn looks_as(&self, width: u32, scheme: &str) {
        let metrics =
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        // A colour on its way to another is not what is read.
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// What axe finds wrong, and what reaches beyond the window's edge.
    async fn problems(&self) -> Vec<String> {
        let loaded = self.window.execute("return typeof axe", Vec::new()).await;
        if loaded.unwrap() != "object" {
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("conformance/assets/axe-core/axe.min.js");
            let axe = fs::read_to_string(path).unwrap();
            self.window.execute(&axe, Vec::new()).await.unwrap();
        }
        let found = self.window.execute_async(INSPECT, Vec::new()).await;
        let found: Vec<String> = serde_json::from_value(found.unwrap()).unwrap();
        found
    }

    /// The whole page as PNG.
    async fn picture(&self) -> Vec<u8> {
        let options = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.devtools("Page.captureScreenshot", options).await;
        let encoded = answer["data"].as_str().unwrap();
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, encoded).unwrap()
    }

    async fn devtools(&self, method: &'static str, parameters: Value) -> Value {
        let command = Devtools { method, parameters };
        self.window.issue_cmd(command).await.unwrap()
    }
}

/// A command of the DevTools protocol, through chromedriver.
#[derive(Debug)]
struct Devtools {
    method: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _request: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.method, "params": self.parameters});
        (Method::POST, Some(body.to_string()))
    }
}

/// Every rule of axe; and no scrolling sideways (WCAG 2.1 §1.4.10), with the culprits by name.
const INSPECT: &str = r"
const done = arguments[arguments.length - 1];
const name = (element) => element.outerHTML.replace(/\s+/g, ' ').slice(0, 160);
const problems = [];
const root = document.scrollingElement;
if (root.scrollWidth > root.clientWidth) {
  const wide = [...document.querySelectorAll('body *')].filter((element) =>
    element.getBoundingClientRect().right > root.clientWidth + 1);
  problems.push(`scrolls sideways (${root.scrollWidth} > ${root.clientWidth}): ${wide.slice(0, 3).map(name).join(' | ')}`);
}
axe.run(document, { resultTypes: ['violations'], iframes: false }).then((result) => {
  for (const violation of result.violations) {
    for (const node of violation.nodes.slice(0, 5)) {
      const why = node.any.concat(node.all, node.none).map((check) => check.message).join('; ');
      problems.push(`${violation.id}: ${node.html.slice(0, 200)} (${why})`);
    }
  }
  done(problems);
}, (error) => done([`axe failed: ${error}`]));
";
