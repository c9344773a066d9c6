//! The C2SP tlog-policy that EPJs, monitors and the registry itself go by: every log with its keys,
//! the witnesses, and how many are enough.

use verifier::note::{SignatureType, VerifierKey};
use verifier::policy::Policy;

use super::store;
use super::{LogError, TransparencyLog};
use crate::config::{LogConfig, WitnessConfig};

impl TransparencyLog {
    /// The policy: frozen logs are in it too, since proofs from them stay valid up to the sizes of
    /// [`Self::frozen`].
    pub async fn policy(&self) -> Result<String, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let logs = store::all(&mut tx).await?;
        drop(tx);
        let mut lines = Vec::new();
        for log in &logs {
            for key in self.signer(log).await?.keys() {
                lines.push(format!("log {key} {}/{}", self.0.public_url, log.name));
            }
        }
        let policy = lines.join("\n") + "\n" + &witness_lines(&self.0.config);
        Policy::parse(&policy).map_err(LogError::format)?;
        Ok(policy)
    }
}

/// The lines about witnesses and quorum. A witness counts once, by whichever of its keys: an EPJ
/// that knows no ML-DSA-44 still finds its quorum.
pub(super) fn witness_lines(config: &LogConfig) -> String {
    let mut lines: Vec<String> = config.witnesses.iter().flat_map(lines_of).collect();
    if config.witnesses.is_empty() {
        lines.push("quorum none".to_owned());
    } else if config.groups.is_empty() {
        let names: Vec<_> = config.witnesses.iter().map(|w| w.name.as_str()).collect();
        let (needed, names) = (config.needed(), names.join(" "));
        lines.push(format!("group {QUORUM} {needed} {names}"));
        lines.push(format!("quorum {QUORUM}"));
    } else {
        lines.push(config.groups.trim_end().to_owned());
    }
    lines.join("\n") + "\n"
}

fn lines_of(witness: &WitnessConfig) -> Vec<String> {
    let name = &witness.name;
    let url = if witness.unlisted { "" } else { &witness.url };
    let line = |name: &str, key: &str| format!("witness {name} {key} {url}").trim_end().to_owned();
    if let [key] = witness.keys.as_slice() {
        return vec![line(name, key)];
    }
    let members: Vec<_> = witness
        .keys
        .iter()
        .enumerate()
        .map(|(number, key)| format!("{name}.{}", kind(key, number)))
        .collect();
    let keys = members.iter().zip(&witness.keys);
    let mut lines: Vec<_> = keys.map(|(member, key)| line(member, key)).collect();
    lines.push(format!("group {name} any {}", members.join(" ")));
    lines
}

fn kind(key: &str, number: usize) -> String {
    match key.parse().map(|key: VerifierKey| key.signature_type()) {
        Ok(SignatureType::CosignatureV1) => "ed25519".to_owned(),
        Ok(SignatureType::MlDsa44) => "ml-dsa-44".to_owned(),
        _ => number.to_string(),
    }
}

const QUORUM: &str = "enough-witnesses";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use foundation::signing::{Algorithm, SigningKey};

    use super::*;

    fn witness(name: &str, seed: u8) -> WitnessConfig {
        let key = |algorithm, signature_type| {
            let key = SigningKey::from_seed(algorithm, &[seed; 32]).unwrap();
            let host = format!("{name}.example.no");
            let key = VerifierKey::new(&host, signature_type, key.public_key()).unwrap();
            key.to_string()
        };
        WitnessConfig {
            name: name.to_owned(),
            url: format!("https://{name}.example.no"),
            keys: vec![
                key(Algorithm::Ed25519, SignatureType::CosignatureV1),
                key(Algorithm::MlDsa44, SignatureType::MlDsa44),
            ],
            unlisted: false,
        }
    }

    #[test]
    fn a_witness_counts_once_by_either_key() {
        let config = LogConfig {
            witnesses: ["a", "b", "c"]
                .into_iter()
                .zip(1..)
                .map(|(name, seed)| witness(name, seed))
                .collect(),
            ..LogConfig::default()
        };
        assert_eq!(config.validate(), Ok(()));
        let policy = Policy::parse(&witness_lines(&config)).unwrap();
        assert_eq!(policy.witnesses().len(), 6);
        let met = |keys: &[usize]| policy.is_met_by(&keys.iter().copied().collect::<BTreeSet<_>>());
        assert!(!met(&[0, 1]), "both keys of one witness");
        assert!(met(&[0, 3]), "two witnesses by different keys");
        assert!(met(&[1, 2, 5]));
        assert!(!met(&[]));
    }

    #[test]
    fn a_note_that_readers_refuse_for_its_signatures_cannot_come_of_the_settings() {
        let of = |witnesses: u8, quorum, groups: &str| LogConfig {
            witnesses: (1..=witnesses)
                .map(|n| witness(&format!("w{n}"), n))
                .collect(),
            quorum,
            groups: groups.to_owned(),
            ..LogConfig::default()
        };
        assert_eq!(of(13, 7, "").validate(), Ok(()));
        assert!(of(15, 8, "").validate().is_err());
        assert!(of(15, 0, "").validate().is_err());
        assert_eq!(of(7, 0, "group g any w1\nquorum g").validate(), Ok(()));
        assert!(of(8, 0, "group g any w1\nquorum g").validate().is_err());
    }

    #[test]
    fn groups_may_be_written_out_and_no_witness_is_no_quorum() {
        let mut config = LogConfig {
            witnesses: vec![witness("nhn", 1), witness("ext", 2)],
            groups: "group all-of-them all nhn ext\nquorum all-of-them".to_owned(),
            ..LogConfig::default()
        };
        config.witnesses[1].keys.truncate(1);
        config.witnesses[1].unlisted = true;
        let policy = Policy::parse(&witness_lines(&config)).unwrap();
        assert_eq!(policy.witnesses().len(), 3);
        assert_eq!(policy.witnesses()[2].url, None);
        assert!(policy.is_met_by(&BTreeSet::from([1, 2])));
        assert!(!policy.is_met_by(&BTreeSet::from([0, 1])));
        let none = Policy::parse(&witness_lines(&LogConfig::default())).unwrap();
        assert!(none.is_met_by(&BTreeSet::new()));
    }
}
