//! The evidence as rules read it: by step, and within a step by kind of event.

use std::collections::BTreeSet;

use crate::types::{
    ActionFailure, AxeResult, BrowserFailure, BrowserRequest, BrowserResponse, ConsoleMessage,
    Dialog, Event, Evidence, Exchange, Header, Launched, Occurrence, Person, Place, Settled,
    Snapshot, Surface,
};
use crate::web;

/// A whole run.
pub(crate) struct Run<'a> {
    evidence: &'a Evidence,
    /// In order of their beginning.
    steps: Vec<Step<'a>>,
}

/// The events of one step.
pub(crate) struct Step<'a> {
    pub(crate) id: &'a str,
    events: Vec<&'a Event>,
}

/// An event with what it holds.
pub(crate) type Seen<'a, T> = (&'a Event, &'a T);

impl<'a> Run<'a> {
    pub(crate) fn new(evidence: &'a Evidence) -> Self {
        let mut steps: Vec<Step<'a>> = Vec::new();
        for event in &evidence.events {
            match steps.iter_mut().find(|step| step.id == event.step) {
                Some(step) => step.events.push(event),
                None => steps.push(Step {
                    id: &event.step,
                    events: vec![event],
                }),
            }
        }
        Self { evidence, steps }
    }

    pub(crate) fn header(&self) -> &'a Header {
        &self.evidence.header
    }

    /// A step; one that did not take place has no events.
    pub(crate) fn step(&self, id: &'static str) -> &Step<'a> {
        const NONE: &Step<'static> = &Step {
            id: "",
            events: Vec::new(),
        };
        self.steps.iter().find(|step| step.id == id).unwrap_or(NONE)
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step<'a>> {
        self.steps.iter()
    }

    /// Every authorization request of the run, with its step.
    pub(crate) fn authorizations(&self) -> impl Iterator<Item = (&Step<'a>, Seen<'a, Exchange>)> {
        self.steps()
            .flat_map(|step| step.authorizations().map(move |seen| (step, seen)))
    }

    /// The scopes that the app asked for, in any step.
    pub(crate) fn requested(&self) -> BTreeSet<&'a str> {
        self.authorizations()
            .filter_map(|(_, (_, exchange))| web::parameter(exchange, "scope"))
            .flat_map(str::split_whitespace)
            .collect()
    }

    /// The scopes that the manifest declares.
    pub(crate) fn declared(&self) -> BTreeSet<&'a str> {
        self.header().scope.split_whitespace().collect()
    }

    /// Whether an address belongs to the app itself.
    pub(crate) fn is_own(&self, url: &str) -> bool {
        let origin = web::origin(url);
        origin.is_some()
            && self
                .header()
                .origins
                .iter()
                .any(|own| Some(own.as_str()) == origin)
    }

    /// Whether a host is the app's, the sandbox's or declared in the manifest.
    pub(crate) fn is_known_host(&self, host: &str) -> bool {
        let header = self.header();
        header
            .origins
            .iter()
            .chain(&header.stage_origins)
            .any(|origin| web::host(origin) == Some(host))
            || header
                .hosts
                .iter()
                .any(|declared| declared == host || declared == web::name(host))
    }

    /// Whether an address belongs to the sandbox.
    pub(crate) fn is_stage(&self, url: &str) -> bool {
        let origin = web::origin(url);
        origin.is_some()
            && self
                .header()
                .stage_origins
                .iter()
                .any(|stage| Some(stage.as_str()) == origin)
    }

    /// Whether an address is one of the declared redirect addresses, whatever its query.
    pub(crate) fn is_redirect(&self, url: &str) -> bool {
        self.header()
            .redirect_uris
            .iter()
            .any(|redirect| web::bare(redirect) == web::bare(url))
    }
}

/// One method for each kind of event that rules read.
macro_rules! events {
    ($($(#[$doc:meta])* $method:ident: $variant:ident($held:ty);)*) => {
        $($(#[$doc])*
        pub(crate) fn $method(&self) -> impl DoubleEndedIterator<Item = Seen<'a, $held>> {
            self.events.iter().filter_map(|event| match &event.what {
                Occurrence::$variant(held) => Some((*event, held)),
                _ => None,
            })
        })*
    };
}

impl<'a> Step<'a> {
    events! {
        launches: Launched(Launched);
        all_exchanges: Exchange(Exchange);
        requests: BrowserRequest(BrowserRequest);
        responses: BrowserResponse(BrowserResponse);
        console: Console(ConsoleMessage);
        snapshots: Snapshot(Snapshot);
        blocked: BrowserFailure(BrowserFailure);
        dialogs: Dialog(Dialog);
        axe: Axe(AxeResult);
        failures: ActionFailed(ActionFailure);
        waits: Settled(Settled);
    }

    /// Exchanges but preflights.
    pub(crate) fn exchanges(&self) -> impl DoubleEndedIterator<Item = Seen<'a, Exchange>> {
        self.all_exchanges()
            .filter(|(_, exchange)| exchange.method != "OPTIONS")
    }

    pub(crate) fn on(
        &self,
        surface: Surface,
    ) -> impl DoubleEndedIterator<Item = Seen<'a, Exchange>> {
        self.exchanges()
            .filter(move |(_, exchange)| exchange.surface == surface)
    }

    /// Authorization requests of the app; not what a login page posts back.
    pub(crate) fn authorizations(&self) -> impl DoubleEndedIterator<Item = Seen<'a, Exchange>> {
        self.on(Surface::Authorization).filter(|(_, exchange)| {
            ["response_type", "client_id", "state"]
                .iter()
                .any(|name| web::parameter(exchange, name).is_some())
        })
    }

    pub(crate) fn tokens(&self) -> impl DoubleEndedIterator<Item = Seen<'a, Exchange>> {
        self.on(Surface::Token)
    }

    pub(crate) fn fhir(&self) -> impl DoubleEndedIterator<Item = Seen<'a, Exchange>> {
        self.on(Surface::Fhir)
    }

    pub(crate) fn launched(&self) -> Option<&'a Launched> {
        self.launches().last().map(|(_, launched)| launched)
    }

    pub(crate) fn patient(&self) -> Option<&'a Person> {
        self.launched()?.patient.as_ref()
    }

    pub(crate) fn snapshot(&self) -> Option<Seen<'a, Snapshot>> {
        self.snapshots().last()
    }

    /// Every host that the browser turned to, whether it got there or not.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = (&'a Event, &'a str)> {
        let sent = self
            .requests()
            .map(|(event, request)| (event, request.host.as_str()));
        let blocked = self
            .blocked()
            .filter_map(|(event, failure)| Some((event, web::host(&failure.url)?)));
        sent.chain(blocked).filter(|(_, host)| !host.is_empty())
    }

    /// Whether the page came to rest. One that did not may yet show or send what is missing, so nothing
    /// is concluded from its silence: a slow machine must not fail an app.
    pub(crate) fn came_to_rest(&self) -> bool {
        self.waits().last().is_none_or(|(_, wait)| wait.quiet)
    }

    pub(crate) fn took_place(&self) -> bool {
        !self.events.is_empty()
    }

    pub(crate) fn has_authorization(&self) -> bool {
        self.authorizations().next().is_some()
    }

    pub(crate) fn has_token(&self) -> bool {
        self.tokens().any(|(_, exchange)| exchange.status == 200)
    }
}

/// Resource type of a FHIR exchange: the first path segment that begins with a capital.
pub(crate) fn resource_type(exchange: &Exchange) -> Option<&str> {
    exchange
        .path
        .split('/')
        .find(|segment| segment.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// What makes two requests the same request.
pub(crate) fn identity(exchange: &Exchange) -> String {
    let parameters = exchange.query.iter().chain(&exchange.form);
    let parameters: Vec<String> = parameters
        .map(|pair| format!("&{}={}", pair.name, pair.value))
        .collect();
    format!(
        "{} {}{}",
        exchange.method,
        exchange.path,
        parameters.concat()
    )
}

/// How often the most frequent of these requests was sent.
pub(crate) fn repetitions<'a>(exchanges: impl Iterator<Item = &'a Exchange>) -> usize {
    let mut identities: Vec<String> = exchanges.map(identity).collect();
    identities.sort_unstable();
    identities
        .chunk_by(|one, other| one == other)
        .map(<[String]>::len)
        .max()
        .unwrap_or(0)
}

/// Whether an exchange concerns this patient: by its answer, its path or its query.
pub(crate) fn concerns(exchange: &Exchange, patient: &str) -> bool {
    let names = |value: &str| value == patient || value.strip_prefix("Patient/") == Some(patient);
    exchange.patients.iter().any(|id| id == patient)
        || exchange.path.ends_with(&format!("/Patient/{patient}"))
        || exchange.query.iter().chain(&exchange.form).any(|pair| {
            ["patient", "subject", "_id"].contains(&pair.name.as_str()) && names(&pair.value)
        })
}

/// The place of an event in the evidence.
pub(crate) fn place(event: &Event) -> Place {
    let (exchange, url, detail) = match &event.what {
        Occurrence::Exchange(exchange) => (
            Some(exchange.seq),
            Some(exchange.path.clone()),
            Some(format!("{} {}", exchange.method, exchange.status)),
        ),
        Occurrence::BrowserRequest(request) => (None, Some(request.url.clone()), None),
        Occurrence::BrowserResponse(response) => (None, Some(response.url.clone()), None),
        Occurrence::BrowserFailure(failure) => (None, Some(failure.url.clone()), None),
        Occurrence::Console(message) => (None, message.url.clone(), Some(shortened(&message.text))),
        Occurrence::Snapshot(snapshot) => (None, Some(snapshot.url.clone()), None),
        Occurrence::Dialog(dialog) => (
            None,
            Some(dialog.url.clone()),
            Some(shortened(&dialog.message)),
        ),
        Occurrence::Axe(result) => (None, Some(result.url.clone()), None),
        _ => (None, None, None),
    };
    Place {
        step: event.step.clone(),
        event: Some(event.seq),
        exchange,
        url,
        detail,
    }
}

/// The place of an event, with what in it.
pub(crate) fn place_of(event: &Event, detail: impl Into<String>) -> Place {
    Place {
        detail: Some(detail.into()),
        ..place(event)
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}
