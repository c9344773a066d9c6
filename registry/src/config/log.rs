//! Settings of the log: its witnesses, and how many of them are enough.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use verifier::note::{MAX_SIGNATURES, VerifierKey};

/// Settings of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// The witnesses that checkpoints are shown to.
    pub witnesses: Vec<WitnessConfig>,
    /// How many witnesses must cosign; 0 means more than half of them.
    pub quorum: usize,
    /// Instead of `quorum`: `group` and `quorum` lines of a C2SP tlog-policy, about the witnesses'
    /// names.
    pub groups: String,
    /// For how long one witness is waited for, in milliseconds.
    pub witness_timeout_ms: u64,
}

/// A witness.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WitnessConfig {
    /// What it is called in the policy.
    pub name: String,
    /// Its submission and monitoring prefix, without a slash at the end.
    pub url: String,
    /// Its verifier keys: Ed25519 (0x04), ML-DSA-44 (0x06), or both.
    pub keys: Vec<String>,
    /// Left out of the published policy: an address that only this machine reaches.
    pub unlisted: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            witnesses: Vec::new(),
            quorum: 0,
            groups: String::new(),
            witness_timeout_ms: 1500,
        }
    }
}

impl LogConfig {
    /// Says in one line what is wrong, if anything is.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if self.witness_timeout_ms == 0 {
            return Err("registry.log.witness_timeout_ms must be at least 1".to_owned());
        }
        if self.quorum > self.witnesses.len() {
            return Err("registry.log.quorum is more than there are witnesses".to_owned());
        }
        let mut names = BTreeSet::new();
        for witness in &self.witnesses {
            let named = !witness.name.is_empty()
                && !witness
                    .name
                    .contains(|c: char| c.is_whitespace() || c.is_control())
                && names.insert(witness.name.as_str());
            if !named {
                return Err(
                    "registry.log.witnesses: each needs a name of its own, without spaces"
                        .to_owned(),
                );
            }
            let web = url::Url::parse(&witness.url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            if !web {
                return Err(format!(
                    "registry.log.witnesses: {} needs an http(s) address, not {}",
                    witness.name, witness.url
                ));
            }
            if witness.keys.is_empty() {
                return Err(format!(
                    "registry.log.witnesses: {} needs at least one key; `markedsplass witness \
                     --keys` prints a witness's own",
                    witness.name
                ));
            }
            for key in &witness.keys {
                key.parse::<VerifierKey>().map_err(|reason| {
                    format!("registry.log.witnesses: {}: {reason}", witness.name)
                })?;
            }
        }
        let most = self.most_signatures();
        if most > MAX_SIGNATURES {
            return Err(format!(
                "registry.log: a checkpoint could carry {most} signatures, and readers take \
                 {MAX_SIGNATURES}; ask for fewer witnesses, or list fewer of their keys"
            ));
        }
        Ok(())
    }

    /// How many signatures a checkpoint may carry: the log's own two, and those of whoever answers
    /// until there is a quorum.
    fn most_signatures(&self) -> usize {
        let mut keys: Vec<_> = self.witnesses.iter().map(|one| one.keys.len()).collect();
        keys.sort_unstable_by(|a, b| b.cmp(a));
        let asked = if self.groups.is_empty() {
            self.needed()
        } else {
            // Which of them answer first is not known.
            keys.len()
        };
        2 + keys.into_iter().take(asked).sum::<usize>()
    }

    /// The quorum in force, when it is a number.
    pub(crate) fn needed(&self) -> usize {
        if self.quorum == 0 {
            self.witnesses.len() / 2 + 1
        } else {
            self.quorum
        }
    }
}
