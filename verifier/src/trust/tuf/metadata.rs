//! The four top-level documents of a TUF repository, as they are signed and as they are read.
//! Members that are not named here are covered by the signature and otherwise passed over, as the
//! specification asks.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::key::{RoleKey, to_hex};
use super::{canonical, time};
use crate::code::{Code, VerifyError};
use crate::crypto;
use crate::digest::{Digest, sha256};

/// The version of the specification that is written; any 1.x is read.
pub const SPEC_VERSION: &str = "1.0.34";

/// The name of a top-level role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// Says which keys the four roles have.
    Root,
    /// Says which snapshot is the newest.
    Timestamp,
    /// Says which versions belong together.
    Snapshot,
    /// Says which files there are.
    Targets,
}

impl RoleName {
    /// Every role, from the most to the least often signed.
    pub const ALL: [Self; 4] = [Self::Timestamp, Self::Snapshot, Self::Targets, Self::Root];

    /// The word in `_type` and in file names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets => "targets",
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the four documents have in common.
pub trait Document: Clone + fmt::Debug + Serialize + DeserializeOwned {
    /// The role that signs it.
    const ROLE: RoleName;

    /// Counts up with every change.
    fn version(&self) -> u64;

    /// When it must have been replaced.
    fn expires(&self) -> i64;

    /// What must hold beside the shape.
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }
}

/// `root.json`: the keys of every role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Counts up with every change, without gaps.
    pub version: u64,
    /// When it must have been replaced.
    #[serde(with = "time")]
    pub expires: i64,
    /// Whether files are addressed by version or digest; ours always are.
    #[serde(default)]
    pub consistent_snapshot: bool,
    /// The keys, by key id.
    pub keys: Keys,
    /// Which keys each role has, and how many must sign.
    pub roles: Roles,
}

/// The keys of a root document, by key id. A key under an id that is not its own is left out: it
/// can sign nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(pub BTreeMap<String, RoleKey>);

/// The four roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// Who signs `root.json`.
    pub root: Role,
    /// Who signs `timestamp.json`.
    pub timestamp: Role,
    /// Who signs `snapshot.json`.
    pub snapshot: Role,
    /// Who signs `targets.json`.
    pub targets: Role,
}

impl Roles {
    /// A role by name.
    pub const fn of(&self, name: RoleName) -> &Role {
        match name {
            RoleName::Root => &self.root,
            RoleName::Timestamp => &self.timestamp,
            RoleName::Snapshot => &self.snapshot,
            RoleName::Targets => &self.targets,
        }
    }
}

/// The keys of a role, and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Key ids, each once.
    pub keyids: Vec<String>,
    /// How many different keys must sign.
    pub threshold: u32,
}

/// `timestamp.json`: the newest snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    /// Counts up with every change.
    pub version: u64,
    /// When it must have been replaced.
    #[serde(with = "time")]
    pub expires: i64,
    /// When it was signed: a member of ours, which proves that it is not earlier now.
    #[serde(
        default,
        with = "optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    pub issued: Option<i64>,
    /// The newest snapshot.
    pub meta: TimestampMeta,
}

/// What `timestamp.json` lists: `snapshot.json` alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampMeta {
    /// The newest snapshot.
    #[serde(rename = "snapshot.json")]
    pub snapshot: MetaFile,
}

/// `snapshot.json`: the versions that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Counts up with every change.
    pub version: u64,
    /// When it must have been replaced.
    #[serde(with = "time")]
    pub expires: i64,
    /// The targets documents by file name; ours has `targets.json` alone.
    pub meta: BTreeMap<String, MetaFile>,
}

impl Snapshot {
    /// The entry of the top-level targets document.
    pub fn targets(&self) -> Option<&MetaFile> {
        self.meta.get("targets.json")
    }
}

/// `targets.json`: the files and their digests. Delegations are not followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Targets {
    /// Counts up with every change.
    pub version: u64,
    /// When it must have been replaced.
    #[serde(with = "time")]
    pub expires: i64,
    /// The files, by path.
    pub targets: BTreeMap<String, TargetFile>,
}

/// Which version of a metadata file is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetaFile {
    /// Its version.
    pub version: u64,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Its digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashes: Option<Hashes>,
}

impl MetaFile {
    /// The entry of these bytes under this version.
    pub fn of(version: u64, bytes: &[u8]) -> Self {
        Self {
            version,
            length: u64::try_from(bytes.len()).ok(),
            hashes: Some(Hashes::of(bytes)),
        }
    }

    /// Whether these bytes can be the ones that are meant.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.length.is_none_or(|allowed| length <= allowed)
            && self.hashes.as_ref().is_none_or(|hashes| hashes.fit(bytes))
    }
}

/// A target file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetFile {
    /// Its size in bytes.
    pub length: u64,
    /// Its digests.
    pub hashes: Hashes,
}

impl TargetFile {
    /// The entry of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            hashes: Hashes::of(bytes),
        }
    }

    /// Whether these bytes are the file.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        u64::try_from(bytes.len()) == Ok(self.length) && self.hashes.fit(bytes)
    }

    /// Where the file is served below the targets' address: the digest goes before the name.
    pub fn address(&self, path: &str, consistent_snapshot: bool) -> String {
        let hash = self.hashes.0.values().next();
        let (folder, name) = path
            .rsplit_once('/')
            .map_or(("", path), |(folder, name)| (folder, name));
        match hash.filter(|_| consistent_snapshot) {
            None => path.to_owned(),
            Some(hash) if folder.is_empty() => format!("{hash}.{name}"),
            Some(hash) => format!("{folder}/{hash}.{name}"),
        }
    }
}

/// Digests in hexadecimal, by algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashes(pub BTreeMap<String, String>);

impl Hashes {
    /// The SHA-256 digest, which is the only one that is written.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Digest::from_bytes(sha256(bytes)).to_hex();
        Self(BTreeMap::from([("sha256".to_owned(), digest)]))
    }

    /// Whether there is a digest, and every one is of a known algorithm and right.
    fn fit(&self, bytes: &[u8]) -> bool {
        let right = |(algorithm, expected): (&String, &String)| match algorithm.as_str() {
            "sha256" => to_hex(&crypto::sha256(bytes)) == *expected,
            "sha512" => to_hex(&crypto::sha512(bytes)) == *expected,
            _ => false,
        };
        !self.0.is_empty() && self.0.iter().all(right)
    }
}

impl Serialize for Keys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, key)| (id, key.object())))
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let objects = BTreeMap::<String, Value>::deserialize(deserializer)?;
        if objects.len() > MAX_KEYS {
            return Err(serde::de::Error::custom("more than 64 keys"));
        }
        let mut keys = BTreeMap::new();
        for (id, object) in objects {
            let key = RoleKey::read(object).ok_or_else(|| {
                serde::de::Error::custom(format!("key {id:.64}: not a key object"))
            })?;
            if key.id() == id {
                keys.insert(id, key);
            }
        }
        Ok(Self(keys))
    }
}

impl Document for Root {
    const ROLE: RoleName = RoleName::Root;

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> i64 {
        self.expires
    }

    fn check(&self) -> Result<(), &'static str> {
        for name in RoleName::ALL {
            let role = self.roles.of(name);
            if role.threshold == 0 {
                return Err("a threshold of 0");
            }
            let repeated =
                |(at, id): (usize, &String)| role.keyids.iter().skip(at + 1).any(|i| i == id);
            if role.keyids.iter().enumerate().any(repeated) {
                return Err("a role lists a key twice");
            }
        }
        Ok(())
    }
}

impl Document for Timestamp {
    const ROLE: RoleName = RoleName::Timestamp;

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> i64 {
        self.expires
    }
}

impl Document for Snapshot {
    const ROLE: RoleName = RoleName::Snapshot;

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> i64 {
        self.expires
    }

    fn check(&self) -> Result<(), &'static str> {
        match self.targets() {
            Some(_) => Ok(()),
            None => Err("targets.json is not listed"),
        }
    }
}

impl Document for Targets {
    const ROLE: RoleName = RoleName::Targets;

    fn version(&self) -> u64 {
        self.version
    }

    fn expires(&self) -> i64 {
        self.expires
    }
}

/// A document with the two members that say what it is, to be read.
#[derive(Deserialize)]
struct Labelled<D> {
    spec_version: String,
    #[serde(flatten)]
    document: D,
}

/// The same, to be written.
#[derive(Serialize)]
struct Labelling<'a, D> {
    #[serde(rename = "_type")]
    role: RoleName,
    spec_version: &'static str,
    #[serde(flatten)]
    document: &'a D,
}

/// Reads the signed part of a file.
pub(super) fn read<D: Document>(signed: &Value) -> Result<D, VerifyError> {
    let refuse =
        |what: &dyn fmt::Display| Code::TrustConfig.because(format!("{}.json: {what}", D::ROLE));
    // What it is comes first, so that one document in another's place is called that.
    let role = signed.get("_type").and_then(Value::as_str);
    if role != Some(D::ROLE.as_str()) {
        return Err(refuse(&"_type is another one"));
    }
    let labelled = Labelled::<D>::deserialize(signed).map_err(|error| refuse(&error))?;
    if labelled.spec_version.split('.').next() != Some("1") {
        return Err(refuse(&"spec_version is not 1.x"));
    }
    let document = labelled.document;
    if document.version() == 0 {
        return Err(refuse(&"version 0"));
    }
    document.check().map_err(|error| refuse(&error))?;
    Ok(document)
}

/// A document on its way to being signed: the signed part, and the bytes that signatures are over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    signed: Value,
    message: Vec<u8>,
}

impl Unsigned {
    /// Prepares a document for signing.
    pub fn new<D: Document>(document: &D) -> Result<Self, serde_json::Error> {
        let signed = serde_json::to_value(Labelling {
            role: D::ROLE,
            spec_version: SPEC_VERSION,
            document,
        })?;
        let message = canonical::encode(&signed).map_err(serde::ser::Error::custom)?;
        Ok(Self { signed, message })
    }

    /// The bytes to be signed.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// The file, with these signatures: key id, and the signature's bytes (DER for P-256).
    pub fn assemble(&self, signatures: &[(String, Vec<u8>)]) -> String {
        let signatures: Vec<Value> = signatures
            .iter()
            .map(|(id, signature)| serde_json::json!({ "keyid": id, "sig": to_hex(signature) }))
            .collect();
        serde_json::json!({ "signatures": signatures, "signed": self.signed }).to_string()
    }
}

/// The most keys that a root document may hold.
const MAX_KEYS: usize = 64;

mod optional_time {
    //! Moments that may be absent.

    use serde::{Deserializer, Serialize, Serializer};

    use super::time;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(
        seconds: &Option<i64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        seconds.map(time::format).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<i64>, D::Error> {
        time::deserialize(deserializer).map(Some)
    }
}
