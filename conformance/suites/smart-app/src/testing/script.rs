//! The run of an app that does everything right.

use crate::plan::{
    ALTERED, DENIED, EXPIRED, FAMILY, FAULT, FOREIGN, GIVEN, NAME, NARROW, OMITTED, REDUCED, START,
    SWITCH, THROTTLED,
};
use crate::rule::text;
use crate::types::{
    AxeResult, Behaviour, BrowserRequest, BrowserResponse, Event, Evidence, Exchange, Header,
    Launched, Occurrence, Pair, Person, Snapshot, StateBehaviour, Step, StorageArea, Stored,
    Surface,
};

pub(crate) const ISS: &str = "http://localhost:8081/demo/fhir";
pub(crate) const APP: &str = "http://abc.apps.localhost:8082";
pub(crate) const REDIRECT: &str = "http://abc.apps.localhost:8082/index.html";
pub(crate) const SCOPE: &str = "launch openid fhirUser patient/Patient.r patient/Observation.rs";

/// The evidence of a good app, all steps.
pub(crate) fn good() -> Evidence {
    let mut script = Script {
        events: Vec::new(),
        step: "",
        launches: 0,
    };
    script.ordinary(START, 0);
    script.page(&format!("{} 132/84 mmHg", person(0)), REDIRECT);
    script.add(axe());
    script.begin(NARROW);
    script.page(&person(0), REDIRECT);
    script.ordinary(SWITCH, 1);
    script.page(&format!("{} 118/76 mmHg", person(1)), REDIRECT);
    script.denied();
    for id in [ALTERED, OMITTED] {
        script.begin(id);
        script.launch(0, None);
        script.authorize(302);
        script.page(
            "Svaret kunne ikke knyttes til denne økten. Start appen på nytt.",
            REDIRECT,
        );
    }
    script.begin(FOREIGN);
    script.visit(&format!(
        "{REDIRECT}?code=fremmed-kode&next=https%3A%2F%2Fvideresending.invalid%2F"
    ));
    script.page("Start appen på nytt fra journalen.", REDIRECT);
    script.failing(EXPIRED, 401, "Tilgangen er utløpt.");
    script.failing(REDUCED, 403, "Du har ikke tilgang til målinger.");
    script.failing(FAULT, 503, "Målingene kunne ikke hentes.");
    script.failing(THROTTLED, 429, "Målingene kunne ikke hentes.");
    script.ordinary(NAME, 0);
    script.page(&format!("{GIVEN} {FAMILY}"), REDIRECT);
    Evidence {
        header: header(),
        events: script.events,
    }
}

fn header() -> Header {
    Header {
        app: "no.eksempel.blodtrykk".to_owned(),
        version: "1.0.0".to_owned(),
        client_id: "blodtrykk".to_owned(),
        launch_url: format!("{APP}/launch.html"),
        redirect_uris: vec![REDIRECT.to_owned()],
        scope: SCOPE.to_owned(),
        hosts: vec!["api.eksempel.no".to_owned()],
        origins: vec![APP.to_owned()],
        stage_origins: vec!["http://localhost:8081".to_owned()],
        languages: vec!["nb".to_owned()],
        browser: "Chromium 150".to_owned(),
    }
}

/// Two patients.
pub(crate) fn patient(index: usize) -> Person {
    let (family, given, identifier) = [
        ("Ås", "Kari", "41840512345"),
        ("Berg", "Ola", "15923412346"),
    ][index];
    Person {
        id: format!("p{index}"),
        family: family.to_owned(),
        given: vec![given.to_owned()],
        birth_date: None,
        identifier: Some(identifier.to_owned()),
    }
}

fn person(index: usize) -> String {
    let patient = patient(index);
    format!("{} {}", patient.given[0], patient.family)
}

pub(crate) fn pair(name: &str, value: &str) -> Pair {
    Pair {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

pub(crate) fn axe() -> Occurrence {
    Occurrence::Axe(AxeResult {
        url: REDIRECT.to_owned(),
        version: "4.12".to_owned(),
        violations: Vec::new(),
    })
}

struct Script {
    events: Vec<Event>,
    step: &'static str,
    launches: u32,
}

impl Script {
    fn add(&mut self, what: Occurrence) {
        let seq = u32::try_from(self.events.len()).unwrap() + 1;
        self.events.push(Event {
            seq,
            at_ms: u64::from(seq) * 10,
            step: self.step.to_owned(),
            what,
        });
    }

    fn begin(&mut self, id: &'static str) {
        self.step = id;
        self.add(Occurrence::StepStarted(Step {
            id: id.to_owned(),
            title: text(id, id),
        }));
    }

    fn launch(&mut self, index: usize, name: Option<(&str, &str)>) {
        self.launches += 1;
        let mut patient = patient(index);
        if let Some((given, family)) = name {
            patient.given = vec![given.to_owned()];
            patient.family = family.to_owned();
        }
        let launch = format!("secret:launch:{:016x}", self.launches);
        self.add(Occurrence::Launched(Launched {
            url: format!("{APP}/launch.html?iss={ISS}&launch={launch}"),
            iss: ISS.to_owned(),
            launch,
            patient: Some(patient),
            user: None,
            encounter: None,
            behaviour: Behaviour {
                deny: false,
                state: StateBehaviour::Untouched,
                token_lifetime: None,
                expire_after: None,
                grant: None,
                fhir_fault: None,
                patient_name: None,
            },
        }));
        self.document(&format!("{APP}/launch.html"));
        self.exchange(
            Surface::Discovery,
            "/demo/fhir/.well-known/smart-configuration",
            200,
        );
    }

    fn exchange(&mut self, surface: Surface, path: &str, status: u16) -> &mut Exchange {
        let seq = self.events.len() as u64;
        self.add(Occurrence::Exchange(Exchange {
            seq,
            surface,
            method: if surface == Surface::Token {
                "POST"
            } else {
                "GET"
            }
            .to_owned(),
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
        }));
        match &mut self.events.last_mut().unwrap().what {
            Occurrence::Exchange(exchange) => exchange,
            _ => unreachable!(),
        }
    }

    fn authorize(&mut self, status: u16) {
        let n = self.launches;
        let exchange = self.exchange(Surface::Authorization, "/demo/auth/authorize", status);
        exchange.query = vec![
            pair("response_type", "code"),
            pair("client_id", "blodtrykk"),
            pair("scope", SCOPE),
            pair("redirect_uri", REDIRECT),
            pair("aud", ISS),
            pair("launch", &format!("secret:launch:{n:016x}")),
            pair("state", &format!("0b9f5d3e-7c41-4b2a-9d57-3f1c2e8a{n:04x}")),
            pair("code_challenge", &format!("{n:043}")),
            pair("code_challenge_method", "S256"),
        ];
        self.visit(&format!("{REDIRECT}?code=secret:code:{n:016x}&state=x"));
    }

    fn token(&mut self) {
        let n = self.launches;
        let exchange = self.exchange(Surface::Token, "/demo/auth/token", 200);
        exchange.form = vec![
            pair("grant_type", "authorization_code"),
            pair("code", &format!("secret:code:{n:016x}")),
            pair("redirect_uri", REDIRECT),
            pair("code_verifier", &format!("secret:code_verifier:{n:016x}")),
        ];
    }

    fn read(&mut self, index: usize, resource: &str, status: u16) {
        let id = format!("p{index}");
        let path = if resource == "Patient" {
            format!("/demo/fhir/Patient/{id}")
        } else {
            format!("/demo/fhir/{resource}")
        };
        let exchange = self.exchange(Surface::Fhir, &path, status);
        if resource != "Patient" {
            exchange.query = vec![pair("patient", &id)];
        }
        if status == 200 {
            exchange.patients = vec![id];
        }
    }

    fn visit(&mut self, url: &str) {
        self.request(url, "document", true);
        self.document(url);
    }

    fn request(&mut self, url: &str, kind: &str, top_level: bool) {
        self.add(request(url, kind, top_level));
    }

    fn document(&mut self, url: &str) {
        self.add(Occurrence::BrowserResponse(BrowserResponse {
            id: url.to_owned(),
            url: url.to_owned(),
            status: 200,
            headers: vec![
                pair(
                    "content-security-policy",
                    "default-src 'self'; frame-ancestors http://localhost:8081",
                ),
                pair("x-content-type-options", "nosniff"),
            ],
            top_level: true,
        }));
    }

    fn page(&mut self, said: &str, url: &str) {
        let width = if self.step == NARROW { 320 } else { 1280 };
        self.add(Occurrence::Snapshot(Snapshot {
            url: url.to_owned(),
            title: "Blodtrykk".to_owned(),
            html_lang: "nb".to_owned(),
            text: said.to_owned(),
            announcements: Vec::new(),
            nodes: Vec::new(),
            storage: vec![stored(
                StorageArea::SessionStorage,
                "secret:access_token:0123456789abcdef",
            )],
            viewport_width: width,
            viewport_height: 900,
            document_width: width,
        }));
    }

    fn ordinary(&mut self, id: &'static str, index: usize) {
        self.begin(id);
        self.launch(index, (id == NAME).then_some((GIVEN, FAMILY)));
        self.authorize(302);
        self.token();
        self.read(index, "Patient", 200);
        self.read(index, "Observation", 200);
    }

    fn denied(&mut self) {
        self.begin(DENIED);
        self.launch(0, None);
        self.authorize(302);
        self.page(
            "EPJ-en ga ikke appen tilgang. Forespørselen ble avvist.",
            REDIRECT,
        );
    }

    fn failing(&mut self, id: &'static str, status: u16, said: &str) {
        self.begin(id);
        self.launch(0, None);
        self.authorize(302);
        self.token();
        self.read(0, "Patient", 200);
        self.read(0, "Observation", status);
        self.page(&format!("{} {said}", person(0)), REDIRECT);
    }
}

pub(crate) fn request(url: &str, kind: &str, top_level: bool) -> Occurrence {
    Occurrence::BrowserRequest(BrowserRequest {
        id: url.to_owned(),
        method: "GET".to_owned(),
        url: url.to_owned(),
        fragment: None,
        host: crate::web::host(url).unwrap_or("").to_owned(),
        initiator: None,
        document: REDIRECT.to_owned(),
        kind: kind.to_owned(),
        top_level,
        headers: Vec::new(),
        body: None,
    })
}

pub(crate) fn stored(area: StorageArea, value: &str) -> Stored {
    Stored {
        area,
        owner: APP.to_owned(),
        key: "nøkkel".to_owned(),
        value: value.to_owned(),
        http_only: false,
        secure: false,
        lasting: false,
    }
}
