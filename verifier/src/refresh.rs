//! Taking in a newer trust configuration or status list. Neither can take back what an earlier one
//! has withdrawn, but for lists whose signer is no longer believed.

use std::collections::BTreeMap;

use crate::claims::StatusListToken;
use crate::code::{Code, VerifyError};
use crate::jws::{Token, TokenType};
use crate::status::StatusList;
use crate::trust::tuf::{Refresh, RoleName};
use crate::trust::{Key, Trust, TrustUpdate, files};
use crate::verifier::{KnownList, LoadedTrust, ReadList, SKEW, Until, Verifier};

impl Verifier {
    /// Takes in a newer state of the trust repository; every accepted approval and status list is
    /// judged again. A list whose key was withdrawn has to be fetched anew
    /// ([`Self::status_addresses`]); until then, nothing that relies on it is launched.
    ///
    /// What was verified before a refusal is kept, such as a newer root document: no older one is
    /// accepted afterwards. The configuration in force changes only when all of the new one is
    /// right.
    pub fn update_trust(&mut self, update: &TrustUpdate, now: i64) -> Result<(), VerifyError> {
        self.refresh_repository(update, now)?;
        let loaded = self.load_trust(update, now)?;
        for record in self.approvals.iter_mut() {
            record.judge(&loaded);
        }
        for known in &mut self.lists {
            known.judge(&loaded.trust);
        }
        self.trust = Some(loaded);
        Ok(())
    }

    /// The documents: TUF §5.3 to §5.6.
    fn refresh_repository(&mut self, update: &TrustUpdate, now: i64) -> Result<(), VerifyError> {
        let mut roots = update.roots_after(self.root_version());
        let mut refresh = Refresh::new(&mut self.repository, now);
        while let Some(role) = refresh.role() {
            let file = match role {
                RoleName::Root => roots.next(),
                RoleName::Timestamp => Some(update.timestamp.as_slice()),
                RoleName::Snapshot => Some(update.snapshot.as_slice()),
                RoleName::Targets => Some(update.targets.as_slice()),
            };
            refresh.take(file)?;
        }
        Ok(())
    }

    /// The files: TUF §5.7, and what they say.
    fn load_trust(&mut self, update: &TrustUpdate, now: i64) -> Result<LoadedTrust, VerifyError> {
        let missing = || Code::TrustConfig.because("the trust repository is not complete");
        let repository = &self.repository;
        let timestamp = repository.timestamp().ok_or_else(missing)?.document();
        let snapshot = repository.snapshot().ok_or_else(missing)?.document();
        let targets = repository.targets().ok_or_else(missing)?;
        let root = repository.root().document();
        let issued = timestamp.issued.unwrap_or_default();
        if issued > now.saturating_add(SKEW) {
            let detail = format!("timestamp.json: issued at {issued}, now is {now}");
            return Err(Code::IatFuture.because(detail));
        }
        let files = self.target_files(update)?;
        let role_keys = root.keys.0.values().filter_map(|key| key.as_p256());
        let trust = Trust::read(&files, role_keys)?;
        if !trust.is_for(self.local.environment) {
            return Err(Code::Env.because("a trust configuration for another environment"));
        }
        let known = self.trust.as_ref();
        // The same files signed again change nothing that was judged under them.
        let generation = match known {
            Some(known) if known.files == files => known.generation,
            Some(known) => known.generation + 1,
            None => 1,
        };
        let loaded = LoadedTrust {
            trust,
            root: root.version,
            targets: targets.text().to_owned(),
            files,
            generation,
            until: Until {
                offline: root.expires.min(targets.document().expires),
                online: timestamp.expires.min(snapshot.expires),
            },
        };
        self.raise_floor(issued);
        Ok(loaded)
    }

    /// Every file of ours that the targets document lists, from the update or as it is known.
    fn target_files(&self, update: &TrustUpdate) -> Result<BTreeMap<String, String>, VerifyError> {
        let mut files = BTreeMap::new();
        for name in files::ALL {
            let Some(listed) = self.repository.target(name) else {
                continue;
            };
            let refuse = |what: &str| Code::TrustConfig.because(format!("{name}: {what}"));
            let known = self.trust.as_ref().and_then(|known| known.files.get(name));
            let known = known.map(String::as_bytes);
            let given = update.files.get(name).map(Vec::as_slice);
            let bytes = given.or(known).ok_or_else(|| refuse("missing"))?;
            if bytes.len() > files::MAX_LEN || !listed.fits(bytes) {
                return Err(refuse("not the bytes that targets.json lists"));
            }
            let text = std::str::from_utf8(bytes).map_err(|_| refuse("not UTF-8"))?;
            files.insert(name.to_owned(), text.to_owned());
        }
        Ok(files)
    }

    /// Takes in a status list that was fetched from this address.
    pub fn update_status_from(
        &mut self,
        uri: &str,
        token: &str,
        now: i64,
    ) -> Result<(), VerifyError> {
        self.take_status(Some(uri), token, now)
    }

    /// Takes in a status list, for the address that it names itself.
    pub fn update_status(&mut self, token: &str, now: i64) -> Result<(), VerifyError> {
        self.take_status(None, token, now)
    }

    fn take_status(&mut self, uri: Option<&str>, token: &str, now: i64) -> Result<(), VerifyError> {
        let (signer, claims) = self.check_status_token(uri, token, now)?;
        let list = claims
            .status_list
            .decode(MAX_ENTRIES)
            .map_err(|error| Code::StatusFormat.because(error.to_string()))?;
        let known = self.lists.iter_mut().find(|known| known.uri == claims.sub);
        if let Some(newest) = known.as_ref().and_then(|known| known.newest.as_ref()) {
            continues(newest, &claims, &list)?;
        }
        let newest = Some(ReadList {
            signer,
            generation: claims.r#gen,
            iat: claims.iat,
            ttl: claims.ttl,
            list,
        });
        match known {
            Some(known) => known.newest = newest,
            None => self.lists.push(KnownList {
                uri: claims.sub,
                newest,
            }),
        }
        self.raise_floor(claims.iat);
        Ok(())
    }

    /// The key that signed it, and what it says.
    fn check_status_token(
        &self,
        uri: Option<&str>,
        token: &str,
        now: i64,
    ) -> Result<(String, StatusListToken), VerifyError> {
        let recast = |error: VerifyError| match error.code {
            Code::Typ | Code::Alg | Code::Kid | Code::KeyUse => error,
            Code::Sig => error.recast(Code::StatusSig),
            _ => error.recast(Code::StatusFormat),
        };
        // A list that suspends must be heard even while the trust repository is out of reach.
        let trust = &self.standing_trust(now)?.trust;
        let token = Token::parse(token, TokenType::StatusList).map_err(recast)?;
        let key = trust.key_for(token.kid(), TokenType::StatusList)?;
        let claims: StatusListToken = token.verify(&key.public).map_err(recast)?;
        check_list(&claims, uri, key, trust, now)?;
        Ok((token.kid().to_owned(), claims))
    }
}

/// Whether a list that this key has signed may be read at all, by itself: the audit asks the same as
/// every EPJ does. `uri` is where it was fetched from, where that is known.
pub(crate) fn check_list(
    claims: &StatusListToken,
    uri: Option<&str>,
    key: &Key,
    trust: &Trust,
    now: i64,
) -> Result<(), VerifyError> {
    // A list is never old news: whatever the reason, a withdrawn key signs none.
    if key.revoked.is_some() {
        return Err(Code::KeyRevoked.because("the status key has been withdrawn"));
    }
    if claims.iss != trust.anchors().registry {
        return Err(Code::Iss.because("not issued by the trusted registry"));
    }
    if claims.iat > now.saturating_add(SKEW) {
        return Err(Code::IatFuture.because(format!("made at {}, now is {now}", claims.iat)));
    }
    if now >= claims.exp.saturating_add(SKEW) {
        return Err(Code::StatusStale.because(format!("expired at {}", claims.exp)));
    }
    if uri.is_some_and(|uri| uri != claims.sub) {
        return Err(Code::StatusSub.because(format!("the list is {}", claims.sub)));
    }
    if claims.status_list.bits != 2 {
        return Err(Code::StatusFormat.because("bits is not 2"));
    }
    Ok(())
}

/// Whether a list may follow the one that is known: not older, and nothing un-revoked.
fn continues(
    known: &ReadList,
    claims: &StatusListToken,
    list: &StatusList,
) -> Result<(), VerifyError> {
    let refuse = |detail: String| Err(Code::StatusRollback.because(detail));
    if claims.r#gen < known.generation || claims.iat < known.iat {
        let (newer, older) = (known.generation, claims.r#gen);
        return refuse(format!("generation {older}, generation {newer} is known"));
    }
    if claims.r#gen == known.generation && *list != known.list {
        return refuse(format!("two lists of generation {}", claims.r#gen));
    }
    match known.list.first_unrevoked(list) {
        Some(index) => refuse(format!("entry {index} was revoked and is no longer")),
        None => Ok(()),
    }
}

/// The most entries of a list that is read: 2²⁰, 256 KiB.
pub const MAX_ENTRIES: usize = 1 << 20;
