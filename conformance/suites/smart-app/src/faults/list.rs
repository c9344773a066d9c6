//! The faults: each spoils the evidence of a good app in one way and names the requirement it breaks.

use crate::plan::{
    ALTERED, DENIED, EXPIRED, FAULT, FOREIGN, NAME, NARROW, OMITTED, REDUCED, START, SWITCH,
    THROTTLED,
};
use crate::testing::{
    APP, REDIRECT, append, exchanges, pair, remove, request, set, snapshots, stored,
};
use crate::types::{
    AxeViolation, ConsoleLevel, ConsoleMessage, ConsoleOrigin, Dialog, Evidence, Exchange,
    Occurrence, StorageArea, Surface,
};

pub(super) type Fault = (&'static str, fn(&mut Evidence));

pub(super) const FAULTS: &[Fault] = &[
    ("SMA-01.1", |e| {
        remove(e, START, |what| {
            crate::testing::is_surface(what, Surface::Discovery)
        });
    }),
    ("SMA-01.2", |e| {
        exchanges(e, SWITCH, Surface::Token, |x| x.status = 500);
        remove(e, SWITCH, |what| {
            crate::testing::is_surface(what, Surface::Fhir)
        });
    }),
    ("SMA-03.1", |e| {
        exchanges(e, "", Surface::Authorization, |x| {
            set(x, "aud", "http://localhost:8081/demo/fhir/");
        });
    }),
    ("SMA-04.1", |e| {
        exchanges(e, SWITCH, Surface::Authorization, |x| {
            set(x, "launch", "secret:launch:0000000000000001");
        });
    }),
    ("SMA-05.1", |e| {
        exchanges(e, "", Surface::Authorization, |x| {
            set(x, "redirect_uri", "http://abc.apps.localhost:8082/");
        });
    }),
    ("SMA-05.2", |e| {
        append(
            e,
            FOREIGN,
            request("https://videresending.invalid/", "document", true),
        );
    }),
    ("HID-04.1", |e| {
        exchanges(e, DENIED, Surface::Authorization, |x| {
            set(x, "code_challenge_method", "plain");
        });
    }),
    ("HID-04.1", |e| {
        exchanges(e, "", Surface::Authorization, |x| {
            set(x, "code_challenge", &"a".repeat(43));
        });
    }),
    ("HID-04.2", |e| {
        exchanges(e, "", Surface::Token, |x| set(x, "code_verifier", ""));
    }),
    ("SMA-02.1", |e| {
        exchanges(e, SWITCH, Surface::Authorization, |x| {
            set(x, "state", "0b9f5d3e-7c41-4b2a-9d57-3f1c2e8a0001");
        });
    }),
    ("SMA-02.2", |e| {
        exchanges(e, "", Surface::Authorization, |x| {
            let state = x.query.iter().find(|pair| pair.name == "state").unwrap();
            let short: String = state.value.chars().skip(20).collect();
            set(x, "state", &short);
        });
    }),
    ("SMA-02.3", |e| exchange_after(e, ALTERED)),
    ("SMA-02.4", |e| exchange_after(e, FOREIGN)),
    ("SMA-02.5", |e| exchange_after(e, OMITTED)),
    ("SMA-06.1", |e| {
        snapshots(e, START, |s| {
            s.url = format!("{REDIRECT}?code=secret:code:0000000000000001");
        });
    }),
    ("SMA-06.1", |e| {
        append(
            e,
            START,
            request(
                &format!("{APP}/api?t=secret:access_token:0123456789abcdef"),
                "fetch",
                false,
            ),
        );
    }),
    ("SMA-06.2", |e| {
        snapshots(e, "", |s| {
            s.storage.push(stored(
                StorageArea::LocalStorage,
                "{\"t\":\"secret:access_token:0123456789abcdef\"}",
            ));
        });
    }),
    ("SMA-06.2", |e| {
        snapshots(e, START, |s| {
            s.storage.push(stored(
                StorageArea::SessionStorage,
                "secret:code:0000000000000001",
            ));
        });
    }),
    ("SMA-06.3", |e| {
        snapshots(e, START, |s| {
            s.storage.push(stored(
                StorageArea::Cookie,
                "secret:id_token:0123456789abcdef",
            ));
        });
    }),
    ("SMA-06.4", |e| {
        append(
            e,
            START,
            console(
                ConsoleLevel::Info,
                ConsoleOrigin::Script,
                "token secret:access_token:0123456789abcdef",
                "",
            ),
        );
    }),
    ("SIK-10.1", |e| {
        append(
            e,
            START,
            with_body("http://localhost:8081/demo/auth/token", "client_secret=x"),
        );
    }),
    ("SMA-07.1", |e| {
        exchanges(e, "", Surface::Authorization, |x| {
            set(
                x,
                "scope",
                &format!("{} patient/Condition.rs", crate::testing::SCOPE),
            );
        });
    }),
    ("SMA-07.2", |e| {
        e.header.scope = "launch openid fhirUser patient/*.rs".to_owned();
        exchanges(e, "", Surface::Authorization, |x| {
            set(x, "scope", "launch openid fhirUser patient/*.rs");
        });
    }),
    ("SMA-07.3", |e| {
        read(e, START, "/demo/fhir/FamilyMemberHistory", 403, &[]);
    }),
    ("SMA-07.4", |e| {
        let old = crate::testing::SCOPE.replace("Observation.rs", "Observation.read");
        e.header.scope.clone_from(&old);
        exchanges(e, "", Surface::Authorization, |x| set(x, "scope", &old));
    }),
    ("PRO-03.1", |e| {
        e.header.scope.push_str(" patient/Immunization.rs");
    }),
    ("SMA-08.1", |e| snapshots(e, DENIED, |s| s.text.clear())),
    ("SMA-08.1", |e| exchange_after(e, DENIED)),
    ("SMA-08.2", |e| {
        snapshots(e, REDUCED, |s| s.text = "Kari Ås Ingen målinger".to_owned());
    }),
    ("SMA-09.1", |e| {
        snapshots(e, "", |s| {
            for name in ["Kari", "Ola"] {
                s.text = s.text.replace(name, "");
            }
        });
    }),
    ("SMA-09.2", |e| {
        snapshots(e, SWITCH, |s| s.text.push_str(" Kari Ås"));
    }),
    ("SMA-09.2", |e| {
        read(e, SWITCH, "/demo/fhir/Patient/p0", 403, &[]);
    }),
    ("SMA-09.2", |e| {
        read(e, SWITCH, "/demo/fhir/Observation", 200, &["p0"]);
    }),
    ("SMA-09.3", |e| {
        read(e, START, "/demo/fhir/Observation", 200, &["p0", "p7"]);
    }),
    ("NOB-06.1", |e| {
        snapshots(e, NAME, |s| s.text = "Ánte Ã˜sterÃ¥s".to_owned());
    }),
    ("SIK-05.1", |e| {
        append(
            e,
            NAME,
            Occurrence::Dialog(Dialog {
                kind: "alert".to_owned(),
                message: "markedsplass".to_owned(),
                url: REDIRECT.to_owned(),
            }),
        );
    }),
    ("SIK-05.1", |e| {
        append(e, NAME, request(&format!("{APP}/x"), "image", false));
    }),
    ("SMA-14.1", |e| {
        snapshots(e, EXPIRED, |s| s.text = "Kari Ås".to_owned());
    }),
    ("SMA-14.1", |e| {
        (0..4).for_each(|_| read(e, EXPIRED, "/demo/fhir/Observation", 401, &[]));
    }),
    ("SMA-14.2", |e| {
        (0..4).for_each(|_| read(e, THROTTLED, "/demo/fhir/Observation", 429, &[]));
    }),
    ("SMA-14.3", |e| {
        (0..4).for_each(|_| read(e, START, "/demo/fhir/Observation", 200, &["p0"]));
    }),
    ("SMA-14.4", |e| {
        append(
            e,
            START,
            console(
                ConsoleLevel::Error,
                ConsoleOrigin::Exception,
                "TypeError: x is undefined",
                APP,
            ),
        );
    }),
    ("KLI-06.1", |e| {
        snapshots(e, FAULT, |s| s.text = "Kari Ås Ingen målinger".to_owned());
    }),
    ("SIK-01.1", |e| {
        append(
            e,
            START,
            request("http://api.eksempel.no/x", "fetch", false),
        );
    }),
    ("SIK-02.1", |e| {
        for event in &mut e.events {
            if let Occurrence::BrowserResponse(response) = &mut event.what {
                response
                    .headers
                    .retain(|pair| pair.name != "x-content-type-options");
            }
        }
    }),
    ("SIK-02.1", |e| {
        for event in &mut e.events {
            if let Occurrence::BrowserResponse(response) = &mut event.what {
                response.headers[0].value =
                    "script-src 'self' 'unsafe-inline'; frame-ancestors 'self'".to_owned();
            }
        }
    }),
    ("PVN-07.1", |e| {
        append(
            e,
            START,
            request("https://maaling.example/send", "ping", false),
        );
        append(
            e,
            START,
            console(
                ConsoleLevel::Error,
                ConsoleOrigin::Security,
                "Refused to connect to https://maaling.example/send",
                REDIRECT,
            ),
        );
        append(
            e,
            START,
            console(
                ConsoleLevel::Error,
                ConsoleOrigin::Exception,
                "Uncaught (in promise) TypeError: Failed to fetch",
                REDIRECT,
            ),
        );
    }),
    ("PVN-08.1", |e| {
        append(
            e,
            START,
            request("https://www.google-analytics.com/collect", "ping", false),
        );
    }),
    ("UU-01.1", |e| violation(e, "color-contrast")),
    ("UU-01.2", |e| {
        snapshots(e, START, |s| s.html_lang.clear());
        violation(e, "html-has-lang");
    }),
    ("UU-01.3", |e| {
        snapshots(e, START, |s| s.title.clear());
        violation(e, "document-title");
    }),
    ("UU-04.1", |e| {
        snapshots(e, NARROW, |s| s.document_width = 640);
    }),
    ("PRO-05.1", |e| {
        snapshots(e, START, |s| s.html_lang = "en".to_owned());
    }),
];

fn exchange_after(evidence: &mut Evidence, step: &str) {
    let mut exchange = blank("/demo/auth/token", 200);
    exchange.surface = Surface::Token;
    exchange.method = "POST".to_owned();
    exchange.form = vec![
        pair("grant_type", "authorization_code"),
        pair("redirect_uri", REDIRECT),
        pair("code_verifier", "secret:code_verifier:0123456789abcdef"),
    ];
    append(evidence, step, Occurrence::Exchange(exchange));
}

fn read(evidence: &mut Evidence, step: &str, path: &str, status: u16, patients: &[&str]) {
    let mut exchange = blank(path, status);
    exchange.patients = patients.iter().map(|id| (*id).to_owned()).collect();
    append(evidence, step, Occurrence::Exchange(exchange));
}

fn blank(path: &str, status: u16) -> Exchange {
    Exchange {
        seq: 9_000,
        surface: Surface::Fhir,
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: Vec::new(),
        request_headers: Vec::new(),
        form: Vec::new(),
        status,
        response_headers: Vec::new(),
        error: None,
        resources: Vec::new(),
        patients: Vec::new(),
        scope_granted: None,
        client_id: None,
        launch: None,
    }
}

fn console(level: ConsoleLevel, origin: ConsoleOrigin, text: &str, url: &str) -> Occurrence {
    Occurrence::Console(ConsoleMessage {
        level,
        origin,
        text: text.to_owned(),
        url: Some(url.to_owned()),
        line: None,
    })
}

fn with_body(url: &str, body: &str) -> Occurrence {
    let mut request = request(url, "fetch", false);
    if let Occurrence::BrowserRequest(request) = &mut request {
        request.body = Some(body.to_owned());
    }
    request
}

fn violation(evidence: &mut Evidence, rule: &str) {
    for event in &mut evidence.events {
        if let Occurrence::Axe(result) = &mut event.what {
            result.violations.push(AxeViolation {
                rule: rule.to_owned(),
                impact: "serious".to_owned(),
                tags: vec!["wcag2aa".to_owned()],
                target: "p".to_owned(),
                help: "Elements must meet minimum color contrast ratio thresholds".to_owned(),
                help_url: "https://dequeuniversity.com/rules/axe/".to_owned(),
            });
        }
    }
}
