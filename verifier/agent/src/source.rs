//! The registry as it is reached over HTTP: public files alone, each with a bound on its size, and
//! nothing of it believed here.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use reqwest::redirect;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use verifier::TrustUpdate;
use verifier::jws::{self, TokenType};
use verifier::trust::Collection;
use verifier::trust::tuf::Wanted;
use verifier::{note, tlog_proof};

use crate::follow::{Away, Feed};
use crate::sse::Reader;

/// The registry.
#[derive(Debug)]
pub(crate) struct Source {
    base: String,
    files: Client,
    events: Client,
    /// What was taken in last of each status list.
    taken: Shared<Taken>,
    /// Files of the trust repository that never change, from the last good update.
    unchanging: Mutex<BTreeMap<String, Vec<u8>>>,
}

type Shared<T> = Arc<Mutex<BTreeMap<String, T>>>;

/// How the registry calls what was taken in last of a list.
#[derive(Clone, Debug, Default)]
struct Taken {
    /// `ETag` of the file.
    tag: Option<String>,
    /// `id` of the event.
    event: Option<String>,
}

/// An answer to a request for a file.
enum Answer {
    Found { bytes: Vec<u8>, tag: Option<String> },
    Unchanged,
    Missing,
}

/// An approval and its ticket.
pub(crate) struct Published {
    pub(crate) approval: String,
    pub(crate) ticket: String,
}

impl Source {
    /// The registry at this address.
    pub(crate) fn new(base: &str) -> Result<Self, reqwest::Error> {
        let client = || {
            Client::builder()
                .connect_timeout(CONNECTING)
                .redirect(redirect::Policy::none())
                .user_agent(concat!(
                    "markedsplass-epj-agent/",
                    env!("CARGO_PKG_VERSION")
                ))
        };
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            files: client().timeout(ANSWERING).build()?,
            events: client().read_timeout(SILENCE).build()?,
            taken: Shared::default(),
            unchanging: Mutex::default(),
        })
    }

    /// Its address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The trust repository, for somebody who knows the root document of this version.
    pub(crate) async fn trust_update(&self, known_root: u64) -> Result<TrustUpdate, Away> {
        let mut collection = Collection::new(known_root);
        let mut unchanging = BTreeMap::new();
        while let Some(wanted) = collection.wanted() {
            let kept = locked(&self.unchanging).get(&wanted.name).cloned();
            let file = match kept {
                Some(kept) => Some(kept),
                None => self.trust_file(&wanted).await?,
            };
            if let Some(bytes) = &file
                && wanted.name != "timestamp.json"
                && !wanted.name.ends_with("root.json")
            {
                unchanging.insert(wanted.name.clone(), bytes.clone());
            }
            collection.take(file);
        }
        *locked(&self.unchanging) = unchanging;
        Ok(collection.finish())
    }

    /// Fetches every file of the trust repository next time: what was fetched was not good.
    pub(crate) fn forget_trust(&self) {
        locked(&self.unchanging).clear();
    }

    async fn trust_file(&self, wanted: &Wanted) -> Result<Option<Vec<u8>>, Away> {
        let url = format!("{}/trust/{}", self.base, wanted.name);
        // One byte more than allowed is kept, for the verifier to refuse the file.
        match get(self.files.get(&url), wanted.max_len.saturating_add(1)).await? {
            Answer::Found { bytes, .. } => Ok(Some(bytes)),
            Answer::Unchanged | Answer::Missing => Ok(None),
        }
    }

    /// The checkpoint of the log at this address.
    pub(crate) async fn checkpoint(&self, log: &str) -> Result<String, Away> {
        let url = format!("{}/checkpoint", log.trim_end_matches('/'));
        let answer = get(self.files.get(&url), note::MAX_LEN).await?;
        text(&url, answer)?.ok_or_else(|| Away(format!("there is nothing at {url}")))
    }

    /// Approval and ticket of a version; none when the registry has approved no such version.
    pub(crate) async fn approval(
        &self,
        software_id: &str,
        version: &str,
    ) -> Result<Option<Published>, Away> {
        let base = &self.base;
        let url = format!("{base}/api/v1/apps/{software_id}/versions/{version}/approval");
        let answer = get(self.files.get(&url), jws::MAX_LEN).await?;
        let Some(approval) = text(&url, answer)? else {
            return Ok(None);
        };
        let url = format!("{url}.tlog-proof");
        let answer = get(self.files.get(&url), tlog_proof::MAX_LEN).await?;
        let ticket = text(&url, answer)?.ok_or_else(|| Away(format!("{url} is missing")))?;
        Ok(Some(Published { approval, ticket }))
    }

    /// The status list at this address; none when it is the one that was taken in last.
    pub(crate) async fn status_list(&self, uri: &str) -> Result<Option<String>, Away> {
        let known = locked(&self.taken).get(uri).cloned().unwrap_or_default();
        let mut request = self.files.get(uri);
        if let Some(tag) = known.tag {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        let answer = get(request, TokenType::StatusList.max_len()).await?;
        if let Answer::Found { tag, .. } = &answer {
            let taken = &mut *locked(&self.taken);
            taken.entry(uri.to_owned()).or_default().tag.clone_from(tag);
        }
        match answer {
            Answer::Unchanged => Ok(None),
            other => {
                let token = text(uri, other)?;
                token
                    .ok_or_else(|| Away(format!("there is no status list at {uri}")))
                    .map(Some)
            }
        }
    }

    /// The status lists at this address, as they are published.
    pub(crate) async fn status_events(&self, uri: &str) -> Result<Feed, Away> {
        let url = format!("{uri}/events");
        let known = locked(&self.taken).get(uri).cloned().unwrap_or_default();
        let mut request = self.events.get(&url).header(header::ACCEPT, EVENT_STREAM);
        if let Some(event) = known.event {
            request = request.header("last-event-id", event);
        }
        let response = request.send().await.map_err(|error| away(&url, &error))?;
        let media_type = response.headers().get(header::CONTENT_TYPE);
        let is_stream = media_type
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with(EVENT_STREAM));
        if response.status() != StatusCode::OK || !is_stream {
            let status = response.status();
            return Err(Away(format!("{url} answers {status} and no events")));
        }
        Ok(self.tokens(uri.to_owned(), response))
    }

    /// The data of each event, until the connection ends.
    fn tokens(&self, uri: String, response: Response) -> Feed {
        let taken = Arc::clone(&self.taken);
        let reader = Reader::new(TokenType::StatusList.max_len());
        let begin = (response, reader, VecDeque::new());
        let next = |(mut response, mut reader, mut events): (_, Reader, VecDeque<_>)| async move {
            loop {
                if let Some(event) = events.pop_front() {
                    return Some((event, (response, reader, events)));
                }
                let chunk = Response::chunk(&mut response).await.ok().flatten()?;
                events.extend(reader.push(&chunk).ok()?);
            }
        };
        let data = move |event: crate::sse::Event| {
            let taken = &mut *locked(&taken);
            taken.entry(uri.clone()).or_default().event = event.id;
            event.data
        };
        stream::unfold(begin, next).map(data).boxed()
    }

    /// Asks for the list itself next time, whatever is thought to be known of it.
    pub(crate) fn forget_status(&self, uri: &str) {
        locked(&self.taken).remove(uri);
    }
}

/// Sends a request and reads at most this much of the answer.
async fn get(request: RequestBuilder, max_len: usize) -> Result<Answer, Away> {
    let (client, request) = request.build_split();
    let request = request.map_err(|error| away("the address", &error))?;
    let url = request.url().to_string();
    let failed = |error: reqwest::Error| away(&url, &error);
    let mut response = client.execute(request).await.map_err(failed)?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED => return Ok(Answer::Unchanged),
        StatusCode::NOT_FOUND => return Ok(Answer::Missing),
        status => return Err(Away(format!("{url} answers {status}"))),
    }
    let tag = response.headers().get(header::ETAG);
    let tag = tag.and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > max_len {
            return Err(Away(format!("{url} is longer than {max_len} bytes")));
        }
    }
    Ok(Answer::Found { bytes, tag })
}

/// An answer as text; none when there is nothing.
fn text(url: &str, answer: Answer) -> Result<Option<String>, Away> {
    match answer {
        Answer::Found { bytes, .. } => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Away(format!("{url} is not text"))),
        Answer::Unchanged | Answer::Missing => Ok(None),
    }
}

fn away(url: &str, error: &reqwest::Error) -> Away {
    // The cause says more than "error sending request".
    let mut said = format!("{url}: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    Away(said)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const EVENT_STREAM: &str = "text/event-stream";
/// A registry that cannot be connected to by then is away.
const CONNECTING: Duration = Duration::from_secs(10);
/// A file that has not come by then does not come.
const ANSWERING: Duration = Duration::from_secs(30);
/// A registry that pushes says something four times as often.
const SILENCE: Duration = Duration::from_mins(1);
