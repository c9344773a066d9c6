//! A verifier with the collection of a trust update that is under way: what a handle in C stands for.

use serde::de::DeserializeOwned;
use serde_json::json;
use verifier::trust::Collection;
use verifier::{Accepted, Assurance, Freshness, LocalPolicy, Snapshot, Verifier, VerifyError};

use crate::answer::Answer;
use crate::settings::{Request, Settings};

/// A verifier in use.
#[derive(Debug)]
pub struct Session {
    verifier: Verifier,
    /// The trust files that have been given since the last update.
    collection: Option<Collection>,
}

impl Session {
    /// Begins with a pinned root document and an installation's rules; with a saved state, goes on
    /// where that was.
    ///
    /// # Errors
    /// The answer to hand over: settings or state that cannot be read, or a root that is refused.
    pub fn open(root: &[u8], settings: &[u8], state: Option<&[u8]>) -> Result<Self, Answer> {
        let local = LocalPolicy::from(read::<Settings>("settings", settings)?);
        let verifier = match state {
            None => Verifier::new(root, local)?,
            Some(state) => Verifier::restore(root, local, read::<Snapshot>("state", state)?)?,
        };
        Ok(Self {
            verifier,
            collection: None,
        })
    }

    /// Begins a refresh of the trust configuration. Files that were given for one that did not come to
    /// its end are old by now.
    pub fn trust_begin(&mut self) -> Answer {
        self.collection = None;
        Answer::accepted(&())
    }

    /// The next file of the trust repository to be given, `{"name", "max_len"}`, or `null`.
    pub fn trust_wanted(&mut self) -> Answer {
        let wanted = self.collection().wanted();
        Answer::accepted(
            &wanted.map(|wanted| json!({"name": wanted.name, "max_len": wanted.max_len})),
        )
    }

    /// Takes the file that was wanted; `None` says that it is not there.
    pub fn trust_take(&mut self, file: Option<&[u8]>) -> Answer {
        self.collection().take(file.map(<[u8]>::to_vec));
        Answer::accepted(&())
    }

    /// Verifies what was given and takes it into use.
    pub fn trust_update(&mut self, now: i64) -> Answer {
        let Some(collection) = self.collection.take() else {
            return Answer::misuse("no trust files have been given");
        };
        let updated = self.verifier.update_trust(&collection.finish(), now);
        let expires = self.verifier.trust_expires();
        answer(
            updated.map(
                |()| json!({"root_version": self.verifier.root_version(), "expires": expires}),
            ),
        )
    }

    /// Takes in a status list token; `from` is the address that it was fetched from, when it was.
    pub fn status_update(&mut self, token: &[u8], from: Option<&[u8]>, now: i64) -> Answer {
        let texts = text("token", token).and_then(|token| {
            let from = from.map(|from| text("address", from)).transpose()?;
            Ok((token, from))
        });
        answer(match texts {
            Err(misuse) => return misuse,
            Ok((token, Some(from))) => self.verifier.update_status_from(from, token, now),
            Ok((token, None)) => self.verifier.update_status(token, now),
        })
    }

    /// Takes in an approval with its ticket; without one where the rules allow it.
    pub fn ingest(&mut self, approval: &[u8], ticket: Option<&[u8]>, now: i64) -> Answer {
        let texts = text("approval", approval).and_then(|approval| {
            let ticket = ticket.map(|ticket| text("ticket", ticket)).transpose()?;
            Ok((approval, ticket))
        });
        let accepted = match texts {
            Err(misuse) => return misuse,
            Ok((approval, Some(ticket))) => self.verifier.ingest(approval, ticket, now),
            Ok((approval, None)) => self.verifier.ingest_without_ticket(approval, now),
        };
        answer(accepted.map(|accepted| self.described(&accepted)))
    }

    /// Decides about a launch.
    pub fn launch(&self, request: &[u8], now: i64) -> Answer {
        let launch: Request<'_> = match serde_json::from_slice(request) {
            Ok(launch) => launch,
            Err(error) => return Answer::misuse(&format!("the request: {error}")),
        };
        answer(self.verifier.launch(&(&launch).into(), now).map(|granted| {
            json!({
                "jti": granted.approval.jti,
                "leaf": granted.leaf,
                "status": freshness(granted.freshness),
                "assurance": assurance(granted.assurance),
            })
        }))
    }

    /// The state, to be kept by the caller and given to [`Session::open`].
    pub fn save(&self) -> Answer {
        Answer::accepted(&self.verifier.snapshot())
    }

    fn collection(&mut self) -> &mut Collection {
        let known = self.verifier.root_version();
        self.collection
            .get_or_insert_with(|| Collection::new(known))
    }

    fn described(&self, accepted: &Accepted) -> serde_json::Value {
        let (id, version) = (&accepted.software_id, &accepted.software_version);
        // Where a newer approval of this version stays in force, that one would be found here.
        let in_force = accepted
            .in_force
            .then(|| self.verifier.approval(id, version));
        json!({
            "jti": accepted.jti,
            "software_id": id,
            "software_version": version,
            "log_index": accepted.log_index,
            "witnessed_at": accepted.witnessed_at,
            "status": freshness(accepted.freshness),
            "in_force": accepted.in_force,
            "approval": in_force.flatten(),
        })
    }
}

fn answer<T: serde::Serialize>(outcome: Result<T, VerifyError>) -> Answer {
    outcome.map_or_else(Answer::from, |result| Answer::accepted(&result))
}

fn text<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a str, Answer> {
    std::str::from_utf8(bytes).map_err(|_| Answer::misuse(&format!("the {what} is not UTF-8")))
}

fn read<T: DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Answer> {
    serde_json::from_slice(json).map_err(|error| Answer::misuse(&format!("the {what}: {error}")))
}

const fn freshness(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Stale => "stale",
    }
}

const fn assurance(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::JoseOnly => "jose-only",
        Assurance::Logged => "logged",
    }
}
