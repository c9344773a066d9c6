//! What a Subscription asks for, read from the resource: about what, filtered how, and told where. What
//! cannot be done is said with its place, so that nobody waits for what never comes.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use super::super::condition::{Condition, Resolved};
use super::super::criterion::Surroundings;
use super::super::error::Flaw;
use super::super::period::Period;
use super::super::population::Indexed;
use super::super::types::TypeInfo;
use super::topic::{Action, Topic};
use super::{EXTENSION, PROFILE};

/// How long an endpoint may take, unless the client says so.
const USUAL_TIMEOUT: u64 = 10;
/// The longest that it may ask for, in seconds.
const MOST_TIMEOUT: u64 = 60;
/// Events in one notification at most, whatever the client allows.
pub(crate) const MOST_EVENTS: u64 = 20;
/// What a header of a notification may not be: the connection's own, and those that say what is sent.
const NOT_GIVEN: [&str; 7] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// What a Subscription asks for.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) about: About,
    /// The type of what it is about.
    pub(crate) info: &'static TypeInfo,
    /// What the resource must meet, all of it.
    conditions: Vec<Resolved>,
    pub(crate) channel: Channel,
    pub(crate) content: Content,
    pub(crate) heartbeat: Option<Duration>,
    pub(crate) timeout: Duration,
    /// Events in one notification.
    pub(crate) most: u64,
    /// When it ends, in milliseconds.
    pub(crate) end: Option<i64>,
    /// As they are written in the resource.
    pub(crate) headers: Vec<String>,
}

/// What is subscribed to.
#[derive(Clone, Debug)]
pub(crate) enum About {
    /// A topic, as in R5 and its backport.
    Topic(Topic),
    /// Whatever fits a search, as in R4.
    Search,
}

/// Where notifications go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    RestHook(Url),
    WebSocket,
}

/// How much a notification tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Empty,
    IdOnly,
    FullResource,
}

impl Content {
    /// The code of the backport.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "empty" => Self::Empty,
            "id-only" => Self::IdOnly,
            "full-resource" => Self::FullResource,
            _ => return None,
        })
    }
}

impl Plan {
    /// The canonical URL of its topic.
    pub(crate) fn topic(&self) -> Option<&str> {
        match &self.about {
            About::Topic(topic) => Some(&topic.url),
            About::Search => None,
        }
    }

    /// Whether it is notified of a change that left the resource so, or ended it so.
    pub(crate) fn wants(
        &self,
        action: Action,
        before: Option<&Indexed>,
        now: Option<&Indexed>,
    ) -> bool {
        // What was deleted is known by what it was.
        let Some(one) = now.or(before) else {
            return false;
        };
        let about = match &self.about {
            About::Search => action != Action::Delete,
            About::Topic(topic) if !topic.compares() => topic.is_about(action, None, &Value::Null),
            About::Topic(topic) => {
                let earlier = before.map(resource);
                topic.is_about(action, earlier.as_ref(), &resource(one))
            }
        };
        about && self.conditions.iter().all(|condition| condition.fits(one))
    }

    /// Reads what a Subscription asks for; or everything that cannot be done.
    pub(crate) fn read(subscription: &Value, around: &dyn Surroundings) -> Result<Self, Vec<Flaw>> {
        let mut reader = Reader {
            subscription,
            around,
            flaws: Vec::new(),
        };
        let about = reader.about();
        let channel = reader.channel();
        let is_search = matches!(about, Some((About::Search, ..)));
        let content = reader.content(is_search);
        let heartbeat = reader.number("heartbeat-period", "valueUnsignedInt", 1..=u64::MAX);
        let timeout = reader.number("timeout", "valueUnsignedInt", 1..=MOST_TIMEOUT);
        let most = reader.number("max-count", "valuePositiveInt", 1..=u64::MAX);
        let end = reader.end();
        let headers = reader.headers();
        match (about, channel) {
            (Some((about, info, conditions)), Some(channel)) if reader.flaws.is_empty() => {
                Ok(Self {
                    about,
                    info,
                    conditions,
                    channel,
                    content,
                    heartbeat: heartbeat.map(Duration::from_secs),
                    timeout: Duration::from_secs(timeout.unwrap_or(USUAL_TIMEOUT)),
                    most: most.unwrap_or(MOST_EVENTS).min(MOST_EVENTS),
                    end,
                    headers,
                })
            }
            _ => Err(reader.flaws),
        }
    }
}

fn resource(one: &Indexed) -> Value {
    serde_json::from_slice(&one.entry.json).unwrap_or_default()
}

/// An extension of the backport in a list of extensions.
fn extensions<'v>(holder: Option<&'v Value>, name: &str) -> impl Iterator<Item = &'v Value> {
    let all = holder.and_then(|holder| holder.get("extension"));
    let url = format!("{EXTENSION}{name}");
    all.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(move |one| one.get("url").and_then(Value::as_str) == Some(url.as_str()))
}

struct Reader<'r> {
    subscription: &'r Value,
    around: &'r dyn Surroundings,
    flaws: Vec<Flaw>,
}

type Subject = (About, &'static TypeInfo, Vec<Resolved>);

impl<'r> Reader<'r> {
    fn flaw<T>(&mut self, at: &str, detail: impl Into<String>) -> Option<T> {
        self.flaws.push(Flaw {
            at: format!("Subscription.{at}"),
            detail: detail.into(),
        });
        None
    }

    fn text(&self, pointer: &str) -> Option<&'r str> {
        self.subscription.pointer(pointer).and_then(Value::as_str)
    }

    fn about(&mut self) -> Option<Subject> {
        let criteria = self.text("/criteria").unwrap_or_default();
        if let Some(topic) = Topic::by_url(criteria) {
            let info = topic.info;
            let filters = extensions(self.subscription.get("_criteria"), "filter-criteria");
            let filters: Vec<Option<&str>> = filters
                .map(|one| one.get("valueString").and_then(Value::as_str))
                .collect();
            let mut conditions = Vec::new();
            for filter in filters {
                conditions.extend(self.filter(info, filter.unwrap_or_default())?);
            }
            return Some((About::Topic(topic), info, conditions));
        }
        let profiles = self.subscription.pointer("/meta/profile");
        let profiles = profiles.and_then(Value::as_array).into_iter().flatten();
        let claims = profiles.filter_map(Value::as_str).any(|one| one == PROFILE);
        let (name, query) = criteria.split_once('?').unwrap_or((criteria, ""));
        match TypeInfo::by_name(name) {
            Some(info) if !claims => {
                let conditions = if query.is_empty() {
                    Vec::new()
                } else {
                    self.conditions(info, query, "criteria")?
                };
                Some((About::Search, info, conditions))
            }
            _ => self.flaw(
                "criteria",
                "Subscription.criteria must be a topic that the CapabilityStatement names, or without the profile of the backport a search such as Observation?code=…",
            ),
        }
    }

    /// `Encounter?patient=Patient/p1`, where the type may be left out.
    fn filter(&mut self, info: &'static TypeInfo, filter: &str) -> Option<Vec<Resolved>> {
        let (name, query) = filter.split_once('?').unwrap_or(("", filter));
        if !name.is_empty() && name != info.name {
            let detail = format!(
                "The topic is about {}, and the filter about {name}.",
                info.name
            );
            return self.flaw("criteria", detail);
        }
        self.conditions(info, query, "criteria")
    }

    fn conditions(
        &mut self,
        info: &'static TypeInfo,
        query: &str,
        at: &str,
    ) -> Option<Vec<Resolved>> {
        let Ok(pairs) = super::super::handler::pairs(query.as_bytes()) else {
            return self.flaw(at, "The filter must be name=value pairs joined by &.");
        };
        let read = pairs.iter().map(|(name, value)| {
            match Condition::parse(info, name, value, self.around) {
                Ok(Condition::Own(criterion)) => Ok(Resolved::Own(criterion)),
                _ => Err(name),
            }
        });
        match read.collect::<Result<Vec<_>, _>>() {
            Ok(conditions) if !conditions.is_empty() => Some(conditions),
            Ok(_) => self.flaw(at, "A filter must hold at least one search parameter."),
            Err(name) => {
                let name: String = name.chars().take(64).collect();
                let detail = format!(
                    "{name} cannot filter {}: it must be a search parameter that looks at the resource itself, with a value that it takes.",
                    info.name
                );
                self.flaw(at, detail)
            }
        }
    }

    fn channel(&mut self) -> Option<Channel> {
        match self.text("/channel/type") {
            Some("websocket") => Some(Channel::WebSocket),
            Some("rest-hook") => {
                let endpoint = self.text("/channel/endpoint").unwrap_or_default();
                let url = Url::parse(endpoint).ok();
                let web = url.filter(|url| {
                    let bare = url.username().is_empty() && url.password().is_none();
                    matches!(url.scheme(), "http" | "https") && url.has_host() && bare
                });
                match web {
                    Some(url) => Some(Channel::RestHook(url)),
                    None => self.flaw(
                        "channel.endpoint",
                        "Subscription.channel.endpoint must be an http or https address without a name and password in it.",
                    ),
                }
            }
            _ => self.flaw(
                "channel.type",
                "Subscription.channel.type must be rest-hook or websocket.",
            ),
        }
    }

    fn content(&mut self, is_search: bool) -> Content {
        let media = self.text("/channel/payload");
        if media.is_some_and(|media| !media.contains("json")) {
            self.flaw::<()>(
                "channel.payload",
                "Subscription.channel.payload must be application/fhir+json.",
            );
        }
        if is_search {
            return match media {
                Some(_) => Content::FullResource,
                None => Content::Empty,
            };
        }
        let holder = self.subscription.pointer("/channel/_payload");
        let given = extensions(holder, "payload-content").next();
        let Some(given) = given else {
            return Content::Empty;
        };
        let code = given.get("valueCode").and_then(Value::as_str);
        code.and_then(Content::parse).unwrap_or_else(|| {
            self.flaw::<()>(
                "channel.payload",
                "backport-payload-content must be empty, id-only or full-resource.",
            );
            Content::Empty
        })
    }

    fn number(
        &mut self,
        name: &str,
        member: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Option<u64> {
        let given = extensions(self.subscription.get("channel"), name).next()?;
        let number = given.get(member).and_then(Value::as_u64);
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None if *range.end() == u64::MAX => {
                let detail = format!("backport-{name} must be a {member} of at least 1.");
                self.flaw("channel", detail)
            }
            None => {
                let most = range.end();
                let detail = format!("backport-{name} must be a {member} from 1 to {most}.");
                self.flaw("channel", detail)
            }
        }
    }

    fn end(&mut self) -> Option<i64> {
        let given = self.text("/end")?;
        match Period::parse(given) {
            Some(period) => Some(period.start),
            None => self.flaw("end", "Subscription.end must be an instant."),
        }
    }

    fn headers(&mut self) -> Vec<String> {
        let given = self.subscription.pointer("/channel/header");
        let given = given.and_then(Value::as_array).into_iter().flatten();
        let given: Vec<String> = given.filter_map(Value::as_str).map(str::to_owned).collect();
        if !given.iter().all(|header| pair(header).is_some()) {
            self.flaw::<()>(
                "channel.header",
                "Each header must be a name, a colon and a value, and none of the connection's own.",
            );
        }
        given
    }
}

/// A header as it is written in a Subscription, if it may be sent.
pub(crate) fn pair(header: &str) -> Option<(&str, &str)> {
    let (name, value) = header.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    let readable = HeaderName::try_from(name).ok()?;
    HeaderValue::from_str(value).ok()?;
    (!NOT_GIVEN.contains(&readable.as_str())).then_some((name, value))
}
